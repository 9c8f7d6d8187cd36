import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import pg from 'pg';
import { prisma } from '../../scripts/prisma.mjs';
import { type TestDatabase, createTestDatabase } from '../../test/database.ts';
import { MigrationError, migrate } from './migrate.ts';

let directory = '';
let database: TestDatabase;

async function migration(service: string, name: string, sql: string): Promise<void> {
  const folder = path.join(directory, service, 'migrations', name);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'migration.sql'), sql);
  await writeFile(path.join(folder, '../migration_lock.toml'), 'provider = "postgresql"\n');
}

async function query<R extends pg.QueryResultRow>(sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

const run = (...services: string[]): Promise<number> => migrate({ url: database.url, services, directory });
const refuses =
  (pattern: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof MigrationError);
    assert.match(error.message, pattern);
    assert.ok(!error.message.includes('\n'), 'one line');
    return true;
  };

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'prodvor-migrate-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('migrate', () => {
  beforeEach(async () => {
    await rm(directory, { recursive: true, force: true });
    database = await createTestDatabase();
    await migration(
      'teams',
      '1_init',
      `CREATE TYPE sport AS ENUM ('FOOTBALL'); CREATE TABLE teams (id int PRIMARY KEY, sport sport);`,
    );
    await migration('chat', '1_init', 'CREATE TABLE rooms (id int);');
  });

  afterEach(() => database.drop());

  it('applies pending migrations, each service in its own schema, and nothing twice', async () => {
    const steps: string[] = [];
    assert.equal(
      await migrate({
        url: database.url,
        services: ['teams', 'chat'],
        directory,
        onProgress: (step) => steps.push(step),
      }),
      2,
    );
    assert.deepEqual(steps, ['teams: 1_init', 'chat: 1_init']);
    assert.equal(await run('teams', 'chat'), 0);
    await migration(
      'teams',
      '2_function',
      `CREATE FUNCTION two() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 2; END $$; INSERT INTO teams VALUES (two(), 'FOOTBALL');`,
    );
    assert.equal(await run('teams', 'chat'), 1);
    assert.deepEqual(await query('SELECT id FROM teams.teams'), [{ id: 2 }]);
    assert.deepEqual(
      await query('SELECT migration_name, applied_steps_count FROM teams._prisma_migrations ORDER BY started_at'),
      [
        { migration_name: '1_init', applied_steps_count: 1 },
        { migration_name: '2_function', applied_steps_count: 1 },
      ],
    );
  });

  it('leaves a table that Prisma accepts as its own, and continues where Prisma stopped', async () => {
    await run('teams');
    const url = `${database.url}?schema=teams`;
    const cli = (...args: string[]) => prisma('teams', args, { url, stdio: ['ignore', 'pipe', 'pipe'], directory });
    await writeFile(path.join(directory, 'teams/schema.prisma'), 'datasource db {\n  provider = "postgresql"\n}\n');
    const status = await cli('migrate', 'status');
    assert.match(status.output, /Database schema is up to date/);
    await migration('teams', '2_more', `INSERT INTO teams VALUES (1, 'FOOTBALL');`);
    const deployed = await cli('migrate', 'deploy');
    assert.equal(deployed.code, 0, deployed.output);
    assert.equal(await run('teams'), 0);
  });

  it('rolls back a failing migration, and names service, migration and line', async () => {
    await migration('teams', '2_broken', 'CREATE TABLE half (id int);\nINSERT INTO nowhere VALUES (1);');
    await assert.rejects(
      run('teams', 'chat'),
      refuses(/^Migration 2_broken of service teams failed: relation "nowhere" does not exist \(line 2\)\.$/),
    );
    assert.deepEqual(
      await query(`SELECT to_regclass('teams.half') AS half, to_regclass('teams.teams') IS NOT NULL AS teams`),
      [{ half: null, teams: true }],
    );
    await migration('teams', '2_broken', 'CREATE TABLE half (id int);');
    assert.equal(await run('teams', 'chat'), 2);
  });

  it('refuses migrations that do not match the database', async () => {
    await run('teams');
    await migration('teams', '1_init', 'CREATE TABLE other (id int);');
    await assert.rejects(run('teams'), refuses(/1_init of service teams was changed after/));
    await rm(path.join(directory, 'teams/migrations/1_init'), { recursive: true });
    await assert.rejects(run('teams'), refuses(/database is newer than this version: it has migration 1_init/));
    await query('UPDATE teams._prisma_migrations SET finished_at = NULL');
    await assert.rejects(run('teams'), refuses(/1_init of service teams failed earlier/));
    await assert.rejects(run('nobody'), refuses(/^Service nobody has no migrations/));
  });

  it('is safe for several processes that start at once', async () => {
    const applied = await Promise.all(Array.from({ length: 5 }, () => run('teams', 'chat')));
    assert.deepEqual(applied.sort(), [0, 0, 0, 0, 2]);
  });
});
