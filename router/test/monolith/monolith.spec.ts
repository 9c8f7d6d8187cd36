// Generated operations: the router's response from five subgraphs must equal the response of one server that has all
// data.
import assert from 'node:assert/strict';
import { afterAll, test } from '@jest/globals';
import fc from 'fast-check';
import { graphql, parse, printSchema, validate } from 'graphql';
import { RequestError } from '../../operation/request-error.ts';
import { ask, createNetwork, engineFor, json, plannerFor } from '../harness.ts';
import { makeExecutable } from './executable.ts';
import { Tape, generateQuery } from './generate.ts';
import { sources } from './subgraphs.ts';

const network = createNetwork(sources);
const planner = plannerFor(network, { aliases: 1_000, fields: 10_000, values: 1e15 });
afterAll(() => planner.close());
const engine = engineFor(network, { planner, planCacheSize: 1, compiledFrom: 2 });
const { apiSchema } = engine.supergraph;
const monolith = makeExecutable(printSchema(apiSchema));

/**
 * Compares the responses. Returns false when the router refused the operation: for some operations no planner has a
 * correct plan.
 */
async function compare(
  query: string,
  variables: Readonly<Record<string, unknown>> = { yes: true, no: false },
  asked = query,
): Promise<boolean> {
  const expected = json(await graphql({ schema: monolith, source: query, variableValues: variables }));
  assert.equal(expected.errors, undefined);
  try {
    for (const time of ['first', 'second'])
      assert.deepEqual(await ask(engine, asked, variables), expected, `the ${time} time: ${asked}`);
    return true;
  } catch (error) {
    if (error instanceof RequestError && error.errors[0]?.extensions?.['code'] === 'GRAPHQL_PLANNING_FAILED')
      return false;
    throw error;
  }
}

const CASES = {
  'two values of one required field, of entities that another subgraph leads to':
    '{ places { items { taxEur taxUsd } } search { ... on Product { taxEur bundle taxUsd } } }',
  'two values of one required field, where neither planner finds a way': '{ any { ... on Product { taxUsd taxEur } } }',
  'objects computed from two values of one required field': `{ places { items { ...P } } }
    fragment P on Product { costUsd { net n: note { ...N } } c: costEur { net note { __typename ...N } } } fragment N on Note { ... on Wide { w } ... on Narrow { text } }`,
  'of an object that was computed, a field of one of its types':
    '{ any { ... on Product { taxUsd costEur { net note { k ... on Wide { w } } } } } }',
  'a field computed from one that is computed': '{ product(upc: "p1") { grid { items { label taxUsd } } } }',
  'a field of one type only, computed by who does not know the type':
    '{ any { ... on Product { reviews { about { ... on Movie { headline } } } } } reviews { author { badge } about { ... on Movie { headline } } } }',
  'fields that differ by type, one of them computed from what the other is called':
    '{ medium(id: "m2") { ... on Movie { headline title } ... on Book { title: headline } } }',
  'a key that must be fetched before it is needed': '{ media { rival { score ... on Movie { rival { id } id } } } }',
  'fields that differ by type, under conditions': `query($yes: Boolean! $no: Boolean!) { medium(id: "m2") { ... on Book {
    rival { ... on Book @include(if: $yes) { tagged(n: 1) } ... on Movie @skip(if: $no) { b: headline tagged(n: 0) } } title
  } ... on Book @include(if: $no) { isbn headline } } }`,
};
for (const [name, query] of Object.entries(CASES)) test(name, async () => assert.equal(await compare(query), true));

test('two values of one required field, one of them deferred', async () => {
  assert.equal(
    await compare(
      '{ any { ... on Product { taxEur taxUsd } } }',
      undefined,
      '{ any { ... on Product { taxEur ... @defer { taxUsd } } } }',
    ),
    true,
  );
});

test('a computed field with an argument from a variable that has a name of the planners and a default', async () => {
  const query =
    'query($representations: String) { any { ... on Product { taxEur taxUsd shipping(zip: $representations) } } }';
  assert.equal(await compare(query, { representations: '8000' }), true);
  assert.equal(
    await compare('query($n: Int = 5) { any { ... on Product { taxUsd taxEur reduced(by: $n) } } }', {}),
    true,
  );
});

const RUNS = Number(process.env['GENERATED_OPERATIONS'] ?? 600);

test(`${RUNS} generated operations get the same response as from one server`, async () => {
  let compared = 0;
  const refused: string[] = [];
  const numbersOf = fc.array(fc.nat(1_000), { minLength: 10, maxLength: 120, size: 'max' });
  await fc.assert(
    fc.asyncProperty(numbersOf, fc.record({ yes: fc.boolean(), no: fc.boolean() }), async (numbers, variables) => {
      const query = generateQuery(apiSchema, new Tape(numbers));
      if (validate(apiSchema, parse(query)).length > 0) return;
      if (await compare(query, variables)) compared++;
      else refused.push(query);
    }),
    { numRuns: RUNS, seed: Number(process.env['GENERATED_SEED'] ?? 1), endOnFailure: false },
  );
  assert.ok(compared > RUNS / 2, `only ${compared} of ${RUNS} were valid`);
  assert.deepEqual(refused, []);
});
