import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { addPart, parts } from '../scripts/prisma.mjs';
import { subgraphs } from '../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';

const ROOT = join(import.meta.dirname, '..');
const names = Object.keys(subgraphs);

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase({ migrate: names });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  for (const [part, folder] of Object.entries(parts())) {
    await client.query(
      `CREATE SCHEMA ${part}; SET search_path = ${part}; ${readFileSync(join(folder, 'tables.sql'), 'utf8')}; SET search_path = public`,
    );
  }
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

/**
 * The columns and indexes of the tables of a shared part, such as the outbox, as PostgreSQL stores them in `schema`.
 * The spec compares the schema of a service after its migrations with one that the part's tables.sql creates.
 */
async function tablesOf(part: string, schema: string): Promise<unknown[]> {
  const tables = '(SELECT tablename::text FROM pg_tables WHERE schemaname = $2)';
  const columns = await client.query(
    `SELECT table_name, column_name, data_type, datetime_precision, is_nullable, replace(column_default, $1 || '.', '') AS fallback
     FROM information_schema.columns WHERE table_schema = $1 AND table_name IN ${tables} ORDER BY table_name, column_name`,
    [schema, part],
  );
  const indexes = await client.query(
    `SELECT tablename, indexname, replace(indexdef, ' ' || $1 || '.', ' ') AS definition FROM pg_indexes WHERE schemaname = $1 AND tablename IN ${tables} ORDER BY indexname`,
    [schema, part],
  );
  return [...columns.rows, ...indexes.rows];
}

describe('tables that services have in common', () => {
  for (const name of names) {
    it(`after the migrations of ${name} equal tables.sql`, async () => {
      assert.ok(existsSync(join(ROOT, 'prisma', name, 'outbox.prisma')), `npm run prisma -- ${name} add outbox`);
      for (const [part, folder] of Object.entries(parts())) {
        const link = join(ROOT, 'prisma', name, `${part}.prisma`);
        if (!existsSync(link)) continue;
        assert.equal(await realpath(link), join(folder, 'models.prisma'), `${part}: a link, not a copy`);
        const expected = await tablesOf(part, part);
        assert.ok(expected.length > 3);
        assert.deepEqual(await tablesOf(part, name), expected, part);
      }
    });
  }

  it('are added to a service as a link to their models and a migration', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'prisma-'));
    try {
      await mkdir(join(directory, 'players'));
      const migration = addPart('players', 'outbox', directory);
      assert.match(migration, /players\/migrations\/\d{14}_outbox$/);
      const folder = parts()['outbox'] ?? '';
      assert.equal(
        await readFile(join(migration, 'migration.sql'), 'utf8'),
        await readFile(join(folder, 'tables.sql'), 'utf8'),
      );
      assert.equal(await realpath(join(directory, 'players/outbox.prisma')), join(folder, 'models.prisma'));
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
