// Raw SQL that lists columns must not miss a new column of a table. The column would stay null, or be missing in the
// result, and nobody would notice.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { prepareDatabase } from '../platform/identity/local-accounts.ts';
import { INSTALL } from '../platform/messaging/event-log/postgres/postgres-sql.ts';
import { columnsOf } from '../platform/postgres/columns.ts';
import { parts } from '../scripts/prisma.mjs';
import { Prisma } from '../subgraphs/chat/generated/prisma/client.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';

const ROOT = join(import.meta.dirname, '..');

/** Columns without a default that are null in a new row, and filled later. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  accounts: ['failed_at', 'locked_until'],
  announcement: ['after_key', 'error', 'finished_at'],
  deliveries: ['handed_at'],
  group_partitions: ['member'],
  inboxes: ['forgotten_until'],
  mailing_recipients: ['reason', 'retry_at'],
  notifications: ['read_at'],
  read_marks: ['missed_seq'],
  rebuild_runs: ['error', 'figures', 'finished_at', 'seen_at', 'started_at', 'step'],
  outbox: ['last_error', 'parked_at', 'published_at'],
  timers: ['last_error', 'next_attempt_at', 'parked_at'],
  topics: ['retention_days'], // of programs before retention_hours
};
/** A table of Prisma itself. */
const NOT_OURS = ['_prisma_migrations'];

/**
 * Finds aggregates. A SELECT list with an aggregate belongs to a GROUP BY, and need not list all columns of a table.
 */
const GROUPING = /^(?:sum|count|coalesce)\(/;

interface Insert {
  readonly file: string;
  readonly table: string;
  readonly columns: readonly string[];
}

let database: TestDatabase;
/** Columns without a default, by table. */
const plain = new Map<string, Set<string>>();
beforeAll(async () => {
  database = await createTestDatabase({ migrate: Object.keys(subgraphs) });
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  try {
    await prepareDatabase(pool, async () => ({ kid: 'test', pem: 'test' }));
    await pool.query(INSTALL);
    // The tables of the shared parts are created here, because not all services have all of them.
    for (const [part, folder] of Object.entries(parts()))
      await pool.query(
        `CREATE SCHEMA ${part}; SET search_path = ${part}; ${readFileSync(join(folder, 'tables.sql'), 'utf8')}; RESET search_path`,
      );
    const { rows } = await pool.query<{ table: string; column: string }>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND column_default IS NULL AND is_identity = 'NO'`,
    );
    for (const { table, column } of rows) plain.set(table, (plain.get(table) ?? new Set()).add(column));
  } finally {
    await pool.end();
  }
});
afterAll(() => database.drop());

/**
 * The table that SQL in this source names: literally, or by a constant or field that `qualified(schema, '…')` created.
 */
function tableIn(source: string, name: string): string {
  const [, direct] = /^(?:\$\{\w+\}|\w+)\.(\w+)$/.exec(name) ?? /^\$\{qualified\(\w+, '(\w+)'\)\}$/.exec(name) ?? [];
  if (direct) return direct;
  const [, variable = name] = /^\$\{(?:this\.)?(#?\w+)(?:\(\w+\))?\}$/.exec(name) ?? [];
  const [, made] = new RegExp(`${variable} = (?:qualified\\([^,]+, '|[^;\\n]*\\.)(\\w+)`).exec(source) ?? [];
  assert.ok(made, `which table is ${name}?`);
  return made;
}

function insertsIn(file: string): Insert[] {
  const source = readFileSync(join(ROOT, file), 'utf8');
  return [...source.matchAll(/INSERT INTO\s+((?:\$\{[^}]*\}|[\w.])+)(?:\s+AS\s+\w+)?\s*\(([^)]*)\)/g)].map(
    ([, name = '', columns = '']) => ({
      file,
      table: tableIn(source, name),
      columns: columns.split(',').map((column) => column.trim().replaceAll('"', '')),
    }),
  );
}

/** The columns without a default that an INSERT leaves out. */
const forgotten = ({ table, columns }: Insert): string[] =>
  [...(plain.get(table) ?? assert.fail(`there is no table ${table}`))].filter(
    (column) => !columns.includes(column) && !LATER[table]?.includes(column),
  );

const sources = globSync(['platform/**/*.ts', 'subgraphs/**/*.ts'], {
  cwd: ROOT,
  exclude: (name) => name === 'generated',
}).filter((file) => !/\.(spec|fixture|testing)\.ts$|contract[^/]*\.ts$/.test(file));

describe('raw SQL that lists columns', () => {
  it('gives a new row every column without a default, or lists it as filled later', () => {
    const inserts = sources.flatMap(insertsIn).filter(({ table }) => !NOT_OURS.includes(table));
    assert.ok(
      inserts.length > 8 &&
        inserts.some(({ table }) => table === 'outbox') &&
        inserts.some(({ table }) => table === 'inbox_parked'),
    );
    for (const insert of inserts) {
      assert.deepEqual(
        forgotten(insert),
        [],
        `${insert.file} inserts into ${insert.table} without these columns: add them there, or to LATER here`,
      );
      const [first = '', ...others] = insert.columns;
      if (plain.get(insert.table)?.has(first) && !LATER[insert.table]?.includes(first))
        assert.deepEqual(forgotten({ ...insert, columns: others }), [first], 'it would be noticed');
    }
    for (const [table, columns] of Object.entries(LATER))
      for (const column of columns)
        assert.ok(plain.get(table)?.has(column), `${table}.${column} is no such column any more`);
  });

  it('relays every column of the outbox', () => {
    // The relay does not use SELECT *: its statement is prepared, and would fail while a migration adds a column.
    const [, list = ''] =
      /SELECT (o\.[^\n]+),\n/.exec(readFileSync(join(ROOT, 'platform/messaging/outbox/relay-store.ts'), 'utf8')) ?? [];
    const read = list.split(', ').map((column) => column.replace('o.', ''));
    const [insert] = sources.flatMap(insertsIn).filter(({ table }) => table === 'outbox');
    assert.deepEqual(
      insert?.columns.filter((column) => !read.includes(column)),
      [],
    );
  });

  it('reads a whole row of Prisma by its model, not by a list', () => {
    const lists = sources
      .filter((file) => file.startsWith('subgraphs/'))
      .flatMap((file) => {
        const text = readFileSync(join(ROOT, file), 'utf8');
        return [...text.matchAll(/(?:SELECT|RETURNING)\s+(?:[\w."]+(?:\s+AS\s+"?\w+"?)?\s*,\s*){2,}/g)]
          .filter(({ 0: list, index }) => !GROUPING.test(text.slice(index + list.length)))
          .map(([list]) => `${file}: ${list.trim()} … is columnsOf(Prisma.…ScalarFieldEnum)`);
      });
    assert.deepEqual(lists, []);
    assert.equal(columnsOf(Prisma.RoomMemberScalarFieldEnum), '"room_id" AS "roomId", "user_id" AS "userId"');
  });
});
