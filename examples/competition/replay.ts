import { setTimeout as sleep } from 'node:timers/promises';
import cliProgress from 'cli-progress';
import { Api, ApiError, UsageError, accepted, apiFlags, command, flags, inParallel } from './api.ts';
import { type Delivery, checkDelivery, checkResult } from './check.ts';
import { useFragment as unmask } from './generated/fragment-masking.ts';
import type { FollowedFragment as Followed } from './generated/graphql.ts';
import type { FileMatch } from './match.ts';
import { type Competition, readCompetition } from './openfootball.ts';
import { FinalScore, FinishMatch, FollowMatch, FollowedFragment, RecordMatchEvent, StartMatch } from './operations.ts';
import { stepsOf } from './play.ts';
import { stored } from './stored.ts';
import { calendar } from './import.ts';

const HELP = `npm run replay -- --competition NAME [--speed N|max] [--url URL] [--token TOKEN] [--json]

Plays an imported competition through the public API, while a subscriber follows every match. Then it compares the
recorded and the delivered events with the file. Matches with the same kick-off are played at the same time. The time
between kick-offs is skipped.

  --competition NAME  the name that the import printed, for example "World Cup 2022"
  --speed N           factor of real time (default 600: a match takes nine seconds), or max
  --json              the report as JSON
  --url, --token      as for npm run import`;

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

/** @param speed a factor of real speed; Infinity: as fast as the API allows */
export async function replayCompetition(
  api: Api,
  competition: Competition,
  speed: number,
  onMatch: () => void,
): Promise<ReplayReport> {
  const started = performance.now();
  const { playing, missing } = await pair(api, competition);
  const slots = Map.groupBy(playing, ({ file }) => file.kickoffAt);
  const outcomes: Awaited<ReturnType<typeof follow>>[] = [];
  for (const matches of slots.values()) {
    outcomes.push(
      ...(await inParallel(matches, 32, async (match) => {
        const outcome = await follow(api, match, speed);
        onMatch();
        return outcome;
      })),
    );
  }
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

/** The file's matches that can be played, with their ids in the API, by kick-off. */
async function pair(api: Api, competition: Competition): Promise<{ playing: Playing[]; missing: FileMatch[] }> {
  const teams = (home?: string, away?: string): string => JSON.stringify([home, away]);
  const scheduled = Map.groupBy(await calendar(api, competition.name), ({ homeTeam, awayTeam }) =>
    teams(homeTeam?.name, awayTeam?.name),
  );
  const playing: Playing[] = [];
  const missing: FileMatch[] = [];
  for (const file of competition.matches.filter(({ result }) => result)) {
    const meetings = (scheduled.get(teams(file.home, file.away)) ?? []).filter(
      ({ id }) => !playing.some((taken) => taken.id === id),
    );
    // The imported version of the file may have had another time of the same day, or another name of the round.
    const match =
      meetings.find(({ kickoffAt, round }) => kickoffAt === file.kickoffAt && (round ?? null) === file.round) ??
      only(
        meetings.filter(
          ({ kickoffAt, round }) =>
            kickoffAt.slice(0, 10) === file.kickoffAt.slice(0, 10) || (round ?? null) === file.round,
        ),
      );
    if (match) playing.push({ file, id: match.id, state: match.state });
    else missing.push(file);
  }
  if (playing.length === 0) throw new ApiError(`no match of ${competition.name} is scheduled: import the file again`);
  return { playing, missing };
}

const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);

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
      if (event.__typename === 'MatchStateChanged' && event.state === 'FINISHED') return;
    }
    throw new ApiError(`${file.home} – ${file.away}: the live stream ended before the match did`);
  })();
  // When the stream fails, the replay of this match fails too: playing to the end would hide the failure.
  await Promise.all([
    ended,
    state === 'FINISHED' ? undefined : play(api, id, file, { speed, resumes: state === 'LIVE' }),
  ]);
  const { match, events } = await record(api, id);
  if (!match) throw new ApiError(`${file.home} – ${file.away} is gone`);
  const live = events
    .filter(({ seq, score }) => scores[seq] !== `${score.home}:${score.away}`)
    .map(({ seq }) => `${file.home} – ${file.away}: event ${seq} was delivered with another score than is on record`);
  return {
    playedBefore: state === 'FINISHED',
    recorded: match.lastSeq,
    goals: events.filter((event) => event.__typename === 'GoalScored' && event.period !== null && !event.voided).length,
    delivery: checkDelivery(seqs, match.lastSeq),
    differences: [...checkResult(file, { score: match.score, events }), ...live],
  };
}

/** A match and all its recorded events. A page has 100 events; a match may have more. */
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
    const {
      competition: name,
      speed: given = '600',
      url = 'http://127.0.0.1:4000/graphql',
      token,
      json,
    } = parsed.values;
    if (!name) throw new UsageError('which one? --competition NAME');
    const speed = given === 'max' ? Infinity : Number(given);
    if (!(speed > 0)) throw new UsageError('--speed is a positive number, or max');
    const competition = readCompetition(await stored(name), name);
    const api = new Api({ url, token });
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
