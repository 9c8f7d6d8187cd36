import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import cliProgress from 'cli-progress';
import { AdjustmentError, type Adjustments, NO_ADJUSTMENTS, readAdjustments } from './adjust.ts';
import {
  API_HELP,
  type Api,
  ApiError,
  UsageError,
  accepted,
  apiFlags,
  apiOf,
  command,
  flags,
  inParallel,
} from './api.ts';
import { calendar } from './calendar.ts';
import type { FileMatch } from './match.ts';
import { type Competition, readCompetition } from './openfootball.ts';
import { Notes } from './notes.ts';
import { CreateTeam, ScheduleMatch } from './operations.ts';
import { NoOutline, type Outline, outlineOf } from './outline.ts';
import { withForfeits } from './recording.ts';
import { type GuessedRules, guessRules, rulesInWords, yearOf } from './rules.ts';
import { adjust, enterResults, makeTournament, matchesOf, plannedIn } from './tournament.ts';
import { PRESETS } from '../../subgraphs/tournaments/standings/presets.ts';
import { printable } from './reading.ts';
import { store } from './stored.ts';

const HELP = `npm run import -- FILE [--rules NAME] [--with-results] [--adjust FILE] [--dry-run] [--url URL] [--refresh-token TOKEN]

Imports a competition through the public API, from any JSON file of openfootball: its teams, and a tournament with
stages, groups, rounds and bracket. A second import of the same file changes nothing. A later version of the file
adds only what is new. The import skips a row that it cannot use, and prints which row and why. A placeholder such
as 2A or W74 becomes a slot of the bracket, if the file has that group or match.

  FILE           a file from github.com/openfootball, for example worldcup.json of 2022
  --rules NAME   the rules of the tables, such as fifa-2018 (default: guessed from the name and year, and printed)
  --with-results enters the results and goals of the file, and confirms them as organizer
  --adjust FILE  JSON of what no match says: { "deductions": [{ "team", "points", "date", "reason" }],
                 "fairPlay": [{ "team", "points" }], "ranking": [names, best first], "lots": [names, best first] }
  --dry-run      prints what would be imported and skipped, the stages and the rules; needs no server
${API_HELP}

Exit codes: 0 imported, even if rows were skipped; 1 nothing in the file can be imported, or the API refused;
2 wrong usage.`;

const MAX_BYTES = 64_000_000;
const DIFFERS = 'it was imported with another kick-off, round, group or venue, and stays as it is';

export interface Imported {
  readonly teams: number;
  readonly matches: number;
  /** The number of these matches that an earlier import had scheduled. */
  readonly known: number;
  /** The tournament's id; null when there is no tournament and all matches are friendlies. */
  readonly tournament: string | null;
  /** The preset of the tables' rules. */
  readonly rules: string;
  /** The rules in one line, and whether they were guessed. */
  readonly rulesInWords: string;
  /** A line for each thing that the API refused, or has with other content. */
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
  /** Lines of the competition's `leftOut` that the tournament has as slots. */
  readonly placed: ReadonlySet<string>;
}

export interface ImportOptions {
  /** The preset of the tables' rules. By default it is guessed from the competition's name and year. */
  readonly rules?: string | undefined;
  /** The name of the file without its ending, for the guess. */
  readonly file?: string | undefined;
  readonly withResults?: boolean | undefined;
  readonly adjustments?: Adjustments | undefined;
}

interface Refusable {
  readonly userErrors: readonly { code: string; message: string; field?: readonly string[] | null }[];
}

/**
 * Imports a competition: its teams, and a tournament with its matches. When a team is missing or no stages can be made,
 * there is no tournament, and the matches are scheduled as friendlies. Matches that are not in the tournament of an
 * earlier import become friendlies too.
 * @param onStep is called after each team, each match and each result
 * @throws ApiError when the API accepts none of the matches, is unavailable, or forbids this user to import
 */
export async function importCompetition(
  api: Api,
  competition: Competition,
  onStep: () => void,
  { rules: given, file, withResults = false, adjustments = NO_ADJUSTMENTS }: ImportOptions = {},
): Promise<Imported> {
  const { name, teams } = competition;
  const matches = withForfeits(competition.matches);
  const leftOut: string[] = [];
  const notes = new Notes();
  const ids = await createTeams(api, competition, leftOut, onStep);
  const before = await calendar(api, name);
  const friendlies = new Map(
    before.flatMap(({ id, tournament, homeTeam, awayTeam, kickoffAt }) =>
      tournament ? [] : [[JSON.stringify([homeTeam?.name, awayTeam?.name, kickoffAt]), id] as const],
    ),
  );
  const friendly = ({ home, away, kickoffAt }: FileMatch): string | undefined =>
    friendlies.get(JSON.stringify([home, away, kickoffAt]));
  const known = before.find(({ tournament }) => tournament)?.tournament?.id;
  const startsAt = matches[0]!.kickoffAt;
  const guessed = rulesOf(competition, given, file);
  const made = await madeOf(async () => {
    if (ids.size < teams.length) return null;
    const [outline, hasPending] = outlined(competition, guessed, adjustments, friendly);
    const { id, isNew } = await makeTournament(api, name, outline, ids, { startsAt, rules: guessed.preset, known });
    return { id, isNew, outline, hasPending };
  });
  if (typeof made === 'string') leftOut.push(`the tournament, so its matches are friendlies: ${made}`);
  const tournament = made === null || typeof made === 'string' ? null : made;
  if (tournament) {
    await matchesOf(api, tournament.id);
    await adjust(api, tournament.id, adjustments, tournament.outline.playOffs);
  }
  for (const note of tournament?.outline.notes ?? []) notes.add(note, name);
  const planned = new Set(
    !tournament
      ? []
      : tournament.isNew
        ? outlinedIn(tournament.outline)
        : await plannedIn(api, tournament.id, tournament.outline),
  );
  const isCancelled = ({ cancelled, clientId }: FileMatch): boolean =>
    cancelled && tournament !== null && !planned.has(clientId);
  let [scheduled, alreadyThere] = [0, 0];
  await inParallel(matches, 8, async (match) => {
    if (planned.has(match.clientId)) {
      scheduled++;
      const there = before.filter((one) => one.homeTeam?.name === match.home && one.awayTeam?.name === match.away);
      if (there.length > 0 && !there.some(({ kickoffAt }) => kickoffAt === match.kickoffAt))
        notes.add(DIFFERS, `${printable(match.home)} – ${printable(match.away)}, ${match.kickoffAt}`);
      if (tournament && (!tournament.isNew || friendly(match) !== undefined)) alreadyThere++;
    } else if (isCancelled(match))
      leftOut.push(`${printable(match.home)} – ${printable(match.away)}: cancelled, so the table does without it`);
    else {
      const there = await schedule(api, name, match, ids, { leftOut, notes });
      if (there) scheduled++;
      if (there === 'known' || (there && before.some(({ id }) => id === there))) alreadyThere++;
    }
    onStep();
  });
  if (scheduled === 0) throw new ApiError(`the API takes no match of ${name}; ${leftOut[0]}`);
  if (tournament && withResults)
    leftOut.push(...(await enterResults(api, tournament.id, name, tournament.outline, onStep)));
  return {
    teams: ids.size,
    matches: scheduled,
    known: alreadyThere,
    tournament: tournament?.id ?? null,
    rules: guessed.preset,
    rulesInWords: inWords(guessed),
    leftOut,
    notes: notes.lines(),
    placed: new Set(tournament?.hasPending ? competition.pending.map(({ line }) => line) : []),
  };
}

const rulesOf = ({ name, matches }: Competition, given: string | undefined, file: string | undefined): GuessedRules => {
  const guess = guessRules(name, yearOf(name, matches[0]!.kickoffAt), file);
  return given === undefined ? guess : { ...guess, preset: given, points: null, because: 'as given' };
};

const inWords = (rules: GuessedRules): string => `${rulesInWords(rules)} (${rules.because})`;

/** The outline of the competition, and whether it has the matches whose sides are not known yet. @throws NoOutline */
function outlined(
  { matches, pending }: Competition,
  rules: GuessedRules,
  adjustments: Adjustments,
  friendly?: (match: FileMatch) => string | undefined,
): [outline: Outline, hasPending: boolean] {
  const played = withForfeits(matches);
  return withOrWithout(
    pending.map(({ match }) => match),
    (more) =>
      outlineOf(
        [...played, ...more].toSorted((a, b) => a.kickoffAt.localeCompare(b.kickoffAt)),
        rules,
        adjustments,
        friendly,
      ),
  );
}

/** The plan of an import, as lines: the matches, skipped rows, stages, notes and rules. */
export function preview(
  competition: Competition,
  { rules: given, file, adjustments = NO_ADJUSTMENTS }: ImportOptions = {},
): string[] {
  const { name, teams, matches, rows } = competition;
  const rules = rulesOf(competition, given, file);
  const drawn = attempt(() => outlined(competition, rules, adjustments));
  const [outline, hasPending] = typeof drawn === 'string' ? [null, false] : drawn;
  const placed = new Set(hasPending ? competition.pending.map(({ line: said }) => said) : []);
  const partsOf = ({ input, tables }: Outline['stages'][number]): string =>
    (tables.length > 0 ? tables : (input.format.singleElimination?.given?.rounds ?? []))
      .map((each) => each.name)
      .join(', ');
  return [
    ...matches.map(line),
    `${name}: ${count({ teams: teams.length, matches: matches.length }, rows)} would be imported.`,
    ...lines({ ...competition, leftOut: competition.leftOut.filter((said) => !placed.has(said)) }),
    ...(outline
      ? [
          ...outline.stages.map((stage) => `stage: ${stage.input.name} (${partsOf(stage)})`),
          ...outline.notes.map((note) => `note: ${name}: ${note}`),
          `Rules of its tables: ${inWords(rules)}`,
        ]
      : [`skipped: the tournament, so its matches are friendlies: ${String(drawn)}`]),
  ];
}

/** The outline, or why there is none. */
function attempt<T>(draw: () => T): T | string {
  try {
    return draw();
  } catch (error) {
    if (error instanceof NoOutline) return error.message;
    throw error;
  }
}

/**
 * Draws an outline with the matches whose sides are not known yet. If the file does not say where these sides come
 * from, draws it without these matches.
 * @returns the outline, and whether it has these matches
 */
function withOrWithout(
  pending: readonly FileMatch[],
  draw: (pending: readonly FileMatch[]) => Outline,
): [outline: Outline, hasPending: boolean] {
  try {
    return [draw(pending), pending.length > 0];
  } catch (error) {
    if (!(error instanceof NoOutline) || pending.length === 0) throw error;
    return [draw([]), false];
  }
}

/** The matches that the tournament has or will have. */
const outlinedIn = ({ stages }: Outline): string[] =>
  stages.flatMap(({ tables, ties }) => [
    ...tables.flatMap(({ rounds }) => rounds.flat().map(({ clientId }) => clientId)),
    ...ties.flatMap(({ matches }) => matches.map(({ clientId }) => clientId)),
  ]);

/** The result of `make`, or the message with which the API refused it. */
async function madeOf<T>(make: () => Promise<T>): Promise<T | string> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof NoOutline) return error.message;
    if (error instanceof ApiError && !/FORBIDDEN|UNAVAILABLE|INTERNAL/.test(error.message)) return error.message;
    throw error;
  }
}

async function createTeams(
  api: Api,
  { name, teams }: Competition,
  leftOut: string[],
  onStep: () => void,
): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  await inParallel(teams, 8, async (team) => {
    const clientId = createHash('sha256')
      .update(JSON.stringify(['team', name, team]))
      .digest('base64url');
    const { createTeam } = await api.request(CreateTeam, { input: { clientId, name: team, sport: 'FOOTBALL' } });
    const refused = refusalOf(printable(team), createTeam);
    if (refused) leftOut.push(`the team ${refused}`);
    else if (createTeam.team) ids.set(team, createTeam.team.id);
    onStep();
  });
  return ids;
}

/**
 * Schedules a friendly.
 * @returns its id; `known` when an earlier import scheduled it with other content; null when it cannot be scheduled
 */
async function schedule(
  api: Api,
  competition: string,
  { clientId, home, away, kickoffAt, round, group, venue }: FileMatch,
  ids: ReadonlyMap<string, string>,
  { leftOut, notes }: { readonly leftOut: string[]; readonly notes: Notes },
): Promise<string | null> {
  const what = `${printable(home)} – ${printable(away)}`;
  const [homeTeamId, awayTeamId] = [ids.get(home), ids.get(away)];
  if (homeTeamId === undefined || awayTeamId === undefined) {
    leftOut.push(`${what}: one of its teams was not imported`);
    return null;
  }
  const sport = 'FOOTBALL' as const;
  const input = { clientId, sport, homeTeamId, awayTeamId, kickoffAt, competition, round, group, venue };
  const { scheduleMatch } = await api.request(ScheduleMatch, { input });
  if (scheduleMatch.userErrors.some(({ code, field }) => code === 'CONFLICT' && field?.join('.') === 'clientId')) {
    notes.add(DIFFERS, `${what}, ${kickoffAt}`);
    return 'known';
  }
  const refused = refusalOf(what, scheduleMatch);
  if (refused) leftOut.push(refused);
  return scheduleMatch.match?.id ?? null;
}

/** The refusal as a line; null when the mutation succeeded. @throws ApiError when the user may not do it (FORBIDDEN) */
function refusalOf(what: string, payload: Refusable): string | null {
  try {
    accepted(what, payload);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || payload.userErrors.some(({ code }) => code === 'FORBIDDEN')) throw error;
    return error.message;
  }
}

async function readFrom(given: string): Promise<{ text: string; name: string }> {
  const path = resolve(process.env.INIT_CWD ?? '', given);
  try {
    if ((await stat(path)).size > MAX_BYTES)
      throw new UsageError(`${given} cannot be read: it has more than ${MAX_BYTES / 1e6} MB`);
    return { text: await readFile(path, 'utf8'), name: basename(path).replace(/\.json$/i, '') };
  } catch (error) {
    throw error instanceof UsageError
      ? error
      : new UsageError(`${given} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

async function adjustmentsFrom(path: string, teams: readonly string[]): Promise<Adjustments> {
  try {
    return readAdjustments((await readFrom(path)).text, teams);
  } catch (error) {
    throw error instanceof AdjustmentError ? new ApiError(error.message) : error;
  }
}

const lines = ({
  leftOut,
  notes,
}: {
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
}): string[] => [...leftOut.map((line) => `skipped: ${line}`), ...notes.map((line) => `note: ${line}`)];

const count = ({ teams, matches }: { readonly teams: number; readonly matches: number }, rows: number): string =>
  `${teams} teams and ${matches} matches${matches < rows ? ` of ${rows}` : ''}`;

/** A match as a dry run prints it. */
const line = ({ kickoffAt, home, away, round, group, result }: FileMatch): string =>
  [kickoffAt, `${home} – ${away}`, result?.score.join(':'), round, group]
    .filter(Boolean)
    .map((part) => printable(part))
    .join('  ');

if (import.meta.main) {
  await command(async () => {
    const parsed = flags(
      {
        options: {
          ...apiFlags,
          'dry-run': { type: 'boolean' },
          rules: { type: 'string' },
          'with-results': { type: 'boolean' },
          adjust: { type: 'string' },
        },
        allowPositionals: true,
      },
      HELP,
    );
    if (!parsed) return;
    const [path, ...rest] = parsed.positionals;
    if (!path || rest.length) throw new UsageError('give one file: npm run import -- FILE');
    const { text, name: fileName } = await readFrom(path);
    const competition = readCompetition(text, fileName);
    const { name, teams, matches, rows } = competition;
    const { rules, adjust: adjustPath, 'with-results': withResults } = parsed.values;
    if (rules !== undefined && !PRESETS.has(rules))
      throw new UsageError(`there are no rules "${rules}"; there are ${[...PRESETS.keys()].join(', ')}`);
    const adjustments = adjustPath === undefined ? NO_ADJUSTMENTS : await adjustmentsFrom(adjustPath, teams);
    if (parsed.values['dry-run'])
      return console.log(preview(competition, { rules, file: fileName, adjustments }).join('\n'));
    const api = apiOf(parsed.values);
    const bar = new cliProgress.SingleBar(
      { format: `${name} {bar} {value}/{total}`, noTTYOutput: false },
      cliProgress.Presets.shades_classic,
    );
    bar.start(teams.length + matches.length * (withResults ? 2 : 1), 0);
    try {
      const imported = await importCompetition(api, competition, () => bar.increment(), {
        rules,
        file: fileName,
        withResults,
        adjustments,
      });
      bar.stop();
      await store(competition, text);
      console.log(
        `${name}: ${count(imported, rows)}${imported.known ? `, ${imported.known} of them already there` : ''}.`,
      );
      const leftOut = competition.leftOut.filter((row) => !imported.placed.has(row));
      for (const said of [...lines({ ...competition, leftOut }), ...lines(imported)]) console.log(said);
      if (imported.tournament) {
        console.log(`Rules of its tables: ${imported.rulesInWords}`);
        console.log(`Others: --rules with one of ${[...PRESETS.keys()].join(', ')}`);
      }
      const to = parsed.values.url ? ` --url ${parsed.values.url}` : '';
      console.log(`Play it: npm run replay --${to} --competition ${JSON.stringify(name)} --speed 600`);
    } finally {
      bar.stop();
      await api.close();
    }
  });
}
