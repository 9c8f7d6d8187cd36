import { setTimeout as sleep } from 'node:timers/promises';
import cliProgress from 'cli-progress';
import { API_HELP, type Api, ApiError, UsageError, apiFlags, apiOf, command, flags, inParallel } from './api.ts';
import { type Delivery, checkDelivery, checkResult } from './check.ts';
import { useFragment as unmask } from './generated/fragment-masking.ts';
import type { FollowedFragment as Followed } from './generated/graphql.ts';
import type { FileMatch } from './match.ts';
import { type Competition, readCompetition } from './openfootball.ts';
import { FinalScore, FollowMatch, FollowedFragment } from './operations.ts';
import { confirm, enterResult, isWalkover, play, turned, withForfeits } from './recording.ts';
import { isReplay } from './places.ts';
import { stored } from './stored.ts';
import { calendar } from './calendar.ts';

const HELP = `npm run replay -- --competition NAME [--speed N|max] [--url URL] [--refresh-token TOKEN] [--json]

Plays an imported competition through the public API, while a subscriber follows every match. Then it compares the
recorded and the delivered events with the file. Matches with the same kick-off are played at the same time. The time
between kick-offs is skipped.

  --competition NAME  the name that the import printed, for example "World Cup 2022"
  --speed N           factor of real time (default 600: a match takes nine seconds), or max
  --json              the report as JSON
${API_HELP}`;

export interface ReplayReport {
  readonly competition: string;
  readonly played: number;
  /** Matches that were already played before, and are checked again. */
  readonly playedBefore: number;
  readonly recorded: number;
  readonly goals: number;
  readonly delivery: Delivery;
  readonly differences: readonly string[];
  readonly seconds: number;
}

interface Playing {
  readonly file: FileMatch;
  readonly id: string;
  readonly state: 'SCHEDULED' | 'LIVE' | 'FINISHED' | (string & {});
}

/** Plays all matches of a competition. @param speed a factor of real speed; Infinity: as fast as the API allows */
export async function replayCompetition(
  api: Api,
  competition: Competition,
  speed: number,
  onMatch: () => void,
): Promise<ReplayReport> {
  const started = performance.now();
  const schedule = new Schedule(api, competition.name);
  const missing: FileMatch[] = [];
  const toPlay = withForfeits(competition.matches).filter(({ result }) => result);
  const outcomes: Awaited<ReturnType<typeof follow>>[] = [];
  for (const files of Map.groupBy(toPlay, ({ kickoffAt }) => kickoffAt).values()) {
    const playing: Playing[] = [];
    for (const file of files) {
      const match = await schedule.find(file);
      if (match) playing.push(match);
      else missing.push(file);
    }
    outcomes.push(
      ...(await inParallel(playing, 32, async (match) => {
        const outcome = await follow(api, match, speed);
        onMatch();
        return outcome;
      })),
    );
  }
  if (outcomes.length === 0) throw new ApiError(`no match of ${competition.name} is scheduled: import the file again`);
  const sum = (part: (outcome: (typeof outcomes)[number]) => number): number =>
    outcomes.reduce((total, outcome) => total + part(outcome), 0);
  return {
    competition: competition.name,
    played: sum(({ playedBefore }) => (playedBefore ? 0 : 1)),
    playedBefore: sum(({ playedBefore }) => (playedBefore ? 1 : 0)),
    recorded: sum(({ recorded }) => recorded),
    goals: sum(({ goals }) => goals),
    delivery: {
      delivered: sum(({ delivery }) => delivery.delivered),
      duplicates: sum(({ delivery }) => delivery.duplicates),
      outOfOrder: sum(({ delivery }) => delivery.outOfOrder),
      missing: sum(({ delivery }) => delivery.missing),
    },
    differences: [
      ...missing.map(({ home, away }) => `${home} – ${away} is not scheduled: import the file again`),
      ...outcomes.flatMap(({ differences }) => differences),
    ],
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

/** How long to wait for a match of a later round, which the API makes from earlier results. Milliseconds. */
const PATIENCE_MS = 60_000;

type Scheduled = Awaited<ReturnType<typeof calendar>>[number];

/** Finds the matches of a file in the API. The matches of later rounds appear while earlier ones are played. */
class Schedule {
  readonly #api: Api;
  readonly #name: string;
  #matches: Scheduled[] | undefined;
  readonly #taken = new Set<string>();
  /**
   * Whether to wait for a match that is missing in the API. False after a match did not appear, until one is found
   * again.
   */
  #isPatient = true;

  constructor(api: Api, name: string) {
    this.#api = api;
    this.#name = name;
  }

  async find(file: FileMatch): Promise<Playing | null> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const found = this.#matches && this.#match(file);
      if (found) {
        this.#isPatient = true;
        return found;
      }
      if (this.#matches && (!this.#isPatient || performance.now() > until || !this.#isTournament())) break;
      if (this.#matches) await sleep(200);
      this.#matches = await calendar(this.#api, this.#name);
    }
    this.#isPatient = false;
    return null;
  }

  #isTournament(): boolean {
    return this.#matches!.some(({ tournament }) => tournament);
  }

  #match(file: FileMatch): Playing | null {
    const between = (home: string, away: string): Scheduled[] =>
      this.#matches!.filter(
        ({ id, state, homeTeam, awayTeam }) =>
          !this.#taken.has(id) && state !== 'CANCELLED' && homeTeam?.name === home && awayTeam?.name === away,
      );
    const chosen = choose(between(file.home, file.away), file);
    // In the API a replay has the same home team as the match before it; in the file it may have the other one.
    const other = chosen || !isReplay(file) ? undefined : choose(between(file.away, file.home), file);
    const match = chosen ?? other;
    if (!match) return null;
    this.#taken.add(match.id);
    return { file: chosen ? file : turned(file), id: match.id, state: match.state };
  }
}

/**
 * The match of the file: with the same kick-off and round, otherwise the only one of the same day, of the same round,
 * or for a replay of the tournament. A later version of the file may have another kick-off time or another name of the
 * round.
 */
const choose = (meetings: readonly Scheduled[], file: FileMatch): Scheduled | undefined =>
  meetings.find(({ kickoffAt, round }) => kickoffAt === file.kickoffAt && (round ?? null) === file.round) ??
  only(
    meetings.filter(
      ({ kickoffAt, round, tournament }) =>
        kickoffAt.slice(0, 10) === file.kickoffAt.slice(0, 10) ||
        (round ?? null) === file.round ||
        (isReplay(file) && tournament),
    ),
  );

const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);

/** States of a match whose result counts. */
const ENDED = new Set(['CONFIRMED', 'WALKOVER']);

/** Whether the match is a walkover now, and will get another awarded score: the walkover is only the first step. */
const isAwardedLater = (file: FileMatch, state: string): boolean =>
  file.awarded && state === 'WALKOVER' && !isWalkover(file);

async function follow(api: Api, { file, id, state }: Playing, speed: number) {
  const seqs: number[] = [];
  const scores: string[] = [];
  const ended = (async () => {
    for await (const { matchEvents } of api.follow(
      FollowMatch,
      { id },
      ({ matchEvents: event }) => unmask(FollowedFragment, event).seq,
    )) {
      const event = unmask(FollowedFragment, matchEvents);
      seqs.push(event.seq);
      scores[event.seq] = `${event.score.home}:${event.score.away}`;
      if (event.__typename === 'MatchStateChanged' && ENDED.has(event.state) && !isAwardedLater(file, event.state))
        return;
    }
    throw new ApiError(`${file.home} – ${file.away}: the live stream ended before the match did`);
  })();
  const bringAbout = async (): Promise<void> => {
    if (ENDED.has(state)) return;
    if (file.awarded) return enterResult(api, id, state, file);
    if (state !== 'FINISHED') await play(api, id, file, { speed, goesOn: state === 'LIVE' });
    await confirm(api, id, file);
  };
  // When the stream fails, this fails too and does not wait for the end of the match.
  await Promise.all([ended, bringAbout()]);
  const { match, events } = await record(api, id);
  if (!match) throw new ApiError(`${file.home} – ${file.away} is gone`);
  const live = events
    .filter(({ seq, score }) => scores[seq] !== `${score.home}:${score.away}`)
    .map(({ seq }) => `${file.home} – ${file.away}: event ${seq} was delivered with another score than is on record`);
  return {
    playedBefore: state === 'FINISHED' || ENDED.has(state),
    recorded: match.lastSeq,
    goals: events.filter((event) => event.__typename === 'GoalScored' && event.period !== null && !event.voided).length,
    delivery: checkDelivery(seqs, match.lastSeq),
    // An awarded result has no goals, so it is not compared with the file.
    differences: file.awarded ? live : [...checkResult(file, { score: match.score, events }), ...live],
  };
}

/** Reads a match and all its recorded events. One answer has at most 100 events, so this may need several requests. */
async function record(api: Api, id: string) {
  const events: Followed[] = [];
  for (;;) {
    const { match } = await api.request(FinalScore, { id, afterSeq: events.length });
    events.push(...(match?.events ?? []).map((event) => unmask(FollowedFragment, event)));
    if (!match || events.length >= match.lastSeq || match.events.length === 0) return { match, events };
  }
}

export const isFaultless = ({ delivery, differences }: ReplayReport): boolean =>
  delivery.duplicates + delivery.outOfOrder + delivery.missing + differences.length === 0;

if (import.meta.main) {
  await command(async () => {
    const parsed = flags(
      {
        options: { ...apiFlags, competition: { type: 'string' }, speed: { type: 'string' }, json: { type: 'boolean' } },
      },
      HELP,
    );
    if (!parsed) return;
    const { competition: name, speed: given = '600', json } = parsed.values;
    if (!name) throw new UsageError('which one? --competition NAME');
    const speed = given === 'max' ? Infinity : Number(given);
    if (!(speed > 0)) throw new UsageError('--speed is a positive number, or max');
    const competition = readCompetition(await stored(name), name);
    const api = apiOf(parsed.values);
    const bar = new cliProgress.SingleBar(
      { format: `${name} {bar} {value}/{total} matches, {eta_formatted} to go`, noTTYOutput: false },
      cliProgress.Presets.shades_classic,
    );
    if (!json) bar.start(competition.matches.filter(({ result }) => result).length, 0);
    try {
      const report = await replayCompetition(api, competition, speed, () => bar.increment());
      bar.stop();
      console.log(json ? JSON.stringify(report, null, 2) : summary(report));
      if (!isFaultless(report)) process.exitCode = 1;
    } finally {
      bar.stop();
      await api.close();
    }
  });
}

function summary({
  competition,
  played,
  playedBefore,
  recorded,
  goals,
  delivery,
  differences,
  seconds,
}: ReplayReport): string {
  return [
    `${competition}: ${played} matches played in ${seconds} s${playedBefore ? `, ${playedBefore} had been played before` : ''}`,
    `  recorded    ${recorded} events, ${goals} goals`,
    `  delivered   ${delivery.delivered} events: ${delivery.duplicates} twice, ${delivery.outOfOrder} out of order, ${delivery.missing} missing`,
    differences.length
      ? `  differs from the file:\n    ${differences.join('\n    ')}`
      : '  scores      all as in the file, goal by goal',
  ].join('\n');
}
