import assert from 'node:assert/strict';
import { test } from '@jest/globals';
import { DocumentUsage } from './document-usage.ts';
import type { PreparedOperation } from './engine.ts';
import { warmUp } from './warm-up.ts';

const documents = (...queries: string[]) => queries.map((query) => ({ query, operationName: undefined }));
const prepared = {} as PreparedOperation;

test('prepares documents one after the other, even if some are refused', async () => {
  const seen: string[] = [];
  await warmUp(
    {
      async prepare(query) {
        seen.push(`${query}…`);
        if (query === 'b') throw new Error('no such field');
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(query);
        return prepared;
      },
    },
    documents('a', 'b', 'c'),
    10_000,
  );
  assert.deepEqual(seen, ['a…', 'a', 'b…', 'c…', 'c']);
});

test('stops at the time limit', async () => {
  const seen: string[] = [];
  const keepAlive = setTimeout(() => undefined, 10_000);
  await warmUp(
    {
      prepare(query) {
        seen.push(query);
        return query === 'b' ? new Promise(() => undefined) : prepared;
      },
    },
    documents('a', 'b', 'c'),
    20,
  );
  clearTimeout(keepAlive);
  assert.deepEqual(seen, ['a', 'b']);
});

test('the most used documents come first; the operation name distinguishes them', () => {
  const usage = new DocumentUsage();
  for (const [query, uses] of [
    ['a', 1],
    ['b', 3],
    ['c', 2],
  ] as const)
    for (let i = 0; i < uses; i++) usage.recordUse(query, i === 2 ? 'Other' : null);
  assert.deepEqual(
    usage.mostUsed(3).map(({ query }) => query),
    ['b', 'c', 'a'],
  );
  assert.equal(usage.mostUsed(10).find(({ operationName }) => operationName === 'Other')?.query, 'b');
});

test('a flood of different documents does not evict used ones, and memory is bounded', () => {
  const usage = new DocumentUsage();
  for (let i = 0; i < 500; i++) usage.recordUse('good', null);
  for (let i = 0; i < 100_000; i++) {
    usage.recordUse(`flood ${i}`, null);
    if (i % 10 === 0) usage.recordUse('good', null);
  }
  assert.equal(usage.mostUsed(1)[0]?.query, 'good');
  assert.ok(usage.mostUsed(Infinity).length <= 1_000);
  for (let i = 0; i < 10_000; i++) usage.recordUse(`${i}${'x'.repeat(50_000)}`, null);
  const characters = usage.mostUsed(Infinity).reduce((sum, { query }) => sum + query.length, 0);
  assert.ok(characters <= 4_000_000, String(characters));
});
