import assert from 'node:assert/strict';
import { beforeEach, test } from '@jest/globals';
import fc from 'fast-check';
import type { IncrementalResult } from '../execution/defer.ts';
import type { CancelSignal, ExecutionResponse } from '../execution/types.ts';
import { RequestError } from '../operation/request-error.ts';
import { ask, context, engineFor, plannerFor } from './harness.ts';
import { createHardNetwork } from './supergraph/network.ts';
import { createShop } from './supergraph/shop.ts';

const network = createHardNetwork();
const engine = engineFor(network);
beforeEach(() => network.reset());

/** All payloads of a response, without request ids. */
async function steps(query: string, variables?: unknown, on = engine): Promise<IncrementalResult[]> {
  const prepared = await on.prepare(query);
  assert.equal(prepared.incremental, true);
  const results: IncrementalResult[] = [];
  for await (const result of on.executeIncrementally(prepared, variables, context)) results.push(plain(result));
  return results;
}
const plain = (result: IncrementalResult): IncrementalResult =>
  JSON.parse(JSON.stringify(result), (name, value: unknown) =>
    name === 'requestId' ? undefined : value,
  ) as IncrementalResult;

const error = (path: unknown[], message: string, code: string) => ({ path, message, extensions: { code } });

/** The final result of a client that merges each part into the object at its path. */
function merged(results: readonly IncrementalResult[]): ExecutionResponse & { nulls: number } {
  const data = structuredClone(results[0]?.initial?.data ?? null);
  const errors = [...(results[0]?.initial?.errors ?? [])];
  let nulls = 0;
  for (const { parts } of results) {
    for (const part of parts) {
      errors.push(...part.errors);
      if (part.data === null) nulls++;
      else
        mergeInto(
          part.path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], data) as object,
          part.data,
        );
    }
  }
  return { data, errors, nulls };
}

function mergeInto(target: object, source: object): void {
  for (const [key, value] of Object.entries(source)) {
    const present = (target as Record<string, unknown>)[key];
    if (typeof present === 'object' && present !== null && typeof value === 'object' && value !== null)
      mergeInto(present, value as object);
    else (target as Record<string, unknown>)[key] = value;
  }
}

test("sends the primary part first, then a part for each object, with the client's labels", async () => {
  assert.deepEqual(await steps('{ products(first: 2) { upc ... @defer(label: "stock") { inStock } } version }'), [
    {
      initial: { data: { products: [{ upc: 'p1' }, { upc: 'p2' }], version: '1' }, errors: [] },
      pending: [
        { id: '0', path: ['products', 0], label: 'stock' },
        { id: '1', path: ['products', 1], label: 'stock' },
      ],
      parts: [],
      hasNext: true,
    },
    {
      pending: [],
      parts: [
        { id: '0', path: ['products', 0], label: 'stock', data: { inStock: true }, errors: [] },
        { id: '1', path: ['products', 1], label: 'stock', data: { inStock: false }, errors: [] },
      ],
      hasNext: false,
    },
  ]);
});

test('parts within parts come after them, each as soon as its data is ready', async () => {
  const order: string[] = [];
  const waiting = new Map<string, () => void>();
  const { transport } = network;
  // The subgraph `accounts` delays its answer about `friends` until the test allows it. It answers everything else
  // immediately.
  const held = engineFor(network, {
    transport: {
      ...transport,
      async fetch(subgraph, request, given) {
        const name = request.query.includes('friends')
          ? 'friends'
          : request.query.includes('reviewCount')
            ? 'reviewCount'
            : undefined;
        if (name !== undefined) await new Promise<void>((resolve) => waiting.set(name, resolve));
        order.push(name ?? subgraph);
        return transport.fetch(subgraph, request, given);
      },
    },
  });
  const prepared = await held.prepare(
    '{ me { id ...F @defer(label: "f") ... @defer { reviewCount } } } fragment F on User { email ... @defer(label: "inner") { friends { id } } }',
  );
  const answer = held.executeIncrementally(prepared, undefined, context);
  const next = async () => plain((await answer.next()).value as IncrementalResult);
  assert.deepEqual(await next(), {
    initial: { data: { me: { id: 'u1' } }, errors: [] },
    pending: [
      { id: '0', path: ['me'], label: 'f' },
      { id: '1', path: ['me'] },
    ],
    parts: [],
    hasNext: true,
  });
  assert.deepEqual(await next(), {
    pending: [{ id: '2', path: ['me'], label: 'inner' }],
    parts: [{ id: '0', path: ['me'], label: 'f', data: { email: 'ada@example.org' }, errors: [] }],
    hasNext: true,
  });
  waiting.get('friends')?.();
  assert.deepEqual(await next(), {
    pending: [],
    parts: [{ id: '2', path: ['me'], label: 'inner', data: { friends: [{ id: 'u2' }, { id: 'u3' }] }, errors: [] }],
    hasNext: true,
  });
  waiting.get('reviewCount')?.();
  assert.deepEqual(await next(), {
    pending: [],
    parts: [{ id: '1', path: ['me'], data: { reviewCount: 3 }, errors: [] }],
    hasNext: false,
  });
  assert.equal((await answer.next()).done, true);
});

test('conditions: a fragment that is not deferred is in the enclosing part', async () => {
  const query =
    'query ($a: Boolean = true, $b: Boolean!) { me { id ... @defer(if: $a, label: "a") { email ... @defer(if: $b, label: "b") { reviewCount } } } }';
  const parts = async (variables: object) =>
    (await steps(query, variables)).flatMap(({ initial, parts: delivered }) => [
      ...(initial === undefined ? [] : [['', initial.data?.['me']]]),
      ...delivered.map(({ label, data }) => [label, data]),
    ]);
  assert.deepEqual(await parts({ a: true, b: true }), [
    ['', { id: 'u1' }],
    ['a', { email: 'ada@example.org' }],
    ['b', { reviewCount: 3 }],
  ]);
  assert.deepEqual(await parts({ b: true }), [
    ['', { id: 'u1' }],
    ['a', { email: 'ada@example.org' }],
    ['b', { reviewCount: 3 }],
  ]);
  assert.deepEqual(await parts({ a: true, b: false }), [
    ['', { id: 'u1' }],
    ['a', { email: 'ada@example.org', reviewCount: 3 }],
  ]);
  assert.deepEqual(await parts({ a: false, b: true }), [
    ['', { id: 'u1', email: 'ada@example.org' }],
    ['b', { reviewCount: 3 }],
  ]);
  assert.deepEqual(await parts({ a: false, b: false }), [['', { id: 'u1', email: 'ada@example.org', reviewCount: 3 }]]);
  assert.deepEqual(await parts({ a: null, b: false }), [['', { id: 'u1', email: 'ada@example.org', reviewCount: 3 }]]);
  assert.equal((await engine.prepare('{ me { id ... @defer(if: false) { email } } }')).incremental, false);
  assert.deepEqual(await ask(engine, '{ me { id ... @defer(if: false) { email } } }'), {
    data: { me: { id: 'u1', email: 'ada@example.org' } },
  });
  const skipped =
    'query ($x: Boolean!) { me { id ... @include(if: $x) { ... @defer { email } } ... @defer { login @skip(if: $x) reviewCount @include(if: $x) } } }';
  assert.deepEqual(merged(await steps(skipped, { x: true })).data, {
    me: { id: 'u1', email: 'ada@example.org', reviewCount: 3 },
  });
  const without = await steps(skipped, { x: false });
  assert.equal(without[0]?.pending.length, 1);
  assert.deepEqual(merged(without).data, { me: { id: 'u1', login: 'ada' } });
});

test('a client that accepts one document gets the whole response', async () => {
  assert.deepEqual(
    await ask(engine, '{ products(first: 1) { upc ... @defer { inStock ... @defer { reviews(first: 1) { id } } } } }'),
    { data: { products: [{ upc: 'p1', inStock: true, reviews: [{ id: 'r1' }] }] } },
  );
});

test('errors arrive with the part of their field; a null stops at the fragment', async () => {
  assert.deepEqual(await steps('{ version ... @defer(label: "x") { broken } }'), [
    {
      initial: { data: { version: '1' }, errors: [] },
      pending: [{ id: '0', path: [], label: 'x' }],
      parts: [],
      hasNext: true,
    },
    {
      pending: [],
      parts: [
        {
          id: '0',
          path: [],
          label: 'x',
          data: { broken: null },
          errors: [
            { ...error(['broken'], 'broken', 'BROKEN'), extensions: { code: 'BROKEN', detail: { reason: 'test' } } },
          ],
        },
      ],
      hasNext: false,
    },
  ]);
  assert.deepEqual((await steps('{ products(first: 3) { upc ... @defer { count } } }'))[1]?.parts, [
    { id: '0', path: ['products', 0], data: { count: 12 }, errors: [] },
    { id: '1', path: ['products', 1], data: { count: 0 }, errors: [] },
    {
      id: '2',
      path: ['products', 2],
      data: null,
      errors: [
        error(
          ['products', 2, 'count'],
          'Cannot return null for non-nullable field Product.count.',
          'INTERNAL_SERVER_ERROR',
        ),
      ].map((made) => ({ ...made, extensions: { code: 'DOWNSTREAM_SERVICE_ERROR' } })),
    },
  ]);
  // Below a null there is nothing to defer.
  assert.deepEqual(await steps('{ none: product(upc: "nope") { upc ... @defer { inStock } } }'), [
    { initial: { data: { none: null }, errors: [] }, pending: [], parts: [], hasNext: false },
  ]);
});

test('a part whose data was fetched with the primary part keeps its errors until it is sent', async () => {
  // The fetch of the primary part also fetches `soft`.
  const results = await steps('{ brokenDeep { ok item { ok } ... @defer(label: "soft") { item { soft } } } }');
  assert.deepEqual(results[0]?.initial, { data: { brokenDeep: { ok: 0, item: { ok: 1 } } }, errors: [] });
  assert.deepEqual(results[1]?.parts, [
    {
      id: '0',
      path: ['brokenDeep'],
      label: 'soft',
      data: { item: { soft: null } },
      errors: [error(['brokenDeep', 'item', 'soft'], 'soft 1', 'SOFT')],
    },
  ]);
});

test('explains a null, also when its cause is a field that the client did not select', async () => {
  network.intercept = (subgraph, { query }) =>
    subgraph === 'catalog' && query.includes('priceIn')
      ? {
          data: { _entities: [{ priceIn: null }] },
          errors: [{ message: 'no rate', path: ['_entities', 0, 'priceIn'], extensions: { code: 'RATE' } }],
        }
      : undefined;
  const results = await steps('{ product(upc: "p1") { upc ... @defer { taxUsd } } }');
  assert.deepEqual(
    results.flatMap(({ parts }) => parts.flatMap((delivered) => delivered.errors.map(({ message }) => message))),
    ['no rate'],
  );
});

test('a dead subgraph leaves only the fields of its own parts null', async () => {
  network.down.add('inventory');
  const [first, ...later] = await steps(
    '{ me { id ... @defer(label: "alive") { login } } products(first: 1) { upc ... @defer(label: "dead") { name inStock } } }',
  );
  assert.deepEqual(first?.initial, { data: { me: { id: 'u1' }, products: [{ upc: 'p1' }] }, errors: [] });
  const parts = later.flatMap((step) => step.parts);
  assert.deepEqual(
    parts.find(({ label }) => label === 'alive'),
    { id: '0', path: ['me'], label: 'alive', data: { login: 'ada' }, errors: [] },
  );
  assert.deepEqual(
    parts.find(({ label }) => label === 'dead'),
    {
      id: '1',
      path: ['products', 0],
      label: 'dead',
      data: { name: 'Table', inStock: null },
      errors: [error(['products', 0], 'A service cannot be reached', 'UNAVAILABLE')],
    },
  );
  assert.equal(parts.length, 2);
});

test('mutations: parts below them may be deferred', async () => {
  const results = await steps(
    'mutation { setPrice(upc: "p1", price: 3) { upc ... @defer { inStock } } restock(upc: "p2") { upc name ... @defer { count } } }',
  );
  assert.deepEqual(results[0]?.initial?.data, { setPrice: { upc: 'p1' }, restock: { upc: 'p2', name: '' } });
  assert.deepEqual(merged(results).data, {
    setPrice: { upc: 'p1', inStock: true },
    restock: { upc: 'p2', name: '', count: 0 },
  });
  assert.deepEqual(network.state.log, ['setPrice p1 3', 'restock p2']);
});

test('refuses @defer where it is not allowed', async () => {
  const refused: [string, RegExp][] = [
    ['mutation { ... @defer { restock(upc: "p1") { upc } } }', /root of a mutation/],
    ['mutation { ...M } fragment M on Mutation { ... @defer { restock(upc: "p1") { upc } } }', /root of a mutation/],
    ['subscription { reviewAdded { ... @defer { id } } }', /subscription/],
    ['{ me { ... @defer(label: "a") { id } ... @defer(label: "a") { login } } }', /used twice/],
    ['query ($l: String) { me { ... @defer(label: $l) { id } } }', /literal string/],
    ['{ me { id @defer } }', /may not be used on FIELD/],
    [
      'query ($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $e: Boolean!) { me { ...@defer(if: $a) { id } ...@defer(if: $b) { id } ...@defer(if: $c) { id } ...@defer(if: $d) { id } ...@defer(if: $e) { id } } }',
      /At most 4/,
    ],
  ];
  for (const [query, message] of refused) {
    await assert.rejects(
      async () => await engine.prepare(query),
      (thrown) => thrown instanceof RequestError && message.test(thrown.message),
      query,
    );
  }
});

test('a client that does not want the rest cancels its fetches', async () => {
  let aborted: CancelSignal | undefined;
  const held = engineFor(network, {
    transport: {
      ...network.transport,
      async fetch(subgraph, request, given) {
        if (subgraph !== 'inventory') return network.transport.fetch(subgraph, request, given);
        aborted = given.signal;
        return new Promise((_, reject) => given.signal?.addEventListener('abort', () => reject(new Error('given up'))));
      },
    },
  });
  const prepared = await held.prepare('{ products(first: 1) { upc ... @defer { inStock } } }');
  const answer = held.executeIncrementally(prepared, undefined, context);
  assert.equal((await answer.next()).value?.hasNext, true);
  assert.equal(aborted?.aborted, false);
  await answer.return();
  assert.equal(aborted?.aborted, true);
});

function isIn(data: unknown, path: readonly (string | number)[]): boolean {
  let value = data;
  for (const element of path) {
    if (typeof value !== 'object' || value === null) return true;
    value = (value as Record<string | number, unknown>)[element];
    if (value === undefined) return false;
  }
  return true;
}

/** Fields of the shop by type. The value is undefined for leaves, and the type for objects. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
  Query: {
    products: 'Product',
    'product(id: "2")': 'Product',
    media: 'Media',
    found: 'Found',
    shelf: 'Product',
    reviews: 'Review',
    me: 'User',
    users: 'User',
    version: undefined,
  },
  Product: {
    id: undefined,
    name: undefined,
    price: undefined,
    flaky: undefined,
    inStock: undefined,
    estimate: undefined,
    cover: 'Media',
    reviews: 'Review',
    __typename: undefined,
  },
  Review: { id: undefined, body: undefined, product: 'Product', author: 'User' },
  User: { id: undefined, name: undefined, flaky: undefined, friends: 'User', reviews: 'Review' },
  Media: { id: undefined, title: undefined, __typename: undefined },
  Book: { title: undefined, pages: undefined, copies: undefined },
  Movie: { minutes: undefined, id: undefined },
  Found: { __typename: undefined },
};
const POSSIBLE: Readonly<Record<string, readonly string[]>> = {
  Media: ['Book', 'Movie'],
  Found: ['Product', 'Book', 'Media'],
};
const DIRECTIVES = [
  '',
  '',
  '@defer',
  '@defer',
  '@defer(label: "#")',
  '@defer(if: $v)',
  '@defer(if: $w, label: "#")',
  '@defer(if: true)',
  '@defer(if: false)',
  '@include(if: $v)',
  '@skip(if: $w) @defer',
];

/** Generates a document for the shop with deferred fragments. `choose(n)` returns 0 to n - 1. */
function randomDocument(choose: (count: number) => number): string {
  let labels = 0;
  let budget = 40;
  // If a fragment with a condition contains a field with @requires, the fields next to it lose their values, with or
  // without @defer. So a document has either conditions or @requires.
  const conditional = choose(2) === 0;
  const directives = conditional ? DIRECTIVES : DIRECTIVES.filter((directive) => !/include|skip/.test(directive));
  const selectionOf = (type: string, depth: number): string => {
    const made: string[] = [];
    const fields = Object.entries(FIELDS[type] ?? {}).filter(([name]) => !conditional || name !== 'estimate');
    for (let left = 1 + choose(4); left > 0 && budget > 0; left--) {
      budget--;
      const how = choose(5);
      const possible = POSSIBLE[type];
      if (how < 2 && depth < 9) {
        const on = possible !== undefined && choose(2) === 0 ? possible[choose(possible.length)] : undefined;
        const directive = directives[choose(directives.length)]?.replace('#', () => `l${labels++}`) ?? '';
        made.push(`...${on === undefined ? '' : ` on ${on}`} ${directive} { ${selectionOf(on ?? type, depth + 1)} }`);
      } else {
        const [name = '__typename', inner] = fields[choose(fields.length)] ?? [];
        if (inner === undefined) made.push(name);
        else if (depth < 7) made.push(`${name} { ${selectionOf(inner, depth + 1)} }`);
      }
    }
    return made.length === 0 ? '__typename' : made.join(' ');
  };
  return `query ($v: Boolean!, $w: Boolean!) { ${selectionOf('Query', 0)} version @skip(if: $v) again: version @skip(if: $w) }`;
}

test('for many documents: all parts merged equal the response without @defer', async () => {
  const shop = createShop();
  // These documents nest lists deeper than any size estimate allows, but the shop is small.
  const deferring = engineFor(shop, { planner: plannerFor(shop, { values: Number.MAX_SAFE_INTEGER }) });
  // A planner may fetch fields that @include excludes. Their errors are reported too.
  const facts = (list: ExecutionResponse['errors'] = [], data: unknown = null) =>
    [
      ...new Set(
        list.filter(({ path = [] }) => isIn(data, path)).map(({ path, message }) => JSON.stringify([path, message])),
      ),
    ].sort();
  let inParts = 0;
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat(1_000)), fc.boolean(), fc.boolean(), async (stream, v, w) => {
      const query = randomDocument((count) => (stream.next().value as number) % count);
      const prepared = await deferring.prepare(query);
      if (!prepared.incremental) return;
      const whole = await ask(deferring, query.replaceAll(/@defer(?:\([^)]*\))?/g, ''), { v, w });
      const results = await steps(query, { v, w }, deferring);
      const { data, errors = [] } = merged(results);
      assert.deepEqual(data, whole.data, query);
      if (errors.length < 100) assert.deepEqual(facts(errors, data), facts(whole.errors, whole.data), query);
      assert.deepEqual((await ask(deferring, query, { v, w })).data, whole.data, query);
      // Each announced part arrives once, after it was announced.
      const announced = new Set<string>();
      for (const [index, { pending, parts, hasNext }] of results.entries()) {
        for (const { id } of pending) announced.add(id);
        for (const { id } of parts) assert.ok(announced.delete(id), query);
        assert.equal(hasNext, index < results.length - 1, query);
        assert.equal(hasNext, announced.size > 0, query);
      }
      if (results.length > 1) inParts++;
    }),
    { numRuns: 250 },
  );
  assert.ok(inParts > 80, `${inParts} in parts`);
});
