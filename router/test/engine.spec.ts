import assert from 'node:assert/strict';
import { beforeEach, test } from '@jest/globals';
import type { EngineOptions } from '../engine/engine.ts';
import type { SubgraphRequest } from '../execution/types.ts';
import { RequestError } from '../operation/request-error.ts';
import type { Planner } from '../planning/planner.ts';
import { ask, context, engineFor, plannerFor } from './harness.ts';
import { createHardNetwork } from './supergraph/network.ts';

const network = createHardNetwork();
const engine = engineFor(network);
beforeEach(() => network.reset());

const representations = (request: SubgraphRequest | undefined) =>
  request?.variables?.['representations'] as unknown[] | undefined;
const sentTo = (subgraph: string) =>
  network.sent.filter((sent) => sent.subgraph === subgraph).map(({ request }) => request);

async function refusal(run: () => unknown): Promise<RequestError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error('Nothing was refused');
}
const codes = ({ errors }: RequestError) => errors.map(({ extensions }) => extensions?.['code']);

test('fetches each entity once, however many objects refer to it', async () => {
  const { data, errors } = await ask(engine, '{ reviews(first: 3) { product { upc name } author { email } } }');
  assert.equal(errors, undefined);
  assert.deepEqual(representations(sentTo('catalog')[0]), [
    { __typename: 'Product', upc: 'p1' },
    { __typename: 'Product', upc: 'p2' },
  ]);
  assert.equal(representations(sentTo('accounts')[0])?.length, 2);
  assert.deepEqual(
    (data?.['reviews'] as { product: unknown }[]).map(({ product }) => product),
    [
      { upc: 'p1', name: 'Table' },
      { upc: 'p2', name: '' },
      { upc: 'p1', name: 'Table' },
    ],
  );
});

test('the error of a shared entity is reported at each object, up to the limit', async () => {
  const rows = Array.from({ length: 1_000 }, (_, index) => ({
    id: `r${index}`,
    product: { __typename: 'Product', upc: 'boom' },
  }));
  network.intercept = (subgraph) => (subgraph === 'reviews' ? { data: { reviews: rows } } : undefined);
  const { data, errors = [] } = await ask(engine, '{ reviews { product { name } } }');
  assert.equal((data?.['reviews'] as unknown[]).length, 1_000);
  assert.equal(representations(sentTo('catalog')[0])?.length, 1);
  assert.equal(errors.length, 100);
  assert.deepEqual(errors[98], {
    message: 'no such product',
    path: ['reviews', 98, 'product'],
    extensions: { code: 'NOT_FOUND' },
  });
  assert.deepEqual(errors[99], {
    message: '901 more errors were left out',
    extensions: { code: 'TOO_MANY_ERRORS', count: 901 },
  });
});

test('20,000 bad list items cost 100 errors', async () => {
  network.intercept = () => ({
    data: {
      products: Array.from({ length: 20_000 }, (_, upc) => ({ __typename: 'Product', upc: `${upc}`, price: 'x' })),
    },
  });
  const { errors = [] } = await ask(engine, '{ products { upc price } }');
  assert.equal(errors.length, 100);
  assert.equal(errors[99]?.message, '19901 more errors were left out');
  const small = engineFor(network, { maxErrors: 2 });
  assert.equal((await ask(small, '{ products { upc price } }')).errors?.length, 2);
});

test('internals of subgraphs do not reach the client, other extensions do', async () => {
  const { errors } = await ask(engine, '{ broken phantoms { inStock } }');
  assert.deepEqual(errors, [
    { message: 'broken', path: ['broken'], extensions: { code: 'BROKEN', detail: { reason: 'test' } } },
  ]);
});

test('repairs errors that violate the protocol', async () => {
  network.intercept = () => ({
    errors: [
      { message: 5, path: 'x', extensions: 'y' },
      null,
      { message: 'm', path: ['version', {}], extensions: { code: 7 } },
    ] as never,
    data: { version: '1' },
  });
  const { data, errors = [] } = await ask(engine, '{ version }');
  assert.deepEqual(data, { version: '1' });
  assert.deepEqual(
    errors.map(({ message, path, extensions }) => [message, path, extensions?.['code']]),
    [
      ['A service reported an error', ['version'], 'DOWNSTREAM_SERVICE_ERROR'],
      ['A service reported an error', ['version'], 'DOWNSTREAM_SERVICE_ERROR'],
      ['m', ['version'], 'DOWNSTREAM_SERVICE_ERROR'],
    ],
  );
});

test('removes client values that a subgraph repeats in an error', async () => {
  for (const code of ['GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']) {
    network.intercept = () => ({
      errors: [
        {
          message:
            'Variable "$a" got invalid value { password: "hunter2" } at "a.b"; Field "c" is not defined by type "D". Did you mean "e"?',
          extensions: { code },
        },
        { message: 'Expected value of type "Date", found "hunter2"; hunter2 is no date', extensions: { code } },
      ],
      data: null,
    });
    const { errors = [] } = await ask(engine, '{ version }');
    assert.deepEqual(
      errors.map(({ message, extensions }) => [message, extensions?.['code']]),
      [
        ['Variable "$a" got invalid value at "a.b"; Field "c" is not defined by type "D".', code],
        ['Expected value of type "Date".', code],
      ],
    );
  }
});

test("error paths use the client's names, not those of the plan", async () => {
  const query = '{ any { ... on Product { upc rank } ... on User { id rank } } }';
  const [request] = (await ask(engine, query), sentTo('scores'));
  const alias = /(\w+): ?rank/.exec(request?.query ?? '')?.[1] ?? '';
  assert.notEqual(alias, '');
  network.intercept = () => ({
    data: { any: [{ __typename: 'User', id: 'u1', rank: null, [alias]: null }] },
    errors: [{ message: 'no rank', path: ['any', 0, alias] }],
  });
  const { errors } = await ask(engine, query);
  assert.deepEqual(
    errors?.map(({ path }) => path),
    [['any', 0, 'rank']],
  );
});

test('a response or a document cannot change a prototype', async () => {
  const answer = JSON.parse(
    '{"echo": {"value": {"__proto__": {"polluted": 1}}, "__proto__": {"polluted": 1}}, "__proto__": {"polluted": 1}}',
  ) as Record<string, unknown>;
  network.intercept = () => ({ data: answer });
  await ask(engine, '{ echo { value } home { query { echo { value } } } }');
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.deepEqual(codes(await refusal(() => engine.prepare('{ __proto__: version }'))), ['GRAPHQL_VALIDATION_FAILED']);
  assert.deepEqual(
    codes(await refusal(() => engine.prepare('query($__proto__: Int) { products(first: $__proto__) { upc } }'))),
    ['GRAPHQL_VALIDATION_FAILED'],
  );
  assert.deepEqual(codes(await refusal(() => engine.prepare('{ product(upc: "p1") { __typename: name } }'))), [
    'GRAPHQL_VALIDATION_FAILED',
  ]);
});

/** The shared planner, with a counter of its calls. */
function counting(options: Pick<EngineOptions, 'planCacheSize' | 'compiledFrom'> = {}) {
  const shared = plannerFor(network);
  const asked: string[] = [];
  const planner: Planner = { ...shared, plan: (text, ...more) => (asked.push(text), shared.plan(text, ...more)) };
  return { asked, planner: shared, engine: engineFor(network, { ...options, planner }) };
}

test('prepares a document once for concurrent requests', async () => {
  const { asked, planner, engine: counted } = counting();
  const [first, again] = await Promise.all(
    [0, 1].map(() => counted.prepare('query A { version } query B { me { id } }', 'A')),
  );
  assert.equal(first, again);
  assert.equal(counted.prepare('query A { version } query B { me { id } }', 'A'), first);
  assert.notEqual(await counted.prepare('query A { version } query B { me { id } }', 'B'), first);
  assert.deepEqual([first?.kind, first?.name, asked.length], ['query', 'A', 2]);
  const failure = await refusal(() => counted.prepare('{ nothing }'));
  assert.equal(await refusal(() => counted.prepare('{ nothing }')), failure);
  const long = `{ version } # ${'x'.repeat(10_000)}`;
  assert.equal(await counted.prepare(long), counted.prepare(long));
  assert.notEqual(await counted.prepare(long), await counted.prepare(`${long}y`));
  planner.close();
});

test('caches a compiled operation on its second use and only its plan on the first: a flood evicts nothing', async () => {
  const { asked, planner, engine: flooded } = counting({ planCacheSize: 2, compiledFrom: 2 });
  const once = await flooded.prepare('{ a: version }');
  const twice = flooded.prepare('{ a: version }');
  assert.ok(!(twice instanceof Promise) && twice !== once);
  assert.equal(flooded.prepare('{ a: version }'), twice);
  assert.equal(asked.length, 1);
  for (const alias of 'bcdefg') await flooded.prepare(`{ ${alias}: version }`);
  assert.equal(flooded.prepare('{ a: version }'), twice);
  assert.ok(!(flooded.prepare('{ g: version }') instanceof Promise));
  assert.equal(asked.length, 7);
  await flooded.prepare('{ b: version }');
  assert.equal(asked.length, 8);
  const warm = await flooded.prepare('{ h: version }', null, true);
  assert.equal(flooded.prepare('{ h: version }'), warm);
  // A subscription holds its prepared operation as long as it runs. Subscriptions are always cached, so that all
  // clients with the same document hold the same one.
  const subscription = await flooded.prepare('subscription { reviewAdded { id } }');
  assert.equal(flooded.prepare('subscription { reviewAdded { id } }'), subscription);
  planner.close();
});

test('caches a bounded number of documents, the most recently used', async () => {
  const { asked, planner, engine: small } = counting({ planCacheSize: 2 });
  const one = await small.prepare('{ a: version }');
  await small.prepare('{ b: version }');
  assert.equal(small.prepare('{ a: version }'), one);
  await small.prepare('{ c: version }');
  assert.equal(small.prepare('{ a: version }'), one);
  assert.equal(asked.length, 3);
  await small.prepare('{ b: version }');
  assert.equal(asked.length, 4);
  // Invalid documents do not evict valid ones.
  for (let index = 0; index < 10; index++) await refusal(() => small.prepare(`{ bad${index} }`));
  assert.equal(small.prepare('{ a: version }'), one);
  planner.close();
});

test('refuses with a code and a location', async () => {
  const variables = async (query: string, values: unknown) =>
    engine.execute(await engine.prepare(query), values, context).then(
      () => assert.fail('Not refused'),
      (error: RequestError) => error.errors,
    );
  assert.deepEqual(codes(await refusal(() => engine.prepare('{ version'))), ['GRAPHQL_PARSE_FAILED']);
  assert.deepEqual((await refusal(() => engine.prepare('{\n  version nothing\n}'))).errors[0]?.locations, [
    { line: 2, column: 11 },
  ]);
  assert.deepEqual(codes(await refusal(() => engine.prepare('query A { version }', 'B'))), [
    'OPERATION_RESOLUTION_FAILURE',
  ]);
  assert.deepEqual(codes(await refusal(() => engine.prepare('query A { version } query B { version }'))), [
    'OPERATION_RESOLUTION_FAILURE',
  ]);
  assert.deepEqual(codes(await refusal(() => engine.prepare('subscription { reviewAdded { id } refused }'))), [
    'GRAPHQL_VALIDATION_FAILED',
  ]);
  const [wrong] = await variables('query($by: Filter!) { filter(by: $by) { upc } }', { by: { price: { min: 'x' } } });
  assert.equal(wrong?.extensions?.['code'], 'BAD_USER_INPUT');
  assert.match(wrong?.message ?? '', /by\.price\.min/);
  assert.match((await variables('{ version }', [1]))[0]?.message ?? '', /must be an object/);
  assert.match(
    (await variables('query($a: Boolean = true) { version @skip(if: $a) }', { a: null }))[0]?.message ?? '',
    /\$a/,
  );
  const planner = plannerFor(network, { tokens: 5, depth: 1, introspection: false });
  const strict = engineFor(network, { planner });
  assert.deepEqual(codes(await refusal(() => strict.prepare('{ a: version b: version }'))), ['GRAPHQL_PARSE_FAILED']);
  assert.deepEqual(codes(await refusal(() => strict.prepare('{me{id}}'))), ['GRAPHQL_PARSE_FAILED']);
  assert.deepEqual(codes(await refusal(() => strict.prepare('{ __schema }'))).at(-1), 'GRAPHQL_VALIDATION_FAILED');
  planner.close();
  const shallow = plannerFor(network, { depth: 1 });
  assert.deepEqual(codes(await refusal(() => engineFor(network, { planner: shallow }).prepare('{ me { id } }'))), [
    'OPERATION_TOO_DEEP',
  ]);
  shallow.close();
  assert.equal(network.sent.length, 0);
});

test('more errors than the maximum: the last one says so', async () => {
  const document = await refusal(() =>
    engine.prepare(`{ ${Array.from({ length: 30 }, (_, n) => `none${n}`).join(' ')} }`),
  );
  assert.equal(document.errors.length, 21);
  assert.deepEqual(document.errors.at(-1), {
    message: 'The document has more than 20 validation errors; the others are not listed.',
    extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
  });
  const subscription = await engine.prepare('subscription($n: Int!) { many(count: $n) { id } }');
  assert.equal((await refusal(() => engine.upstream(subscription, { n: 'x' }))).errors.length, 1);
  const names = Array.from({ length: 30 }, (_, n) => `v${n}`);
  const query = await engine.prepare(
    `query(${names.map((name) => `$${name}: Int!`).join(' ')}) { ${names.map((name) => `${name}: products(first: $${name}) { upc }`).join(' ')} }`,
  );
  return assert.rejects(
    engine.execute(query, {}, context),
    (error) =>
      error instanceof RequestError &&
      error.errors.length === 21 &&
      error.errors[20]?.message === 'The variables have more than 20 errors; the others are not listed.',
  );
});

test('refuses a short document that expands to 2^60 fields before validation and planning', async () => {
  await engine.prepare('{ version }');
  const bomb = `query($a: Boolean!) { me { ...F0 } } ${Array.from(
    { length: 60 },
    (_, level) => `fragment F${level} on User { friends { ...F${level + 1} } again: friends { ...F${level + 1} } }`,
  ).join(' ')} fragment F60 on User { id }`;
  const failure = await refusal(() => engine.prepare(bomb));
  assert.match(failure.message, /20000 fields/);
});

test('one field with several arguments in one operation, because @requires needs another', async () => {
  const data = async (query: string) => {
    const { data, errors } = await ask(engine, query);
    assert.equal(errors, undefined);
    return data;
  };
  assert.deepEqual(await data('{ products(first: 2) { taxUsd ...F } } fragment F on Product { taxEur }'), {
    products: [
      { taxUsd: 89_900, taxEur: 8_990 },
      { taxUsd: 0, taxEur: 0 },
    ],
  });
  assert.deepEqual(await data('{ products(first: 1) { taxUsd priceIn(currency: EUR) } }'), {
    products: [{ taxUsd: 89_900, priceIn: 8_990 }],
  });
  assert.deepEqual(await data('{ product(upc: "p1") { taxUsd eur: priceIn(currency: EUR) related { taxEur } } }'), {
    product: { taxUsd: 89_900, eur: 8_990, related: [{ taxEur: 0 }, { taxEur: null }] },
  });
  assert.deepEqual(await data('{ product(upc: "p1") { taxUsd priceIn(currency: USD) } }'), {
    product: { taxUsd: 89_900, priceIn: 89_900 },
  });
});

test('answers without a subgraph if it needs none', async () => {
  const { data } = await ask(
    engine,
    '{ __typename t: __type(name: "Color") { enumValues { name } } ... on Query { __schema { queryType { name } } } }',
  );
  assert.deepEqual(data, {
    __typename: 'Query',
    t: { enumValues: [{ name: 'RED' }, { name: 'GREEN' }] },
    __schema: { queryType: { name: 'Query' } },
  });
  assert.equal(network.sent.length, 0);
});

test('fetches nothing that @skip and @include exclude', async () => {
  const query =
    'query($a: Boolean!) { me { id rank @include(if: $a) } product(upc: "p1") { upc ... @skip(if: $a) { inStock } } }';
  assert.deepEqual(await ask(engine, query, { a: true }), {
    data: { me: { id: 'u1', rank: 0 }, product: { upc: 'p1' } },
  });
  assert.deepEqual([sentTo('scores').length, sentTo('inventory').length], [1, 0]);
  network.reset();
  assert.deepEqual(await ask(engine, query, { a: false }), {
    data: { me: { id: 'u1' }, product: { upc: 'p1', inStock: true } },
  });
  assert.deepEqual([sentTo('scores').length, sentTo('inventory').length], [0, 1]);
});

test('sends the variables that a fetch uses, coerced, including falsy ones', async () => {
  await ask(
    engine,
    'query($n: Int = 0, $s: String, $l: [Int!], $unset: Boolean) { echo(n: $n, s: $s, list: $l, b: $unset) { n } me { id } }',
    { s: '', l: 0 },
  );
  assert.deepEqual(sentTo('catalog')[0]?.variables, { n: 0, s: '', l: [0] });
  assert.equal(sentTo('accounts')[0]?.variables, undefined);
});

test('does not disguise a defect of the router as a response', async () => {
  const broken = engineFor(network, {
    transport: { ...network.transport, fetch: () => Promise.reject(new TypeError('bug')) },
  });
  await assert.rejects(ask(broken, '{ version }'), TypeError);
});
