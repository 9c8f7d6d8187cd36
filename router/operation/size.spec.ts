import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { Kind, buildSchema, parse } from 'graphql';
import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import { estimateSize, evaluateSize } from './size.ts';

const schema = buildSchema(`
  type Query { one: Item items(first: Int = 3, last: Int): [Item!] any: [Any] plain: [Item] words: [String!] page(first: Int): Page two: [[Item]] known(ids: [ID!]!): [Any]! }
  type Page { nodes: [Item] edges: [Edge!]! total: Int } type Edge { node: Item cursor: String }
  interface Any { id: ID } type Item implements Any { id: ID items(first: Int = 3, last: Int): [Item!] word: String } type Other implements Any { id: ID a: Int b: Int }
`);
function sizeOf(query: string, variables: Record<string, unknown> = {}): number {
  const { definitions } = parse(query);
  const operation = definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const fragments = new Map(
    definitions
      .filter((definition): definition is FragmentDefinitionNode => definition.kind === Kind.FRAGMENT_DEFINITION)
      .map((one) => [one.name.value, one]),
  );
  const size = estimateSize(schema, operation!, fragments, 7);
  return typeof size === 'number' ? size : evaluateSize(JSON.parse(JSON.stringify(size)) as typeof size, variables);
}

test('counts fields, items, and the values in them', () => {
  const cases: readonly (readonly [string, number, Record<string, unknown>?])[] = [
    ['{ one { id word } }', 3],
    ['{ items(first: 5) { id word } }', 1 + 5 * 3],
    ['{ items { id } }', 1 + 3 * 2],
    ['{ items(first: 2, last: 9) { id } }', 1 + 9 * 2],
    ['{ plain { id } words }', 1 + 7 * 2 + 1 + 7],
    ['{ two { id } }', 1 + 7 * (1 + 7 * 2)],
    ['{ page(first: 5) { total nodes { id } edges { cursor node { id } } } }', 4 + 5 * 2 + 5 * 4],
    ['{ page { nodes { id } } }', 2 + 7 * 2],
    ['{ items(first: 5) { items(first: 4) { id } id } }', 1 + 5 * (1 + 1 + 1 + 4 * 2)],
    ['query ($n: Int) { items(first: $n) { id } }', 1 + 3 * 2],
    ['query ($n: Int) { items(first: $n) { id } }', 1 + 8 * 2, { n: 8 }],
    ['query ($n: Int) { items(first: $n) { id } }', 1 + 7 * 2, { n: null }],
    [
      'query ($n: Int, $m: Int) { items(first: $n, last: $m) { items(last: $m) { id } } }',
      1 + 6 * (2 + 6 * 2),
      { n: 2, m: 6 },
    ],
    ['query ($n: Int) { page(first: $n) { nodes { items(first: $n) { id } } } }', 2 + 4 * (2 + 4 * 2), { n: 4 }],
    ['{ any { id ... on Item { word } ... on Other { a b } ... on Any { id } } }', 1 + 7 * (1 + 1 + 2 + 1)],
    [
      'query ($n: Int) { any { ... on Item { items(first: $n) { id } } ... on Other { a b } } }',
      1 + 7 * (1 + 2 + 1 + 5 * 2),
      { n: 5 },
    ],
    ['{ __schema { types { name } } }', 2 + 10 * 2],
    ['{ items(first: -5) { id } }', 1],
    ['{ known(ids: ["a", "b", "c"]) { ... on Item { items(first: 2) { id } } } }', 1 + 3 * (1 + 1 + 2 * 2)],
    ['query ($ids: [ID!]!) { known(ids: $ids) { id } }', 1 + 40 * 2, { ids: Array(40).fill('a') }],
  ];
  for (const [query, size, variables] of cases)
    assert.equal(sizeOf(query, variables), size, `${query} ${JSON.stringify(variables)}`);
});

test('ends for 2^60 spreads and numbers that cannot be serialised as JSON', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i + 1} on Item { ...F${i} ...F${i} }`).join(' ');
  assert.equal(sizeOf(`{ one { ...F60 } } fragment F0 on Item { word } ${doubling}`), 1e15);
  assert.equal(
    sizeOf(`query ($n: Int) { one { ...F60 } } fragment F0 on Item { items(first: $n) { id } } ${doubling}`, { n: 1 }),
    1e15,
  );
});

test('a size counts the same in the document and in a variable, inline and in a fragment', () => {
  const selection: fc.Arbitrary<string> = fc.letrec<{ set: string; field: string }>((tie) => ({
    set: fc.array(tie('field'), { minLength: 1, maxLength: 3 }).map((fields) => `{ ${fields.join(' ')} }`),
    field: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom('id', 'word'),
      fc
        .tuple(fc.constantFrom('first', 'last'), fc.nat(2), tie('set'))
        .map(([name, n, set]) => `items(${name}: $${'abc'[n]}) ${set}`),
      tie('set').map((set) => `... ${set}`),
    ),
  })).set;
  fc.assert(
    fc.property(selection, fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)), (set, [a, b, c]) => {
      const literal = set.replaceAll('$a', String(a)).replaceAll('$b', String(b)).replaceAll('$c', String(c));
      const expected = sizeOf(`{ one ${literal} }`);
      assert.equal(sizeOf(`query ($a: Int, $b: Int, $c: Int) { one ${set} }`, { a, b, c }), expected);
      assert.equal(sizeOf(`{ one { ...F } } fragment F on Item ${literal}`), expected);
    }),
    { numRuns: 300 },
  );
});
