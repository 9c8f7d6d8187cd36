import assert from 'node:assert/strict';
import { afterAll, test } from '@jest/globals';
import { RequestError } from '../operation/request-error.ts';
import { createNetwork, PLANNING, plannerFor } from '../test/harness.ts';
import { sources } from '../test/monolith/subgraphs.ts';
import { createHardNetwork } from '../test/supergraph/network.ts';
import { createOperationPlanner, type PlannedOperation } from './operation-planner.ts';
import { createOverrides } from './overrides.ts';
import type { PlanNode } from './plan-nodes.ts';
import { PlannerBusy, createPlanner } from './planner.ts';
import type { Planner } from './planner.ts';

const NONE = { labels: [], percentage: 0 };
const network = createHardNetwork();
const troubles: string[] = [];
const planner = plannerFor(network, { onTrouble: (message) => troubles.push(message) });
afterAll(() => planner.close());

const planned = async (
  by: Planner,
  text: string,
  overrides: Parameters<Planner['plan']>[2] = NONE,
): Promise<PlannedOperation> => JSON.parse(await by.plan(text, null, overrides)) as PlannedOperation;

const isRefusal =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    error instanceof RequestError && error.errors[0]?.extensions?.['code'] === code && message.test(error.message);

/**
 * A valid operation that makes the native planner panic: a field with @requires in a type with several composite keys.
 */
const PANIC = '{ reviews { product { bundle } } }';

test("a crash of the planner process affects no other process; Apollo's planner plans this operation, and the next one too", async () => {
  const { by } = await planned(planner, PANIC);
  assert.equal(by, 'apollo');
  assert.deepEqual(troubles, ['the native planner crashed; the operation is planned with the other']);
  assert.equal((await planned(planner, '{ version }')).by, 'hive');
});

test('an operation that takes too long is refused and remembered, and does not delay the others further', async () => {
  const slow = plannerFor(network, { planningMs: 1, onTrouble: (message) => troubles.push(message) });
  try {
    await slow.ready();
    const text = `{ products { ${'related { name inStock owner { login } '.repeat(15)} upc ${'}'.repeat(15)} } }`;
    const [first, again, other] = await Promise.allSettled([
      slow.plan(text, null, NONE),
      slow.plan(text, null, NONE),
      slow.plan('{', null, NONE),
    ]);
    assert.ok(first.status === 'rejected' && again.status === 'rejected' && other.status === 'rejected');
    assert.ok(isRefusal('GRAPHQL_PLANNING_FAILED', /too long/)(first.reason));
    assert.equal(again.reason, first.reason);
    await assert.rejects(slow.plan(text, null, NONE), (error) => error === first.reason);
  } finally {
    slow.close();
  }
});

test("the time in which Apollo's planner is loaded is not time of the operation", async () => {
  const { planningMs: _, planningQueue: __, refusals: ___, ...limits } = PLANNING;
  const own = await createOperationPlanner(network.sdl, limits);
  const phasesOf = async (text: string): Promise<string[]> => {
    const phases: string[] = [];
    await own.plan({ text, overrides: NONE }, (phase) => phases.push(phase));
    return phases;
  };
  assert.deepEqual(await phasesOf('{ version }'), ['planning']);
  const deferred = '{ version products { upc ... @defer { name } } }';
  assert.deepEqual(await phasesOf(deferred), ['planning', 'loading', 'planning']);
  assert.deepEqual(await phasesOf(deferred), ['planning', 'planning']);
});

test('limits waiting documents; a document refused for that may be sent again', async () => {
  const narrow = plannerFor(network, { planningQueue: 1 });
  try {
    const asked = ['a', 'b', 'c'].map((alias) => narrow.plan(`{ ${alias}: version }`, null, NONE));
    const [first, second, third] = await Promise.allSettled(asked);
    assert.deepEqual([first?.status, second?.status, third?.status], ['fulfilled', 'fulfilled', 'rejected']);
    assert.ok(
      third?.status === 'rejected' && third.reason instanceof PlannerBusy && third.reason.code === 'UNAVAILABLE',
    );
    assert.equal((await planned(narrow, '{ c: version }')).by, 'hive');
  } finally {
    narrow.close();
  }
});

test('after close(), waiting and new documents are refused', async () => {
  const closing = plannerFor(network);
  const waiting = [closing.plan('{ a: version }', null, NONE), closing.plan('{ b: version }', null, NONE)];
  closing.close();
  const told = await Promise.allSettled([...waiting, closing.plan('{ c: version }', null, NONE)]);
  assert.ok(
    told.every((one) => one.status === 'rejected' && one.reason instanceof PlannerBusy),
    JSON.stringify(told),
  );
});

test("a supergraph that crashes the native planner uses Apollo's; one that neither accepts is an error", async () => {
  const told: string[] = [];
  const limits = {
    tokens: 5_000,
    nesting: 200,
    depth: 20,
    aliases: 50,
    rootFields: 30,
    fields: 5_000,
    values: 100_000,
    listSize: 10,
    introspection: true,
    planningMs: 5_000,
    planningQueue: 10,
    refusals: 10,
  };
  const broken = createPlanner(network.sdl.replaceAll('key: "upc"', 'key: "nothing { }"'), {
    ...limits,
    onTrouble: (message) => told.push(message),
  });
  await assert.rejects(broken.ready(), /cannot be planned for/);
  assert.match(told[0] ?? '', /native planner cannot be used/);
  broken.close();
});

test('renames variables that have a name of the planners', async () => {
  const text =
    'query($representations: ID!, $__batch_reps_0: Int) { product(upc: $representations) { inStock reviews(first: $__batch_reps_0) { id } } }';
  const sent: string[] = [];
  const visit = (node: PlanNode | undefined): void => {
    if (node?.kind === 'Fetch' || node?.kind === 'BatchFetch')
      sent.push(...node.operation.variables.map(([as, name]) => `${as}=${name}`));
    else if (node?.kind === 'Flatten') visit(node.node);
    else if (node?.kind === 'Sequence' || node?.kind === 'Parallel') node.nodes.forEach(visit);
  };
  visit((await planned(planner, text)).plan.rest);
  assert.deepEqual(sent.sort(), ['client___batch_reps_0=__batch_reps_0', 'client_representations=representations']);
});

test('a fragment that the native planner lets spread itself is neither followed forever nor sent', async () => {
  const own = plannerFor(createNetwork(sources));
  try {
    const { plan } = await planned(
      own,
      `query($yes: Boolean! $no: Boolean!) { ranked { ... on Book @include(if: $no) { pages rival { __typename @skip(if: $yes) } }
      ... on Media @skip(if: $no) { ... on Media { __typename ... on Media { ... on Media @include(if: $no) { ... on Movie { id @include(if: $no) } id id id } id id } } id id } id } }`,
    );
    assert.doesNotMatch(JSON.stringify(plan), /fragment a on Media \{[^}]*\.\.\.a/);
  } finally {
    own.close();
  }
});

const overridden = createNetwork([
  {
    name: 'old',
    imports: ['@key', '@shareable'],
    sdl: 'type Query { thing: Thing } type Thing @key(fields: "id") { id: ID! a: Int b: Int }',
    resolvers: () => ({ Query: { thing: () => ({ id: 1, a: 1, b: 1 }) } }),
  },
  {
    name: 'new',
    imports: ['@key', '@override'],
    sdl: 'type Thing @key(fields: "id") { id: ID! a: Int @override(from: "old", label: "feature") b: Int @override(from: "old", label: "percent(25)") }',
    resolvers: () => ({ Thing: { __resolveReference: ({ id }: { id: string }) => ({ id, a: 2, b: 2 }) } }),
  },
]);

test('progressive overrides: a label that is on, and a percentage of operations, with either planner', async () => {
  const own = plannerFor(overridden);
  try {
    const subgraphs = async (labels: string[], thrown: number, field: string, text = `{ thing { ${field} } }`) => {
      const overrides = createOverrides(['feature', 'percent(25)'], labels, () => thrown)();
      return JSON.stringify((await planned(own, text, overrides)).plan).includes('"new"');
    };
    assert.equal(await subgraphs([], 0.9, 'a'), false);
    assert.equal(await subgraphs(['feature', 'unknown'], 0.9, 'a'), true);
    for (const [thrown, expected] of [
      [0, true],
      [0.2499, true],
      [0.25, false],
      [0.9, false],
    ] as const) {
      assert.equal(await subgraphs([], thrown, 'b'), expected, `${thrown}`);
    }
  } finally {
    own.close();
  }
});

test('makes as few plans of a document as the percentages need', () => {
  const thrown = Array.from({ length: 100 }, (_, n) => n / 100);
  const decide = createOverrides(['percent(10)', 'x', 'percent(50)'], [], () => thrown.shift() ?? 0);
  const counts = new Map<number, number>();
  for (let n = 0; n < 100; n++) {
    const { percentage } = decide();
    counts.set(percentage, (counts.get(percentage) ?? 0) + 1);
  }
  assert.deepEqual(
    [...counts].sort(([a], [b]) => a - b),
    [
      [0, 10],
      [10, 40],
      [50, 50],
    ],
  );
});
