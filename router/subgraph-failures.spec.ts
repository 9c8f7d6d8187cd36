import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from '@jest/globals';
import { signingKey } from '../signature/signature.ts';
import type { SubgraphOptions } from './config/subgraphs.ts';
import { createMetrics } from './metrics.ts';
import type { RouterOptions } from './options.ts';
import { createRouter } from './router.ts';
import { serve } from './serve.ts';
import { composeFor, startSubgraph, until } from './server.fixture.ts';
import type { Answer } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

type Behaviour = (res: ServerResponse) => void;
const json = (res: ServerResponse, body: string): void =>
  void res.writeHead(200, { 'content-type': 'application/json' }).end(body);
const well: Behaviour = (res) => json(res, '{"data":{"echo":"well"}}');
const said: Behaviour = (res) => json(res, '{"data":{"say":"said"}}');
const reset: Behaviour = (res) => void res.socket?.resetAndDestroy();
const hang: Behaviour = () => undefined;
const busy =
  (headers: Record<string, string> = {}): Behaviour =>
  (res) =>
    void res.writeHead(503, { 'content-type': 'text/plain', ...headers }).end('busy');
const dieInTheMiddle: Behaviour = (res) => {
  res.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  res.write('{"data":{"echo":', () => res.socket?.destroy());
};

/**
 * Starts a subgraph `rooms` that handles each request with the next step of `script`, and normally when there is none.
 * Also starts a real `users`.
 */
async function start(script: Behaviour[], options: Partial<RouterOptions> & { rooms?: SubgraphOptions } = {}) {
  const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
  const connections = new Set<Socket>();
  const state = { otherwise: well, connections: 0 };
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      requests.push({ headers: req.headers, body: Buffer.concat(chunks).toString() });
      (script.shift() ?? state.otherwise)(res);
    });
  });
  server.on('connection', (socket) => {
    state.connections++;
    connections.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => connections.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const users = await startSubgraph('users');
  const { rooms, ...others } = options;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  const router = createRouter({
    supergraph: composeFor({ users: users.url, rooms: url }),
    ...(rooms ? { subgraphs: { rooms } } : {}),
    ...others,
  });
  const metrics = createMetrics({ processMetrics: false });
  metrics.watch(router);
  const front = await serve(router, { port: 0 });
  const closeRooms = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of connections) socket.destroy();
    await once(server, 'close');
  };
  afterTest(async () => {
    await front.close({ graceMs: 100 });
    await Promise.all([closeRooms(), users.close()]);
  });
  return {
    requests,
    state,
    closeRooms,
    stats: () => router.stats().subgraphs.get('rooms'),
    metrics: () => metrics.text(),
    async ask(query: string): Promise<Answer> {
      const response = await fetch(`${front.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return (await response.json()) as Answer;
    },
  };
}
const ECHO = '{ echo(text: "x") }';
const code = (answer: Answer) => answer.errors?.[0]?.extensions['code'];

test('retries with a new signature: a connection reset before the response, a 503 with Retry-After', async () => {
  const rooms = await start([reset, busy({ 'retry-after': '0' })], {
    signingKey: signingKey('k', 'a secret of enough bytes'),
  });
  assert.deepEqual(await rooms.ask(ECHO), { data: { echo: 'well' } });
  assert.equal(rooms.requests.length, 3);
  assert.equal(new Set(rooms.requests.map(({ headers }) => headers['signature'])).size, 3, 'a signature is for once');
  assert.deepEqual(rooms.stats(), { circuit: 'closed', retries: 2, requests: 0 });
  assert.match(await rooms.metrics(), /router_subgraph_retries_total\{subgraph="rooms"\} 2/);
});

test('a stale connection: a query is resent with a new signature, which is no retry; a mutation is not', async () => {
  const rooms = await start([well, reset, well, reset], {
    signingKey: signingKey('k', 'a secret of enough bytes'),
    rooms: { retries: 0 },
  });
  await rooms.ask(ECHO);
  assert.deepEqual(await rooms.ask(ECHO), { data: { echo: 'well' } });
  assert.equal(new Set(rooms.requests.map(({ headers }) => headers['signature'])).size, 3);
  assert.deepEqual([rooms.stats(), rooms.state.connections], [{ circuit: 'closed', retries: 0, requests: 0 }, 2]);
  assert.equal(code(await rooms.ask('mutation { say(text: "x") }')), 'UNAVAILABLE');
  assert.equal(rooms.requests.length, 4);
  rooms.state.otherwise = reset;
  assert.equal(code(await rooms.ask(ECHO)), 'UNAVAILABLE');
  assert.equal(rooms.requests.length, 5, 'a new connection that is lost is a failure');
});

test('does not retry: a mutation, a response that broke off, a 503 without Retry-After', async () => {
  for (const [failure, query] of [
    [reset, 'mutation { say(text: "x") }'],
    [busy({ 'retry-after': '0' }), 'mutation { say(text: "x") }'],
    [dieInTheMiddle, ECHO],
    [busy(), ECHO],
  ] as const) {
    const rooms = await start([failure, said]);
    const answer = await rooms.ask(query);
    assert.equal(code(answer), 'UNAVAILABLE', query);
    assert.equal(rooms.requests.length, 1, query);
    assert.equal(rooms.stats()?.retries, 0);
  }
});

test('limits retries in total and per subgraph; the timeout includes retries', async () => {
  const twice = await start([reset, reset, reset, well]);
  assert.equal(code(await twice.ask(ECHO)), 'UNAVAILABLE');
  assert.equal(twice.requests.length, 3);
  const never = await start([reset, well], { rooms: { retries: 0 } });
  assert.equal(code(await never.ask(ECHO)), 'UNAVAILABLE');
  assert.equal(never.requests.length, 1);
  const short = await start([reset, hang, hang], { rooms: { timeoutMs: 200 } });
  assert.equal(code(await short.ask(ECHO)), 'UNAVAILABLE');
  assert.equal(short.requests.length, 2);
});

test('a subgraph that hangs or refuses: only its own fields are null', async () => {
  const rooms = await start([hang], { rooms: { timeoutMs: 400 } });
  const both = `{ echo(text: "x") user(id: "1") { name } }`;
  const hung = await rooms.ask(both);
  assert.deepEqual(hung.data, { echo: null, user: { name: 'name of 1' } });
  assert.deepEqual([code(hung), hung.errors?.length, hung.errors?.[0]?.path], ['UNAVAILABLE', 1, ['echo']]);
  await rooms.closeRooms();
  const refused = await rooms.ask(both);
  assert.deepEqual(refused.data, hung.data);
  assert.equal(rooms.stats()?.retries, 2);
});

test('the circuit opens for a failing subgraph, half-opens for probes, and closes again', async () => {
  const logged: string[] = [];
  const log = {
    warn: (message: string) => void logged.push(message),
    error: (message: string) => void logged.push(message),
  };
  const rooms = await start([], { log, limits: { subgraphCircuitMs: 300, subgraphRetries: 0 } });
  rooms.state.otherwise = busy();
  for (let i = 0; i < 20; i++) assert.equal(code(await rooms.ask(ECHO)), 'UNAVAILABLE');
  assert.equal(rooms.stats()?.circuit, 'open');
  assert.match(await rooms.metrics(), /router_subgraph_circuit\{subgraph="rooms"\} 2\n/);
  const answer = await rooms.ask('{ echo(text: "x") user(id: "1") { name } }');
  assert.deepEqual([answer.data, code(answer)], [{ echo: null, user: { name: 'name of 1' } }, 'UNAVAILABLE']);
  assert.equal(rooms.requests.length, 20, 'not asked while open');

  const askUntil = async (reached: () => boolean): Promise<void> => {
    while (!reached()) {
      await rooms.ask(ECHO);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await askUntil(() => rooms.requests.length === 21);
  assert.equal(rooms.stats()?.circuit, 'open', 'the probe failed');
  rooms.state.otherwise = well;
  await askUntil(() => rooms.stats()?.circuit === 'closed');
  assert.equal(rooms.requests.length, 24, 'three probes that were answered');
  assert.deepEqual(await rooms.ask(ECHO), { data: { echo: 'well' } });
  const changes = logged.flatMap((message) => /circuit of subgraph rooms is ([\w-]+)$/.exec(message)?.[1] ?? []);
  assert.deepEqual(changes, ['open', 'half-open', 'open', 'half-open', 'closed']);
});

test('requests that are refused for their content do not open the circuit', async () => {
  const rooms = await start([]);
  rooms.state.otherwise = (res) => void res.writeHead(413).end();
  for (let i = 0; i < 25; i++) assert.equal(code(await rooms.ask(ECHO)), 'UNAVAILABLE');
  assert.equal(rooms.stats()?.circuit, 'closed');
  assert.equal(rooms.requests.length, 25);
});

test('limits connections per subgraph', async () => {
  const waiting: ServerResponse[] = [];
  const rooms = await start([], { rooms: { connections: 2 } });
  rooms.state.otherwise = (res) => void waiting.push(res);
  const asked = Array.from({ length: 6 }, (_, i) => rooms.ask(`{ echo(text: "${i}") }`));
  await until(() => rooms.stats()?.requests === 6);
  for (let answered = 0; answered < 6; answered++) {
    await until(() => waiting.length > 0);
    well(waiting.shift()!);
  }
  for (const answer of await Promise.all(asked)) assert.deepEqual(answer, { data: { echo: 'well' } });
  assert.equal(rooms.state.connections, 2);
});
