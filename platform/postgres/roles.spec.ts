import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import pg from 'pg';
import { type TestDatabase, createTestDatabase } from '../../test/database.ts';
import { PostgresEventLog } from '../messaging/event-log/postgres/postgres.ts';
import { LocalIssuer } from '../identity/local-issuer.ts';
import { PostgresJobQueue } from '../messaging/job-queue/postgres/postgres.ts';
import { migrate } from './migrate.ts';
import { openRoles, provideRoles, roleOf, rolesOf, warnOfSuperuser } from './roles.ts';

/** All services. */
const SERVICES = readdirSync(path.join(import.meta.dirname, '../../prisma'));
const SCHEMAS = [...SERVICES, 'event_log', 'job_queue', 'identity'];

async function query<R extends pg.QueryResultRow>(url: string, sql: string, values: unknown[] = []): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<R>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** Every schema, relation, type and routine of these schemas that does not belong to the schema's own role. */
async function strangers(database: TestDatabase): Promise<unknown[]> {
  const name = new URL(database.url).pathname.slice(1);
  return query(
    database.url,
    `
    WITH owned AS (
      SELECT n.nspname AS schema, n.nspname AS what, n.nspowner AS owner FROM pg_namespace n
      UNION ALL SELECT n.nspname, c.relname, c.relowner FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      UNION ALL SELECT n.nspname, t.typname, t.typowner FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      UNION ALL SELECT n.nspname, p.proname, p.proowner FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    )
    SELECT schema, what, owner::regrole::text FROM owned JOIN unnest($1::text[], $2::text[]) AS w(name, role) ON w.name = schema
    WHERE owner IS DISTINCT FROM (SELECT oid FROM pg_roles WHERE rolname = role)`,
    [SCHEMAS, SCHEMAS.map((schema) => roleOf(name, schema))],
  );
}

/** Creates what a product with one login for everything would have created. */
async function fill(url: string): Promise<void> {
  await migrate({ url, services: SERVICES });
  const log = new PostgresEventLog({ url });
  await log.ensureTopics([{ name: 'teams.v1', partitions: 8, retentionHours: null, cleanup: 'delete' }]);
  await log.close();
  const jobs = await PostgresJobQueue.open({ database: url });
  await jobs.ensureQueues([{ name: 'email-sender', maxDeliveries: 2, retryDelayMs: 100 }]);
  await jobs.close();
  const pool = new pg.Pool({ connectionString: url });
  await LocalIssuer.start({ pool, issuer: 'http://127.0.0.1/identity' });
  await pool.end();
  await query(
    url,
    `CREATE FUNCTION chat.two() RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE VIEW chat.names AS SELECT 1 AS one; CREATE DOMAIN chat.short AS text; CREATE TYPE chat.pair AS (a int, b int)`,
  );
}

describe('roles of the services', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  it('own their schema with everything that a single login had created, and everything works with them', async () => {
    await fill(database.url);
    assert.notEqual((await strangers(database)).length, 0);
    for (const _ of [1, 2]) {
      const { urlOf, provided } = await openRoles(database.url, SCHEMAS, assert.fail);
      assert.ok(provided);
      assert.deepEqual(await strangers(database), []);
      for (const service of SERVICES) assert.equal(await migrate({ url: urlOf(service), services: [service] }), 0);
      const log = new PostgresEventLog({ url: urlOf('event_log') });
      await log.ensureTopics([{ name: 'chat.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' }]);
      await log.close();
      const jobs = await PostgresJobQueue.open({ database: urlOf('job_queue'), createSchema: false });
      await jobs.ensureQueues([{ name: 'more', maxDeliveries: 2, retryDelayMs: 100 }]);
      await jobs.close();
    }
  });

  it('create everything themselves in an empty database', async () => {
    const { urlOf } = await openRoles(database.url, SCHEMAS, assert.fail);
    for (const service of SERVICES) {
      assert.equal(
        await migrate({ url: urlOf(service), services: [service] }),
        readdirSync(path.join(import.meta.dirname, '../../prisma', service, 'migrations'), {
          withFileTypes: true,
        }).filter((entry) => entry.isDirectory()).length,
      );
    }
    assert.deepEqual(await strangers(database), []);
  });

  it("cannot reach each other's data", async () => {
    await fill(database.url);
    const { urlOf } = await openRoles(database.url, SCHEMAS, assert.fail);
    const denied = { code: '42501' };
    const tables = await query<{ schema: string; name: string }>(
      database.url,
      `SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname = ANY ($1)`,
      [SCHEMAS],
    );
    for (const own of SCHEMAS) {
      const url = urlOf(own);
      for (const { schema, name } of tables) {
        const read = query(url, `SELECT 1 FROM ${schema}."${name}" LIMIT 1`);
        if (schema === own) await read;
        else await assert.rejects(read, denied, `${own} reads ${schema}.${name}`);
      }
    }
    const other = new URL(urlOf('chat')).username;
    for (const sql of [
      'UPDATE chat.rooms SET last_seq = 0',
      'DROP TABLE chat.rooms',
      'CREATE SCHEMA mine',
      'CREATE ROLE mine SUPERUSER',
      `SET ROLE "${other}"`,
      `ALTER ROLE "${other}" PASSWORD 'x'`,
      'CREATE TABLE public.mine ()',
      'CREATE DATABASE mine',
      `COPY (SELECT 1) TO PROGRAM 'true'`,
      `SELECT pg_read_file('/etc/passwd')`,
      'SELECT * FROM pg_authid',
      'GRANT USAGE ON SCHEMA chat TO PUBLIC',
    ])
      await assert.rejects(query(urlOf('users'), sql), denied, sql);
  });

  it('get new passwords when other ones are given', async () => {
    const [old, made] = await Promise.all([
      provideRoles({ url: database.url, schemas: ['users'], passwordOf: () => 'one of them' }),
      provideRoles({ url: database.url, schemas: ['chat'], passwordOf: () => 'of chat' }),
    ]);
    const fresh = await provideRoles({ url: database.url, schemas: ['users'], passwordOf: () => 'an:o/th@er' });
    await assert.rejects(query(old.get('users') ?? '', 'SELECT 1'), { code: '28P01' });
    assert.deepEqual(await query(fresh.get('users') ?? '', 'SELECT 1 AS one'), [{ one: 1 }]);
    assert.deepEqual(await query(made.get('chat') ?? '', 'SELECT 1 AS one'), [{ one: 1 }]);
  });

  it('get the passwords that an administrator configures, one for each service', async () => {
    const services = ['users', 'chat'];
    const lines: string[] = [];
    const tell = (line: string): void => void lines.push(line);
    const roles = (...passwords: [string, string][]) =>
      rolesOf({ url: database.url, services, passwords, onShared: tell });
    await assert.rejects(roles(['users', 'one'], ['ghosts', 'two']), {
      name: 'ConfigError',
      message: 'DATABASE_PASSWORDS has no password for chat\nDATABASE_PASSWORDS: there is no service ghosts',
    });
    const urlOf = await roles(['users', 'one of them'], ['chat', 'another']);
    assert.equal(new URL(urlOf('chat')).password, 'another');
    assert.deepEqual(
      await query(urlOf('users'), 'SELECT current_user = $1 AS own', [
        roleOf(new URL(database.url).pathname.slice(1), 'users'),
      ]),
      [{ own: true }],
    );
    assert.deepEqual(lines, []);
    assert.equal((await roles())('chat'), database.url);
    assert.deepEqual(lines, ['The services share one login to the database: DATABASE_PASSWORDS is missing']);
    for (const url of [urlOf('users'), database.url]) await warnOfSuperuser(url, tell);
    assert.equal(lines.length, 2);
    assert.match(
      String(lines[1]),
      /^DATABASE_URL is the login of the superuser \w+: give this process the role of its service/,
    );
  });

  it('have valid names', () => {
    assert.equal(roleOf('prodvor', 'users'), 'prodvor_users');
    const long = 'ä'.repeat(31);
    assert.ok(Buffer.byteLength(roleOf(long, 'event_log')) <= 63);
    assert.notEqual(roleOf(long, 'users'), roleOf(`${long}x`, 'users'));
  });
});

describe('a login that is not a superuser', () => {
  let database: TestDatabase;
  const name = `test_admin_${process.pid}`;
  const as = (url: string): string => Object.assign(new URL(url), { username: name, password: 'x' }).toString();
  beforeAll(async () => {
    database = await createTestDatabase();
    await query(database.url, `CREATE ROLE ${name} LOGIN PASSWORD 'x'`);
  });
  afterAll(async () => {
    await database.drop();
    const { pathname } = new URL(database.url);
    await query(database.url.replace(pathname, '/postgres'), `DROP ROLE ${name}`);
  });

  it('is used for everything, with one warning, unless it may create roles', async () => {
    const lines: string[] = [];
    const one = await openRoles(as(database.url), SCHEMAS, (line) => lines.push(line));
    assert.deepEqual([one.urlOf('users'), one.provided], [as(database.url), false]);
    assert.deepEqual(lines, [`The services share one login to the database: the role ${name} may not create roles`]);

    await query(
      database.url,
      `ALTER ROLE ${name} CREATEROLE; ALTER DATABASE "${new URL(database.url).pathname.slice(1)}" OWNER TO ${name}`,
    );
    await fill(as(database.url));
    const { urlOf, provided } = await openRoles(as(database.url), SCHEMAS, assert.fail);
    assert.ok(provided);
    assert.deepEqual(await strangers(database), []);
    await assert.rejects(query(urlOf('users'), 'SELECT 1 FROM chat.rooms'), { code: '42501' });
  });

  it('and a login without a password is used too', async () => {
    const lines: string[] = [];
    await openRoles('postgresql://prodvor@127.0.0.1/prodvor', SCHEMAS, (line) => lines.push(line));
    assert.deepEqual(lines, ['The services share one login to the database: DATABASE_URL has no password']);
  });
});
