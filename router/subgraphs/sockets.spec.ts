import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { test } from '@jest/globals';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { DEFAULT_LIMITS } from '../config/limits.ts';
import type { Limits } from '../config/limits.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type { SocketTimes } from './socket.ts';
import { createSubgraphSockets } from './sockets.ts';
import { afterTest } from '../../test/after-test.ts';

interface Message {
  id?: string;
  type: string;
  payload?: { query?: string; extensions?: object };
}
type Behaviour = (socket: WebSocket, message: Message) => void;

const CONTEXT = { requestId: 'r', principal: { userId: 'anna' } };
const acknowledge: Behaviour = (socket, { type }) => {
  if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
};

/** Starts a subgraph whose behaviour each test defines. */
async function upstream(
  behave: Behaviour,
  { limits = {}, times }: { limits?: Partial<Limits>; times?: SocketTimes } = {},
) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: times === undefined });
  await once(server, 'listening');
  const messages: Message[] = [];
  const closes: number[] = [];
  let connections = 0;
  let pongs = 0;
  let wake: (() => void)[] = [];
  const happened = (): void => {
    for (const resolve of wake.splice(0)) resolve();
  };
  server.on('connection', (socket) => {
    connections++;
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      messages.push(message);
      behave(socket, message);
      happened();
    });
    socket.on('pong', () => {
      pongs++;
      happened();
    });
    socket.on('close', (code) => {
      closes.push(code);
      happened();
    });
  });
  const url = new URL(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const sockets = createSubgraphSockets('rooms', url, { ...DEFAULT_LIMITS, ...limits }, undefined, times);
  afterTest(async () => {
    sockets.close();
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    sockets,
    messages,
    closes,
    connections: () => connections,
    pongs: () => pongs,
    subscribe: (signal?: AbortSignal) =>
      sockets.subscribe({ query: 'subscription { a }' }, signal ? { ...CONTEXT, signal } : CONTEXT),
    async until(condition: () => boolean): Promise<void> {
      while (!condition()) await new Promise<void>((resolve) => wake.push(resolve));
    },
  };
}
const unavailable =
  (message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof SubgraphUnavailable && error.subgraph === 'rooms' && message.test(error.message);
const next = (socket: WebSocket, id: string | undefined, n: number): void =>
  socket.send(JSON.stringify({ id, type: 'next', payload: { data: { a: n } } }));

test('events, then the end; few sockets for many subscriptions; sends the identity', async () => {
  const up = await upstream(
    (socket, message) => {
      acknowledge(socket, message);
      if (message.type !== 'subscribe') return;
      next(socket, message.id, 1);
      socket.send(JSON.stringify({ id: message.id, type: 'complete' }));
    },
    { limits: { subgraphSockets: 2 } },
  );
  const all = Array.from({ length: 20 }, () => up.subscribe());
  assert.deepEqual(
    await Promise.all(all.map((events) => events.next())),
    all.map(() => ({ value: { data: { a: 1 } }, done: false })),
  );
  for (const events of all) assert.equal((await events.next()).done, true);
  assert.ok(up.connections() === 2);
  assert.deepEqual(up.messages.find(({ type }) => type === 'subscribe')?.payload?.extensions, {
    identity: { userId: 'anna', requestId: 'r' },
  });
});

test('return() and an abort send complete once and end a pending next()', async () => {
  const up = await upstream(acknowledge);
  const abort = new AbortController();
  const [one, two] = [up.subscribe(), up.subscribe(abort.signal)];
  const pending = [one.next(), two.next()];
  await up.until(() => up.messages.filter(({ type }) => type === 'subscribe').length === 2);
  await one.return?.();
  await one.return?.();
  abort.abort();
  assert.deepEqual(
    (await Promise.all(pending)).map(({ done }) => done),
    [true, true],
  );
  await up.until(() => up.messages.filter(({ type }) => type === 'complete').length === 2);
  await up.sockets.subscribe({ query: 'x' }, { ...CONTEXT, signal: AbortSignal.abort() }).next();
  assert.equal(up.messages.filter(({ type }) => type === 'complete').length, 2);
});

const SHARED = { subgraphSockets: 1, queuedEvents: 100 };
/**
 * Sends events as fast as they are read: as many as the subscription asks for, then `complete`. The events are small,
 * so one read contains many.
 */
const replay =
  (count: number): Behaviour =>
  (socket, message) => {
    acknowledge(socket, message);
    if (message.type !== 'subscribe') return;
    for (let n = 0; n < count; n++) next(socket, message.id, n);
    socket.send(JSON.stringify({ id: message.id, type: 'complete' }));
  };
/** More events than one read, half of the queue and the kernel's buffers can hold together. */
const MANY = 100_000;

test('a replay faster than it is read arrives complete and in order; a bounded number of events waits', async () => {
  const up = await upstream(replay(MANY), { limits: SHARED });
  let [seen, most] = [0, 0];
  for await (const { data } of up.subscribe()) {
    assert.equal(data?.['a'], seen++);
    if (seen % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, up.sockets.queuedEvents);
  }
  assert.equal(seen, MANY);
  // The limit is half of the queue, plus as many of the smallest events as fit into one read of 64 KiB.
  assert.ok(most > 50 && most < 51 + 65_536 / 40, `${most} events waited`);
});

test('a subscription that does not read ends with a code after its waiting events; others on its socket lose nothing', async () => {
  const up = await upstream(replay(MANY), { limits: { ...SHARED, slowClientMs: 300 } });
  const stopped = up.subscribe();
  assert.deepEqual((await stopped.next()).value, { data: { a: 0 } });
  let seen = 0;
  for await (const { data } of up.subscribe()) assert.equal(data?.['a'], seen++);
  assert.equal(seen, MANY);
  assert.equal(up.connections(), 1);
  assert.deepEqual(
    up.messages.filter(({ type }) => type === 'complete').map(({ id }) => id),
    ['0'],
    'upstream is told',
  );
  for (let n = 1; n <= 51; n++) assert.deepEqual((await stopped.next()).value, { data: { a: n } });
  await assert.rejects(stopped.next(), (error) => error instanceof SlowConsumer && error.code === 'SLOW_CONSUMER');
  assert.equal((await stopped.next()).done, true);
});

test('a slow subscription that blocks others ends, however short each pause is; alone on its socket it may take its time', async () => {
  const up = await upstream(replay(MANY), { limits: { ...SHARED, queuedEvents: 20, slowClientMs: 500 } });
  const slow = up.subscribe();
  const drip = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await slow.next();
    }
  };
  await drip(120); // This takes at least 600 ms.
  const other = up.subscribe();
  const [first] = await Promise.all([other.next(), assert.rejects(drip(10_000), SlowConsumer)]);
  assert.deepEqual(first.value, { data: { a: 0 } });
  await other.return?.();
});

test('a paused socket does not count as lost, sends unsolicited pongs, and answers pings after it resumes', async () => {
  const up = await upstream(
    (socket, message) => {
      replay(MANY)(socket, message);
      if (message.type === 'subscribe') socket.send('{"type":"ping"}');
    },
    { limits: SHARED, times: { pingMs: 200, idleMs: 10_000 } },
  );
  const events = up.subscribe();
  await events.next();
  await up.until(() => up.pongs() >= 5); // In this time as many pings were due, and none was answered.
  for (let n = 1; n < MANY; n++) assert.deepEqual((await events.next()).value, { data: { a: n } });
  assert.equal((await events.next()).done, true);
  await up.until(() => up.messages.some(({ type }) => type === 'pong'));
});

test('a subscription that leaves a paused socket lets it resume', async () => {
  const up = await upstream(replay(MANY), { limits: SHARED });
  const stopped = up.subscribe();
  await stopped.next();
  const other = up.subscribe();
  const first = other.next();
  await stopped.return?.();
  assert.deepEqual((await first).value, { data: { a: 0 } });
  await other.return?.();
  assert.equal(up.sockets.queuedEvents, 0);
});

test('every way to lose an upstream', async () => {
  const refused = await upstream((socket) => socket.close(4403, 'Forbidden'));
  await assert.rejects(refused.subscribe().next(), unavailable(/was lost/));
  const mute = await upstream(() => undefined, { limits: { subgraphMs: 100 } });
  await assert.rejects(mute.subscribe().next(), unavailable(/did not accept a subscription within 100 ms/));
  const rubbish = await upstream((socket) => socket.send('hello'));
  await assert.rejects(rubbish.subscribe().next(), unavailable(/invalid graphql-transport-ws message/));
  const silent = await upstream(acknowledge, { times: { pingMs: 50, idleMs: 10_000 } });
  await assert.rejects(silent.subscribe().next(), unavailable(/went silent/));
  const wrong = await upstream((socket, message) => {
    acknowledge(socket, message);
    if (message.type === 'subscribe')
      socket.send(JSON.stringify({ id: message.id, type: 'next', payload: { data: [1] } }));
  });
  await assert.rejects(wrong.subscribe().next(), unavailable(/not a GraphQL response/));
  const normal = await upstream((socket, message) => {
    acknowledge(socket, message);
    if (message.type === 'subscribe') socket.close(1000);
  });
  await assert.rejects(
    normal.subscribe().next(),
    unavailable(/was lost/),
    'a normal closure is a loss too: nobody completed the subscription',
  );
  assert.equal(normal.messages.filter(({ type }) => type === 'subscribe').length, 1, 'and nothing is sent twice');
});

test('a refused subscription is a response without data', async () => {
  const up = await upstream((socket, message) => {
    acknowledge(socket, message);
    if (message.type === 'subscribe')
      socket.send(
        JSON.stringify({
          id: message.id,
          type: 'error',
          payload: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }],
        }),
      );
  });
  const events = up.subscribe();
  assert.deepEqual((await events.next()).value, { errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] });
  assert.equal((await events.next()).done, true);
});

test('closes an idle socket; a new subscription opens another', async () => {
  const up = await upstream(acknowledge, { times: { pingMs: 10_000, idleMs: 20 } });
  for (const count of [1, 2]) {
    const events = up.subscribe();
    const pending = events.next();
    await up.until(() => up.messages.filter(({ type }) => type === 'subscribe').length === count);
    await events.return?.();
    await pending;
    await up.until(() => up.closes.length === count);
    assert.equal(up.closes.at(-1), 1000);
  }
});
