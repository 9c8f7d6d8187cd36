import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import fc from 'fast-check';
import { jsonErrorPosition } from './json-position.ts';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test('finds line and column, from 1', () => {
  assert.deepEqual(jsonErrorPosition('{"a": tru}'), { line: 1, column: 7 });
  assert.deepEqual(jsonErrorPosition('{"a": 1\n "b": 2}'), { line: 2, column: 2 });
  assert.deepEqual(jsonErrorPosition('[1,]'), { line: 1, column: 4 });
  assert.deepEqual(jsonErrorPosition('{"a":1} x'), { line: 1, column: 9 });
  assert.deepEqual(jsonErrorPosition('"open'), { line: 1, column: 1 });
  assert.deepEqual(jsonErrorPosition(''), { line: 1, column: 1 });
  assert.deepEqual(jsonErrorPosition('['.repeat(100_000)), { line: 1, column: 100_001 });
});

test('agrees with JSON.parse on valid JSON', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.nat(),
      fc.constantFrom('', ',', '"', '}', ']', '{', '\\', 'x', '\n', '0', '-'),
      (text, at, added) => {
        assert.equal(jsonErrorPosition(text), undefined);
        const index = at % (text.length + 1);
        const broken = text.slice(0, index) + added + text.slice(index + 1);
        assert.equal(jsonErrorPosition(broken) === undefined, parses(broken), broken);
      },
    ),
    { numRuns: 2_000 },
  );
});
