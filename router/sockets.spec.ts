import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, jest, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { RawClient, startIssuer, startNetwork, until } from './server.fixture.ts';
import type { Message, Network } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const MESSAGES = 'subscription ($r: ID!) { messages(room: $r) { id text author { id name } } }';
const event = (id: string): Message => ({ id, text: 't', author: { id: 'u' } });
type Errors = { message: string; extensions: Record<string, unknown> }[];

let network: Network;
beforeAll(async () => {
  network = await startNetwork({
    limits: { operationsPerSocket: 20, subscriptionsPerSocket: 10, socketsPerAddress: 40 },
  });
});
afterAll(() => network.close());
const emit = (message: Message, to: Network = network): void => {
  for (const queue of to.rooms.listeners) queue.push(message);
};
const quiet = (): Promise<void> => until(() => network.rooms.listeners.size === 0);

test('subscriptions with the client of graphql-ws; another subgraph completes the events, in order', async () => {
  const client = createClient({
    url: `${network.origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const events = client.iterate<{ messages: { id: string; author: { name: string } } }>({
    query: MESSAGES,
    variables: { r: 'x' },
  });
  const first = events.next();
  await until(() => network.rooms.listeners.size === 1);
  for (const id of ['1', '2', '3']) emit(event(id));
  const seen = [await first, await events.next(), await events.next()].map(({ value }) => value.data.messages);
  assert.deepEqual(
    seen,
    ['1', '2', '3'].map((id) => ({ id, text: 't', author: { id: 'u', name: 'name of u' } })),
  );
  await events.return?.();
  await quiet();
  await client.dispose();
});

test('closes a socket with 4408 that sends nothing for ten seconds', async () => {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
    ],
  });
  afterTest(() => jest.useRealTimers());
  const socket = new WebSocket(`${network.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const closed = once(socket, 'close');
  await once(socket, 'open');
  jest.advanceTimersByTime(9_999);
  const answered = once(socket, 'pong');
  socket.ping();
  await answered; // The socket is still open at this point.
  jest.advanceTimersByTime(1);
  assert.deepEqual((await closed).map(String), ['4408', 'Connection initialisation timeout']);
});

test('queries and mutations over the socket, with errors of each kind', async () => {
  const client = await new RawClient(network.origin).open();
  client.subscribe('q', '{ echo(text: "x") }');
  client.subscribe('bad', '{ nothing }');
  client.subscribe('var', 'query ($t: String!) { echo(text: $t) }', {});
  client.subscribe('no', 'subscription { refused }');
  await client.until(() => client.of('q').length === 2 && ['bad', 'var', 'no'].every((id) => client.of(id).length > 0));
  assert.deepEqual(client.of('q'), [
    { id: 'q', type: 'next', payload: { data: { echo: 'x' } } },
    { id: 'q', type: 'complete' },
  ]);
  const codes = ['bad', 'var', 'no'].map((id) => [
    client.of(id)[0]?.type,
    (client.of(id)[0]?.payload as Errors)[0]?.extensions['code'],
  ]);
  assert.deepEqual(codes, [
    ['error', 'GRAPHQL_VALIDATION_FAILED'],
    ['error', 'BAD_USER_INPUT'],
    ['error', 'FORBIDDEN'],
  ]);
  assert.ok((client.of('bad')[0]?.payload as Errors)[0]?.extensions['requestId']);
  client.send({ type: 'ping', payload: { a: 1 } });
  await client.until(() => client.received.some(({ type }) => type === 'pong'));
  client.end();
});

test('a lost upstream ends the subscription with UNAVAILABLE; the next subscription reconnects', async () => {
  const client = await new RawClient(network.origin).open();
  client.subscribe('1', MESSAGES, { r: 'x' });
  await until(() => network.rooms.listeners.size === 1);
  emit(event('1'));
  await client.until(() => client.of('1').length === 1);
  network.rooms.cut();
  await client.until(() => client.of('1').length === 2);
  assert.equal(client.of('1')[1]?.type, 'error');
  assert.equal((client.of('1')[1]?.payload as Errors)[0]?.extensions['code'], 'UNAVAILABLE');
  await quiet();
  client.subscribe('1', MESSAGES, { r: 'x' });
  await until(() => network.rooms.listeners.size === 1);
  emit(event('2'));
  await client.until(() => client.of('1').length === 3);
  client.end();
  await quiet();
});

test('an id can be reused right after complete, and nothing of the old subscription arrives under it', async () => {
  const client = await new RawClient(network.origin).open();
  for (let round = 0; round < 50; round++) {
    client.subscribe('same', MESSAGES, { r: 'x' });
    client.send({ id: 'same', type: 'complete' });
  }
  client.subscribe('same', MESSAGES, { r: 'x' });
  client.send({ type: 'ping' });
  await client.until(() => client.received.some(({ type }) => type === 'pong'));
  await until(() => network.rooms.listeners.size === 1);
  emit(event('last'));
  await client.until(() => client.of('same').length > 0);
  assert.deepEqual(
    client.of('same').map(({ type }) => type),
    ['next'],
  );
  client.end();
  await quiet();
});

test('5,000 subscribe and complete pairs at once: the socket stays open, nothing leaks', async () => {
  const client = await new RawClient(network.origin).open();
  for (let i = 0; i < 5_000; i++) {
    client.subscribe(String(i), MESSAGES, { r: 'x' });
    client.send({ id: String(i), type: 'complete' });
  }
  client.subscribe('q', '{ echo(text: "alive") }');
  await client.until(() => client.of('q').length === 2);
  assert.equal(client.closed, undefined);
  await quiet();
  assert.equal(network.router.stats().subscriptions, 0);
  client.end();
});

test('protocol violations: close codes', async () => {
  const cases: [string, (client: RawClient) => void, number][] = [
    ['subscribe before init', (c) => c.subscribe('1', '{ me }'), 4401],
    [
      'two inits',
      (c) => {
        c.send({ type: 'connection_init' });
        c.send({ type: 'connection_init' });
      },
      4429,
    ],
    ['rubbish', (c) => c.ws.send('{"type":'), 4400],
    ['binary', (c) => c.ws.send(Buffer.from('{"type":"ping"}')), 4400],
    ["a server's message", (c) => c.send({ type: 'connection_ack' }), 4400],
    [
      'same id twice',
      (c) => {
        c.send({ type: 'connection_init' });
        c.ws.on('message', () => {
          c.subscribe('1', '{ slow }');
          c.subscribe('1', '{ slow }');
        });
      },
      4409,
    ],
    ['over the size limit', (c) => c.ws.send('x'.repeat(100_001)), 1009],
  ];
  for (const [name, act, code] of cases) {
    const client = new RawClient(network.origin);
    await once(client.ws, 'open');
    act(client);
    assert.equal((await client.until(() => client.closed)).code, code, name);
  }
  const old = new RawClient(network.origin, 'graphql-ws');
  assert.ok(await old.until(() => old.closed));
  const lost = new WebSocket(`${network.origin.replace('http', 'ws')}/elsewhere`, 'graphql-transport-ws');
  const [, response] = (await once(lost, 'unexpected-response')) as [unknown, { statusCode: number; destroy(): void }];
  assert.equal(response.statusCode, 404);
  response.destroy();
  lost.on('error', () => undefined);
  lost.terminate();
  for (const finish of network.rooms.waiting.splice(0)) finish();
});

test('limits operations and subscriptions per socket', async () => {
  const client = await new RawClient(network.origin).open();
  for (let i = 0; i < 11; i++) client.subscribe(`s${i}`, MESSAGES, { r: 'x' });
  await client.until(() => client.of('s10').length > 0);
  assert.equal((client.of('s10')[0]?.payload as Errors)[0]?.extensions['code'], 'TOO_MANY_SUBSCRIPTIONS');
  for (let i = 0; i < 11; i++) client.subscribe(`q${i}`, '{ slow }');
  await client.until(() => client.of('q10').length > 0);
  assert.equal((client.of('q10')[0]?.payload as Errors)[0]?.extensions['code'], 'TOO_MANY_OPERATIONS');
  client.end();
  await quiet();
  await until(() => network.router.stats().subscriptions === 0);
});

test('limits sockets per address; a closed socket makes room', async () => {
  await until(() => network.router.stats().sockets === 0);
  const clients = await Promise.all(Array.from({ length: 40 }, () => new RawClient(network.origin).open()));
  const refused = new WebSocket(`${network.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const [, response] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }];
  assert.equal(response.statusCode, 503);
  refused.on('error', () => undefined);
  refused.terminate();
  clients[0]?.ws.close();
  await clients[0]?.until(() => clients[0]?.closed);
  await until(() => network.router.stats().sockets === 39);
  const again = await new RawClient(network.origin).open();
  assert.equal(again.closed, undefined);
  for (const client of [...clients, again]) client.end();
  await until(() => network.router.stats().sockets === 0);
});

test('limits sockets per user', async () => {
  const issuer = await startIssuer();
  const own = await startNetwork({ authentication: issuer.authentication, limits: { socketsPerUser: 1 } });
  afterTest(() => Promise.all([own.close(), issuer.close()]));
  const token = await issuer.token();
  const first = await new RawClient(own.origin).open({ authorization: `Bearer ${token}` });
  const second = await new RawClient(own.origin).open({ authorization: `Bearer ${token}` });
  assert.deepEqual(second.closed, { code: 1013, reason: 'too many sockets of this user are open' });
  const other = await new RawClient(own.origin).open({
    authorization: `Bearer ${await issuer.token({ sub: 'boris' })}`,
  });
  assert.equal(other.closed, undefined);
  const forged = await new RawClient(own.origin).open({
    authorization: `Bearer ${await issuer.token({}, { forged: true })}`,
  });
  assert.deepEqual(forged.closed, { code: 4403, reason: "Forbidden: the token's signature is wrong" });
  for (const client of [first, other]) client.end();
});

test('closes a socket and its subscriptions when its token expires', async () => {
  const issuer = await startIssuer();
  const own = await startNetwork({ authentication: issuer.authentication });
  afterTest(() => Promise.all([own.close(), issuer.close()]));
  // The clock tolerance adds five seconds to `exp`.
  const client = await new RawClient(own.origin).open({
    authorization: `Bearer ${await issuer.token({ exp: Math.floor(Date.now() / 1000) - 3 })}`,
  });
  client.subscribe('1', MESSAGES, { r: 'x' });
  await until(() => own.rooms.listeners.size === 1);
  assert.deepEqual(await client.until(() => client.closed), { code: 4403, reason: 'Token expired' });
  await until(() => own.rooms.listeners.size === 0);
});

/** A WebSocket client that completes the handshake and the init, and never reads again. */
async function deafClient(origin: string, messages: object[]): Promise<{ end(): void }> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  const frame = (message: object): Buffer => {
    const text = Buffer.from(JSON.stringify(message));
    const head =
      text.length < 126 ? [0x81, 0x80 | text.length] : [0x81, 0x80 | 126, text.length >> 8, text.length & 255];
    return Buffer.concat([Buffer.from(head), Buffer.alloc(4), text]); // Masked with zeros.
  };
  socket.on('error', () => undefined);
  socket.write(
    'GET /graphql HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n',
  );
  await once(socket, 'data');
  socket.write(frame({ type: 'connection_init' }));
  await once(socket, 'data');
  socket.pause();
  for (const message of messages) socket.write(frame(message));
  return { end: () => socket.destroy() };
}

test('a client that never reads: memory is bounded, it is closed, other clients are not affected', async () => {
  const own = await startNetwork({ limits: { slowClientMs: 1_000, queuedEvents: 50 } });
  afterTest(() => own.close());
  const deaf = await deafClient(own.origin, [
    { id: '1', type: 'subscribe', payload: { query: 'subscription { messages(room: "x") { id text } }' } },
  ]);
  const reader = await new RawClient(own.origin).open();
  reader.subscribe('1', 'subscription { messages(room: "x") { id } }');
  await until(() => own.rooms.listeners.size === 2);
  const text = 'x'.repeat(50_000);
  let sent = 0;
  let most = 0;
  // First the kernel's buffers on loopback fill up (some MB), then the socket's limit, then the queue's.
  const gaveUp = performance.now() + 30_000;
  while (own.rooms.listeners.size === 2 && performance.now() < gaveUp) {
    emit({ id: String(sent++), text, author: { id: 'u' } }, own);
    await reader.until(() => reader.of('1').length === sent);
    most = Math.max(most, own.router.stats().bufferedBytes);
  }
  assert.equal(own.rooms.listeners.size, 1, `not closed after ${sent} events`);
  assert.ok(most > 0 && most < 64_000 + 2 * 51_000, `${most} bytes were buffered`);
  await until(() => own.router.stats().sockets === 1);
  emit(event('after'), own);
  await reader.until(() => reader.of('1').length === sent + 1);
  assert.deepEqual(
    reader.of('1').map(({ payload }) => (payload as { data: { messages: { id: string } } }).data.messages.id),
    [...Array.from({ length: sent }, (_, i) => String(i)), 'after'],
  );
  deaf.end();
  reader.end();
});

test('a client that never reads but keeps sending does not get unlimited responses', async () => {
  const own = await startNetwork({ limits: { slowClientMs: 300 } });
  afterTest(() => own.close());
  const deaf = await deafClient(
    own.origin,
    Array.from({ length: 400 }, () => ({ type: 'ping', payload: { x: 'x'.repeat(60_000) } })),
  );
  let most = 0;
  await until(() => {
    const { sockets, bufferedBytes } = own.router.stats();
    most = Math.max(most, bufferedBytes);
    return sockets === 0;
  });
  assert.ok(most > 0 && most < 64_000 + 4 * 61_000, `${most} bytes were buffered`);
  deaf.end();
});

test('closing: queries finish, subscribers get 1001, new requests are refused', async () => {
  const own = await startNetwork();
  const client = await new RawClient(own.origin).open();
  client.subscribe('s', MESSAGES, { r: 'x' });
  client.subscribe('q', '{ slow }');
  const http = own.query('{ slow }');
  await until(() => own.rooms.listeners.size === 1 && own.rooms.waiting.length === 2);
  const closed = own.router.close({ graceMs: 2_000 });
  assert.equal(own.router.ready(), false);
  assert.equal((await fetch(`${own.origin}/health/ready`)).status, 503);
  assert.equal((await fetch(`${own.origin}/health/live`)).status, 200);
  assert.equal((await own.query('{ me }')).status, 503);
  for (const finish of own.rooms.waiting) finish();
  assert.deepEqual((await http).body, { data: { slow: 1 } });
  await client.until(() => client.closed);
  assert.deepEqual(client.closed, { code: 1001, reason: 'Going away' });
  assert.deepEqual(
    client.of('q').map(({ type }) => type),
    ['next', 'complete'],
  );
  assert.deepEqual(client.of('s'), [], 'no complete: the client is to come back');
  await closed;
  await own.close();
});

test('closing does not wait forever', async () => {
  const own = await startNetwork();
  const client = await new RawClient(own.origin).open();
  client.subscribe('q', '{ slow }');
  const http = own.query('{ slow }');
  await until(() => own.rooms.waiting.length === 2);
  await own.router.close({ graceMs: 100 });
  assert.equal((await http).body.errors?.[0]?.extensions['code'], 'UNAVAILABLE');
  await client.until(() => client.closed);
  await own.close();
});
