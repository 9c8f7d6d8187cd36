import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import { toGlobalId } from '../platform/graphql/global-id.ts';
import { routesOf } from '../platform/manifest/manifest.ts';
import { signingKey, signSubscribe, type SignedPrincipal } from '../signature/signature.ts';
import { roomIdOf } from '../subgraphs/chat/rooms.service.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { UsersService } from '../subgraphs/users/users.service.ts';
import { allCases } from '../test/cases.ts';
import { type Answer, KEY, openProduct, signedUser } from './product.fixture.ts';

const cases = await allCases();

let p: Awaited<ReturnType<typeof openProduct>>;
let pool: pg.Pool;
beforeAll(async () => {
  p = await openProduct();
  pool = new pg.Pool({ connectionString: p.database.url, max: 1 });
  pool.on('error', () => undefined);
});
afterAll(async () => {
  await pool.end();
  await p.close();
});

const codes = ({ body }: Answer): unknown => body.errors?.map(({ extensions }) => extensions.code);
const INTERNALS = /prisma|select |insert |relation|"users"|\bat .*\.(ts|js)|node_modules|stack|boom/i;

/** Subscribes at a subgraph as the router does. */
function follow(
  subgraph: string,
  query: string,
  variables: Record<string, unknown>,
  principal: SignedPrincipal,
  sign = true,
) {
  const operation = { query, variables };
  const identity = { ...principal, requestId: `stream-${randomUUID()}` };
  const extensions = sign
    ? { identity, signature: signSubscribe(KEY, { operation, identity, target: subgraph }) }
    : { identity };
  const client = createClient({
    url: `${p.originOf(subgraph).replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const events = client.iterate({ ...operation, extensions });
  return { events, requestId: identity.requestId, end: () => client.dispose() };
}

describe('a subgraph’s port', () => {
  const query = '{ me { id } }';
  it('answers the router', async () => {
    const { status, body } = await p.call('users', query);
    assert.deepEqual([status, body], [200, { data: { me: null } }]);
  });

  it('refuses every other caller, with one coded error', async () => {
    const now = Date.now();
    const principal = signedUser(randomUUID());
    const refusals: [string, Promise<Answer>][] = [
      ['UNSIGNED_REQUEST', p.post(`${p.originOf('users')}/graphql`, { query })],
      [
        'UNSIGNED_REQUEST',
        p.post(
          `${p.originOf('users')}/graphql`,
          { query },
          { 'x-authenticated-userid': principal.userId ?? '', 'x-userinfo': principal.userinfo ?? '' },
        ),
      ],
      ['SIGNATURE_STALE', p.call('users', query, { now: now - 60_000 })],
      ['SIGNATURE_STALE', p.call('users', query, { now: now + 60_000 })],
      ['SIGNATURE_INVALID', p.call('users', query, { body: JSON.stringify({ query: '{ __typename }' }) })],
      [
        'SIGNATURE_INVALID',
        p.call('users', query, {
          headers: { 'x-authenticated-userid': principal.userId ?? '', 'x-userinfo': principal.userinfo ?? '' },
        }),
      ],
      ['SIGNATURE_INVALID', p.call('users', query, { headers: { 'x-audience': 'chat:1' } })],
      ['SIGNATURE_INVALID', p.call('users', query, { principal: { ...principal, audience: 'chat:1' } })],
      ['SIGNATURE_INVALID', p.call('users', query, { target: 'teams' })],
      ['SIGNATURE_INVALID', p.call('users', query, { key: signingKey('test', 'another secret altogether') })],
      ['SIGNATURE_INVALID', p.call('users', query, { key: signingKey('unknown', 'a secret of enough bytes') })],
    ];
    for (const [code, calling] of refusals) {
      const answer = await calling;
      assert.deepEqual([answer.status, codes(answer), answer.body.data], [401, [code], undefined], answer.text);
    }
  });

  it('answers what a guest may see to a call with an audience, and executes no mutation for it', async () => {
    assert.deepEqual([...cases.keys()].sort(), Object.keys(subgraphs).sort(), 'every subgraph has a cases.fixture.ts');
    const principal = { audience: `chat:${randomUUID()}:7` };
    for (const [
      name,
      {
        borders: { guest },
      },
    ] of cases) {
      const asked = await p.call(name, guest, { principal });
      assert.deepEqual(asked.body, (await p.call(name, guest)).body, name);
      assert.ok(asked.body.data, asked.text);
    }
    for (const [
      name,
      {
        borders: { viewer },
      },
    ] of cases) {
      for (const each of viewer)
        assert.deepEqual(codes(await p.call(name, each, { principal })), ['AUDIENCE_HAS_NO_VIEWER'], each);
    }
  });

  it('answers the audience of a stream to the router only', async () => {
    const answer = await p.post(`${p.origin}/graphql`, { query: '{ roomAudience(roomId: "x") { key position } }' });
    assert.deepEqual(codes(answer), ['GRAPHQL_VALIDATION_FAILED'], answer.text);
  });

  it('accepts a signed call once', async () => {
    const seen: Record<string, string> = {};
    const { fetch: real } = globalThis;
    globalThis.fetch = (url, init) => {
      Object.assign(seen, init?.headers);
      return real(url, init);
    };
    await p.call('users', query).finally(() => (globalThis.fetch = real));
    const again = await p.post(`${p.originOf('users')}/graphql`, { query, variables: {} }, seen);
    assert.deepEqual([again.status, codes(again)], [401, ['SIGNATURE_REPLAYED']]);
  });

  it('shows health and metrics without a signature, and nothing else', async () => {
    for (const { name, routes } of Object.values(subgraphs)) {
      const get = async (path: string): Promise<number> =>
        (await fetch(`${p.originOf(name)}${path}`).then(async (answer) => (await answer.text(), answer))).status;
      assert.deepEqual(await Promise.all(['/health/live', '/health/ready', '/metrics'].map(get)), [200, 200, 200]);
      assert.deepEqual(
        await Promise.all(
          [
            '/',
            '/graphql',
            '/graphql?query={me{id}}',
            '/health',
            '/health/live/x',
            '/metrics/x',
            '/register',
            '/METRICS',
          ].map(get),
        ),
        Array(8).fill(401),
      );
      const foreign = routesOf(subgraphs).filter(
        ({ method, path }) => !routes.some((own) => own.method === method && own.path === path),
      );
      for (const { method, path } of foreign)
        assert.equal((await fetch(`${p.originOf(name)}${path}`, { method })).status, 401, `${name} ${path}`);
    }
  });

  it('starts no subscription without a signature', async () => {
    const { events, end } = follow('chat', 'subscription { messageEvents(roomId: "x") { seq } }', {}, {}, false);
    await assert.rejects(events.next(), (errors: unknown) => JSON.stringify(errors).includes('UNSIGNED_REQUEST'));
    await end();
  });
});

describe('POST /register', () => {
  const account = (username: string) => ({ username, email: `${username}@prodvor.example`, password: 'correct horse' });
  it('needs no signature, at the subgraph and at the edge, and ignores identity headers', async () => {
    for (const [origin, username] of [
      [p.originOf('users'), 'direct'],
      [p.origin, 'edge'],
    ] as const) {
      const principal = signedUser(randomUUID(), 'admin');
      const answer = await p.post(`${origin}/register`, account(username), {
        'x-authenticated-userid': principal.userId ?? '',
        'x-userinfo': principal.userinfo ?? '',
        signature: 'sig1=:x:',
      });
      assert.equal(answer.status, 201, answer.text);
      const user = answer.body as { id?: string; username?: string };
      assert.equal(user.username, username);
      assert.notEqual(user.id, toGlobalId('User', principal.userId ?? ''));
    }
  });

  it('answers wrong input with the name of the field', async () => {
    const wrong = await p.post(`${p.origin}/register`, { ...account('wrong'), password: 'x' });
    assert.deepEqual(
      [wrong.status, wrong.body],
      [
        422,
        {
          userErrors: [
            {
              field: ['password'],
              code: 'INVALID',
              reason: 'TOO_SHORT',
              params: [{ name: 'min', value: '8' }],
              message: 'must have at least 8 characters',
            },
          ],
        },
      ],
    );
    const taken = await p.post(`${p.origin}/register`, account('edge'));
    assert.deepEqual(
      [taken.status, (taken.body as { userErrors: { code: string }[] }).userErrors.map(({ code }) => code)],
      [422, ['TAKEN', 'TAKEN']],
    );
    for (const body of ['{', '[]', '"x"', '']) {
      const answer = await p.post(`${p.origin}/register`, body);
      assert.ok([400, 422].includes(answer.status), answer.text);
      assert.doesNotMatch(answer.text, INTERNALS);
    }
    const long = await p.post(`${p.origin}/register`, { ...account('long'), city: 'x'.repeat(120_000) });
    assert.deepEqual([long.status, codes(long)], [413, ['PAYLOAD_TOO_LARGE']]);
    const get = await fetch(`${p.origin}/register`);
    assert.deepEqual(
      [get.status, codes({ status: 405, text: '', body: (await get.json()) as Answer['body'] })],
      [405, ['METHOD_NOT_ALLOWED']],
    );
  });
});

describe('an internal error stays inside', () => {
  const internal = (answer: Answer): void => {
    assert.deepEqual(codes(answer), ['INTERNAL'], answer.text);
    assert.doesNotMatch(answer.text, INTERNALS);
    assert.ok(answer.body.errors?.[0]?.extensions.requestId);
  };

  it('over HTTP: an SQL error, and an exception', async () => {
    const id = toGlobalId('User', randomUUID());
    const query = `query { user(id: "${id}") { id } }`;
    await pool.query('ALTER TABLE users.users RENAME TO users_away');
    try {
      internal(await p.call('users', query));
      internal(await p.post(`${p.origin}/graphql`, { query }));
      const registered = await p.post(`${p.origin}/register`, {
        username: 'gleb',
        email: 'gleb@prodvor.example',
        password: 'correct horse',
      });
      assert.equal(registered.status, 500);
      internal(registered);
    } finally {
      await pool.query('ALTER TABLE users.users_away RENAME TO users');
    }
    const service = p.apps.get('users')?.get(UsersService, { strict: false }) as { byIds: unknown };
    service.byIds = () => {
      throw new TypeError('boom: SELECT secret');
    };
    try {
      internal(await p.call('users', query));
      internal(await p.post(`${p.origin}/graphql`, { query }));
    } finally {
      delete service.byIds;
    }
    assert.deepEqual((await p.call('users', query)).body, { data: { user: null } });
    // The log contains the details of the error, which the client does not get.
    assert.ok(
      p.lines.some(
        ({ service: name, level, error }) =>
          name === 'users' && level === 'error' && JSON.stringify(error).includes('boom'),
      ),
    );
  });

  it('over WebSocket: when a subscription starts, and in its events', async () => {
    const matchId = randomUUID();
    const roomId = roomIdOf('MATCH', matchId);
    await pool.query(`INSERT INTO chat.rooms (id, kind, subject_id) VALUES ($1, 'MATCH', $2)`, [roomId, matchId]);
    const viewer = signedUser(randomUUID());
    const send = 'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { userErrors { code } } }';
    const input = { roomId: toGlobalId('Room', roomId), clientMessageId: '1', text: 'hello' };
    assert.deepEqual((await p.call('chat', send, { variables: { input }, principal: viewer })).body, {
      data: { sendMessage: { userErrors: [] } },
    });
    const query = 'subscription ($id: ID!) { messageEvents(roomId: $id) { seq room { id } } }';
    const { events, requestId, end } = follow('chat', query, { id: input.roomId }, viewer);
    assert.deepEqual((await events.next()).value, { data: { messageEvents: { seq: 1, room: { id: input.roomId } } } });
    const sql = (): string[] =>
      p.lines
        .filter((line) => line.requestId === requestId && line.context === 'SQL')
        .map(({ message }) => String(message));
    // Three statements fail: the check of the room, the read of its events, and the read of the event's room.
    assert.ok(sql().length >= 3, JSON.stringify(sql()));
    await pool.query('ALTER TABLE chat.room_members RENAME TO room_members_away');
    try {
      // The stream gets the event from the log, without the database of chat. Then the room of the event cannot be
      // read.
      const { platform } = p;
      const payload = {
        roomId,
        eventId: randomUUID(),
        kind: 'MESSAGE',
        userId: viewer.userId,
        text: 'hi',
        occurredAt: new Date().toISOString(),
      };
      await platform?.eventLog.append([
        {
          topic: 'chat.v1',
          key: roomId,
          seq: 2,
          eventId: payload.eventId,
          type: 'RoomEventRecorded',
          version: 1,
          occurredAt: payload.occurredAt,
          payload,
        },
      ]);
      const event = (await events.next()).value as Answer['body'];
      internal({ status: 200, text: JSON.stringify(event), body: event });
      assert.equal(event.errors?.[0]?.extensions.requestId, requestId);
      const late = follow('chat', query, { id: input.roomId }, viewer);
      const body = (await late.events.next()).value as Answer['body'];
      internal({ status: 200, text: JSON.stringify(body), body });
      await late.end();
    } finally {
      await pool.query('ALTER TABLE chat.room_members_away RENAME TO room_members');
    }
    await end();
  });
});
