import assert from 'node:assert/strict';
import { beforeEach, test } from '@jest/globals';
import { EventQueue } from '../collections/event-queue.ts';
import { DEFAULT_LIMITS } from '../config/limits.ts';
import { createCompletionQueue } from '../execution/completion-queue.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type { CancelSignal, ExecutionResponse, SubgraphResult } from '../execution/types.ts';
import { RequestError } from '../operation/request-error.ts';
import { TestSubscriber, open as openFor } from '../subscriptions/subscriber.fixture.ts';
import type { OpenOptions } from '../subscriptions/subscriber.fixture.ts';
import { createSubscriptions } from '../subscriptions/subscriptions.ts';
import { engineFor, transportOf } from './harness.ts';
import type { TestTransport } from './harness.ts';
import { createHardNetwork } from './supergraph/network.ts';

const network = createHardNetwork();
const engine = engineFor(network);
beforeEach(() => network.reset());

/** An engine and its subscriptions over a transport of the test. */
function over(transport: Partial<TestTransport>) {
  const whole = { ...network.transport, ...transport };
  const own = engineFor(network, { transport: whole });
  const logged: string[] = [];
  const log = { warn: () => undefined, error: (message: string) => void logged.push(message) };
  const subscriptions = createSubscriptions({ transport: transportOf(whole), limits: DEFAULT_LIMITS, log });
  return {
    subscriptions,
    logged,
    open: (query: string, options?: OpenOptions): Promise<TestSubscriber> =>
      openFor(subscriptions, own, query, options),
  };
}
const plain = over({});

async function events(query: string, variables?: unknown): Promise<ExecutionResponse[]> {
  const client = await plain.open(query, { variables });
  await client.until(() => client.ended !== undefined);
  if (client.ended === 'complete' || !client.ended) return client.answers;
  return [...client.answers, { errors: client.ended.errors ?? [] }];
}

/** An upstream that the test controls. */
function manual() {
  const state = { returned: 0 };
  const queue = new EventQueue<SubgraphResult>(
    100,
    () => void state.returned++,
    () => new SlowConsumer(),
  );
  return {
    state,
    queue,
    push: (data: Record<string, unknown>) => queue.push({ data }),
    ...over({ subscribe: () => queue }),
  };
}
const ID = 'subscription { reviewAdded { id } }';

test('completes each event with data of other subgraphs, in the order of the events', async () => {
  const answers = await events(
    'subscription($u: ID) { added: reviewAdded(upc: $u) { id writer { displayName } product { name inStock } } }',
    { u: 'p1' },
  );
  const ada = { displayName: 'Ada' };
  assert.deepEqual(
    answers,
    ['r1', 'r3'].map((id) => ({ data: { added: { id, writer: ada, product: { name: 'Table', inStock: true } } } })),
  );
});

/** Subscriptions for which the test decides when each additional fetch is answered. */
function held() {
  const asked: { release(): void; readonly signal: CancelSignal | undefined }[] = [];
  const { open, subscriptions } = over({
    async fetch(subgraph, request, about) {
      await new Promise<void>((release) => asked.push({ release, signal: about.signal }));
      return network.transport.fetch(subgraph, request, about);
    },
  });
  let count = 0;
  // Each subscription has a different operation, so they are not shared.
  return {
    asked,
    subscriptions,
    subscribe: (events: number, room?: number) =>
      open(
        `subscription S${count++} { many(count: ${events}) { id product { name } } }`,
        room === undefined ? {} : { room },
      ),
  };
}
const turns = async (count = 200): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
const id = (answer: ExecutionResponse | undefined): string => (answer?.data?.['many'] as { id: string }).id;

test('completes sixteen events in parallel, and delivers them in order although the last fetch is answered first', async () => {
  const { asked, subscribe } = held();
  const client = await subscribe(40);
  await turns();
  assert.equal(asked.length, 16);
  for (const { release } of asked.slice(1).reverse()) release();
  await turns();
  assert.equal(client.events.length, 0);
  assert.equal(asked.length, 16);
  while (client.ended === undefined) {
    for (const { release } of [...asked].reverse()) release();
    await turns(3);
  }
  assert.deepEqual(
    client.answers.map(id),
    Array.from({ length: 40 }, (_, n) => `e${n}`),
  );
  assert.equal(client.ended, 'complete');
});

test('a client that takes nothing pauses its subgraph after the events in progress; it gets all when it continues', async () => {
  const { asked, subscribe } = held();
  const release = setInterval(() => {
    for (const one of asked) one.release();
  }, 1);
  const client = await subscribe(60, 1);
  await client.until(() => client.refused > 0);
  await turns();
  assert.ok(asked.length <= 1 + 16 + 16, `${asked.length} events were fetched for`);
  while (client.ended === undefined) {
    client.take(7);
    await turns(5);
  }
  clearInterval(release);
  assert.deepEqual(
    client.answers.map(id),
    Array.from({ length: 60 }, (_, n) => `e${n}`),
  );
});

test('leaving cancels the fetches of all events in progress', async () => {
  const { asked, subscribe } = held();
  const client = await subscribe(40);
  await turns();
  client.subscription?.stop();
  assert.deepEqual(
    asked.map(({ signal }) => signal?.aborted),
    Array.from({ length: 16 }, () => true),
  );
  for (const { release } of asked) release();
  await turns();
  assert.equal(asked.length, 16, 'and nothing more is asked');
  assert.deepEqual([client.events.length, client.ended], [0, undefined]);
});

test('many subscriptions together complete a bounded number of events ahead; each makes progress', async () => {
  const { asked, subscribe, subscriptions } = held();
  await Promise.all(Array.from({ length: 100 }, () => subscribe(40)));
  await turns();
  assert.equal(asked.length, 100 + 256);
  for (const { release } of asked) release();
  subscriptions.close();
  await turns();
  const before = asked.length;
  await Promise.all(Array.from({ length: 10 }, () => subscribe(40)));
  await turns();
  assert.equal(asked.length - before, 10 * 16, 'what was taken of the allowance was given back');
  subscriptions.close();
  for (const { release } of asked) release();
});

test('a failed completion queue returns its allowance and delivers nothing afterwards', async () => {
  const allowance = { left: 3 };
  const seen: string[] = [];
  const line = createCompletionQueue<string>(
    allowance,
    (_, event) => seen.push(event),
    () => seen.push('failed'),
  );
  const answer = { text: '', errors: 0, code: undefined, data: true };
  const releases: (() => void)[] = [];
  const waits = (): Promise<typeof answer> => new Promise((resolve) => releases.push(() => resolve(answer)));
  line.push('a', waits);
  line.push('b', () => Promise.reject(new Error('bug')));
  line.push('c', waits);
  line.push('d', waits);
  assert.deepEqual([allowance.left, line.room], [0, false]);
  await turns(3);
  for (const release of releases) release();
  await turns(3);
  assert.deepEqual([seen, allowance.left, line.size], [['failed'], 3, 0]);
});

test('ends a slow consumer with an error, after the earlier events', async () => {
  const upstream = manual();
  const client = await upstream.open(ID);
  upstream.push({ reviewAdded: { id: 'r1' } });
  upstream.queue.end(new SlowConsumer());
  await client.until(() => client.ended !== undefined);
  assert.deepEqual(client.answers, [{ data: { reviewAdded: { id: 'r1' } } }]);
  assert.ok(client.ended && client.ended !== 'complete');
  assert.deepEqual(
    [client.ended.code, client.ended.resumable, client.ended.errors?.[0]?.extensions?.['code']],
    ['SLOW_CONSUMER', true, 'SLOW_CONSUMER'],
  );
  assert.match(client.ended.errors?.[0]?.message ?? '', /fell behind.*Subscribe again from the last event/);
});

test('abstract types, interface objects and deep completion in events', async () => {
  assert.deepEqual(
    await events(
      'subscription { feedItem { __typename ... on Note { text by { email } } ... on Review { media { __typename title score } } } }',
    ),
    [
      { data: { feedItem: { __typename: 'Note', text: 'note', by: { email: 'ada@example.org' } } } },
      { data: { feedItem: { __typename: 'Review', media: { __typename: 'Movie', title: 'Ran', score: 0 } } } },
    ],
  );
});

test('an error in an event is in its response, and the next event arrives', async () => {
  const answers = await events('subscription { reviewAdded { id internal product { name } } }');
  assert.equal(answers.length, 5);
  assert.deepEqual(
    answers[0]?.errors?.map(({ path, message }) => [path, message]),
    [[['reviewAdded', 'internal'], 'nope']],
  );
  assert.deepEqual(
    answers[4]?.errors?.map(({ path }) => path),
    [
      ['reviewAdded', 'internal'],
      ['reviewAdded', 'product'],
    ],
  );
  const strict = await events('subscription { reviewStrict { id } }');
  assert.deepEqual(
    strict.map(({ data }) => data),
    [{ reviewStrict: { id: 'r1' } }, null, { reviewStrict: { id: 'r2' } }],
  );
  assert.equal(strict[1]?.errors?.length, 1);
});

test('a refused subscription answers with errors and without data', async () => {
  assert.deepEqual(await events('subscription { refused }'), [
    { errors: [{ message: 'not for you', path: ['refused'], extensions: { code: 'FORBIDDEN' } }] },
  ]);
});

test('a lost subgraph ends the stream with an error, never with silence', async () => {
  const upstream = manual();
  const client = await upstream.open(ID);
  upstream.push({ reviewAdded: { id: 'r1' } });
  await client.until(() => client.events.length === 1);
  upstream.queue.end(new SubgraphUnavailable('reviews', 'socket closed ws://10.0.0.1'));
  await client.until(() => client.ended !== undefined);
  assert.deepEqual(client.ended, {
    code: 'UNAVAILABLE',
    resumable: true,
    errors: [{ message: 'A service cannot be reached', extensions: { code: 'UNAVAILABLE' } }],
  });
  assert.equal(upstream.subscriptions.stats().upstreams, 0);
});

test('fields of a subgraph that is down are null, and events continue', async () => {
  network.down.add('catalog');
  const answers = await events('subscription { many(count: 2) { id product { upc name } } }');
  assert.deepEqual(
    answers.map(({ data }) => data),
    [
      { many: { id: 'e0', product: { upc: 'p1', name: null } } },
      { many: { id: 'e1', product: { upc: 'p2', name: null } } },
    ],
  );
  assert.deepEqual(answers[1]?.errors?.[0]?.path, ['many', 'product']);
});

test('the last client that leaves unsubscribes immediately', async () => {
  const upstream = manual();
  const [first, second] = [await upstream.open(ID), await upstream.open(ID)];
  await turns(2);
  first.subscription?.stop();
  first.subscription?.stop();
  assert.equal(upstream.state.returned, 0);
  second.subscription?.stop();
  assert.equal(upstream.state.returned, 1);
  assert.deepEqual(upstream.subscriptions.stats(), { upstreams: 0, subscribers: 0, keptEvents: 0, keptBytes: 0 });
});

test('a defect of the router ends the stream, is logged, and reveals nothing', async () => {
  const broken = over({ fetch: () => Promise.reject(new TypeError('bug')) });
  const client = await broken.open('subscription { many(count: 2) { product { name } } }');
  await client.until(() => client.ended !== undefined);
  assert.ok(client.ended && client.ended !== 'complete');
  assert.equal(client.ended.code, 'INTERNAL');
  assert.doesNotMatch(JSON.stringify(client.ended), /bug/);
  assert.equal(broken.logged.length, 1);
});

test('refuses invalid variables before any subgraph request', async () => {
  await assert.rejects(
    plain.open('subscription($n: Int!) { many(count: $n) { id } }', { variables: { n: 'x' } }),
    RequestError,
  );
  assert.equal(plain.subscriptions.stats().subscribers, 0);
});

test('one root field, with aliases and conditions below it', async () => {
  await assert.rejects(async () => engine.prepare('subscription { __typename reviewAdded { id } }'), RequestError);
  const [first] = await events(
    'subscription($a: Boolean = false) { reviewAdded { i: id ...F @include(if: $a) ...F @skip(if: $a) } } fragment F on Review { p: product { n: name rank } }',
    undefined,
  );
  assert.deepEqual(first, { data: { reviewAdded: { i: 'r1', p: { n: 'Table', rank: 0 } } } });
});
