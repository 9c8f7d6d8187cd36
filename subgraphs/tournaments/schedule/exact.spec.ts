import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { exact } from './exact.fixture.ts';
import { schedule } from './schedule.ts';
import { at, bracketOf8, groupsThenPlayoff, inputOf, match, pitch, roundRobin } from './schedule.fixture.ts';
import { qualityOf } from './quality.ts';

const courts = (count: number) => Array.from({ length: count }, (_, index) => pitch(`court${index}`));
const teams = (count: number) => 'abcdefgh'.slice(0, count).split('');

describe('the quality of a schedule', () => {
  it('is counted in minutes', () => {
    const input = inputOf({
      matches: [match('one', { home: 'a', away: 'b' }), match('two', { home: 'a', away: 'c', round: 2 })],
      pitches: [pitch('court', '10:00', '13:30'), pitch('far', '10:00', '13:30', 'park')],
      restMinutes: 30,
    });
    const places = (second: string, on: string) =>
      new Map([
        ['one', { start: at('10:00'), pitch: 'court', referee: null }],
        ['two', { start: at(second), pitch: on, referee: null }],
      ]);
    // Each part is a mean over three teams. Waiting: a waits one hour longer than its rest: 60² / 60 = 60. Edges: a and
    // b have one match each at the opening: 10 for each.
    assert.deepEqual(qualityOf(input, places('12:00', 'court')), {
      cost: 150 + 20 + 20 * (1 / 3),
      span: 150,
      waiting: 20,
      edges: 20 * (1 / 3),
      moves: 0,
      unplaced: 0,
    });
    // The second match is at the closing, in another venue. The waiting of a is two hours: 240. a and c have a match at
    // the closing, and a changes the venue.
    const { waiting, edges, moves } = qualityOf(input, places('13:00', 'far'));
    assert.deepEqual([waiting, edges, moves], [80, 40 * (1 / 3), 10]);
  });
});

describe('the search, against the best of all schedules', () => {
  // Cases of up to 8 teams for which `exact` tries everything. The last number is the relative gap to the least cost.
  it.each([
    ['knock-out of 8', bracketOf8(), 1, 0, 0],
    ['knock-out of 8', bracketOf8(), 1, 30, 0],
    ['knock-out of 8', bracketOf8(), 2, 0, 0],
    ['knock-out of 8', bracketOf8(), 2, 30, 0.003],
    ['round robin of 4', roundRobin(teams(4)), 1, 0, 0],
    ['round robin of 4', roundRobin(teams(4)), 2, 30, 0],
    ['round robin of 5', roundRobin(teams(5)), 1, 30, 0],
    ['round robin of 5', roundRobin(teams(5)), 2, 0, 0],
    ['two groups of 4, then a play-off', groupsThenPlayoff(), 1, 0, 0],
  ] as const)('%s (%#)', async (_, matches, count, restMinutes, gap) => {
    const input = inputOf({ matches, pitches: courts(count), restMinutes, stepMinutes: 15 });
    const { quality } = await schedule(input, { seed: 1, steps: 5_000 });
    const best = exact(input, quality.cost, 200_000);
    assert.ok(best.proven);
    assert.ok(quality.cost <= best.cost * (1 + gap) + 1e-6, `${quality.cost} instead of ${best.cost}`);
  });

  it('gets better with more steps', async () => {
    const input = inputOf({ matches: roundRobin(teams(8)), pitches: courts(2), restMinutes: 15 });
    const [first, better] = await Promise.all([0, 20_000].map((steps) => schedule(input, { seed: 1, steps })));
    assert.ok((better?.quality.cost ?? 0) < (first?.quality.cost ?? 0) - 5, `${better?.quality.cost}`);
  });

  it('finds better ones than that it is given', () => {
    const input = inputOf({ matches: bracketOf8(), stepMinutes: 15 });
    const { cost, proven } = exact(input, Infinity, 2_000_000);
    assert.ok(proven && Math.abs(cost - 248.125) < 1e-6, String(cost));
  });
});
