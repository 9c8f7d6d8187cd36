import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { readConfig } from '../../platform/config/config.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { roomIdOf } from '../../subgraphs/chat/rooms.service.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { until } from '../../test/network/until.ts';
import { openProduct, signedUser } from '../product.fixture.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import { command, type Dump, dump, withClient } from './seed.fixture.ts';

const SERVICES = Object.keys(subgraphs);
const PASSWORD = 'a password of ten';
const NOW = new Date().toISOString();
const seeded = async (url: string, data: string, size = 'street'): Promise<void> => {
  const { code, err } = await command(['--size', size, '--now', NOW, '--password', PASSWORD], {
    DATABASE_URL: url,
    PRODVOR_DATA: data,
  });
  assert.equal(code, 0, err);
};

function assertSame(actual: Dump, expected: Dump): void {
  assert.deepEqual([...actual.keys()], [...expected.keys()]);
  for (const [table, rows] of actual) assert.deepEqual(rows, expected.get(table), table);
}

let data: string;
beforeAll(async () => void (data = await mkdtemp(join(tmpdir(), 'seed-'))));
afterAll(() => rm(data, { recursive: true, force: true }));

describe('npm run seed', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
    await seeded(database.url, data);
  });
  afterAll(() => database.drop());

  it('gives the same rows for the same size, seed and time', async () => {
    const schemas = [...SERVICES, 'event_log', 'identity'];
    const first = await dump(database.url, schemas);
    for (const [table, least] of [
      ['users.users', 40],
      ['teams.teams', 8],
      ['matches.matches', 30],
      ['tournaments.tournaments', 2],
      ['identity.accounts', 10],
      ['event_log.events', 500],
      ['matches.rating_changes', 40],
      ['matches.team_results', 40],
      ['tournaments.standings', 8],
      ['chat.room_events', 50],
    ] as const)
      assert.ok((first.get(table)?.length ?? 0) >= least, table);
    const second = await createTestDatabase();
    try {
      await seeded(second.url, data);
      assertSame(
        await dump(second.url, schemas, ['identity.accounts']),
        await dump(database.url, schemas, ['identity.accounts']),
      );
    } finally {
      await second.drop();
    }
  });

  it('stores what rebuilds make of the events', async () => {
    const before = await dump(database.url, SERVICES);
    const config = readConfig({ env: { DATABASE_URL: database.url, PRODVOR_DATA: data } });
    await withClient(database.url, (client) =>
      client.query(`UPDATE matches.rating_changes SET mu = 0; UPDATE matches.team_results SET scored = 99;
        UPDATE tournaments.standings SET points = 99; UPDATE tournaments.results SET counts = NOT counts WHERE NOT annulled`),
    );
    for (const name of ['ratings', 'statistics', 'standings'])
      assert.equal((await rebuild(config, name, { here: true })).state, 'DONE', name);
    assertSame(await dump(database.url, SERVICES), before);
  });

  it('refuses an installation that is not empty, and changes nothing', async () => {
    const before = await dump(database.url, SERVICES);
    const ran = await command(['--size', 'street'], { DATABASE_URL: database.url, PRODVOR_DATA: data });
    assert.equal(ran.code, 1);
    assert.match(ran.err, /^SEED_NOT_EMPTY: "users"\."users" has rows\. .*--data DIR/m);
    assertSame(await dump(database.url, SERVICES), before);
  });

  it('says what is wrong with the command', async () => {
    for (const args of [[], ['--size', 'world'], ['--size', 'street', '--now', 'soon'], ['--size', 'street', 'x']]) {
      const { code, err } = await command(args);
      assert.deepEqual([code, err.includes('npm run seed -- --size SIZE')], [2, true], args.join(' '));
    }
    const { code, out } = await command(['--help']);
    assert.equal(code, 0);
    assert.match(out, /city +20,000 people/);
  });
});

describe('the product on a seeded installation', () => {
  let product: Awaited<ReturnType<typeof openProduct>>;
  let before: Dump;
  beforeAll(async () => {
    product = await openProduct({}, async (url) => {
      await seeded(url, data);
      before = await dump(url, SERVICES, VOLATILE);
    });
    await product.platform?.eventLog.settled();
  });
  afterAll(() => product?.close());

  /** Tables whose rows change while a process runs. */
  const VOLATILE = SERVICES.map((service) => `${service}.outbox_lease`);
  const query = <R>(sql: string, ...values: unknown[]): Promise<R[]> =>
    withClient(product.database.url, async (client) => (await client.query(sql, values)).rows as R[]);
  const positions = async (): Promise<void> => {
    await product.platform?.eventLog.settled();
    for (const service of SERVICES) assert.deepEqual(await query(`SELECT * FROM ${service}.inbox_parked`), [], service);
  };

  it('handles nothing twice, misses nothing, and lets an account sign in', async () => {
    assertSame(await dump(product.database.url, SERVICES, VOLATILE), before);
    const [lag] = await query<{ behind: string }>(
      `SELECT sum(p.next_offset - g.next_offset) AS behind FROM event_log.group_partitions g JOIN event_log.partitions p ON p.id = g.partition_id`,
    );
    assert.deepEqual(lag, { behind: '0' });
    const anna = await product.signIn('anna', PASSWORD);
    const { body } = await product.post(
      `${product.origin}/graphql`,
      {
        query:
          '{ me { displayName city } teams(first: 8) { totalCount edges { node { name members(first: 3) { edges { node { role } } } } } } }',
      },
      anna,
    );
    assert.equal(body.errors, undefined, JSON.stringify(product.lines.filter(({ level }) => level === 'error')));
    const { me, teams } = body.data as { me: object; teams: { totalCount: number } };
    assert.deepEqual(me, { displayName: 'Анна Лисицына', city: 'Заречье' });
    assert.equal(teams.totalCount, 8);
  });

  it('records a goal in the live match, and a message of a member', async () => {
    const [live] = await query<{ id: string; organizer_id: string; last_seq: number; score: { home: number } }>(
      `SELECT id, organizer_id, last_seq, score FROM matches.matches WHERE state = 'LIVE' AND tournament_id IS NULL`,
    );
    assert.ok(live);
    const goal = await product.call(
      'matches',
      'mutation ($input: RecordMatchEventInput!) { recordMatchEvent(input: $input) { match { score { home } } event { seq } userErrors { message } } }',
      {
        principal: signedUser(live.organizer_id, 'organizer'),
        variables: {
          input: { matchId: toGlobalId('Match', live.id), clientEventId: 'goal', event: { goal: { side: 'HOME' } } },
        },
      },
    );
    assert.deepEqual(goal.body.data, {
      recordMatchEvent: {
        match: { score: { home: live.score.home + 1 } },
        event: { seq: live.last_seq + 1 },
        userErrors: [],
      },
    });
    const [member] = await query<{ team_id: string; user_id: string }>(
      `SELECT team_id, user_id FROM teams.memberships WHERE left_at IS NULL AND role = 'PLAYER' LIMIT 1`,
    );
    assert.ok(member);
    const sent = await product.call(
      'chat',
      'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { text } userErrors { message } } }',
      {
        principal: signedUser(member.user_id),
        variables: {
          input: { roomId: toGlobalId('Room', roomIdOf('TEAM', member.team_id)), clientMessageId: 'm', text: 'Привет' },
        },
      },
    );
    assert.deepEqual(sent.body.data, { sendMessage: { message: { text: 'Привет' }, userErrors: [] } });
    await positions();
  });

  it('plays a match of a running tournament on: its table follows, and so do ratings', async () => {
    const [match] = await query<{ id: string; organizer_id: string; slot: string; periods: number }>(
      `SELECT m.id, m.organizer_id, s.id AS slot FROM matches.matches m JOIN tournaments.slots s ON s.match_id = m.id
       JOIN tournaments.stages g ON g.id = s.stage_id JOIN tournaments.tournaments t ON t.id = g.tournament_id
       WHERE t.state = 'RUNNING' AND m.state = 'SCHEDULED' LIMIT 1`,
    );
    assert.ok(match);
    const organizer = signedUser(match.organizer_id, 'organizer');
    const matchId = toGlobalId('Match', match.id);
    for (const [mutation, type, input] of [
      ['recordFinalScore', 'RecordFinalScoreInput', { matchId, score: { home: 3, away: 1 } }],
      ['confirmResult', 'ConfirmResultInput', { matchId, overrule: true }],
    ] as const) {
      const { body } = await product.call(
        'matches',
        `mutation ($input: ${type}!) { ${mutation}(input: $input) { match { state } userErrors { message } } }`,
        { principal: organizer, variables: { input } },
      );
      assert.deepEqual((body.data?.[mutation] as { userErrors: unknown[] }).userErrors, []);
    }
    await until('the slot is decided', async () => {
      const [slot] = await query<{ state: string }>(
        'SELECT state::text FROM tournaments.slots WHERE id = $1',
        match.slot,
      );
      return slot?.state === 'DECIDED';
    });
    await until('both teams are rated', async () => {
      const changes = await query(
        `SELECT 1 FROM matches.rating_changes WHERE match_id = $1 AND kind = 'TEAM'`,
        match.id,
      );
      return changes.length === 2;
    });
    await positions();
    assert.deepEqual(await query(`SELECT 1 FROM tournaments.results WHERE match_id = $1 AND counts`, match.id), [
      { '?column?': 1 },
    ]);
  });

  it('has rows and events like those that the API writes', async () => {
    const seededShapes = shapes(before);
    const owner = signedUser(randomUUID(), 'organizer', 'player');
    const ask = async (subgraph: string, mutation: string, input: object, answer: string, as = owner) => {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
      const text = `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${answer} userErrors { message } } }`;
      const { body } = await product.call(subgraph, text, { principal: as, variables: { input } });
      assert.equal(body.errors, undefined);
      const payload = body.data?.[mutation] as Record<string, { id: string }> & { userErrors: unknown[] };
      assert.deepEqual(payload.userErrors, [], mutation);
      return payload;
    };
    const { tournament } = await ask(
      'tournaments',
      'createTournament',
      {
        clientId: 'c',
        name: 'Cup',
        sport: 'MINI_FOOTBALL',
        timeZone: 'Europe/Moscow',
        startsAt: '2035-01-01T10:00:00Z',
        maxTeams: 2,
      },
      'tournament { id }',
    );
    const tournamentId = tournament?.id ?? '';
    await ask(
      'tournaments',
      'setStages',
      { tournamentId, stages: [{ name: 'League', format: { roundRobin: {} } }] },
      'tournament { id }',
    );
    await ask('tournaments', 'publishTournament', { tournamentId }, 'tournament { id }');
    for (const clientId of ['t1', 't2']) {
      const { team } = await ask(
        'teams',
        'createTeam',
        { clientId, name: clientId, sport: 'MINI_FOOTBALL' },
        'team { id }',
      );
      await ask('tournaments', 'enterTournament', { tournamentId, teamId: team?.id }, 'entry { id }');
    }
    for (const mutation of ['closeRegistration', 'drawTournament', 'startTournament'])
      await ask('tournaments', mutation, { tournamentId }, 'tournament { id }');
    await product.platform?.eventLog.settled();
    const own = tournamentId === '' ? '' : Buffer.from(tournamentId, 'base64').toString().split(':').at(-1);
    const [match] = await until('the match', async () => {
      const found = await query<{ id: string }>('SELECT id FROM matches.matches WHERE tournament_id = $1', own);
      return found.length > 0 && found;
    });
    const matchId = toGlobalId('Match', match?.id ?? '');
    await ask('matches', 'recordFinalScore', { matchId, score: { home: 1, away: 0 } }, 'match { id }');
    await ask('matches', 'confirmResult', { matchId, overrule: true }, 'match { id }');
    await until('the end', async () => {
      const [row] = await query<{ state: string }>(
        'SELECT state::text FROM tournaments.tournaments WHERE id = $1',
        own,
      );
      return row?.state === 'COMPLETED';
    });
    await positions();
    const played = shapes(
      await dump(product.database.url, SERVICES, [...VOLATILE, ...SERVICES.map((service) => `${service}.outbox`)]),
    );
    for (const [table, columns] of played)
      for (const [column, values] of columns)
        for (const value of values)
          if (value !== 'null' && !NOT_OF_THE_PAST.includes(table))
            assert.ok(seededShapes.get(table)?.get(column)?.has(value), `${table}.${column} has ${value}`);
  });
});

/** Tables that a seed leaves empty: it notifies nobody of past events, so there are no notifications and e-mails. */
const NOT_OF_THE_PAST = [
  'chat.timers',
  ...['notifications', 'inboxes', 'inbox_events', 'deliveries', 'timers', 'sent_emails', 'link_keys'].map(
    (table) => `notifications.${table}`,
  ),
];
/** Columns for which each value is a kind of its own, because the values are names such as event types. */
const NAMES = ['type', 'kind', 'format', 'bracket', 'how', 'consumer', 'topic'];

/**
 * The kinds of values in each column of each table: the type of a value, or the names of the fields of a JSON object.
 */
function shapes(of: Dump): Map<string, Map<string, Set<string>>> {
  const found = new Map<string, Map<string, Set<string>>>();
  for (const [table, rows] of of) {
    const columns = new Map<string, Set<string>>();
    found.set(table, columns);
    for (const row of rows)
      for (const [column, value] of Object.entries(JSON.parse(row) as object)) {
        const kinds = columns.get(column) ?? new Set();
        columns.set(column, kinds.add(NAMES.includes(column) ? String(value) : shapeOf(value)));
      }
  }
  return found;
}

function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'object') return `{${Object.keys(value).sort().join(' ')}}`;
  return typeof value;
}
