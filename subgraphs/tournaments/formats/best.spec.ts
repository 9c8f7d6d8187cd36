import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { assignBest } from './best.ts';

const best = (rank: number, groups: readonly number[] | null = null) =>
  ({ kind: 'BEST', stage: 1, place: 3, rank, groups }) as const;

describe('the best thirds', () => {
  it('are in the order of their rank where nothing limits them', () => {
    assert.deepEqual(
      assignBest([best(2), best(1)], [4, 1], null),
      new Map([
        [1, 4],
        [2, 1],
      ]),
    );
  });

  it('go where a stored table says', () => {
    // Euro 2020: A C D F gives 1B-3F 1C-3D 1E-3C 1F-3A.
    const sources = [best(1, [1, 4, 5, 6]), best(2, [4, 5, 6]), best(3, [1, 2, 3, 4]), best(4, [1, 2, 3])];
    const table = { ACDF: 'FDCA' };
    assert.deepEqual(
      assignBest(sources, [4, 6, 1, 3], table),
      new Map([
        [1, 6],
        [2, 4],
        [3, 3],
        [4, 1],
      ]),
    );
    assert.equal(assignBest(sources, [1, 2, 3, 4], table), null);
  });

  it('fit the limits without a table: the better first, as long as the others find a place', () => {
    assert.deepEqual(
      assignBest([best(1, [1, 2]), best(2, [1])], [1, 2], null),
      new Map([
        [1, 2],
        [2, 1],
      ]),
    );
    assert.deepEqual(
      assignBest([best(1, [1, 2]), best(2, [1, 2])], [2, 1], null),
      new Map([
        [1, 2],
        [2, 1],
      ]),
    );
    assert.equal(assignBest([best(1, [1]), best(2, [1])], [1, 2], null), null);
    assert.equal(assignBest([best(1)], [1, 2], null), null);
  });
});
