import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Engine } from '../execution/engine.ts';
import { RequestError } from '../execution/request-error.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type { ExecutionResponse, SubgraphResult } from '../execution/types.ts';
import { context, engineFor, json } from './harness.ts';
import { createHardNetwork } from './supergraph/network.ts';

const network = createHardNetwork();
const engine = engineFor(network);
beforeEach(() => network.reset());

async function events(query: string, variables?: unknown, from: Engine = engine): Promise<ExecutionResponse[]> {
  const all: ExecutionResponse[] = [];
  for await (const event of from.subscribe(from.prepare(query), variables, context)) all.push(json(event));
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
  const iterator = slow.subscribe(slow.prepare('subscription { many(count: 3) { id product { name } } }'), null, context);
  const answers = [iterator.next(), iterator.next(), iterator.next(), iterator.next()].map((answer) => answer.then(({ value, done }) => {
    names.push(done === true ? 'end' : String((value.data?.['many'] as { id: string }).id));
  }));
  while (releases.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(names, []);
  releases[0]?.();
  await Promise.all(answers);
  assert.deepEqual(names, ['e0', 'e1', 'e2', 'end']);
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
  const iterator = upstream.engine.subscribe(upstream.engine.prepare(ID), undefined, context);
  upstream.push({ reviewAdded: { id: 'r1' } });
  assert.deepEqual((await iterator.next()).value, { data: { reviewAdded: { id: 'r1' } } });
  upstream.fail(new SubgraphUnavailable('reviews', 'socket closed ws://10.0.0.1'));
  assert.deepEqual(await iterator.next(), {
    done: false, value: { errors: [{ message: 'The service "reviews" cannot be reached', extensions: { code: 'UNAVAILABLE' } }] },
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
  const iterator = upstream.engine.subscribe(upstream.engine.prepare(ID), undefined, context);
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
  for await (const event of upstream.engine.subscribe(upstream.engine.prepare(ID), undefined, context)) {
    assert.ok(event.data);
    break;
  }
  assert.equal(upstream.state.returned, 1);

  const second = manual();
  const client = new AbortController();
  const iterator = second.engine.subscribe(second.engine.prepare(ID), undefined, { ...context, signal: client.signal });
  const pending = iterator.next();
  client.abort();
  assert.equal((await pending).done, true);
  assert.equal(second.state.returned, 1);
});

test('a fault of the router itself ends the stream and rejects', async () => {
  const broken = engineFor(network, {
    transport: { subscribe: network.transport.subscribe, fetch: () => Promise.reject(new TypeError('bug')) },
  });
  const iterator = broken.subscribe(broken.prepare('subscription { many(count: 2) { product { name } } }'), undefined, context);
  await assert.rejects(iterator.next(), TypeError);
  assert.equal((await iterator.next()).done, true);
});

test('variables that do not fit are refused before anything is asked', () => {
  const operation = engine.prepare('subscription($n: Int!) { many(count: $n) { id } }');
  assert.throws(() => engine.subscribe(operation, { n: 'x' }, context), RequestError);
});

test('one root field, with aliases and conditions below it', async () => {
  assert.throws(() => engine.prepare('subscription { __typename reviewAdded { id } }'), RequestError);
  const [first] = await events('subscription($a: Boolean = false) { reviewAdded { i: id ...F @include(if: $a) ...F @skip(if: $a) } } fragment F on Review { p: product { n: name rank } }', undefined);
  assert.deepEqual(first, { data: { reviewAdded: { i: 'r1', p: { n: 'Table', rank: 0 } } } });
});
