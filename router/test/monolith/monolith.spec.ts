// Generated operations: what the router makes out of five subgraphs must be what one server that has everything answers.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { graphql, parse, printSchema, validate } from 'graphql';
import { RequestError } from '../../execution/request-error.ts';
import { makeExecutable } from './executable.ts';
import { ask, createNetwork, engineFor, json, plannerFor } from '../harness.ts';
import { Tape, generateQuery } from './generate.ts';
import { sources } from './subgraphs.ts';

const network = createNetwork(sources);
const planner = plannerFor(network, { aliases: 1_000, fields: 10_000 });
after(() => planner.close());
const engine = engineFor(network, { planner, planCacheSize: 1 });
const { apiSchema } = engine.supergraph;
const monolith = makeExecutable(printSchema(apiSchema));
const variables = { yes: true, no: false };

/** Gives false when the operation was refused: two fields that need one with different arguments, under conditions, are not always planned. */
async function compare(query: string): Promise<boolean> {
  const expected = json(await graphql({ schema: monolith, source: query, variableValues: variables }));
  assert.equal(expected.errors, undefined);
  try {
    assert.deepEqual(await ask(engine, query, variables), expected, query);
    return true;
  } catch (error) {
    if (error instanceof RequestError && error.errors[0]?.extensions?.['code'] === 'GRAPHQL_PLANNING_FAILED') return false;
    throw error;
  }
}

const CASES = {
  'two values of one required field, of entities that another subgraph leads to': '{ places { items { taxEur taxUsd } } search { ... on Product { taxEur bundle taxUsd } } }',
  'fields that differ by type, one of them computed from what the other is called': '{ medium(id: "m2") { ... on Movie { headline title } ... on Book { title: headline } } }',
  'a key that must be fetched before it is needed': '{ media { rival { score ... on Movie { rival { id } id } } } }',
  'fields that differ by type, under conditions': `query($yes: Boolean! $no: Boolean!) { medium(id: "m2") { ... on Book {
    rival { ... on Book @include(if: $yes) { tagged(n: 1) } ... on Movie @skip(if: $no) { b: headline tagged(n: 0) } } title
  } ... on Book @include(if: $no) { isbn headline } } }`,
};
for (const [name, query] of Object.entries(CASES)) test(name, async () => assert.equal(await compare(query), true));

const RUNS = Number(process.env['GENERATED_OPERATIONS'] ?? 600);

test(`${RUNS} generated operations are answered as by one server`, async (t) => {
  let compared = 0;
  let refused = 0;
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(1_000), { minLength: 10, maxLength: 120, size: 'max' }), async (numbers) => {
    const query = generateQuery(apiSchema, new Tape(numbers));
    if (validate(apiSchema, parse(query)).length > 0) return;
    if (await compare(query)) compared++;
    else refused++;
  }), { numRuns: RUNS, seed: Number(process.env['GENERATED_SEED'] ?? 1), endOnFailure: false });
  t.diagnostic(`${compared} operations compared, ${refused} refused`);
  assert.ok(compared > RUNS / 2, `only ${compared} of ${RUNS} were valid`);
  assert.ok(refused <= RUNS / 300, `${refused} were refused`);
});
