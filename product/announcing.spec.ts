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
import { Announcer } from '../platform/messaging/announcements/announcer.ts';
import { snapshotOf } from '../platform/messaging/definitions.ts';
import { topics } from '../schema/messages/index.ts';
import { MatchesService } from '../subgraphs/matches/matches.service.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { InvitationsService } from '../subgraphs/teams/invitations.service.ts';
import { MembersService } from '../subgraphs/teams/members.service.ts';
import { TeamsService } from '../subgraphs/teams/teams.service.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { until } from '../test/network/until.ts';
import { messages } from './messages/messages.fixture.ts';
import { type Product, startProduct } from './product.ts';
import { afterTest } from '../test/after-test.ts';

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
const person = (...roles: Principal['roles']): Principal & { userId: string } => ({ userId: randomUUID(), roles });
const rows = async (text: string, ...values: unknown[]): Promise<unknown[][]> =>
  (await pool.query({ text, values, rowMode: 'array' })).rows;
const announce = (topic: string) => messages(['announce', topic], { env: { DATABASE_URL: database.url } });

describe('a consumer that is newer than the oldest event in the event log', () => {
  it('receives the state of every key; consumers that have it already do nothing, and streams send nothing', async () => {
    const old = await start();
    afterTest(() => old.shutdown.stop('the test is over'));
    const [owner, member, late, organizer] = [person(), person(), person(), person('organizer')];
    const join_ = async (
      product: Product,
      team: { id: string },
      who: Principal & { userId: string },
    ): Promise<void> => {
      await rows(
        `INSERT INTO users.users (id, username, display_name, sports) VALUES ($1, $2, $2, '{}')`,
        who.userId,
        who.userId.slice(0, 20),
      );
      const invitations = service(product, 'teams', InvitationsService);
      // To invite a user, teams asks the subgraph users, which may not be ready to answer yet.
      const { token } = await until('the invitation is sent', () =>
        invitations.invite(owner, {
          teamId: toGlobalId('Team', team.id),
          userId: toGlobalId('User', who.userId),
          role: 'PLAYER',
        }),
      );
      await invitations.accept(who, { token });
    };
    const found = (name: string) =>
      service(old, 'teams', TeamsService).create(owner, { clientId: name, name, sport: 'HOCKEY' });
    const [one, two] = [await found('One'), await found('Two')];
    await join_(old, one, member);
    const asked = {
      clientId: 'derby',
      sport: 'HOCKEY',
      homeTeamId: toGlobalId('Team', one.id),
      awayTeamId: toGlobalId('Team', two.id),
      kickoffAt: new Date(),
    };
    const match = await until('it is scheduled', () =>
      service(old, 'matches', MatchesService).schedule(organizer, asked),
    );
    await until(
      'the match has its room',
      async () => (await rows('SELECT FROM chat.rooms WHERE subject_id = $1', match.id)).length === 1,
    );
    await old.platform?.eventLog.settled();
    await old.shutdown.stop('months go by');

    // The test deletes all events except the newest one of each partition, as the retention would. It also resets the
    // consumers of matches and users, as if they were new. Chat is up to date.
    await pool.query(`DELETE FROM event_log.events e WHERE "offset" < (SELECT max("offset") FROM event_log.events n WHERE n.partition_id = e.partition_id);
      DELETE FROM event_log.group_partitions WHERE group_name IN ('matches', 'users');
      ${['matches', 'users'].map((name) => `DELETE FROM ${name}.inbox; DELETE FROM ${name}.inbox_group;`).join('')} DELETE FROM matches.known_teams; DELETE FROM users.team_memberships`);
    const product = await start();
    afterTest(() => product.shutdown.stop('the test is over'));
    const tailed: string[] = [];
    const tail = await product.platform?.eventLog.tail({
      topics: topics.map(({ name }) => name),
      handler: ({ type }) => void tailed.push(type),
    });
    const know = async () => ({
      teams: await rows('SELECT id::text, name FROM matches.known_teams ORDER BY name'),
      mates: (await rows('SELECT team_id::text, user_id::text FROM users.team_memberships')).map(String).toSorted(),
      chat: await rows('SELECT kind::text, count(*)::int FROM chat.room_events GROUP BY kind ORDER BY kind'),
      rooms: await rows('SELECT count(*)::int FROM chat.rooms'),
    });
    // A team changes before its announcement. The new consumers first handle the event of that change, which does not
    // contain the whole state.
    await join_(product, one, late);
    await until(
      'it is heard of',
      async () =>
        (await rows(`SELECT FROM users.inbox WHERE key = $1 AND last_seq = 8 AND incomplete`, one.id)).length === 1,
    );
    await until(
      'chat has it',
      async () =>
        (await rows(`SELECT FROM chat.inbox WHERE key = $1 AND last_seq = 8 AND NOT incomplete`, one.id)).length === 1,
    );
    assert.deepEqual((await know()).teams, []);
    await product.platform?.eventLog.settled();
    const before = { chat: (await know()).chat, rooms: (await know()).rooms, tailed: [...tailed] };

    const expected = {
      ...before,
      teams: [
        [one.id, 'One'],
        [two.id, 'Two'],
      ],
      mates: [
        [one.id, owner.userId],
        [one.id, member.userId],
        [one.id, late.userId],
        [two.id, owner.userId],
      ]
        .map(String)
        .toSorted(),
    };
    let outbox: unknown[][] = [];
    for (const attempt of [1, 2]) {
      for (const topic of ['teams.v1', 'matches.v1', 'users.v1']) {
        const { code, out, err } = await announce(topic);
        assert.deepEqual([code, /all of \d+ are published/.test(out)], [0, true], `${out}${err}`);
      }
      await until(
        'all is published',
        async () =>
          (
            await rows(
              `SELECT FROM teams.outbox WHERE published_at IS NULL UNION ALL SELECT FROM matches.outbox WHERE published_at IS NULL`,
            )
          ).length === 0,
      );
      await product.platform?.eventLog.settled();
      assert.deepEqual({ ...(await know()), tailed: [...tailed] }, expected, `announcement ${attempt}`);
      const told = await rows(
        `SELECT topic, type, count(*)::int FROM (SELECT * FROM teams.outbox UNION ALL SELECT * FROM matches.outbox) o WHERE snapshot GROUP BY topic, type ORDER BY topic`,
      );
      assert.deepEqual(told, [
        ['matches.v1', 'MatchSnapshot', attempt],
        ['teams.v1', 'TeamSnapshot', 2 * attempt],
      ]);
      const chat = await rows('SELECT count(*)::int FROM chat.outbox');
      if (attempt === 2) assert.deepEqual(chat, outbox);
      outbox = chat;
    }
    assert.deepEqual(
      await rows(
        `SELECT DISTINCT incomplete, parked FROM (SELECT * FROM users.inbox UNION ALL SELECT * FROM matches.inbox UNION ALL SELECT * FROM chat.inbox) i`,
      ),
      [[false, false]],
    );
    // The sequence numbers of the team's events continue after those of the snapshot, so the consumers handle this
    // event.
    await service(product, 'teams', MembersService).leave(late, { teamId: toGlobalId('Team', one.id) });
    await until('it is heard of', async () => (await know()).mates.length === 3);
    assert.deepEqual(await rows('SELECT last_seq FROM users.inbox WHERE key = $1', one.id), [[9]]);
    await tail?.close();
  });

  it('finds an announcer for every topic that has a snapshot, in the subgraph that owns the topic', async () => {
    const product = await start();
    afterTest(() => product.shutdown.stop('the test is over'));
    for (const [name, { topics: own }] of Object.entries(subgraphs)) {
      const announced = topics.filter((topic) => own.includes(topic) && snapshotOf(topic)).map((topic) => topic.name);
      assert.deepEqual(service(product, name, Announcer).topics, announced, name);
    }
  });
});
