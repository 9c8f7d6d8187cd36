import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import pg from 'pg';

const ROOT = path.join(import.meta.dirname, '../..');

/** Runs the command in a process of its own, as `npm run seed` does. */
export async function command(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  timeout = 240_000,
): Promise<{ code: number | null; out: string; err: string }> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(
    process.execPath,
    ['--import', path.join(ROOT, 'loader.mjs'), path.join(ROOT, 'product/seed/cli.ts'), ...args],
    { cwd: ROOT, env: { PATH, HOME, ...env }, timeout },
  );
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** Columns that differ between installations with the same seed: times of writing and hashes of passwords. */
const OWN = ['appended_at', 'password_hash', 'pruned_at'];
const NOT_SEEDED = ['_prisma_migrations', 'rebuild_runs', 'signing_keys', 'nobody', 'sessions', 'group_members'];

/**
 * Texts in the rows of timers that migrations set. These rows are left out: their times differ between installations.
 */
const OWN_TIMERS = [
  '"name": "cleaning-due"',
  '"key": "all", "name": "events-expire"',
  '"key": "all", "name": "parts-expire"',
];

export type Dump = ReadonlyMap<string, readonly string[]>;

/**
 * The rows of all tables of these schemas, sorted, by table. They are without the columns {@link OWN}, the tables
 * {@link NOT_SEEDED} and `without`, and the timers of migrations.
 */
export async function dump(url: string, schemas: readonly string[], without: readonly string[] = []): Promise<Dump> {
  return withClient(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname = ANY ($1) AND NOT tablename = ANY ($2) AND NOT format('%I.%I', schemaname, tablename) = ANY ($3) ORDER BY 1`,
      [schemas, NOT_SEEDED, without],
    );
    const all = new Map<string, readonly string[]>();
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT (to_jsonb(t) - $1::text[])::text AS row FROM ${name} t`,
        [OWN],
      );
      all.set(
        name,
        rows
          .map(({ row }) => row)
          .filter((row) => !OWN_TIMERS.some((part) => row.includes(part)))
          .sort(),
      );
    }
    return all;
  });
}

export async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
