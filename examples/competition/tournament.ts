// Makes a tournament of the API from a competition, enters its results, and records decisions about its tables.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Adjustments } from './adjust.ts';
import { type Api, ApiError, accepted, inParallel } from './api.ts';
import type { StagePlanQuery } from './generated/graphql.ts';
import type { FileMatch } from './match.ts';
import {
  CloseRegistration,
  CreateTournament,
  DeductPoints,
  DeleteTournament,
  DrawTournament,
  EnterTournament,
  PublishTournament,
  RecordFairPlay,
  RecordLots,
  RecordPlayOff,
  RecordRanking,
  SetStages,
  StartTournament,
  TournamentEntries,
  StagePlan,
  StageTables,
  TournamentStages,
} from './operations.ts';
import { calendar } from './calendar.ts';
import type { Outline } from './outline.ts';
import { isReplay } from './places.ts';
import { enterResult, turned } from './recording.ts';

const clientIdOf = (name: string): string =>
  createHash('sha256')
    .update(JSON.stringify(['tournament', name]))
    .digest('base64url');

/**
 * Makes the tournament and starts it. Continues where an earlier import stopped.
 * @param teamIds the ids of all teams of the outline, by name
 * @param known the id of the tournament, when an earlier import has made it
 * @throws ApiError when the API refuses a step; when it refuses the stages, the draft is deleted
 */
export async function makeTournament(
  api: Api,
  name: string,
  outline: Outline,
  teamIds: ReadonlyMap<string, string>,
  { startsAt, rules, known }: { readonly startsAt: string; readonly rules: string; readonly known: string | undefined },
): Promise<{ readonly id: string; readonly isNew: boolean }> {
  const count = outline.teams.length;
  const input = {
    clientId: clientIdOf(name),
    name,
    sport: 'FOOTBALL' as const,
    timeZone: 'UTC',
    startsAt,
    rules,
    minTeams: count,
    maxTeams: count,
  };
  // A known tournament is not created again, because a later version of the file may begin on another day or have more
  // teams, and the same client id with other content is a CONFLICT.
  const tournament = known
    ? (await api.request(TournamentStages, { id: known })).tournament
    : accepted(name, (await api.request(CreateTournament, { input })).createTournament).tournament;
  if (!tournament) throw new ApiError(`${name}: the tournament cannot be made now`);
  const { id: tournamentId } = tournament;
  let { state } = tournament;
  const isNew = state === 'DRAFT';
  const step = { input: { tournamentId } };
  if (state === 'DRAFT') {
    const stages = outline.stages.map((stage) => stage.input);
    const { setStages } = await api.request(SetStages, { input: { tournamentId, stages } });
    if (setStages.userErrors.length > 0) {
      await api.request(DeleteTournament, step);
      accepted('the stages', setStages);
    }
    accepted(name, (await api.request(PublishTournament, step)).publishTournament);
    state = 'REGISTRATION';
  }
  if (state === 'REGISTRATION') {
    await inParallel(outline.teams, 8, async (team) => {
      const entry = { tournamentId, teamId: teamIds.get(team) ?? '' };
      accepted(team, (await api.request(EnterTournament, { input: entry })).enterTournament);
    });
    accepted(name, (await api.request(CloseRegistration, step)).closeRegistration);
    state = 'CHECK_IN';
  }
  if (state === 'CHECK_IN') {
    const entries = await entriesOf(api, tournamentId);
    const entryIds = outline.teams.map((team) => entries.get(team) ?? '');
    const draw = { tournamentId, method: 'BY_HAND' as const, entryIds };
    accepted(name, (await api.request(DrawTournament, { input: draw })).drawTournament);
    state = 'SEEDED';
  }
  if (state === 'SEEDED') accepted(name, (await api.request(StartTournament, step)).startTournament);
  return { id: tournamentId, isNew };
}

/** The ids of entries by the names of their teams. */
async function entriesOf(api: Api, id: string): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  let after: string | null | undefined;
  do {
    const { tournament } = await api.request(TournamentEntries, { id, after });
    if (!tournament) throw new ApiError('the entries cannot be read now');
    for (const { node } of tournament.entries.edges) if (node.team) entries.set(node.team.name, node.id);
    const { hasNextPage, endCursor } = tournament.entries.pageInfo;
    after = hasNextPage ? endCursor : null;
  } while (after);
  return entries;
}

type Stage = Extract<StagePlanQuery['node'], { rounds: unknown }>;
type Match = NonNullable<Stage['rounds'][number]['matches'][number]>;

async function stagesOf(api: Api, id: string) {
  const { tournament } = await api.request(TournamentStages, { id });
  if (!tournament) throw new ApiError('the tournament cannot be read now');
  return tournament.stages;
}

/** The rounds and matches of all stages. Waits while a planned match does not exist yet. @throws ApiError */
export async function planOf(api: Api, id: string): Promise<readonly Stage[]> {
  const plans: Stage[] = [];
  for (const stage of await stagesOf(api, id)) plans.push(await stageOf(api, stage.id));
  return plans;
}

async function stageOf(api: Api, id: string): Promise<Stage> {
  const until = performance.now() + MAKING_MS;
  // A plan of hundreds of matches is large, and reading it often slows down the service that makes the matches. So the
  // pauses get longer.
  for (let pause = 100; ; pause = Math.min(3_000, pause * 2)) {
    try {
      const { node } = await api.request(StagePlan, { id });
      if (!node || !('rounds' in node)) throw new ApiError('the tournament cannot be read now');
      return node as Stage;
    } catch (error) {
      if (!(error instanceof ApiError && error.message.startsWith('UNEXPECTED_NULL'))) throw error;
      if (performance.now() > until) throw new ApiError(NOT_THERE);
    }
    await sleep(pause);
  }
}

/** The tables of all stages. */
export async function tablesOf(api: Api, id: string) {
  const tables = [];
  for (const stage of await stagesOf(api, id)) {
    const { node } = await api.request(StageTables, { id: stage.id });
    if (!node || !('groups' in node)) throw new ApiError('the tables cannot be read now');
    tables.push(node.groups);
  }
  return tables;
}

/**
 * Waits until the planned matches exist, which the subgraph matches creates.
 * @throws ApiError when they do not exist after {@link MAKING_MS}
 */
export async function matchesOf(api: Api, id: string): Promise<void> {
  const until = performance.now() + MAKING_MS;
  for (;;) {
    const matches = (await planOf(api, id)).flatMap(({ rounds }) => rounds.flatMap((round) => round.matches));
    if (matches.length > 0 && matches.every((match) => match?.homeTeam && match.awayTeam)) return;
    if (performance.now() > until) throw new ApiError(NOT_THERE);
    await sleep(200);
  }
}

/** A key for two teams in any order, because the other team may be at home in a replay. */
const pairOf = ({ home, away }: { readonly home?: string; readonly away?: string }): string =>
  JSON.stringify([home, away].toSorted());

/** The number of confirmed matches between two teams, by {@link pairOf}. */
async function playedOf(api: Api, name: string): Promise<ReadonlyMap<string, number>> {
  const played = new Map<string, number>();
  for (const { state, homeTeam, awayTeam } of await calendar(api, name)) {
    const pair = pairOf({ home: homeTeam?.name ?? '', away: awayTeam?.name ?? '' });
    if (state === 'CONFIRMED') played.set(pair, 1 + (played.get(pair) ?? 0));
  }
  return played;
}

const isFinal = ({ state }: Match): boolean => state === 'CONFIRMED' || state === 'WALKOVER';
const isOf = (match: Match, home: string, away: string): boolean =>
  match.homeTeam?.name === home && match.awayTeam?.name === away;

/**
 * The client ids of the outline's matches that the tournament has, or for which its bracket has a free slot. When a
 * later version of the file has more matches, the tournament of the earlier version does not get these.
 */
export async function plannedIn(api: Api, id: string, outline: Outline): Promise<Set<string>> {
  const stages = await planOf(api, id);
  const planned = new Set<string>();
  const matchesOf = (
    stage: number,
    part: string,
    number: number,
    group: number,
  ): readonly (Match | null)[] | undefined =>
    stages[stage]?.rounds.find(
      (round) => round.part === part && round.number === number && (round.group?.number ?? 1) === group,
    )?.matches;
  const slotsIn = (stage: number, part: string, number: number): number =>
    stages[stage]?.bracket?.slots.filter((slot) => slot.part === part && slot.round === number).length ?? 0;
  const keep = (files: readonly FileMatch[], matches: readonly (Match | null)[] | undefined, slots: number): void => {
    for (const file of files) {
      const isThere = matches?.some(
        (match) => match && (isOf(match, file.home, file.away) || isOf(match, file.away, file.home)),
      );
      if (isThere || (matches && matches.length < slots)) planned.add(file.clientId);
    }
  };
  for (const [index, { tables, ties }] of outline.stages.entries()) {
    for (const [group, { rounds }] of tables.entries())
      for (const [at, files] of rounds.entries())
        keep(files, matchesOf(index, 'TABLE', at + 1, group + 1), files.length);
    for (const own of Map.groupBy(ties, ({ part, round }) => `${part} ${round}`).values()) {
      const [{ part, round }] = own as [(typeof own)[number]];
      for (const { matches } of own) keep(matches, matchesOf(index, part, round, 1), slotsIn(index, part, round));
    }
  }
  return planned;
}

/** A match of the API whose result can be entered now. `file` has the same home team as `match`. */
interface Due {
  readonly match: Match;
  readonly file: FileMatch;
}

/**
 * How long to wait for matches of later rounds, which the API makes from earlier results. Milliseconds. The time begins
 * again whenever tables or brackets change: on a busy machine they still change for a while after hundreds of results.
 */
const PATIENCE_MS = 15_000;
/** The longest pause between two reads of the plan, in milliseconds. */
const LONGEST_LOOK_MS = 2_000;
/** How long to wait for the matches of a drawn tournament: a league has hundreds. Milliseconds. */
const MAKING_MS = 120_000;
const NOT_THERE = 'the matches of the tournament are not there yet; import it again';

/**
 * Enters all results of the file, round after round, because the matches of a later round exist only after the earlier
 * results.
 * @returns a line for each result that the API refused, or for which there was no match in time
 * @throws ApiError when the bracket has other teams than the file
 */
export async function enterResults(
  api: Api,
  id: string,
  name: string,
  outline: Outline,
  onMatch: () => void,
): Promise<readonly string[]> {
  const hasReplays = outline.stages.some(({ ties }) => ties.some(({ matches }) => matches.some(isReplay)));
  const refused = new Map<FileMatch, string>();
  let since = performance.now();
  let last = '';
  for (let pause = 200; ; pause = Math.min(LONGEST_LOOK_MS, pause * 2)) {
    const stages = await planOf(api, id);
    const { due, waiting } = dueIn(stages, outline, refused, hasReplays ? await playedOf(api, name) : new Map());
    if (due.length > 0) {
      await inParallel(due, 8, async ({ match, file }) => {
        try {
          await enterResult(api, match.id, match.state, file);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          refused.set(file, error.message);
        }
        onMatch();
      });
      since = performance.now();
      pause = 100;
      continue;
    }
    if (waiting.length === 0) return [...refused.values()];
    const now = JSON.stringify([stages, await tablesOf(api, id)]);
    if (now !== last) [last, since] = [now, performance.now()];
    if (performance.now() - since > PATIENCE_MS)
      return [
        ...refused.values(),
        ...waiting.map(({ home, away }) => `${home} – ${away}: its match waits for a decision about a table or a tie`),
      ];
    await sleep(pause);
  }
}

/**
 * The results that can be entered now, and the results whose matches do not exist yet.
 * @throws ApiError when the bracket has other teams than the file
 */
function dueIn(
  stages: readonly Stage[],
  outline: Outline,
  refused: ReadonlyMap<FileMatch, string>,
  replays: ReadonlyMap<string, number>,
): { due: Due[]; waiting: FileMatch[] } {
  const due: Due[] = [];
  const waiting: FileMatch[] = [];
  const isOpen = (file: FileMatch): boolean =>
    file.result !== null && ![...refused.keys()].some(({ clientId }) => clientId === file.clientId);
  for (const [index, { tables, ties }] of outline.stages.entries()) {
    const rounds = stages[index]?.rounds ?? [];
    for (const [group, table] of tables.entries())
      for (const [round, files] of table.rounds.entries()) {
        const found =
          rounds.find((each) => each.group?.number === group + 1 && each.number === round + 1) ??
          rounds.find((each) => tables.length === 1 && each.number === round + 1);
        const left = [...(found?.matches ?? [])];
        for (const file of files) {
          const at = left.findIndex((match) => match && isOf(match, file.home, file.away));
          const [match] = at === -1 ? [] : left.splice(at, 1);
          if (!isOpen(file)) continue;
          if (!match) waiting.push(file);
          else if (!isFinal(match)) due.push({ match, file });
        }
      }
    for (const [key, own] of Map.groupBy(ties, ({ part, round }) => `${part} ${round}`)) {
      const [part, number] = key.split(' ');
      const found = rounds.find((each) => each.part === part && each.number === Number(number));
      const matches = (found?.matches ?? []).filter((match) => match !== null);
      const expected = own.map(({ matches: [first] }) => first!);
      const isExpected = (match: Match): boolean =>
        expected.some(({ home, away }) => isOf(match, home, away) || isOf(match, away, home));
      const others = matches.filter((match) => match.homeTeam && match.awayTeam && !isExpected(match));
      for (const tie of own) {
        const [first] = tie.matches as [FileMatch];
        const between = matches.filter(
          (match) => isOf(match, first.home, first.away) || isOf(match, first.away, first.home),
        );
        const isNamed = !tie.matches.some(({ result }) => result === null);
        if (between.length === 0 && isNamed && others.length > 0) {
          const [other] = others as [Match];
          throw new ApiError(
            `${found?.name}: the file has ${first.home} – ${first.away}, the bracket has ${other.homeTeam?.name} – ${other.awayTeam?.name}`,
          );
        }
        const played = replays.get(pairOf(first)) ?? 0;
        const next = nextOf(tie.matches, between, played);
        if (next && isOpen(next.file)) due.push(next);
        else if (!next)
          waiting.push(
            ...tie.matches
              .slice(tie.matches.some(isReplay) ? played : 0)
              .filter((file) => isOpen(file) && !isEntered(file, between)),
          );
      }
    }
  }
  return { due, waiting };
}

const isEntered = (file: FileMatch, between: readonly Match[]): boolean =>
  between.some((match) => isFinal(match) && hasScore(match, file)) || (between.length === 0 && file.result === null);

function hasScore(match: Match, file: FileMatch): boolean {
  const told = isOf(match, file.home, file.away) ? file : turned(file);
  if (match.state === 'WALKOVER') return file.awarded;
  return match.score.home === told.result?.score[0] && match.score.away === told.result.score[1];
}

/**
 * The next match of a tie, with its result; null when no match of the tie is open, or the file has no result for it.
 * Legs exist from the beginning. A replay appears after a drawn match.
 */
function nextOf(files: readonly FileMatch[], between: readonly Match[], playedBefore: number): Due | null {
  const open = between.filter((match) => !isFinal(match));
  if (open.length === 0) return null;
  if (between.length > 1) {
    for (const match of open) {
      const file = files.find(({ home, away }) => isOf(match, home, away));
      if (file?.result) return { match, file };
    }
    return null;
  }
  const [match] = open as [Match];
  const file = files[playedBefore];
  return file ? { match, file: told(match, file) } : null;
}

const told = (match: Match, file: FileMatch): FileMatch => (isOf(match, file.home, file.away) ? file : turned(file));

/**
 * Records the decisions of people. The API ignores a ruling that changes nothing. A deduction with the same team,
 * points, reason and day is not recorded twice.
 * @param playOffs winner and loser of each play-off for a place of a table
 */
export async function adjust(
  api: Api,
  tournamentId: string,
  adjustments: Adjustments,
  playOffs: readonly string[] = [],
): Promise<void> {
  const entries = await entriesOf(api, tournamentId);
  const entryOf = (team: string): string => entries.get(team) ?? '';
  const { deductions, fairPlay, ranking, lots } = adjustments;
  for (const { team, points, date, reason } of deductions) {
    const content = { tournamentId, entryId: entryOf(team), points, reason, date: `${date}T00:00:00Z` };
    const input = { clientId: createHash('sha256').update(JSON.stringify(content)).digest('base64url'), ...content };
    accepted(team, (await api.request(DeductPoints, { input })).deductPoints);
  }
  for (const { team, points } of fairPlay) {
    const input = { tournamentId, entryId: entryOf(team), points };
    accepted(team, (await api.request(RecordFairPlay, { input })).recordFairPlay);
  }
  if (ranking) {
    const input = { tournamentId, entryIds: ranking.map(entryOf) };
    accepted('the ranking', (await api.request(RecordRanking, { input })).recordRanking);
  }
  if (lots) {
    const input = { tournamentId, entryIds: lots.map(entryOf) };
    accepted('the lots', (await api.request(RecordLots, { input })).recordLots);
  }
  if (playOffs.length > 0) {
    const input = { tournamentId, entryIds: playOffs.map(entryOf) };
    accepted('the play-offs', (await api.request(RecordPlayOff, { input })).recordPlayOff);
  }
}
