// Plays editions of the demo cup without pauses, and checks that nothing is left of deleted editions.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, jest, test } from '@jest/globals';
import pg from 'pg';
import { readConfig } from '../platform/config/config.ts';
import { REBUILD_LOCK } from '../platform/messaging/rebuilds/runs.ts';
import { openPool } from '../platform/postgres/pool.ts';
import { PrismaClient as Chat } from '../subgraphs/chat/generated/prisma/client.ts';
import { roomIdOf } from '../subgraphs/chat/rooms.service.ts';
import { PrismaClient as Matches } from '../subgraphs/matches/generated/prisma/client.ts';
import { PrismaClient as Notifications } from '../subgraphs/notifications/generated/prisma/client.ts';
import { TeamsService } from '../subgraphs/teams/teams.service.ts';
import { PrismaClient as Tournaments } from '../subgraphs/tournaments/generated/prisma/client.ts';
import { LifeService } from '../subgraphs/tournaments/life.service.ts';
import { until } from '../test/network/until.ts';
import { clearAway } from './demo-clearing.ts';
import { type Demo, startDemo } from './demo.ts';
import { openProduct } from './product.fixture.ts';
import { PROJECTIONS } from './rebuild/projections.ts';
import { rebuild } from './rebuild/rebuild.ts';

/** The tables of ratings and statistics that `npm run rebuild` writes. */
const MADE = [
  'matches.rated_matches',
  'matches.rating_changes',
  'matches.team_results',
  'matches.player_results',
  'tournaments.results',
  'tournaments.standings',
  'tournaments.slots',
  'tournaments.deeds',
];
/** Tables that keep published messages for a time and then delete them. */
const TEMPORARY = /^\w+\.outbox$/;
const EDITION_MS = 120_000;

let product: Awaited<ReturnType<typeof openProduct>>;
let demo: Demo;
let pool: pg.Pool;
/** The ids of the first edition and its matches. */
const first = { id: '', matchIds: [] as string[] };

beforeAll(async () => {
  product = await openProduct({ demo: true });
  pool = new pg.Pool({ connectionString: product.database.url, max: 2 });
  // As if the process was killed between the lots and the start of the first edition.
  const life = product.apps.get('tournaments')?.get(LifeService, { strict: false });
  jest.spyOn(life as LifeService, 'start').mockRejectedValueOnce(new Error('killed'));
  const started = await startDemo(product, undefined, { stepMs: 0, stepMinutes: 10, celebrationMs: 0, kept: 1 });
  assert.ok(started);
  demo = started;
});
afterAll(async () => {
  await pool?.end();
  await product?.close();
});

const rowsOf = async <R extends pg.QueryResultRow>(sql: string, ...values: unknown[]): Promise<R[]> =>
  (await pool.query<R>(sql, values)).rows;
const editions = () =>
  rowsOf<{ id: string; state: string; description: string; champion_id: string | null }>(
    'SELECT id, state, description, champion_id FROM tournaments.tournaments ORDER BY created_at',
  );
const dump = async (): Promise<Record<string, string[]>> => {
  const all: Record<string, string[]> = {};
  for (const table of MADE)
    all[table] = (await rowsOf<{ row: string }>(`SELECT t::text AS row FROM ${table} t ORDER BY 1`)).map(
      ({ row }) => row,
    );
  return all;
};
/**
 * Waits until every consumer has handled every event of every match, and the tables of tournaments show the results.
 */
const settled = () =>
  until('every event of a match to be handled', async () => {
    const [late] = await rowsOf<{ count: number }>(
      `SELECT (SELECT count(*) FROM matches.matches m WHERE last_seq > least(
         (SELECT last_seq FROM matches.inbox WHERE consumer = 'matches-ratings' AND key = m.id::text),
         (SELECT last_seq FROM notifications.inbox WHERE consumer = 'notifications' AND key = m.id::text),
         (SELECT last_seq FROM chat.inbox WHERE consumer = 'chat' AND key = m.id::text),
         (SELECT last_seq FROM tournaments.inbox WHERE consumer = 'tournaments' AND key = m.id::text)))::int
       + (SELECT count(*) FROM tournaments.timers)::int AS count`,
    );
    return late?.count === 0;
  });
const matchesOf = async (tournamentId: string): Promise<string[]> =>
  (await rowsOf<{ id: string }>('SELECT id FROM matches.matches WHERE tournament_id = $1', tournamentId)).map(
    ({ id }) => id,
  );

test(
  'an edition has groups, a play-off and a champion; all results are confirmed',
  async () => {
    const [played] = await until(
      'the first champion',
      async () => {
        const all = await editions();
        return all[0]?.state === 'COMPLETED' && all;
      },
      EDITION_MS,
    );
    assert.ok(played?.champion_id);
    assert.equal(played.description, 'Edition 1', 'it was not cancelled');
    first.id = played.id;
    first.matchIds = await matchesOf(played.id);
    const states = await rowsOf('SELECT DISTINCT state FROM matches.matches WHERE id = ANY ($1)', first.matchIds);
    assert.deepEqual([first.matchIds.length, states], [16, [{ state: 'CONFIRMED' }]]);
    // A visitor has read in a room of this edition. The room must be deleted with its edition nevertheless.
    const marked = await rowsOf(
      `INSERT INTO chat.read_marks (room_id, user_id, seq)
       SELECT id, gen_random_uuid(), 1 FROM chat.rooms WHERE id = ANY ($1) LIMIT 1 RETURNING room_id`,
      first.matchIds.map((id) => roomIdOf('MATCH', id)),
    );
    assert.equal(marked.length, 1);
  },
  EDITION_MS,
);

test('metrics show what is played', async () => {
  // Counts of states may be ten seconds old. This is the first scrape, so they are new.
  const text = await (await fetch(`${product.originOf('tournaments')}/metrics`)).text();
  const value = (name: string, label: string): number =>
    Number(
      new RegExp(`^${name}\\{(?=[^}]*service="tournaments")(?=[^}]*${label})[^}]*\\} (.*)$`, 'm').exec(text)?.[1] ?? -1,
    );
  assert.ok(value('tournaments_results_counted_total', '') >= 16);
  assert.ok(value('tournaments_result_lag_seconds_count', '') > 0);
  assert.ok(value('tournaments_progress_seconds_count', '') > 0);
  assert.ok(value('outbox_published_total', 'type="TournamentCompleted"') >= 1);
  const states = [
    ...text.matchAll(/^(tournaments|matches)_open\{(?=[^}]*service="\1")[^}]*state="([A-Z_]+)"[^}]*\} \d+$/gm),
  ];
  assert.deepEqual(
    states.map(([, of, state]) => `${of} ${state}`).sort(),
    [
      ...['DRAFT', 'REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'].map((state) => `tournaments ${state}`),
      ...['LINEUPS', 'LIVE', 'BREAK', 'SUSPENDED', 'FINISHED', 'POSTPONED', 'ABANDONED'].map(
        (state) => `matches ${state}`,
      ),
    ].sort(),
  );
});

test(
  'an old edition goes whole, and a rebuild gives the rows that are there',
  async () => {
    // One finished edition is kept. So the first edition is deleted when the second one has ended.
    await until(
      'the third edition',
      async () => (await editions()).some(({ description }) => description === 'Edition 3'),
      2 * EDITION_MS,
    );
    await demo.stop();
    await settled();
    assert.deepEqual(
      (await editions()).map(({ description }) => description),
      ['Edition 2', 'Edition 3'],
    );
    const gone = [first.id, ...first.matchIds, ...first.matchIds.map((id) => roomIdOf('MATCH', id))];
    const tables = await rowsOf<{ name: string }>(
      `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    assert.ok(tables.length > 50);
    for (const { name } of tables.filter((table) => !TEMPORARY.test(table.name))) {
      const left = await rowsOf(`SELECT t::text AS row FROM ${name} t WHERE t::text ~ $1 LIMIT 1`, gone.join('|'));
      assert.deepEqual(left, [], name);
    }
    const live = await dump();
    for (const [table, rows] of Object.entries(live)) assert.ok(rows.length > 0, table);
    const config = readConfig({ env: { DATABASE_URL: product.database.url, PRODVOR_DATA: product.data } });
    for (const name of Object.keys(PROJECTIONS)) assert.equal((await rebuild(config, name)).state, 'DONE', name);
    assert.deepEqual(await dump(), live);
  },
  3 * EDITION_MS,
);

test('nothing is cleared away while a rebuild runs', async () => {
  const [edition] = await editions();
  assert.ok(edition && product.platform);
  const matchIds = await matchesOf(edition.id);
  const app = (name: string) => product.apps.get(name) ?? assert.fail(name);
  const log = openPool(product.platform.databaseUrlOf('event_log'), 'demo', 1, () => undefined);
  const stores = {
    matches: app('matches').get<Matches>(Matches),
    tournaments: app('tournaments').get<Tournaments>(Tournaments),
    chat: app('chat').get<Chat>(Chat),
    notifications: app('notifications').get<Notifications>(Notifications),
    log,
  };
  const old = { tournamentIds: [edition.id], matchIds: [] };
  const rebuilding = await pool.connect();
  try {
    await rebuilding.query('SELECT pg_advisory_lock_shared(hashtextextended($1, 0))', [REBUILD_LOCK]);
    assert.equal(await clearAway(stores, old), false);
    assert.deepEqual(await matchesOf(edition.id), matchIds);
    await rebuilding.query('SELECT pg_advisory_unlock_all()');
    assert.equal(await clearAway(stores, old), true);
    assert.deepEqual(await matchesOf(edition.id), []);
    // The clearing has released its lock, so a rebuild can run.
    const { rows } = await rebuilding.query('SELECT pg_try_advisory_lock_shared(hashtextextended($1, 0)) AS free', [
      REBUILD_LOCK,
    ]);
    assert.deepEqual(rows, [{ free: true }]);
  } finally {
    rebuilding.release(true);
    await log.end();
  }
});

test('the cup stops also while it waits after a failure', async () => {
  const teams = product.apps.get('teams')?.get(TeamsService, { strict: false });
  jest.spyOn(teams as TeamsService, 'create').mockRejectedValue(new Error('the service is away'));
  const warn = jest.spyOn(product.logger, 'warn').mockReturnValue();
  const cup = await startDemo(product, undefined, { stepMs: 0, stepMinutes: 10, celebrationMs: 0, kept: 1 });
  await until('a failure', async () => warn.mock.calls.some(([line]) => line === 'the demo cup stumbled'));
  await cup?.stop();
});
