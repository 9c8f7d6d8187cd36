import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { Kind, parse } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { demandCheck } from './demand.ts';

const LIMITS = { depth: 3, aliases: 2, rootFields: 4, fields: 8 };
const codes = (query: string, limits = LIMITS): unknown[] => {
  const document = parse(query);
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  return demandCheck(limits)(document, operation!).map(({ extensions }) => extensions['code']);
};

test('accepts everything at the limits, and refuses everything one above', () => {
  assert.deepEqual(codes('{ a { b { c } } }'), []);
  assert.deepEqual(codes('{ a { b { c { d } } } }'), ['OPERATION_TOO_DEEP']);
  assert.deepEqual(codes('{ x: a y: a }'), []);
  assert.deepEqual(codes('{ x: a y: a z: a }'), ['TOO_MANY_ALIASES']);
  assert.deepEqual(codes('{ a b c d }'), []);
  assert.deepEqual(codes('{ a b c d e }'), ['TOO_MANY_ROOT_FIELDS']);
  assert.deepEqual(codes('{ a { b c d e f g h } }'), []);
  assert.deepEqual(codes('{ a { b c d e f g h i } }'), ['TOO_MANY_FIELDS']);
});

test('counts a fragment as often as it is spread, also nested', () => {
  assert.deepEqual(codes('{ ...F ...F } fragment F on Q { x: a y: b }'), ['TOO_MANY_ALIASES']);
  assert.deepEqual(codes('{ a { ... on A { ...F } } } fragment F on A { b { c { d } } }'), ['OPERATION_TOO_DEEP']);
  assert.deepEqual(codes('{ ... { a b c ... { d e } } }'), ['TOO_MANY_ROOT_FIELDS']);
});

test('2^60 spreads are counted in linear time; cycles and unknown fragments end', () => {
  const doubling = Array.from({ length: 60 }, (_, i) => `fragment F${i + 1} on Q { ...F${i} ...F${i} }`).join(' ');
  assert.deepEqual(codes(`{ ...F60 } fragment F0 on Q { x: a } ${doubling}`), [
    'TOO_MANY_ALIASES',
    'TOO_MANY_ROOT_FIELDS',
    'TOO_MANY_FIELDS',
  ]);
  assert.deepEqual(codes('{ ...A } fragment A on Q { a ...B } fragment B on Q { b ...A ...None }'), []);
});

test('an inline selection and a fragment count the same', () => {
  const selection: fc.Arbitrary<string> = fc.letrec<{ set: string; field: string }>((tie) => ({
    set: fc.array(tie('field'), { minLength: 1, maxLength: 4 }).map((fields) => `{ ${fields.join(' ')} }`),
    field: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', 'x: a'),
      tie('set').map((set) => `a ${set}`),
      tie('set').map((set) => `... ${set}`),
    ),
  })).set;
  const wide = { depth: 4, aliases: 5, rootFields: 6, fields: 15 };
  fc.assert(
    fc.property(selection, (set) => {
      assert.deepEqual(codes(`{ ...F } fragment F on Q ${set}`, wide), codes(set, wide));
    }),
    { numRuns: 200 },
  );
});
