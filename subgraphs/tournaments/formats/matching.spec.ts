import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { extendMatching, mayPairWhere } from './matching.ts';

/** The smallest possible number of unpaired indexes. It tries all matchings. */
function fewestAlone(left: readonly number[], mayPair: (a: number, b: number) => boolean): number {
  const [first, ...rest] = left;
  if (first === undefined) return 0;
  const paired = rest
    .filter((other) => mayPair(first, other))
    .map((other) =>
      fewestAlone(
        rest.filter((index) => index !== other),
        mayPair,
      ),
    );
  return Math.min(1 + fewestAlone(rest, mayPair), ...paired);
}

describe('a matching', () => {
  it('has the most pairs, from any start', () => {
    const graph = fc
      .integer({ min: 1, max: 9 })
      .chain((size) =>
        fc.record({
          size: fc.constant(size),
          edges: fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 2 * size }),
          away: fc.nat(size),
        }),
      );
    fc.assert(
      fc.property(graph, ({ size, edges, away }) => {
        const may = new Set(edges.flatMap(([a, b]) => (a === b ? [] : [a * size + b, b * size + a])));
        const mayPair = (a: number, b: number): boolean => may.has(a * size + b);
        const present = new Uint8Array(size).fill(1);
        if (away < size) present[away] = 0;
        const mate = new Int32Array(size).fill(-1);
        // The matching starts with the last edge, which may be a bad choice that has to be changed.
        const [a, b] = edges.at(-1) ?? [0, 0];
        if (a !== b && present[a] && present[b]) [mate[a], mate[b]] = [b, a];
        const alone = extendMatching(mate, present, mayPairWhere(size, mayPair));
        const all = Array.from({ length: size }, (_, index) => index).filter((index) => present[index]);
        assert.equal(alone, fewestAlone(all, mayPair));
        assert.equal(all.filter((index) => mate[index] === -1).length, alone);
        for (const index of all.filter((one) => mate[one] !== -1)) {
          assert.equal(mate[mate[index]!], index);
          assert.ok(mayPair(index, mate[index]!) && present[mate[index]!]);
        }
      }),
      { numRuns: 3_000 },
    );
  });
});
