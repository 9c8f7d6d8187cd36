import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from '@jest/globals';
import type { RouterOptions } from './options.ts';
import { createRouter } from './router.ts';
import { composeFor, RawClient, startNetwork, startSubgraph, until } from './server.fixture.ts';
import type { Answer, Network, Subgraph } from './server.fixture.ts';
import type { SupergraphManagerOptions } from './supergraph/sources.ts';
import { afterTest } from '../test/after-test.ts';

interface ReloadNetwork extends Network {
  /** The supergraph that is composed of the subgraphs. */
  readonly sdl: string;
  /** Another text with the same meaning. */
  other(number: number): string;
}

async function start(options: Partial<RouterOptions> = {}): Promise<ReloadNetwork> {
  const network = await startNetwork(options);
  afterTest(() => network.close());
  const sdl = composeFor({ users: network.users.url, rooms: network.rooms.url });
  return { ...network, sdl, other: (number) => `${sdl}\n# ${number}` };
}
/** The supergraph without a line. */
function without(sdl: string, line: RegExp): string {
  const changed = sdl.replace(line, '');
  assert.notEqual(changed, sdl);
  return changed;
}
const MESSAGES = /^ *messages\(room: ID!\): Message[^\n]*\n/m;
const NAME = /^ *name: String @join__field[^\n]*\n/m;
const code = (answer: Answer) => answer.errors?.[0]?.extensions['code'];
const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

test('clients see the new supergraph; a refused one keeps the old', async () => {
  const logged: string[] = [];
  const network = await start({ log: { warn: () => undefined, error: (message) => void logged.push(message) } });
  const fields = async (): Promise<string> =>
    JSON.stringify((await network.query('{ __type(name: "User") { fields { name } } }')).body);
  assert.match(await fields(), /"name":"name"/);
  const before = network.router.stats().supergraph;
  const { result, id } = await network.router.reload(without(network.sdl, NAME));
  assert.equal(result, 'loaded');
  assert.notEqual(id, before);
  assert.doesNotMatch(await fields(), /"name":"name"/);
  assert.equal(code((await network.query('{ user(id: "1") { name } }')).body), 'GRAPHQL_VALIDATION_FAILED');
  assert.equal((await network.router.reload('type Query { a: Int }')).result, 'invalid');
  assert.equal((await network.router.reload(`${network.sdl.slice(0, -40)}`)).result, 'invalid');
  assert.deepEqual(
    logged,
    Array.from({ length: 2 }, () => 'the new supergraph cannot be used, the old one is kept'),
  );
  assert.equal((await network.router.reload(without(network.sdl, NAME))).result, 'unchanged');
  assert.deepEqual(
    [network.router.stats().supergraph, network.router.stats().reloads],
    [id, { loaded: 1, unchanged: 1, invalid: 2 }],
  );
});

test('a request in flight finishes with the old supergraph; a moved subgraph gets requests at its new address, and old connections close', async () => {
  const network = await start();
  const elsewhere = await startSubgraph('users');
  afterTest(() => elsewhere.close());
  const slow = network.query('{ user(id: "slow") { name } }');
  await until(() => network.users.waiting.length === 1);
  const { result } = await network.router.reload(
    without(composeFor({ users: elsewhere.url, rooms: network.rooms.url }), NAME),
  );
  assert.equal(result, 'loaded');
  assert.deepEqual((await network.query('{ me echo(text: "x") }')).body, { data: { me: null, echo: 'x' } });
  assert.deepEqual([elsewhere.requests.length, network.router.stats().generations], [1, 2]);
  assert.equal(network.users.open, 1);
  network.users.waiting.shift()?.();
  assert.deepEqual((await slow).body, { data: { user: { name: 'late' } } }, 'a field that the new one does not have');
  await until(() => network.router.stats().generations === 1 && network.users.open === 0);
  assert.equal(network.rooms.open, 1, 'the connection to a subgraph that stays is kept');
});

test('many reloads under requests and subscriptions: none fails, none is dropped, nothing leaks', async () => {
  // A generation of the router has more than 1 MB, so 20 reloads show a leak.
  const [EARLY, ALL] = [10, 30];
  const network = await start({ limits: { reloadSpreadMs: 0 } });
  const client = await new RawClient(network.origin).open();
  afterTest(() => client.end());
  client.subscribe('s', 'subscription { messages(room: "r") { id author { name } } }');
  await until(() => network.rooms.listeners.size === 1);
  let answered = 0;
  /**
   * Reloads while clients send requests without a pause, and emits an event after each reload. Measures what is left
   * when nothing runs any more.
   */
  const reload = async (from: number, to: number): Promise<{ heap: number; resources: number }> => {
    const time = { over: false };
    const asking = Array.from({ length: 4 }, async () => {
      while (!time.over) {
        const { status, body } = await network.query(
          '{ room(id: "r") { messages { author { name } } } echo(text: "x") }',
        );
        assert.deepEqual([status, body.errors], [200, undefined]);
        answered++;
      }
    });
    for (let number = from; number < to; number++) {
      const { result } = await network.router.reload(
        number % 2 ? network.other(number) : without(network.other(number), /^ *slow: Int[^\n]*\n/m),
      );
      assert.equal(result, 'loaded');
      for (const queue of network.rooms.listeners) queue.push({ id: String(number), text: 't', author: { id: 'u' } });
    }
    time.over = true;
    await Promise.all(asking);
    await client.until(() => client.of('s').length === to || client.closed);
    await until(() => network.router.stats().generations === 1);
    // The records of the fixtures. There are thousands of them, and more the faster the router is.
    for (const { requests } of [network.users, network.rooms]) requests.length = 0;
    for (let turn = 0; turn < 3; turn++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { heap: process.memoryUsage().heapUsed, resources: process.getActiveResourcesInfo().length };
  };
  const early = await reload(0, EARLY);
  const late = await reload(EARLY, ALL);
  assert.deepEqual(
    client.of('s').map(({ payload }) => (payload as { data: { messages: object } }).data.messages),
    Array.from({ length: ALL }, (_, i) => ({ id: String(i), author: { name: 'name of u' } })),
    'each event once, in order',
  );
  assert.equal(network.rooms.subscribes.length, 1, 'the subgraph has not noticed');
  assert.ok(answered > ALL, String(answered));
  assert.deepEqual(network.router.stats().reloads, { loaded: ALL, unchanged: 0, invalid: 0 });
  assert.ok(late.heap < early.heap + 3e6, `the heap has grown from ${early.heap} to ${late.heap}`);
  assert.ok(late.resources <= early.resources + 10, `${early.resources} resources became ${late.resources}`);
});

test('a subscription that the new supergraph lacks ends with a code, spread over time; others continue', async () => {
  const network = await start({ limits: { reloadSpreadMs: 400 } });
  const client = await new RawClient(network.origin).open();
  afterTest(() => client.end());
  for (let i = 0; i < 20; i++)
    client.subscribe(`m${i}`, `subscription { messages(room: "m${i}") { id author { name } } }`);
  for (let i = 0; i < 3; i++) client.subscribe(`k${i}`, `subscription { messages(room: "k${i}") { id } }`);
  await until(() => network.rooms.listeners.size === 23);
  const began = performance.now();
  await network.router.reload(without(network.sdl, NAME));
  assert.ok(network.router.stats().subscriptions > 3, 'not all at once');
  await client.until(() =>
    Array.from({ length: 20 }, (_, i) => client.of(`m${i}`).at(-1)?.type).every((type) => type === 'error'),
  );
  const took = performance.now() - began;
  assert.ok(took > 100, String(took));
  const [error] = client.of('m0').at(-1)?.payload as { extensions: { code: string; requestId: string } }[];
  assert.equal(error?.extensions.code, 'SUBSCRIPTION_RELOADED');
  await until(() => network.rooms.listeners.size === 3);
  for (const queue of network.rooms.listeners) queue.push({ id: '1', text: 't', author: { id: 'u' } });
  await client.until(() => [0, 1, 2].every((i) => client.of(`k${i}`).length === 1));
  assert.deepEqual(client.of('k0')[0]?.payload, { data: { messages: { id: '1' } } });
  await until(() => network.router.stats().generations === 1);
  assert.equal(client.closed, undefined);
  await network.router.reload(without(network.sdl, MESSAGES));
  await client.until(() => [0, 1, 2].every((i) => client.of(`k${i}`).at(-1)?.type === 'error'));
  await until(() => network.rooms.listeners.size === 0);
});

test('a subscription that opens during a reload uses the new supergraph', async () => {
  const network = await start({ limits: { reloadSpreadMs: 0 } });
  const client = await new RawClient(network.origin).open();
  afterTest(() => client.end());
  for (let i = 0; i < 10; i++) {
    client.subscribe(`a${i}`, `subscription { messages(room: "a${i}") { id } }`);
    await network.router.reload(network.other(i));
    client.subscribe(`b${i}`, `subscription { messages(room: "b${i}") { id text } }`);
  }
  await until(() => network.rooms.listeners.size === 20);
  await until(() => network.router.stats().generations === 1);
});

test('a subscription whose subgraph has moved must be opened again', async () => {
  const network = await start({ limits: { reloadSpreadMs: 0 } });
  const elsewhere: Subgraph = await startSubgraph('rooms');
  afterTest(() => elsewhere.close());
  const client = await new RawClient(network.origin).open();
  afterTest(() => client.end());
  client.subscribe('s', 'subscription { messages(room: "r") { id } }');
  await until(() => network.rooms.listeners.size === 1);
  await network.router.reload(composeFor({ users: network.users.url, rooms: elsewhere.url }));
  await client.until(() => client.of('s').length > 0);
  assert.match(JSON.stringify(client.of('s')), /SUBSCRIPTION_RELOADED/);
  client.subscribe('s', 'subscription { messages(room: "r") { id } }');
  await until(() => elsewhere.listeners.size === 1);
  await until(() => network.rooms.open === 0);
});

test('a manager: not ready before its first supergraph, serves later ones, cleanup is called once', async () => {
  const [users, rooms] = await Promise.all([startSubgraph('users'), startSubgraph('rooms')]);
  const sdl = composeFor({ users: users.url, rooms: rooms.url });
  let give: (sdl: string) => void = () => undefined;
  let tools: SupergraphManagerOptions | undefined;
  let cleaned = 0;
  const router = createRouter({
    supergraph: {
      async initialize(options) {
        tools = options;
        return {
          supergraphSdl: await new Promise<string>((resolve) => (give = resolve)),
          cleanup: async () => void cleaned++,
        };
      },
    },
  });
  const server = createServer((req, res) => router.handle(req, res))
    .on('upgrade', (req, socket, head) => router.upgrade(req, socket, head))
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  afterTest(async () => {
    server.closeAllConnections();
    server.close();
    await Promise.all([router.close(), users.close(), rooms.close()]);
  });
  const ask = async (path: string, body?: string) =>
    fetch(
      `${origin}${path}`,
      body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body },
    );
  assert.equal((await ask('/health/live')).status, 200);
  assert.equal((await ask('/health/ready')).status, 503);
  const refused = await ask('/graphql', '{"query":"{ me }"}');
  assert.deepEqual(
    [refused.status, refused.headers.get('retry-after'), code((await refused.json()) as Answer)],
    [503, '1', 'UNAVAILABLE'],
  );
  const client = new RawClient(origin);
  await client.until(() => client.closed);
  give(sdl);
  await router.started();
  assert.equal((await ask('/health/ready')).status, 200);
  assert.deepEqual(await (await ask('/graphql', '{"query":"{ me }"}')).json(), { data: { me: null } });
  await tools?.healthCheck(sdl);
  tools?.update('nonsense');
  tools?.update(without(sdl, NAME));
  await until(() => router.stats().reloads.loaded + router.stats().reloads.invalid === 2);
  assert.match(
    await (await ask('/graphql', '{"query":"{ user(id: 1) { name } }"}')).text(),
    /GRAPHQL_VALIDATION_FAILED/,
  );
  await rooms.close();
  await assert.rejects(async () => tools?.healthCheck(sdl));
  await router.close();
  await router.close();
  assert.equal(cleaned, 1);
});
