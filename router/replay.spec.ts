import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { RawClient, startNetwork, until } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

type Payload = { data: { messages: { id: string; author?: { name: string } } } };
const WITH_NAMES = 'subscription { messages(room: "x") { id author { name } } }';
const ids = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));
const seen = (client: RawClient, id: string) =>
  client
    .of(id)
    .filter(({ type }) => type === 'next')
    .map(({ payload }) => (payload as Payload).data.messages);

test('a replay of 4,000 events, each completed by another subgraph, arrives complete and in order', async () => {
  const network = await startNetwork({ limits: { queuedEvents: 200 } });
  afterTest(() => network.close());
  const client = await new RawClient(network.origin).open();
  client.subscribe('1', WITH_NAMES);
  await until(() => network.rooms.listeners.size === 1);
  for (const queue of network.rooms.listeners) {
    for (let n = 0; n < 4_000; n++) queue.push({ id: String(n), text: '', author: { id: String(n % 100) } });
    queue.end();
  }
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, network.router.stats().queuedEvents)), 5);
  await client.until(() => ['complete', 'error'].includes(client.received.at(-1)?.type ?? ''));
  clearInterval(watch);
  assert.equal(client.of('1').at(-1)?.type, 'complete', JSON.stringify(client.of('1').at(-1)));
  assert.deepEqual(
    seen(client, '1'),
    ids(4_000).map((id) => ({ id, author: { name: `name of ${Number(id) % 100}` } })),
  );
  // The limit is half of the queue, plus as many events as fit into one read of 64 KiB.
  assert.ok(most > 100 && most < 101 + 65_536 / 80, `${most} events waited`);
  assert.equal(network.router.stats().queuedEvents, 0);
  client.end();
});

test('a subscription that falls behind ends with a code after its events; another on the same subgraph connection continues', async () => {
  const network = await startNetwork({ limits: { queuedEvents: 50, slowClientMs: 300, subgraphSockets: 1 } });
  afterTest(() => network.close());
  const client = await new RawClient(network.origin).open();
  client.subscribe('stuck', WITH_NAMES);
  client.subscribe('well', 'subscription { messages(room: "x") { id } }');
  await until(() => network.rooms.listeners.size === 2);
  const both = [...network.rooms.listeners];
  for (let n = 0; n < 3_000; n++)
    for (const queue of both) queue.push({ id: String(n), text: '', author: { id: 'slow' } });
  await client.until(() => client.received.length >= 3_000 && seen(client, 'well').length === 3_000);
  assert.deepEqual(
    seen(client, 'well').map(({ id }) => id),
    ids(3_000),
  );
  await until(() => network.rooms.listeners.size === 1);
  const answer = setInterval(() => {
    for (const release of network.users.waiting.splice(0)) release();
  }, 1);
  afterTest(() => clearInterval(answer));
  const last = await client.until(() => client.of('stuck').find(({ type }) => type !== 'next'));
  assert.equal(last.type, 'error');
  const [error] = last.payload as { message: string; extensions: Record<string, unknown> }[];
  assert.equal(error?.extensions['code'], 'SLOW_CONSUMER');
  assert.ok(error?.extensions['requestId']);
  assert.doesNotMatch(error?.message ?? '', /reached/);
  const before = seen(client, 'stuck');
  assert.deepEqual(
    before,
    ids(before.length).map((id) => ({ id, author: { name: 'late' } })),
    'none is missing before the end',
  );
  assert.ok(before.length >= 26 && before.length <= 26 + 16, `${before.length} were delivered`);
  client.end();
});
