import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../../platform/config/config.ts';
import { PostgresEventLog } from '../../platform/messaging/event-log/postgres/postgres.ts';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { Matches } from '../../schema/messages/matches.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { PROJECTIONS } from './projections.ts';
import { rebuild } from './rebuild.ts';
import { command, season } from './rebuild.fixture.ts';

let database: TestDatabase;
let data: string;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase({ migrate: ['matches'] });
  // The stores of the command are all of embedded mode.
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

describe('npm run rebuild', () => {
  it('makes ratings from the log, in the order of kick-off; again it gives the same', async () => {
    const log = new PostgresEventLog({ url: database.url });
    const { home, events } = season();
    try {
      await log.ensureTopics([Matches]);
      for (const outcome of await log.append(events)) assert.ok(outcome.ok);
    } finally {
      await log.close();
    }
    const env = { DATABASE_URL: database.url, PRODVOR_DATA: data };
    const ran = await command(['ratings', '--json'], env);
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
    const { ratings } = PROJECTIONS;
    assert.ok(ratings);
    await rebuild(readConfig({ env }), ratings);
    assert.deepEqual(await changes(home), first);
  });

  it('says what is wrong with the command', async () => {
    for (const args of [[], ['scores'], ['toString'], ['ratings', 'more'], ['ratings', '--nonsense']]) {
      const { code, err } = await command(args);
      assert.deepEqual([code, err.includes('npm run rebuild -- NAME')], [2, true], args.join(' '));
    }
    const { code, out } = await command(['--help']);
    assert.equal(code, 0);
    for (const name of Object.keys(PROJECTIONS)) assert.ok(out.includes(`  ${name} `));
    const away = await command(['ratings'], { DATABASE_URL: 'postgresql://127.0.0.1:1/none', PRODVOR_DATA: data });
    assert.equal(away.code, 1);
  });
});
