import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { subgraphs } from '../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';

const ROOT = join(import.meta.dirname, '..');
const names = Object.keys(subgraphs);
const TABLES = ['outbox', 'outbox_lease', 'inbox', 'inbox_parked'];

let database: TestDatabase;
let client: pg.Client;
before(async () => {
  database = await createTestDatabase({ migrate: names });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(`CREATE SCHEMA expected; SET search_path = expected; ${readFileSync(join(ROOT, 'platform/messaging/outbox/tables.sql'), 'utf8')}; SET search_path = public`);
});
after(async () => {
  await client.end();
  await database.drop();
});

/** Columns and indexes of the shared tables, as PostgreSQL keeps them. */
async function tablesOf(schema: string): Promise<unknown[]> {
  const columns = await client.query(
    `SELECT table_name, column_name, data_type, datetime_precision, is_nullable, replace(column_default, $1 || '.', '') AS fallback
     FROM information_schema.columns WHERE table_schema = $1 AND table_name = ANY ($2) ORDER BY table_name, column_name`, [schema, TABLES]);
  const indexes = await client.query(
    `SELECT tablename, indexname, replace(indexdef, ' ' || $1 || '.', ' ') AS definition FROM pg_indexes WHERE schemaname = $1 AND tablename = ANY ($2) ORDER BY indexname`, [schema, TABLES]);
  return [...columns.rows, ...indexes.rows];
}

/** The models of a Prisma schema by name, without comments and blanks. */
function modelsIn(file: string): Map<string, string> {
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/\/\/.*$/gm, '');
  return new Map([...text.matchAll(/^model (\w+) \{([^}]*)\}/gm)].map(([, name = '', body = '']) => [name, body.trim().replace(/\s+/g, ' ')]));
}

describe('each service has the outbox and the inbox of platform/messaging', () => {
  for (const name of names) {
    it(`${name}: its migrations make the tables and indexes of tables.sql`, async () => {
      const expected = await tablesOf('expected');
      assert.ok(expected.length > 30);
      assert.deepEqual(await tablesOf(name), expected);
    });

    it(`${name}: its Prisma schema has the models of models.prisma`, () => {
      const own = modelsIn(`prisma/${name}/schema.prisma`);
      const models = modelsIn('platform/messaging/outbox/models.prisma');
      assert.equal(models.size, TABLES.length);
      for (const [model, body] of models) assert.equal(own.get(model), body, model);
    });
  }
});
