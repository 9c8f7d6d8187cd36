import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../../platform/config/config.ts';
import { startEmbeddedPostgres } from '../../platform/embedded-database/embedded.ts';
import { PostgresEventLog } from '../../platform/messaging/event-log/postgres/postgres.ts';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { Matches } from '../../schema/messages/matches.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { PROJECTIONS } from './projections.ts';
import { rebuild } from './rebuild.ts';
import { begin, command, season } from './rebuild.fixture.ts';

let database: TestDatabase;
let data: string;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase({ migrate: ['matches'] });
  // The command opens all stores of embedded mode, so the tables of the job queue must exist.
  await (await PostgresJobQueue.open({ database: database.url })).close();
  data = await mkdtemp(join(tmpdir(), 'rebuild-'));
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

const changes = async (teamId: string): Promise<number[]> =>
  (
    await pool.query<{ mu: number }>(
      'SELECT mu FROM matches.rating_changes WHERE subject_id = $1 ORDER BY kickoff_at',
      [teamId],
    )
  ).rows.map(({ mu }) => Number(mu.toFixed(4)));

/** Appends the events of a season. Resolves to the id of the team that won all of its matches. */
async function played(url: string): Promise<string> {
  const log = new PostgresEventLog({ url });
  const { home, events } = season();
  try {
    await log.ensureTopics([Matches]);
    for (const outcome of await log.append(events)) assert.ok(outcome.ok);
  } finally {
    await log.close();
  }
  return home;
}

describe('npm run rebuild', () => {
  it('makes ratings from the log, in the order of kick-off; again it gives the same', async () => {
    const home = await played(database.url);
    const env = { DATABASE_URL: database.url, PRODVOR_DATA: data };
    const ran = await command(['ratings', '--here', '--json'], env);
    assert.equal(ran.code, 0, ran.err);
    const { took, ...figures } = JSON.parse(ran.out) as Record<string, unknown>;
    assert.deepEqual(figures, { name: 'ratings', events: 9, matches: 3, rows: 9, late: 0 });
    assert.ok(Number(took) > 0);
    const first = await changes(home);
    assert.equal(first.length, 3);
    assert.deepEqual(
      first,
      first.toSorted((a, b) => a - b),
      'it won all of them',
    );
    await pool.query('DELETE FROM matches.rating_changes');
    assert.equal((await rebuild(readConfig({ env }), 'ratings', { here: true })).state, 'DONE');
    assert.deepEqual(await changes(home), first);
  });

  it('goes on after a command that was killed while it did the work itself', async () => {
    const env = { DATABASE_URL: database.url, PRODVOR_DATA: data };
    const holder = await pool.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE matches.team_results IN ACCESS EXCLUSIVE MODE');
      const killed = begin(['statistics', '--here'], env);
      for (let state; state !== 'RUNNING';) {
        const { rows } = await pool.query<{ state: string }>(
          `SELECT state FROM matches.rebuild_runs WHERE name = 'statistics' AND step = 'REPLACING'`,
        );
        state = rows[0]?.state;
      }
      killed.kill();
      await killed.ended;
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    const ran = await command(['statistics', '--here'], env);
    assert.equal(ran.code, 0, ran.err);
    const shown = await command(['--status'], env);
    assert.match(shown.out, /statistics +DONE +9 events.*\n.*statistics +FAILED +.*The process of the command ended$/m);
    assert.match(shown.err, /The tables of tournaments are missing or old/);
  });

  it('says what is wrong with the command', async () => {
    const wrong = [
      [],
      ['scores'],
      ['toString'],
      ['ratings', 'more'],
      ['ratings', '--nonsense'],
      ['--cancel'],
      ['ratings', '--here', '--no-wait'],
    ];
    for (const { code, err } of await Promise.all(wrong.map((args) => command(args))))
      assert.deepEqual([code, err.includes('npm run rebuild -- NAME')], [2, true], err);
    const { code, out } = await command(['--help']);
    assert.equal(code, 0);
    for (const [name, { job }] of Object.entries(PROJECTIONS)) {
      assert.ok(out.includes(`  ${name} `));
      assert.ok(out.includes(`${name}: ${job.queue.name}`));
    }
    const away = await command(['ratings'], { DATABASE_URL: 'postgresql://127.0.0.1:1/none', PRODVOR_DATA: data });
    assert.equal(away.code, 1);
  });

  it('does the work itself when the product is stopped', async () => {
    const own = await mkdtemp(join(tmpdir(), 'rebuild-stopped-'));
    if (process.geteuid?.() === 0) await chmod(own, 0o711);
    try {
      const server = await startEmbeddedPostgres({ directory: own });
      try {
        await migrate({ url: server.url, services: ['matches'] });
        await (await PostgresJobQueue.open({ database: server.url })).close();
        await played(server.url);
      } finally {
        await server.stop();
      }
      const ran = await command(['ratings', '--json', '--data', own]);
      assert.equal(ran.code, 0, ran.err);
      const { took: _took, ...figures } = JSON.parse(ran.out) as Record<string, unknown>;
      assert.deepEqual(figures, { name: 'ratings', events: 9, matches: 3, rows: 9, late: 0 });
      // It enqueues for the next start, if it must not wait.
      assert.equal((await command(['ratings', '--no-wait', '--data', own])).code, 0);
      const status = await command(['--status', '--data', own]);
      assert.match(status.out, /ratings +QUEUED$/m);
    } finally {
      await rm(own, { recursive: true, force: true });
    }
  }, 120_000);
});
