import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import pg from 'pg';
import type { Line } from './lines.ts';

/**
 * Dumps every schema of the database: its definitions, rows and sequence values. Needs pg_dump of the server's version
 * or later.
 */
export async function dumpPostgres(url: string): Promise<Line[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET TimeZone = 'UTC'`);
    const lines: Line[] = [...(await definitions(url, 'pre-data'))];
    for (const { table, key } of await tablesOf(client)) {
      const order = key.length > 0 ? key.map((column) => pg.escapeIdentifier(column)).join(', ') : 't::text';
      // to_jsonb would change the text of a json column.
      const { rows } = await client.query<{ row: Record<string, unknown> }>(
        `SELECT row_to_json(t) AS row FROM ${table} t ORDER BY ${order}`,
      );
      const [first] = rows;
      if (first)
        lines.push({ table, columns: Object.keys(first.row) }, ...rows.map(({ row }) => ({ row: Object.values(row) })));
    }
    const { rows: sequences } = await client.query<{ name: string; value: string }>(
      `SELECT format('%I.%I', schemaname, sequencename) AS name, last_value::text AS value FROM pg_sequences WHERE last_value IS NOT NULL ORDER BY 1`,
    );
    for (const { name, value } of sequences) lines.push({ sql: `SELECT pg_catalog.setval('${name}', ${value})` });
    return [...lines, ...(await definitions(url, 'post-data'))];
  } finally {
    await client.end();
  }
}

/** Loads the result of {@link dumpPostgres} into an empty database. The URL's login becomes the owner. */
export async function loadPostgres(url: string, lines: readonly Line[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`BEGIN; SET LOCAL search_path = ''; SET LOCAL check_function_bodies = false`);
    let into: { table: string; columns: readonly string[] } | undefined;
    for (const line of lines) {
      if ('sql' in line) await client.query(line.sql);
      else if ('columns' in line) into = line;
      else if ('row' in line && into) await insert(client, into.table, into.columns, line.row);
    }
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

async function insert(
  client: pg.Client,
  table: string,
  columns: readonly string[],
  row: readonly unknown[],
): Promise<void> {
  const record = Object.fromEntries(columns.map((name, index) => [name, row[index]]));
  const names = columns.map((name) => pg.escapeIdentifier(name)).join(', ');
  await client.query(
    `INSERT INTO ${table} (${names}) OVERRIDING SYSTEM VALUE SELECT ${names} FROM json_populate_record(NULL::${table}, $1)`,
    [JSON.stringify(record)],
  );
}

/** Ordinary tables, and the columns of their primary keys. */
async function tablesOf(client: pg.Client): Promise<{ table: string; key: string[] }[]> {
  const { rows } = await client.query<{ table: string; key: string[] }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS table,
      ARRAY(SELECT a.attname::text FROM pg_index i JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, place) ON true
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.place) AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public') AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY 1`);
  return rows;
}

/** The statements that create the objects, without data. Each line has the statements of one object. */
async function definitions(url: string, section: 'pre-data' | 'post-data'): Promise<Line[]> {
  const args = [
    '--schema-only',
    '--no-owner',
    '--no-privileges',
    '--no-comments',
    `--section=${section}`,
    '--dbname',
    url,
  ];
  const { stdout } = await promisify(execFile)('pg_dump', args, { maxBuffer: 1e8 });
  const [, ...things] = stdout.split(/^--\n-- Name: .*\n--\n/m);
  return things
    .map((text) => ({
      sql: text
        .replace(/^\\.*$/gm, '')
        .replace(/^--.*$/gm, '')
        .trim(),
    }))
    .filter(({ sql }) => sql !== '' && !/^(CREATE|DROP) SCHEMA public/.test(sql));
}
