import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { Kind, buildSchema, parse, print } from 'graphql';
import type { SelectionSetNode } from 'graphql';
import { splitComputed } from './computed.ts';

const set = (text: string): SelectionSetNode => {
  const [definition] = parse(text, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error('not an operation');
  return definition.selectionSet;
};
const schema = buildSchema(
  'type Query { thing: Thing } type Mutation { a: Thing b: Thing } type Thing { id: ID! size(unit: String): Int big(from: Int): Boolean bigger: Boolean }',
);
const needs = new Map([
  [
    'sizes',
    {
      keys: new Map([['Thing', [set('{ id }')]]]),
      sole: new Set(['Thing.big', 'Thing.bigger']),
      interfaceObjects: new Set<string>(),
      members: new Map(),
      returns: new Map(),
      requirements: new Map([
        ['Thing.big', set('{ size(unit: "m") }')],
        ['Thing.bigger', set('{ big(from: 9) }')],
      ]),
    },
  ],
]);
const split = (text: string) =>
  splitComputed(parse(text, { noLocation: true }), schema, needs, new Map([['n', 'representations']]));

test('selects the required fields, and fetches computed fields after them, level by level', () => {
  const rest = split('query($n: Int = 1) { thing { big(from: $n) bigger } }');
  const selected = print(rest?.document ?? parse('{ none }')).replace(/\s+/g, ' ');
  assert.equal(
    selected,
    'query ($n: Int = 1) { thing { __typename id _client_for_size_0: size(unit: "m") __typename id __typename id _client_for_size_0: size(unit: "m") } }',
  );
  const inner = [{ field: '__typename' }, { field: 'id' }, { field: '_client_for_size_0', as: 'size' }];
  const fetch = (document: string, requires: readonly object[], variables: readonly (readonly [string, string])[]) => ({
    kind: 'Flatten',
    path: [{ field: 'thing' }],
    node: {
      kind: 'Fetch',
      requires: [{ type: 'Thing', inner: requires }],
      operation: { subgraph: 'sizes', kind: 'query', document, variables },
    },
  });
  assert.deepEqual(rest?.complete({}), {
    names: { _client_for_size_0: { name: 'size', types: [] }, _client_for_big_1: { name: 'big', types: [] } },
    rest: {
      kind: 'Sequence',
      nodes: [
        {
          kind: 'Parallel',
          nodes: [
            fetch(
              'query($representations:[_Any!]!,$n: Int = 1){_entities(representations:$representations){...on Thing{big(from: $n) _client_for_big_1: big(from: 9)}}}',
              inner,
              [['n', 'representations']],
            ),
          ],
        },
        {
          kind: 'Parallel',
          nodes: [
            fetch(
              'query($representations:[_Any!]!){_entities(representations:$representations){...on Thing{bigger}}}',
              [{ field: '__typename' }, { field: 'id' }, { field: '_client_for_big_1', as: 'big' }],
              [],
            ),
          ],
        },
      ],
    },
  });
});

test('does not apply to operations with conditions, or with several mutations, which must run in order', () => {
  assert.equal(split('{ thing { id } }'), undefined);
  assert.equal(split('query($yes: Boolean!) { thing { big @include(if: $yes) } }'), undefined);
  assert.equal(split('mutation { a { big } b { big } }'), undefined);
  assert.equal(split('mutation { ... on Mutation { a { big } b { big } } }'), undefined);
  assert.notEqual(split('mutation { a { big } }'), undefined);
});
