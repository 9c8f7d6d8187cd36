import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { drawLots, hashOf, shuffled } from './draw.ts';

const seed = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const entries = (count: number): string[] => Array.from({ length: count }, (_, index) => `e${index}`);

describe('a draw', () => {
  it('has everybody once, and is the same for the same seed', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 0, max: 300 }), (from, count) => {
        const order = shuffled(from, entries(count));
        assert.deepEqual(order.toSorted(), entries(count).toSorted());
        assert.deepEqual(shuffled(from, entries(count)), order);
      }),
    );
  });

  it('is fair: over many seeds each of the 24 orders of four is about as frequent', () => {
    const counts = new Map<string, number>();
    const draws = 24_000;
    for (let n = 0; n < draws; n++) {
      const from = createHash('sha256').update(String(n)).digest('hex');
      const order = shuffled(from, entries(4)).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 24);
    const expected = draws / 24;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    assert.ok(chiSquare < 49.7, `0.1 % of fair draws are above 49.7 with 23 degrees of freedom: ${chiSquare}`);
  });
});

describe('the program in docs/tournaments.md', () => {
  let folder: string;
  let file: string;
  beforeAll(() => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/tournaments.md'), 'utf8');
    const [, program = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
    assert.ok(program.split('\n').length <= 30, 'everybody can read it');
    folder = mkdtempSync(path.join(os.tmpdir(), 'draw-'));
    file = path.join(folder, 'draw.mjs');
    writeFileSync(file, program);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('repeats every draw', () => {
    for (const count of [1, 2, 3, 9, 33, 200]) {
      const from = createHash('sha256').update(`seed ${count}`).digest('hex');
      const printed = execFileSync(process.execPath, [file, from, ...entries(count)], { encoding: 'utf8' });
      assert.deepEqual(printed.trim().split(' '), [hashOf(from), ...shuffled(from, entries(count))]);
    }
  });
});

describe('lots', () => {
  it('are the same for the same seed, in whatever order the entrants are given', () => {
    const lots = drawLots(hashOf('aa'), ['A', 'B', 'C', 'D']);
    assert.deepEqual(drawLots(hashOf('aa'), ['D', 'B', 'C', 'A']), lots);
    assert.deepEqual([...lots].sort(), ['A', 'B', 'C', 'D']);
  });

  it('put each entrant first about as often', () => {
    const first = new Map<string, number>();
    for (let seed = 0; seed < 4000; seed++) {
      const [winner = ''] = drawLots(hashOf(seed.toString(16).padStart(4, '0')), ['A', 'B', 'C', 'D']);
      first.set(winner, (first.get(winner) ?? 0) + 1);
    }
    // The limits are six standard deviations from the mean, 1000.
    for (const [entrant, times] of first) assert.ok(times > 836 && times < 1164, `${entrant}: ${times}`);
    assert.equal(first.size, 4);
  });
});
