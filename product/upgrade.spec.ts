import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../platform/config/config.ts';
import { toGlobalId } from '../platform/graphql/global-id.ts';
import type { Principal } from '../platform/identity/principal.ts';
import { MatchesService } from '../subgraphs/matches/matches.service.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { TeamsService } from '../subgraphs/teams/teams.service.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { until } from '../test/network/until.ts';
import { type Product, startProduct } from './product.ts';

let database: TestDatabase;
let data: string;
let pool: pg.Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  data = await mkdtemp(join(tmpdir(), 'product-'));
  pool = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

const start = (): Promise<Product> =>
  startProduct({
    config: readConfig({
      env: { DATABASE_URL: database.url, PRODVOR_DATA: data, LOG_LEVEL: 'error', LOG_FORMAT: 'text' },
    }),
    subgraphs: Object.keys(subgraphs),
    router: true,
    port: 0,
  });
const service = <T>(product: Product, subgraph: string, type: new (...args: never[]) => T): T =>
  product.apps.get(subgraph)?.get<T>(type) ?? assert.fail(subgraph);

describe('teams that were created before matches knew teams', () => {
  it('can be scheduled after the upgrade although the log has dropped their events: they are announced; consumers that know them do nothing', async () => {
    const [owner, organizer]: Principal[] = [
      { userId: randomUUID(), roles: [] },
      { userId: randomUUID(), roles: ['organizer'] },
    ];
    const old = await start();
    const found = (name: string) =>
      service(old, 'teams', TeamsService).create(owner ?? assert.fail(), { clientId: name, name, sport: 'HOCKEY' });
    const teams = [await found('One'), await found('Two')];
    const ids = teams.map(({ id }) => id);
    for (const subgraph of ['chat', 'users']) {
      const handled = async () =>
        (await pool.query(`SELECT 1 FROM ${subgraph}.inbox WHERE topic = 'teams.v1' AND last_seq = 2`)).rowCount === 2;
      assert.ok(await until(`${subgraph} knows the teams`, handled));
    }
    await old.shutdown.stop('the upgrade');

    // Puts the databases into their state before the upgrade: without the new columns and tables, and with an empty
    // log.
    const younger = ['retell', 'snapshots', 'known_teams', 'retell_for_the_version_before']
      .map((name) => `migration_name LIKE '%${name}'`)
      .join(' OR ');
    await pool.query(
      `ALTER TABLE teams.teams DROP COLUMN retell; DROP TABLE matches.known_teams;
      DELETE FROM matches._prisma_migrations WHERE migration_name LIKE '%disbanded_teams'; DELETE FROM matches.inbox; DELETE FROM event_log.events; ${[
        'users',
        'teams',
        'matches',
        'chat',
      ]
        .map(
          (service) => `
      DELETE FROM ${service}._prisma_migrations WHERE ${younger};
      ALTER TABLE ${service}.outbox DROP COLUMN snapshot; CREATE UNIQUE INDEX outbox_topic_key_seq_key ON ${service}.outbox (topic, key, seq);
      ALTER TABLE ${service}.inbox DROP COLUMN incomplete; DROP TABLE ${service}.inbox_group; DROP TABLE ${service}.announcement`,
        )
        .join(';')}`,
    );

    for (const attempt of [1, 2]) {
      const product = await start();
      try {
        const [homeTeamId = '', awayTeamId = ''] = ids.map((id) => toGlobalId('Team', id));
        const input = { sport: 'HOCKEY', homeTeamId, awayTeamId, kickoffAt: new Date() };
        const schedule = () =>
          service(product, 'matches', MatchesService).schedule(organizer ?? assert.fail(), {
            clientId: `match ${attempt}`,
            ...input,
          });
        assert.equal((await until('it is scheduled', schedule)).lastSeq, 1);
        await product.platform?.eventLog.settled();
      } finally {
        await product.shutdown.stop('the test is over');
      }
      const { rows } = await pool.query(
        'SELECT key, seq, type FROM teams.outbox WHERE key = ANY ($1) ORDER BY key, id',
        [ids],
      );
      const told = [
        [1, 'TeamCreated'],
        [2, 'MemberJoinedTeam'],
        [2, 'TeamSnapshot'],
      ];
      assert.deepEqual(
        rows.map(({ key, seq, type }) => [key, seq, type]),
        ids.toSorted().flatMap((id) => told.map((one) => [id, ...one])),
        `start ${attempt}`,
      );
      for (const subgraph of ['chat', 'users', 'matches']) {
        const positions = await pool.query(`SELECT last_seq, parked FROM ${subgraph}.inbox WHERE topic = 'teams.v1'`);
        assert.deepEqual(
          positions.rows,
          ids.map(() => ({ last_seq: 2, parked: false })),
          subgraph,
        );
      }
    }
    const members = await pool.query(`SELECT kind, count(*)::int FROM chat.room_events GROUP BY kind`);
    assert.deepEqual(members.rows, [{ kind: 'JOINED', count: 2 }]);
  });
});
