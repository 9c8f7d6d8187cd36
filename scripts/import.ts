import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import cliProgress from 'cli-progress';
import { Api, ApiError, UsageError, accepted, apiFlags, command, flags, inParallel } from './competition/api.ts';
import { createHash } from 'node:crypto';
import { type Competition, readCompetition } from './competition/openfootball.ts';
import { CompetitionMatches, CreateTeam, ScheduleMatch } from './competition/operations.ts';
import { store } from './competition/stored.ts';

const HELP = `npm run import -- FILE [--url URL] [--token TOKEN]

Takes a competition in the openfootball JSON format: teams and matches, through the public API. Running it again changes nothing.
The file is taken whole or not at all; what it says that could not be taken is listed at the end.

  FILE           a file from github.com/openfootball, for example worldcup.json of 2022
  --url URL      the API (default http://127.0.0.1:4000/graphql)
  --token TOKEN  of an organizer (default: the demo organizer's)`;

/** Teams and matches of a competition are in the API afterwards. `onStep` is called after each of them. */
export async function importCompetition(api: Api, competition: Competition, onStep: () => void): Promise<{ teams: number; matches: number; known: number }> {
  const { name, teams, matches } = competition;
  const ids = new Map<string, string>();
  await inParallel(teams, 8, async (team) => {
    const clientId = createHash('sha256').update(JSON.stringify(['team', name, team])).digest('base64url');
    const { createTeam } = await api.request(CreateTeam, { input: { clientId, name: team, sport: 'FOOTBALL' } });
    ids.set(team, accepted(team, createTeam).team?.id ?? '');
    onStep();
  });
  const known = new Set((await calendar(api, name)).map(({ id }) => id));
  let alreadyThere = 0;
  await inParallel(matches, 8, async ({ clientId, home, away, kickoffAt, round, group, venue }) => {
    const { scheduleMatch } = await api.request(ScheduleMatch, {
      input: { clientId, sport: 'FOOTBALL', homeTeamId: ids.get(home) ?? '', awayTeamId: ids.get(away) ?? '', kickoffAt, competition: name, round, group, venue },
    });
    if (known.has(accepted(`${home} – ${away}`, scheduleMatch).match?.id ?? '')) alreadyThere++;
    onStep();
  });
  return { teams: teams.length, matches: matches.length, known: alreadyThere };
}

/** Every match of a competition, by kick-off. */
export async function calendar(api: Api, competition: string) {
  const matches = [];
  let after: string | null | undefined;
  do {
    const { matches: page } = await api.request(CompetitionMatches, { competition, after });
    if (!page) throw new ApiError('the calendar cannot be read now');
    matches.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  } while (after);
  return matches;
}

if (import.meta.main) {
  await command(async () => {
    const parsed = flags({ options: apiFlags, allowPositionals: true }, HELP);
    if (!parsed) return;
    const [path, ...rest] = parsed.positionals;
    if (!path || rest.length) throw new UsageError('give one file: npm run import -- FILE');
    const text = await readFile(resolve(process.env.INIT_CWD ?? '', path), 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${path} cannot be read: ${error.code}`);
    });
    const competition = readCompetition(text);
    const api = new Api({ url: parsed.values.url ?? 'http://127.0.0.1:4000/graphql', token: parsed.values.token });
    const bar = new cliProgress.SingleBar({ format: `${competition.name} {bar} {value}/{total}`, noTTYOutput: false }, cliProgress.Presets.shades_classic);
    bar.start(competition.teams.length + competition.matches.length, 0);
    try {
      const { teams, matches, known } = await importCompetition(api, competition, () => bar.increment());
      bar.stop();
      await store(competition, text);
      console.log(`${competition.name}: ${teams} teams and ${matches} matches${known ? `, ${known} of them already there` : ''}.`);
      for (const line of competition.notTaken) console.log(`not taken: ${line}`);
      console.log(`Play it: npm run replay -- --competition ${JSON.stringify(competition.name)} --speed 600`);
    } finally {
      bar.stop();
      await api.close();
    }
  });
}
