import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { type Sport, SPORTS } from '../../schema/sports.ts';
import { checkFinalScore } from './final-score.ts';
import { leader, setWinner, walkoverScore } from './score.ts';

type Pair = readonly [home: number, away: number];
const points = ([home, away]: Pair) => ({ home, away });

/** The reason and the field of the refusal. Null if the score is accepted. */
function fault(
  sport: Sport,
  score: Pair,
  {
    periods = [],
    shootout,
    needsWinner = false,
    before = [0, 0],
  }: { periods?: Pair[]; shootout?: Pair; needsWinner?: boolean; before?: Pair } = {},
): string | null {
  try {
    checkFinalScore(
      SPORTS[sport],
      { ...points(score), periods: periods.map(points), shootout: shootout ? points(shootout) : null },
      needsWinner,
      points(before),
    );
    return null;
  } catch (error) {
    assert.ok(error instanceof UserErrors, String(error));
    return error.errors.map(({ reason, field }) => [reason, ...(field ?? [])].join(' ')).join(', ');
  }
}

describe('a final score', () => {
  it('of periods is their sum, and there are as many as the sport has', () => {
    assert.equal(fault('FOOTBALL', [3, 1]), null);
    assert.equal(
      fault('FOOTBALL', [3, 1], {
        periods: [
          [1, 1],
          [2, 0],
        ],
      }),
      null,
    );
    assert.equal(
      fault('FOOTBALL', [3, 1], {
        periods: [
          [1, 1],
          [1, 0],
        ],
      }),
      'SCORE_IS_NOT_ITS_PERIODS periods',
    );
    assert.equal(fault('FOOTBALL', [3, 1], { periods: [[3, 1]] }), 'NUMBER_OF_PERIODS periods');
    assert.equal(
      fault('FOOTBALL', [5, 0], {
        periods: [
          [1, 0],
          [1, 0],
          [1, 0],
          [1, 0],
          [1, 0],
        ],
      }),
      'NUMBER_OF_PERIODS periods',
    );
    assert.equal(
      fault('HOCKEY', [2, 2], {
        periods: [
          [1, 0],
          [1, 1],
          [0, 1],
        ],
      }),
      null,
    );
  });

  it('has a shoot-out where the sport has one, the score is level and somebody wins it', () => {
    assert.equal(fault('FOOTBALL', [1, 1], { shootout: [4, 2] }), null);
    assert.equal(fault('FOOTBALL', [1, 1], { shootout: [4, 4] }), 'SHOOTOUT_IS_LEVEL shootout');
    assert.equal(fault('FOOTBALL', [2, 1], { shootout: [4, 2] }), 'SHOOTOUT_NEEDS_LEVEL_SCORE shootout');
    assert.equal(fault('BASKETBALL', [80, 80], { shootout: [4, 2] }), 'NO_SHOOTOUT shootout');
  });

  it('has a shoot-out after two legs where their sum is level', () => {
    assert.equal(fault('FOOTBALL', [0, 1], { before: [1, 0], shootout: [1, 4] }), null);
    for (const before of [
      [0, 0],
      [0, 1],
      [2, 0],
    ] as Pair[])
      assert.equal(fault('FOOTBALL', [0, 1], { before, shootout: [1, 4] }), 'SHOOTOUT_NEEDS_LEVEL_SCORE shootout');
    assert.equal(
      fault('FOOTBALL', [1, 1], { before: [1, 0], shootout: [1, 4] }),
      'SHOOTOUT_NEEDS_LEVEL_SCORE shootout',
    );
  });

  it('of a match that needs a winner is no draw', () => {
    assert.equal(fault('FOOTBALL', [1, 1]), null);
    assert.equal(fault('FOOTBALL', [1, 1], { needsWinner: true }), 'NEEDS_WINNER');
    assert.equal(fault('FOOTBALL', [1, 1], { needsWinner: true, shootout: [5, 4] }), null);
  });

  it('of sets is won by exactly as many as win the match, each played to its end and none after it', () => {
    assert.equal(fault('VOLLEYBALL', [3, 1]), null);
    for (const score of [
      [2, 1],
      [3, 3],
      [4, 0],
      [0, 0],
    ] as Pair[])
      assert.equal(fault('VOLLEYBALL', score), 'NOT_WON');
    const sets = (...periods: Pair[]) => ({ periods });
    assert.equal(fault('VOLLEYBALL', [3, 0], sets([25, 3], [27, 25], [25, 23])), null);
    assert.equal(fault('VOLLEYBALL', [3, 2], sets([25, 3], [3, 25], [25, 23], [23, 25], [15, 13])), null);
    assert.equal(
      fault('VOLLEYBALL', [3, 2], sets([25, 3], [3, 25], [25, 23], [23, 25], [25, 13])),
      'NOT_A_SET periods 4',
    );
    assert.equal(fault('VOLLEYBALL', [3, 0], sets([25, 24], [25, 3], [25, 3])), 'NOT_A_SET periods 0');
    assert.equal(fault('VOLLEYBALL', [3, 0], sets([28, 25], [25, 3], [25, 3])), 'NOT_A_SET periods 0');
    assert.equal(fault('VOLLEYBALL', [3, 1], sets([25, 3], [25, 3], [25, 3])), 'SCORE_IS_NOT_ITS_PERIODS periods');
    assert.equal(fault('VOLLEYBALL', [3, 1], sets([25, 3], [25, 3], [25, 3], [3, 25])), 'NOT_WON periods');
    assert.equal(fault('BEACH_VOLLEYBALL', [2, 1], sets([21, 3], [19, 21], [15, 8])), null);
  });

  it('is accepted whenever a match can be played to it, set by set', () => {
    const set = (to: number) =>
      fc.tuple(fc.boolean(), fc.integer({ min: 0, max: to + 10 })).map(([isHome, less]): Pair => {
        const most = less <= to - 2 ? to : less + 2;
        return isHome ? [most, less] : [less, most];
      });
    for (const sport of ['VOLLEYBALL', 'BEACH_VOLLEYBALL'] as const) {
      const { periods, sets } = SPORTS[sport];
      assert.ok(sets);
      fc.assert(
        fc.property(
          fc.tuple(
            ...Array.from({ length: periods }, (_, index) => set(index + 1 === periods ? sets.decider : sets.to)),
          ),
          (drawn) => {
            const played: Pair[] = [];
            const won = { HOME: 0, AWAY: 0 };
            for (const one of drawn) {
              if (Math.max(won.HOME, won.AWAY) > periods / 2) break;
              played.push(one);
              won[setWinner(SPORTS[sport], played.length, points(one)) ?? assert.fail('a set without a winner')]++;
            }
            assert.equal(fault(sport, [won.HOME, won.AWAY], { periods: played }), null);
            assert.notEqual(fault(sport, [won.HOME + 1, won.AWAY], { periods: played }), null);
          },
        ),
        { numRuns: 300 },
      );
    }
  });
});

describe('a walkover', () => {
  it('has the score of the sport', () => {
    const scores = Object.entries(SPORTS).map(([sport, profile]) => {
      const { home, away } = walkoverScore(profile, 'HOME');
      return `${sport} ${home}:${away}`;
    });
    assert.deepEqual(scores, [
      'FOOTBALL 3:0',
      'MINI_FOOTBALL 3:0',
      'BASKETBALL 20:0',
      'BASKETBALL_3X3 21:0',
      'VOLLEYBALL 3:0',
      'BEACH_VOLLEYBALL 2:0',
      'HOCKEY 5:0',
    ]);
    assert.deepEqual(
      walkoverScore(SPORTS.VOLLEYBALL, 'AWAY').periods,
      [1, 2, 3].map(() => ({ home: 0, away: 25 })),
    );
    assert.deepEqual(walkoverScore(SPORTS.FOOTBALL, null), { home: 0, away: 0, periods: [], shootout: null });
  });

  it('is a result that the sport can have', () => {
    for (const [sport, profile] of Object.entries(SPORTS))
      for (const side of ['HOME', 'AWAY'] as const) {
        const score = walkoverScore(profile, side);
        checkFinalScore(profile, score, true);
        assert.equal(leader(score), side, sport);
      }
  });
});
