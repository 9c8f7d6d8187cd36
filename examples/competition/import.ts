import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import cliProgress from 'cli-progress';
import { Api, ApiError, UsageError, accepted, apiFlags, command, flags, inParallel } from './api.ts';
import type { FileMatch } from './match.ts';
import { type Competition, readCompetition } from './openfootball.ts';
import { Notes } from './notes.ts';
import { CompetitionMatches, CreateTeam, ScheduleMatch } from './operations.ts';
import { printable } from './reading.ts';
import { store } from './stored.ts';

const HELP = `npm run import -- FILE [--dry-run] [--url URL] [--token TOKEN]

Imports the teams and matches of a competition through the public API, from any JSON file of openfootball.
A second import of the same file changes nothing. A later version of the file adds only the new matches. The
import skips a row that it cannot use, and prints which row and why. A placeholder such as 2A or W74 is
skipped until the file names the team.

  FILE           a file from github.com/openfootball, for example worldcup.json of 2022
  --dry-run      prints what would be imported and skipped; needs no server
  --url URL      the API (default http://127.0.0.1:4000)
  --token TOKEN  token of an organizer (default: the demo organizer's)

Exit codes: 0 imported, even if rows were skipped; 1 nothing in the file can be imported, or the API refused;
2 wrong usage.`;

const MAX_BYTES = 64_000_000;

export interface Imported {
  readonly teams: number;
  readonly matches: number;
  /** How many of the matches an earlier import had scheduled. */
  readonly known: number;
  /** Rows that the API refused or has with other data, a line each. */
  readonly leftOut: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Creates the competition's teams and matches in the API. Existing ones are kept. Calls `onStep` after each.
 * @throws ApiError when the API accepts none of the matches, or forbids this user to import
 */
export async function importCompetition(api: Api, competition: Competition, onStep: () => void): Promise<Imported> {
  const { name, teams, matches } = competition;
  const ids = new Map<string, string>();
  const leftOut: string[] = [];
  const notes = new Notes();
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
  const known = new Set((await calendar(api, name)).map(({ id }) => id));
  let [scheduled, alreadyThere] = [0, 0];
  await inParallel(matches, 8, async ({ clientId, home, away, kickoffAt, round, group, venue }) => {
    const what = `${printable(home)} – ${printable(away)}`;
    const [homeTeamId, awayTeamId] = [ids.get(home), ids.get(away)];
    if (homeTeamId !== undefined && awayTeamId !== undefined) {
      const input = {
        clientId,
        sport: 'FOOTBALL' as const,
        homeTeamId,
        awayTeamId,
        kickoffAt,
        competition: name,
        round,
        group,
        venue,
      };
      const { scheduleMatch } = await api.request(ScheduleMatch, { input });
      const differs = scheduleMatch.userErrors.some(
        ({ code, field }) => code === 'CONFLICT' && field?.join('.') === 'clientId',
      );
      const refused = differs ? null : refusalOf(what, scheduleMatch);
      if (differs)
        notes.add(
          'it was imported with another kick-off, round, group or venue, and stays as it is',
          `${what}, ${kickoffAt}`,
        );
      if (refused) leftOut.push(refused);
      else scheduled++;
      if (differs || known.has(scheduleMatch.match?.id ?? '')) alreadyThere++;
    } else leftOut.push(`${what}: one of its teams was not imported`);
    onStep();
  });
  if (scheduled === 0) throw new ApiError(`the API accepts no row of ${name}; ${leftOut[0]}`);
  return { teams: ids.size, matches: scheduled, known: alreadyThere, leftOut, notes: notes.lines() };
}

/** Why the API refused one row; null when it accepted it. @throws ApiError when it forbids this user to import */
function refusalOf(
  what: string,
  payload: { userErrors: readonly { code: string; message: string; field?: readonly string[] | null }[] },
): string | null {
  try {
    accepted(what, payload);
    return null;
  } catch (error) {
    if (!(error instanceof ApiError) || payload.userErrors.some(({ code }) => code === 'FORBIDDEN')) throw error;
    return error.message;
  }
}

/** All matches of a competition, by kick-off. */
export async function calendar(api: Api, competition: string) {
  const matches = [];
  let after: string | null | undefined;
  do {
    const { matches: page } = await api.request(CompetitionMatches, { competition, after });
    if (!page) throw new ApiError('the calendar is unavailable');
    matches.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
  return matches;
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
    const parsed = flags({ options: { ...apiFlags, 'dry-run': { type: 'boolean' } }, allowPositionals: true }, HELP);
    if (!parsed) return;
    const [path, ...rest] = parsed.positionals;
    if (!path || rest.length) throw new UsageError('give one file: npm run import -- FILE');
    const { text, name: fileName } = await readFrom(path);
    const competition = readCompetition(text, fileName);
    const { name, teams, matches, rows } = competition;
    if (parsed.values['dry-run']) {
      const counted = count({ teams: teams.length, matches: matches.length }, rows);
      return console.log(
        [...matches.map(line), `${name}: ${counted} would be imported.`, ...lines(competition)].join('\n'),
      );
    }
    const api = new Api({ url: parsed.values.url ?? 'http://127.0.0.1:4000/graphql', token: parsed.values.token });
    const bar = new cliProgress.SingleBar(
      { format: `${name} {bar} {value}/{total}`, noTTYOutput: false },
      cliProgress.Presets.shades_classic,
    );
    bar.start(teams.length + matches.length, 0);
    try {
      const imported = await importCompetition(api, competition, () => bar.increment());
      bar.stop();
      await store(competition, text);
      console.log(
        `${name}: ${count(imported, rows)}${imported.known ? `, ${imported.known} of them already there` : ''}.`,
      );
      for (const said of [...lines(competition), ...lines(imported)]) console.log(said);
      const to = parsed.values.url ? ` --url ${parsed.values.url}` : '';
      console.log(`Play it: npm run replay --${to} --competition ${JSON.stringify(name)} --speed 600`);
    } finally {
      bar.stop();
      await api.close();
    }
  });
}
