// A competition as a tournament of the API: made once, filled with results, adjusted.
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
 * Makes the tournament, or continues where an earlier import stopped, until its matches are played.
 * @param teamIds ids of all teams of the outline
 * @param known the id of a tournament that an earlier import made
 * @throws ApiError when the API refuses it; a draft is deleted then
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
  // A later version of the file may begin on another day, or have more teams.
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

/** The rounds and matches of all stages. A match that is planned and not made yet is waited for. */
export async function planOf(api: Api, id: string): Promise<readonly Stage[]> {
  const plans: Stage[] = [];
  for (const stage of await stagesOf(api, id)) plans.push(await stageOf(api, stage.id));
  return plans;
}

async function stageOf(api: Api, id: string): Promise<Stage> {
  const until = performance.now() + MAKING_MS;
  for (;;) {
    try {
      const { node } = await api.request(StagePlan, { id });
      if (!node || !('rounds' in node)) throw new ApiError('the tournament cannot be read now');
      return node as Stage;
    } catch (error) {
      if (!(error instanceof ApiError && error.message.startsWith('UNEXPECTED_NULL')) || performance.now() > until)
        throw error;
    }
    await sleep(100);
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

/** Waits until the planned matches exist: another service makes them. @throws ApiError after a while */
export async function matchesOf(api: Api, id: string): Promise<void> {
  const until = performance.now() + MAKING_MS;
  for (;;) {
    const matches = (await planOf(api, id)).flatMap(({ rounds }) => rounds.flatMap((round) => round.matches));
    if (matches.length > 0 && matches.every((match) => match?.homeTeam && match.awayTeam)) return;
    if (performance.now() > until)
      throw new ApiError('the matches of the tournament are not there yet; import it again');
    await sleep(200);
  }
}

/** Without its order: a replay may be at the other side's ground. */
const pairOf = ({ home, away }: { readonly home?: string; readonly away?: string }): string =>
  JSON.stringify([home, away].toSorted());

/** How many matches of two teams have their result. */
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
 * The matches of the outline that a tournament has, or has a slot for. A tournament that an earlier version of the file
 * made does not grow.
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

/** A match to enter, told as the API has it. */
interface Due {
  readonly match: Match;
  readonly file: FileMatch;
}

/** How long results of later rounds may take to follow from earlier ones. */
const PATIENCE_MS = 15_000;
/** How long the matches of a drawn tournament may take to be made: a league has hundreds. */
const MAKING_MS = 120_000;

/**
 * Enters all results of the file, round after round, as the bracket follows from them.
 * @returns a line for each result that no match of the tournament waits for
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
  for (;;) {
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
      continue;
    }
    if (waiting.length === 0) return [...refused.values()];
    if (performance.now() - since > PATIENCE_MS)
      return [
        ...refused.values(),
        ...waiting.map(({ home, away }) => `${home} – ${away}: its match waits for a decision about a table or a tie`),
      ];
    await sleep(200);
  }
}

/** Results that can be entered now, and results that wait for others. */
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

/** The next match of a tie: legs have a match each, a replay comes after a match that was drawn. */
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

/** Team, points and reason, as JSON. */
async function deductionsOf(api: Api, id: string): Promise<Set<string>> {
  const rows = (await tablesOf(api, id)).flatMap((groups) => groups.flatMap(({ standings }) => standings));
  return new Set(
    rows.flatMap(({ team, deductions }) =>
      deductions.map(({ points, reason }) => JSON.stringify([team?.name, points, reason])),
    ),
  );
}

/** Records what people decided; what is on record already stays. */
export async function adjust(api: Api, tournamentId: string, adjustments: Adjustments): Promise<void> {
  const entries = await entriesOf(api, tournamentId);
  const entryOf = (team: string): string => entries.get(team) ?? '';
  const { deductions, fairPlay, ranking, lots } = adjustments;
  const known = deductions.length > 0 ? await deductionsOf(api, tournamentId) : new Set();
  for (const { team, points, date, reason } of deductions) {
    if (known.has(JSON.stringify([team, points, reason]))) continue;
    const input = { tournamentId, entryId: entryOf(team), points, reason, date: `${date}T00:00:00Z` };
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
}
