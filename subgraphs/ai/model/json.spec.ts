import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { readJson, withoutFence } from './json.ts';

const FENCE = '```';

describe('the JSON of an answer', () => {
  it('may be in a Markdown fence, with words before and after it', () => {
    for (const answer of [
      '{"a":1}',
      `${FENCE}json\n{"a":1}\n${FENCE}`,
      `${FENCE}\n{"a":1}`,
      `Here it is:\n${FENCE}JSON\n{"a":1}\n${FENCE}\nEnjoy!`,
    ])
      assert.deepEqual(readJson(answer), { a: 1 }, answer);
  });
  it('may have a fence in its texts', () => {
    const value = { a: `${FENCE}x${FENCE}` };
    assert.deepEqual(readJson(JSON.stringify(value)), value);
    assert.deepEqual(readJson(`${FENCE}json\n${JSON.stringify(value)}\n${FENCE}`), value);
  });
  it('may be incomplete while it streams', () => {
    assert.equal(withoutFence(`${FENCE}json\n{"a":"x`), '{"a":"x');
  });
  it('is nothing when the answer has none', () => {
    for (const answer of ['', 'I am a teapot.', FENCE, `${FENCE}json`, '{"a":'])
      assert.equal(readJson(answer), undefined);
  });
});
