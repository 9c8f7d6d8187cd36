import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { champion } from './champion.ts';
import { named, outside, planOf, playOut, result } from './formats.testing.ts';
import { knockoutRanking } from './ranking.ts';
import { type Outside, resolve } from './resolve.ts';

const three = planOf('ROUND_ROBIN', named('A', 'B', 'C'));
const played = playOut(three, (home) => home === 'A');
const first = (place: ReturnType<Outside['placeOf']>, out: Parameters<typeof outside>[0] = []): Outside => ({
  ...outside(out),
  placeOf: (source) =>
    source.kind === 'PLACE' && source.stage === 4 && source.group === 1 && source.place === 1 ? place : null,
});

describe('a champion', () => {
  it('of a table is first in it, once all is played', () => {
    const after = (around: Outside, results = played) => champion(three, resolve(three, results, around), 4, around);
    assert.deepEqual(after(first({ entrant: 'A' })), { entrant: 'A' });
    assert.equal(after(first({ entrant: 'A' }), played.slice(1)), null);
    assert.equal(after(first(null)), null);
    assert.deepEqual(after(first('TIED')), { none: 'TIED' });
    assert.deepEqual(after(first('NOBODY')), { none: 'ALL_OUT' });
    assert.deepEqual(after(first({ entrant: 'A' }, [['A', 'DISQUALIFIED']])), { none: 'DISQUALIFIED' });
  });

  it('is not in several groups, nor in a Swiss stage before its last round', () => {
    const groups = planOf('ROUND_ROBIN', 4, { groups: 2 });
    const results = playOut(groups, () => true);
    assert.deepEqual(champion(groups, resolve(groups, results, outside()), 1, outside()), { none: 'NO_FINAL' });
    const swiss = planOf('SWISS', 4);
    assert.equal(champion(swiss, resolve(swiss, [], outside()), 4, first({ entrant: '1' })), null);
  });

  it('of a final stays one who withdraws after it, and is nobody if both lose or the winner is disqualified', () => {
    const final = planOf('SINGLE_ELIMINATION', named('A', 'B'));
    const after = (text: string, out: Parameters<typeof outside>[0] = [], rest = {}): unknown => {
      const around = outside(out);
      return champion(final, resolve(final, [result('W1-1', text, rest)], around), 1, around);
    };
    assert.deepEqual(after('A-B 1:0'), { entrant: 'A' });
    assert.deepEqual(after('A-B 1:0', [['A', 'WITHDRAWN']]), { entrant: 'A' });
    assert.deepEqual(after('A-B 1:0', [['A', 'DISQUALIFIED']]), { none: 'DISQUALIFIED' });
    assert.deepEqual(after('A-B 0:0', [], { winner: 'NONE' }), { none: 'BOTH_LOST' });
    // A drawn match does not decide the stage, so the entrant who has not left is the champion.
    assert.deepEqual(after('A-B 0:0', [['A', 'WITHDRAWN']]), { entrant: 'B' });
    assert.equal(after('A-B 1:0', [], { counts: false }), null);
  });
});

describe('the places of a knock-out', () => {
  it('go back from the final, the third place before the semi-finals, the losers by rounds', () => {
    const places = (format: 'SINGLE_ELIMINATION' | 'DOUBLE_ELIMINATION', rest = {}): string | undefined => {
      const plan = planOf(format, 8, rest);
      const results = playOut(plan, (home, away) => Number(home) < Number(away));
      return knockoutRanking(plan, resolve(plan, results, outside()))
        ?.map(({ place, entrant }) => `${place}:${entrant}`)
        .toSorted()
        .join(' ');
    };
    assert.equal(places('SINGLE_ELIMINATION'), '1:1 2:2 3:3 3:4 5:5 5:6 5:7 5:8');
    assert.equal(places('SINGLE_ELIMINATION', { thirdPlace: true }), '1:1 2:2 3:3 4:4 5:5 5:6 5:7 5:8');
    assert.equal(places('SINGLE_ELIMINATION', { legs: 2, finalLegs: 2 }), '1:1 2:2 3:3 3:4 5:5 5:6 5:7 5:8');
    assert.equal(places('DOUBLE_ELIMINATION'), '1:1 2:2 3:3 4:4 5:5 5:6 7:7 7:8');
    const plan = planOf('DOUBLE_ELIMINATION', 3);
    assert.equal(knockoutRanking(plan, resolve(plan, [], outside())), null);
  });
});
