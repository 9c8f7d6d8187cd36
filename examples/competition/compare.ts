import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Api, API_HELP, apiFlags, ApiError, apiOf, command, flags, UsageError } from './api.ts';
import { calendar } from './calendar.ts';
import { compareTables, type Published, readPublished } from './published.ts';
import { tablesOf } from './tournament.ts';

const HELP = `npm run compare -- FILE --competition NAME [--url URL] [--refresh-token TOKEN]

Compares the tables of an imported competition with the tables that were published of it: every row and every column.
Compares again while the tables still change, and for 30 seconds after that.

  FILE                JSON of the published tables: { "standings": [row] } of a league, or
                      { "groups": [{ "name", "standings": [row] }] } of a cup. A row has rank, team, played, won, drawn,
                      lost, scoreFor, scoreAgainst and points
  --competition NAME  the name that the import printed, for example "World Cup 2022"
${API_HELP}

Exit codes: 0 all rows are equal; 1 there are differences, or no tables; 2 wrong usage.`;

/** Tables that have not changed for this long are compared as they are. Milliseconds. */
const QUIET_MS = 30_000;

/**
 * Compares the tables with the published ones, again and again while the tables still change. Tables change a moment
 * after a result was entered, and later when hundreds of results were entered together.
 */
async function settled(api: Api, id: string, published: Published) {
  let last = '';
  let changedAt = performance.now();
  for (;;) {
    const tables = (await tablesOf(api, id)).flat();
    const compared = compareTables(tables, published);
    const now = JSON.stringify(tables);
    if (now !== last) [last, changedAt] = [now, performance.now()];
    if (compared.differences.length === 0 || performance.now() - changedAt > QUIET_MS) return compared;
    await sleep(1_000);
  }
}

if (import.meta.main) {
  await command(async () => {
    const parsed = flags({ options: { ...apiFlags, competition: { type: 'string' } }, allowPositionals: true }, HELP);
    if (!parsed) return;
    const [path, ...rest] = parsed.positionals;
    const { competition: name } = parsed.values;
    if (!path || rest.length > 0 || !name) throw new UsageError('npm run compare -- FILE --competition NAME');
    const text = await readFile(resolve(process.env.INIT_CWD ?? '', path), 'utf8').catch((error: unknown) => {
      throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
    });
    const published = readPublished(text);
    const api = apiOf(parsed.values);
    try {
      const id = (await calendar(api, name)).find(({ tournament }) => tournament)?.tournament?.id;
      if (!id) throw new ApiError(`there is no tournament "${name}"`);
      const { equal, rows, differences } = await settled(api, id, published);
      console.log(`${name}: ${equal} of ${rows} rows as published`);
      for (const line of differences) console.log(`  ${line}`);
      if (differences.length > 0) process.exitCode = 1;
    } finally {
      await api.close();
    }
  });
}
