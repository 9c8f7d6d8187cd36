import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Keyv } from 'keyv';
import { memoryStore } from './memory-store.ts';
import { queryTexts } from './query-texts.ts';
import { redisStore } from './redis-store.ts';

const { REDIS_URL } = process.env;
const stores: [string, () => Keyv, string | false][] = [
  ['in memory', () => memoryStore(), false],
  ['on Redis', () => redisStore(REDIS_URL ?? ''), REDIS_URL === undefined && 'runs in full mode: npm run test:full'],
];

for (const [name, open, skip] of stores) {
  (skip ? describe.skip : describe)(`texts of persisted queries ${name}`, () => {
    it('are shared by all processes, and expire after their time', async () => {
      const bounds = { keptMs: 300, entries: 10, bytes: 1_000 };
      const [one, other] = [queryTexts(open(), bounds), queryTexts(open(), bounds)];
      const shared = name === 'in memory' ? one : other;
      const hash = randomUUID();
      while (
        await one.get(hash).then(
          () => false,
          () => true,
        )
      )
        await sleep(20); // connects in the background
      while (
        await shared.get(hash).then(
          () => false,
          () => true,
        )
      )
        await sleep(20);
      assert.equal(await shared.get(hash), undefined);
      await one.set(hash, '{ имя }');
      assert.equal(await shared.get(hash), '{ имя }');
      while ((await shared.get(hash)) !== undefined) await sleep(20);
      await Promise.all([one.close(), other.close()]);
    });
  });
}

it('a process adds a limited number of texts and bytes within their lifetime', async () => {
  const kept = async (bounds: { entries: number; bytes: number }, sizes: readonly number[]): Promise<boolean[]> => {
    const texts = queryTexts(memoryStore(), { keptMs: 3_600_000, ...bounds });
    for (const [hash, size] of sizes.entries()) await texts.set(String(hash), 'q'.repeat(size));
    return Promise.all(sizes.map(async (_, hash) => (await texts.get(String(hash))) !== undefined));
  };
  assert.deepEqual(await kept({ entries: 2, bytes: 1_000 }, [1, 1, 1]), [true, true, false]);
  assert.deepEqual(await kept({ entries: 9, bytes: 100 }, [60, 60, 40]), [true, false, true]);
});
