import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { fieldsHash } from './fetched-fields.ts';

test('equal for the same fields with other aliases, arguments or spelling', () => {
  const same = [
    '{ a { b c } }',
    'query Q { x: a { b y: c } }',
    'query ($n: Int) { a(n: $n) { c b } }',
    '{ a { b } a { c } }',
    '{ a { b c @include(if: true) b z: b } z: a(n: 2) { b } }',
    '{ ... { a { b c } } }',
  ];
  const [first] = same;
  for (const document of same) assert.equal(fieldsHash(document), fieldsHash(first!), document);
  assert.equal(fieldsHash('{ a { ...F } } fragment F on T { b }'), fieldsHash('{ a { ... on T { x: b } } }'));
});

test('different for other fields, types and kinds of operation', () => {
  const different = [
    '{ a { b c } }',
    '{ a { b } }',
    '{ a { b { c } } }',
    '{ a b c }',
    'mutation { a { b c } }',
    '{ a { ... on T { b c } } }',
    '{ a { ... on U { b c } } }',
  ];
  assert.equal(new Set(different.map(fieldsHash)).size, different.length);
});

test('ends for a fragment that spreads itself, as a planner may write', () => {
  assert.equal(typeof fieldsHash('{ a { ...F } } fragment F on T { b ...F }'), 'string');
});
