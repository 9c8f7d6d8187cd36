// Threat: somebody runs SQL through a hole in one service, or has its password. Safe means:
// - the service's login cannot read, change or drop data of another service, of the event log, the queue or the issuer;
// - it can become no other role, create no role, schema or database, and read no file of the server;
// - no connection of the running product has more rights, even on a database that an older version created with one
//   login for all services.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../../platform/config/config.ts';
import { roleOf } from '../../platform/postgres/roles.ts';
import { type Product, startProduct } from '../../product/product.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';

const services = Object.keys(subgraphs);
const schemas = [...services, 'event_log', 'job_queue', 'identity'];

describe('the database login of one service', () => {
  let database: TestDatabase;
  let data: string;
  let product: Product;
  let admin: pg.Pool;
  const denied = { code: '42501' };
  beforeAll(async () => {
    // This database has the state that an older version left: one login owns everything.
    database = await createTestDatabase({ migrate: services });
    admin = new pg.Pool({ connectionString: database.url, max: 1 });
    data = await mkdtemp(join(tmpdir(), 'product-'));
    const config = readConfig({
      env: { DATABASE_URL: database.url, PRODVOR_DATA: data, LOG_LEVEL: 'error', LOG_FORMAT: 'text' },
    });
    product = await startProduct({ config, subgraphs: services, router: true, port: 0 });
  });
  afterAll(async () => {
    await product?.shutdown.stop('test');
    await admin?.end();
    await database?.drop();
    await rm(data, { recursive: true, force: true });
  });

  async function as(schema: string, sql: string): Promise<unknown> {
    const client = new pg.Client({ connectionString: product.platform?.databaseUrlOf(schema) });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  it('reaches no table of another service', async () => {
    const { rows } = await admin.query<{ schema: string; name: string }>(
      'SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname = ANY ($1)',
      [schemas],
    );
    for (const schema of schemas)
      assert.ok(
        rows.some((table) => table.schema === schema),
        schema,
      );
    for (const own of schemas) {
      // A statement with several tables would fail at the first, so each table gets its own statement.
      for (const { schema, name } of rows) {
        const table = `${schema}."${name}"`;
        if (schema === own) await as(own, `SELECT 1 FROM ${table} LIMIT 1`);
        else
          for (const sql of [`SELECT 1 FROM ${table} LIMIT 1`, `DROP TABLE ${table}`])
            await assert.rejects(as(own, sql), denied, `${own}: ${sql}`);
      }
    }
  });

  it('cannot become another role or read files of the server', async () => {
    const other = pg.escapeIdentifier(roleOf(new URL(database.url).pathname.slice(1), 'chat'));
    for (const sql of [
      `SET ROLE ${other}`,
      `ALTER ROLE ${other} PASSWORD 'x'`,
      'SET ROLE prodvor',
      'CREATE ROLE mine SUPERUSER',
      'ALTER ROLE CURRENT_USER SUPERUSER',
      'CREATE SCHEMA mine',
      'CREATE TABLE public.mine ()',
      'CREATE DATABASE mine',
      'GRANT USAGE ON SCHEMA chat TO PUBLIC',
      `COPY (SELECT 1) TO PROGRAM 'true'`,
      `SELECT pg_read_file('/etc/passwd')`,
      'SELECT rolpassword FROM pg_authid',
    ])
      await assert.rejects(as('users', sql), denied, sql);
  });

  it('is the only login that its part of the running product uses', async () => {
    const register = await fetch(`${product.origin}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        username: 'zoe-of-the-roles',
        email: 'zoe@prodvor.example',
        password: 'a horse of correct colours',
      }),
    });
    assert.equal(register.status, 201, await register.text());
    const { rows } = await admin.query<{ role: string }>(
      'SELECT DISTINCT usename::text AS role FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    const name = new URL(database.url).pathname.slice(1);
    assert.deepEqual(rows.map(({ role }) => role).sort(), schemas.map((schema) => roleOf(name, schema)).sort());
  });
});
