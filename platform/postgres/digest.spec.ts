import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { digestOf, digestOfInput } from './digest.ts';

describe('a digest of a request', () => {
  it('is the one that rows of older versions have', () => {
    const input = { name: 'Cup', city: null, at: new Date('2030-06-01T08:00:00Z'), maxTeams: 8, rules: undefined };
    assert.equal(digestOfInput(input), '71a2e1526dd232ca531de504f0193863a8f1be662b20b6bb3072df54ed838683');
    assert.equal(digestOf(['Hall', null, [1]]), '979e74ac35773dea1de46a6f7dca0f05d7194f0abb62831c871c68b9ebc9e8d3');
    assert.equal(digestOf({ a: 1, b: [null] }, 'base64url'), 'iXfxTqypkXeRyf52d09jcY3nV4tiqSlT55PalioRop4');
  });

  it('of an input does not depend on the order of fields, or on how a field is left out', () => {
    const input = { name: 'Cup', maxTeams: 8 };
    assert.equal(digestOfInput({ maxTeams: 8, city: null, rules: undefined, name: 'Cup' }), digestOfInput(input));
    assert.notEqual(digestOfInput({ ...input, maxTeams: 9 }), digestOfInput(input));
  });
});
