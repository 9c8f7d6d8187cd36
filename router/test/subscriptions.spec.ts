import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Engine } from '../execution/engine.ts';
import { completeEvents } from '../execution/subscription.ts';
import { RequestError } from '../execution/request-error.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type { ExecutionResponse, SubgraphResult } from '../execution/types.ts';
import { EventQueue } from '../subscriptions/event-queue.ts';
import { context, engineFor, json } from './harness.ts';
import { createHardNetwork } from './supergraph/network.ts';

const network = createHardNetwork();
const engine = engineFor(network);
beforeEach(() => network.reset());

async function events(query: string, variables?: unknown, from: Engine = engine): Promise<ExecutionResponse[]> {
  const all: ExecutionResponse[] = [];
  for await (const event of from.subscribe(await from.prepare(query), variables, context)) all.push(json(event));
  return all;
}

/** An upstream in the hands of the test. */
function manual() {
  const waiting: { resolve(result: IteratorResult<SubgraphResult>): void; reject(error: Error): void }[] = [];
  const ready: Deferred[] = [];
  const state = { returned: 0, pulled: 0 };
  type Deferred = (target: (typeof waiting)[number]) => void;
  const settle = (how: Deferred) => {
    const target = waiting.shift();
    if (target === undefined) ready.push(how);
    else how(target);
  };
  const iterator: AsyncIterableIterator<SubgraphResult> = {
    next() {
      state.pulled++;
      return new Promise((resolve, reject) => {
        const how = ready.shift();
        if (how === undefined) waiting.push({ resolve, reject });
        else how({ resolve, reject });
      });
    },
    return() {
      state.returned++;
      settle(({ resolve }) => resolve({ done: true, value: undefined }));
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
  return {
    state,
    push: (data: Record<string, unknown>) => settle(({ resolve }) => resolve({ done: false, value: { data } })),
    fail: (error: Error) => settle(({ reject }) => reject(error)),
    engine: engineFor(network, { transport: { fetch: network.transport.fetch, subscribe: () => iterator } }),
  };
}
const ID = 'subscription { reviewAdded { id } }';

test('completes each event with what other subgraphs know, in the order of the events', async () => {
  const answers = await events('subscription($u: ID) { added: reviewAdded(upc: $u) { id writer { displayName } product { name inStock } } }', { u: 'p1' });
  const ada = { displayName: 'Ada' };
  assert.deepEqual(answers, ['r1', 'r3'].map((id) => ({
    data: { added: { id, writer: ada, product: { name: 'Table', inStock: true } } },
  })));
});

test('keeps the order when the fetches of an earlier event take longer', async () => {
  const names: string[] = [];
  const releases: (() => void)[] = [];
  const slow = engineFor(network, {
    transport: {
      subscribe: network.transport.subscribe,
      async fetch(subgraph, request, about) {
        if (releases.length < 1) await new Promise<void>((resolve) => void releases.push(resolve));
        return network.transport.fetch(subgraph, request, about);
      },
    },
  });
  const iterator = slow.subscribe(await slow.prepare('subscription { many(count: 3) { id product { name } } }'), null, context);
  const answers = [iterator.next(), iterator.next(), iterator.next(), iterator.next()].map((answer) => answer.then(({ value, done }) => {
    names.push(done === true ? 'end' : String((value.data?.['many'] as { id: string }).id));
  }));
  while (releases.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(names, []);
  releases[0]?.();
  await Promise.all(answers);
  assert.deepEqual(names, ['e0', 'e1', 'e2', 'end']);
});

/** An engine of which the test says when each fetch beside the subscription is answered. */
function held() {
  const asked: { release(): void; readonly signal: AbortSignal | undefined }[] = [];
  const from = engineFor(network, {
    transport: {
      subscribe: network.transport.subscribe,
      async fetch(subgraph, request, about) {
        await new Promise<void>((release) => asked.push({ release, signal: about.signal }));
        return network.transport.fetch(subgraph, request, about);
      },
    },
  });
  return { asked, subscribe: async (count: number) => from.subscribe(await from.prepare(`subscription { many(count: ${count}) { id product { name } } }`), null, context) };
}
const turns = async (count = 200): Promise<void> => { for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve)); };
const id = ({ value }: IteratorResult<ExecutionResponse>): string => (value?.data?.['many'] as { id: string }).id;

test('sixteen events are completed at once, and delivered in order though the last fetch is answered first', async () => {
  const { asked, subscribe } = held();
  const events = await subscribe(40);
  const first = events.next();
  let delivered = false;
  void first.then(() => (delivered = true));
  await turns();
  assert.equal(asked.length, 16, 'as many as that, and no more while nobody takes them');
  for (const { release } of asked.slice(1).reverse()) release();
  await turns();
  assert.equal(delivered, false);
  assert.equal(asked.length, 16);
  asked[0]?.release();
  const seen = [id(await first)];
  for (let n = 1; n < 40; n++) {
    const event = events.next();
    await turns(3);
    for (const { release } of [...asked].reverse()) release();
    seen.push(id(await event));
  }
  assert.deepEqual(seen, Array.from({ length: 40 }, (_, n) => `e${n}`));
  assert.equal((await events.next()).done, true);
});

test('leaving gives up the fetches of all events that are being completed', async () => {
  const { asked, subscribe } = held();
  const events = await subscribe(40);
  const pending = [events.next(), events.next()];
  await turns();
  await events.return?.();
  assert.deepEqual((await Promise.all(pending)).map(({ done }) => done), [true, true]);
  assert.deepEqual(asked.map(({ signal }) => signal?.aborted), Array.from({ length: 16 }, () => true));
  for (const { release } of asked) release();
  await turns();
  assert.equal(asked.length, 16, 'and nothing more is asked');
});

test('many subscriptions together complete a bounded number of events ahead; each goes on by at least one', async () => {
  const { asked, subscribe } = held();
  const all = await Promise.all(Array.from({ length: 100 }, () => subscribe(40)));
  const first = all.map((events) => events.next());
  await turns();
  assert.equal(asked.length, 100 + 256);
  for (const { release } of asked) release();
  assert.deepEqual((await Promise.all(first)).map(id), all.map(() => 'e0'));
  // what was taken of the allowance is given back with the answer, also while nobody takes that
  await turns();
  const [before, more] = [asked.length, await Promise.all(Array.from({ length: 10 }, () => subscribe(40)))];
  for (const events of more) void events.next();
  await turns();
  assert.equal(asked.length - before, 10 * 16);
  await Promise.all([...all, ...more].map((events) => events.return?.()));
  for (const { release } of asked) release();
});

test('a subscription that waits for its next event keeps nothing of what all share', async () => {
  const upstream = new EventQueue<SubgraphResult>(10, () => undefined, () => new SlowConsumer());
  const allowance = { left: 1 };
  const events = completeEvents(upstream, { subgraph: 'reviews', signal: undefined, allowance }, (event) => Promise.resolve(event));
  for (let n = 0; n < 3; n++) {
    const next = events.next();
    upstream.push({ data: { n } });
    assert.deepEqual((await next).value, { data: { n } });
    await turns(3);
    assert.equal(allowance.left, 1);
  }
  await events.return?.();
});

test('a consumer that was too slow is told so, after the events before', async () => {
  const upstream = manual();
  const iterator = upstream.engine.subscribe(await upstream.engine.prepare(ID), undefined, context);
  upstream.push({ reviewAdded: { id: 'r1' } });
  upstream.fail(new SlowConsumer());
  assert.deepEqual((await iterator.next()).value, { data: { reviewAdded: { id: 'r1' } } });
  const { errors, data } = (await iterator.next()).value as ExecutionResponse;
  assert.equal(data, undefined);
  assert.equal(errors?.[0]?.extensions?.['code'], 'SLOW_CONSUMER');
  assert.match(errors?.[0]?.message ?? '', /fell behind.*Subscribe again from the last event/);
  assert.equal((await iterator.next()).done, true);
});

test('abstract types, interface objects and deep completion in events', async () => {
  assert.deepEqual(await events('subscription { feedItem { __typename ... on Note { text by { email } } ... on Review { media { __typename title score } } } }'), [
    { data: { feedItem: { __typename: 'Note', text: 'note', by: { email: 'ada@example.org' } } } },
    { data: { feedItem: { __typename: 'Review', media: { __typename: 'Movie', title: 'Ran', score: 0 } } } },
  ]);
});

test('an error in an event is in its answer, and the next event comes', async () => {
  const answers = await events('subscription { reviewAdded { id internal product { name } } }');
  assert.equal(answers.length, 5);
  assert.deepEqual(answers[0]?.errors?.map(({ path, message }) => [path, message]), [[['reviewAdded', 'internal'], 'nope']]);
  assert.deepEqual(answers[4]?.errors?.map(({ path }) => path), [['reviewAdded', 'internal'], ['reviewAdded', 'product']]);
  const strict = await events('subscription { reviewStrict { id } }');
  assert.deepEqual(strict.map(({ data }) => data), [{ reviewStrict: { id: 'r1' } }, null, { reviewStrict: { id: 'r2' } }]);
  assert.equal(strict[1]?.errors?.length, 1);
});

test('a refused subscription answers with errors and no data', async () => {
  assert.deepEqual(await events('subscription { refused }'), [
    { errors: [{ message: 'not for you', path: ['refused'], extensions: { code: 'FORBIDDEN' } }] },
  ]);
});

test('a subgraph that is lost ends the stream with an error, never with silence', async () => {
  const upstream = manual();
  const iterator = upstream.engine.subscribe(await upstream.engine.prepare(ID), undefined, context);
  upstream.push({ reviewAdded: { id: 'r1' } });
  assert.deepEqual((await iterator.next()).value, { data: { reviewAdded: { id: 'r1' } } });
  upstream.fail(new SubgraphUnavailable('reviews', 'socket closed ws://10.0.0.1'));
  assert.deepEqual(await iterator.next(), {
    done: false, value: { errors: [{ message: 'A service cannot be reached', extensions: { code: 'UNAVAILABLE' } }] },
  });
  assert.equal((await iterator.next()).done, true);
});

test('fields of a subgraph that is down are empty, events go on', async () => {
  network.down.add('catalog');
  const answers = await events('subscription { many(count: 2) { id product { upc name } } }');
  assert.deepEqual(answers.map(({ data }) => data), [
    { many: { id: 'e0', product: { upc: 'p1', name: null } } }, { many: { id: 'e1', product: { upc: 'p2', name: null } } },
  ]);
  assert.deepEqual(answers[1]?.errors?.[0]?.path, ['many', 'product']);
});

test('return() unsubscribes at once, also while next() is pending', async () => {
  const upstream = manual();
  const iterator = upstream.engine.subscribe(await upstream.engine.prepare(ID), undefined, context);
  const pending = iterator.next();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(upstream.state.pulled, 1);
  await iterator.return?.();
  assert.equal(upstream.state.returned, 1);
  assert.equal((await pending).done, true);
  assert.equal((await iterator.next()).done, true);
  assert.equal(upstream.state.pulled, 1);
  await iterator.return?.();
  assert.equal(upstream.state.returned, 1);
});

test('leaving the loop unsubscribes, and so does an aborted request', async () => {
  const upstream = manual();
  upstream.push({ reviewAdded: { id: 'r1' } });
  for await (const event of upstream.engine.subscribe(await upstream.engine.prepare(ID), undefined, context)) {
    assert.ok(event.data);
    break;
  }
  assert.equal(upstream.state.returned, 1);

  const second = manual();
  const client = new AbortController();
  const iterator = second.engine.subscribe(await second.engine.prepare(ID), undefined, { ...context, signal: client.signal });
  const pending = iterator.next();
  client.abort();
  assert.equal((await pending).done, true);
  assert.equal(second.state.returned, 1);
});

test('a fault of the router itself ends the stream and rejects', async () => {
  const broken = engineFor(network, {
    transport: { subscribe: network.transport.subscribe, fetch: () => Promise.reject(new TypeError('bug')) },
  });
  const iterator = broken.subscribe(await broken.prepare('subscription { many(count: 2) { product { name } } }'), undefined, context);
  await assert.rejects(iterator.next(), TypeError);
  assert.equal((await iterator.next()).done, true);
});

test('variables that do not fit are refused before anything is asked', async () => {
  const operation = await engine.prepare('subscription($n: Int!) { many(count: $n) { id } }');
  assert.throws(() => engine.subscribe(operation, { n: 'x' }, context), RequestError);
});

test('one root field, with aliases and conditions below it', async () => {
  assert.throws(() => engine.prepare('subscription { __typename reviewAdded { id } }'), RequestError);
  const [first] = await events('subscription($a: Boolean = false) { reviewAdded { i: id ...F @include(if: $a) ...F @skip(if: $a) } } fragment F on Review { p: product { n: name rank } }', undefined);
  assert.deepEqual(first, { data: { reviewAdded: { i: 'r1', p: { n: 'Table', rank: 0 } } } });
});
