// Tests of plans that leave out a field of the client, and of plans that only seem to leave one out.
import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { DEFAULT_LIMITS } from '../config/limits.ts';
import { createEngine } from '../engine/engine.ts';
import type { Engine } from '../engine/engine.ts';
import { RequestError } from '../operation/request-error.ts';
import { loadSupergraph } from '../supergraph/supergraph.ts';
import { ask, createNetwork, engineFor, plannerFor, transportOf } from '../test/harness.ts';
import type { TestNetwork } from '../test/harness.ts';
import type { SubgraphSource } from '../test/supergraph/source.ts';
import { createOperationPlanner } from './operation-planner.ts';
import type { Planner } from './planner.ts';
import { afterTest } from '../../test/after-test.ts';

type Row = Record<string, unknown>;
const reference = { __resolveReference: (row: Row) => row };

/** An engine with only Apollo's planner, as for operations that the native planner cannot plan. */
async function engineOfApollo(network: TestNetwork): Promise<Engine> {
  const operations = await createOperationPlanner(
    network.sdl,
    { ...DEFAULT_LIMITS, listSize: 10, introspection: true },
    'apollo',
  );
  const planner: Planner = {
    ready: () => Promise.resolve(),
    plan: async (text, name, overrides) =>
      JSON.stringify(await operations.plan({ text, overrides, ...(name && { operationName: name }) }, () => undefined)),
    close: () => undefined,
  };
  return createEngine(loadSupergraph(network.sdl), {
    transport: transportOf(network.transport),
    planner,
    compiledFrom: 1,
  });
}

async function enginesOf(sources: readonly SubgraphSource[]): Promise<Engine[]> {
  const network = createNetwork(sources);
  const planner = plannerFor(network);
  afterTest(() => planner.close());
  return [engineFor(network, { planner }), await engineOfApollo(network)];
}

/** The response, or an errors-only response when the router refuses the operation. */
const outcome = (
  engine: Engine,
  query: string,
): Promise<{ data?: unknown; errors?: readonly { extensions?: Row }[] }> =>
  ask(engine, query).catch((error: unknown) => {
    if (error instanceof RequestError) return { errors: error.errors };
    throw error;
  });

const withoutTypes: readonly SubgraphSource[] = [
  {
    name: 'objects',
    imports: ['@key', '@interfaceObject'],
    sdl: 'type Query { a: I many: [I] } type I @key(fields: "id") @interfaceObject { id: ID! x: Int inner: I }',
    resolvers: () => ({
      Query: { a: () => ({ id: '1' }), many: () => [{ id: '1' }] },
      I: { ...reference, x: () => 1, inner: () => ({ id: '2' }) },
    }),
  },
  {
    name: 'interfaces',
    imports: ['@key'],
    sdl: 'type Query { b: I z: Other } interface I @key(fields: "id") { id: ID! } type Other @key(fields: "id") { id: ID! i: I }',
    resolvers: () => ({
      Query: { b: () => ({ id: '3' }), z: () => ({ id: 'o', i: { id: '4' } }) },
      Other: reference,
      I: { __resolveType: () => 'I' },
    }),
  },
  {
    name: 'more',
    imports: ['@key', '@interfaceObject'],
    sdl: 'type I @key(fields: "id") @interfaceObject { id: ID! y: Int }',
    resolvers: () => ({ I: { ...reference, y: () => 2 } }),
  },
];
const SELECTIONS = [
  '{ id }',
  '{ x }',
  '{ y }',
  '{ id x y }',
  '{ __typename id x }',
  '{ ... on I { x } }',
  '{ ... { y } id }',
  '{ n: x id: y }',
  '{ x ... @defer { y } }',
  '{ inner { x y inner { y } } }',
];

test('an interface without objects: all selected fields are answered, or there is an error', async () => {
  for (const engine of await enginesOf(withoutTypes)) {
    for (const query of ['a', 'many', 'b']
      .flatMap((field) => SELECTIONS.map((selection) => `{ ${field} ${selection} }`))
      .concat('{ z { i { x y } } }', '{ a { x } b { id y } }')) {
      const { data, errors } = await outcome(engine, query);
      if (errors === undefined) assert.doesNotMatch(JSON.stringify(data), /null/, query);
      else
        assert.ok(
          errors.every(({ extensions }) => typeof extensions?.['code'] === 'string'),
          query,
        );
    }
  }
});

test('refuses a plan that leaves out a field', async () => {
  const engine = await engineOfApollo(createNetwork(withoutTypes));
  const { data, errors } = await outcome(engine, '{ b { id x } }');
  assert.deepEqual(
    [data, errors?.map(({ extensions }) => extensions?.['code'])],
    [undefined, ['GRAPHQL_PLANNING_FAILED']],
  );
});

const apart: readonly SubgraphSource[] = [
  {
    name: 'left',
    imports: ['@key', '@shareable'],
    sdl: `type Query { l: Shape ls: [Shape] any: Any narrow: Holder @shareable } interface Shape { id: ID! } union Any = Dot | Line type Holder @shareable { shape: Dot }
      type Dot implements Shape @key(fields: "id") { id: ID! size: Int } type Line @key(fields: "id") { id: ID! long: Int }`,
    resolvers: () => {
      const dot = { __typename: 'Dot', id: 'd', size: 1 };
      const by = { __resolveType: ({ __typename }: Row) => __typename };
      return {
        Query: { l: () => dot, ls: () => [dot], any: () => dot, narrow: () => ({ shape: dot }) },
        Shape: by,
        Any: by,
        Dot: { __resolveReference: () => dot },
        Line: reference,
      };
    },
  },
  {
    name: 'right',
    imports: ['@key', '@shareable'],
    sdl: `type Query { r: Shape other: Any narrow: Holder @shareable } interface Shape { id: ID! } union Any = Box | Line type Holder @shareable { shape: Shape @shareable }
      type Box implements Shape @key(fields: "id") { id: ID! wide: Int } type Line @key(fields: "id") { id: ID! thick: Int }
      type Dot implements Shape @key(fields: "id") { id: ID! }`,
    resolvers: () => {
      const box = { __typename: 'Box', id: 'b', wide: 2 };
      const by = { __resolveType: ({ __typename }: Row) => __typename };
      return {
        Query: { r: () => box, other: () => box, narrow: () => ({ shape: { __typename: 'Dot', id: 'd' } }) },
        Shape: by,
        Any: by,
        Box: { __resolveReference: () => box },
        Line: reference,
        Dot: reference,
      };
    },
  },
];

test('a field that a subgraph cannot return need not be fetched from it', async () => {
  const queries: readonly (readonly [string, unknown])[] = [
    ['{ l { id ... on Box { wide } ... on Dot { size } } }', { l: { id: 'd', size: 1 } }],
    ['{ ls { ... on Box { wide } id } r { id ... on Box { wide } } }', { ls: [{ id: 'd' }], r: { id: 'b', wide: 2 } }],
    [
      '{ any { ... on Box { wide } ... on Dot { size } ... on Line { thick long } } other { ... on Box { wide } ... on Dot { size } ... on Line { long thick } } }',
      { any: { size: 1 }, other: { wide: 2 } },
    ],
    [
      '{ narrow { shape { id ... on Box { wide } ... on Dot { size } } } }',
      { narrow: { shape: { id: 'd', size: 1 } } },
    ],
  ];
  for (const engine of await enginesOf(apart))
    for (const [query, data] of queries) assert.deepEqual(await outcome(engine, query), { data }, query);
});

test('a field that is fetched under conditions is fetched whenever it is selected', async () => {
  for (const engine of await enginesOf(apart)) {
    const query =
      'query ($a: Boolean = true, $b: Boolean = false) { l { id @include(if: $a) ... on Dot @skip(if: $b) { size id @skip(if: $a) } } r { id ... on Box @include(if: $b) { wide } } }';
    assert.deepEqual(await outcome(engine, query), { data: { l: { id: 'd', size: 1 }, r: { id: 'b' } } });
  }
});
