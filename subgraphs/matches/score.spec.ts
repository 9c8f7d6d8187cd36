import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import type { MatchEventDetail } from '../../schema/messages/matches.ts';
import { matchScore } from '../../schema/messages/matches.ts';
import { BEFORE, advance, scoreOf, setWinner } from './score.ts';
import { SPORTS } from '../../schema/sports.ts';
import { lastMinute } from './rules.ts';

const period = (number: number | null): MatchEventDetail => ({ kind: 'PERIOD', period: number });
const goal = (side: 'HOME' | 'AWAY', number: number | null, points = 1): MatchEventDetail => ({
  kind: 'GOAL',
  side,
  goal: 'GOAL',
  points,
  period: number,
  player: null,
  assist: null,
  clock: null,
});
const score = (sport: keyof typeof SPORTS, ...details: MatchEventDetail[]) =>
  scoreOf(
    SPORTS[sport],
    details.map((detail, index) => ({ seq: index + 1, detail })),
  );
const points = (side: 'HOME' | 'AWAY', number: number, count: number): MatchEventDetail[] =>
  Array.from({ length: count }, () => goal(side, number));

describe('the score', () => {
  it('adds up periods, the shoot-out apart', () => {
    const details = [
      period(1),
      goal('HOME', 1),
      period(2),
      goal('AWAY', 2),
      period(null),
      goal('HOME', null),
      goal('AWAY', null),
      goal('HOME', null),
    ];
    const counted = score('FOOTBALL', ...details);
    assert.deepEqual(counted, {
      home: 1,
      away: 1,
      periods: [
        { home: 1, away: 0 },
        { home: 0, away: 1 },
      ],
      shootout: { home: 2, away: 1 },
    });
    assert.deepEqual(matchScore.parse(counted), counted);
    const { period: now, shootout } = details.reduce(
      (progress, detail) => advance(SPORTS.FOOTBALL, progress, detail),
      BEFORE,
    );
    assert.deepEqual({ now, shootout }, { now: null, shootout: true });
  });

  it('counts points of two and three', () => {
    assert.deepEqual(score('BASKETBALL', period(1), goal('HOME', 1, 3), goal('AWAY', 1, 2), goal('HOME', 1)), {
      home: 4,
      away: 2,
      periods: [{ home: 4, away: 2 }],
      shootout: null,
    });
  });

  it('counts sets, not points, where a sport has sets', () => {
    const first = [period(1), ...points('AWAY', 1, 24), ...points('HOME', 1, 25)];
    assert.deepEqual(score('VOLLEYBALL', ...first), {
      home: 0,
      away: 0,
      periods: [{ home: 25, away: 24 }],
      shootout: null,
    });
    const won = [...first, goal('HOME', 1), period(2), goal('AWAY', 2)];
    assert.deepEqual(score('VOLLEYBALL', ...won), {
      home: 1,
      away: 0,
      periods: [
        { home: 26, away: 24 },
        { home: 0, away: 1 },
      ],
      shootout: null,
    });
    // The point that won the set is voided, so the set is not won any more.
    const { home, periods } = score('VOLLEYBALL', ...won, {
      kind: 'VOID',
      voids: first.length + 1,
      reason: null,
      of: null,
    });
    assert.deepEqual([home, periods[0]], [0, { home: 25, away: 24 }]);
  });

  it('plays the deciding set to fewer points', () => {
    assert.equal(setWinner(SPORTS.VOLLEYBALL, 4, { home: 15, away: 3 }), null);
    assert.equal(setWinner(SPORTS.VOLLEYBALL, 5, { home: 15, away: 3 }), 'HOME');
    assert.equal(setWinner(SPORTS.BEACH_VOLLEYBALL, 3, { home: 15, away: 17 }), 'AWAY');
    assert.equal(setWinner(SPORTS.FOOTBALL, 1, { home: 30, away: 0 }), null);
  });
});

describe('the clock', () => {
  it('ends with the period, extra time included', () => {
    assert.deepEqual(
      [1, 2, 3, 4].map((number) => lastMinute(SPORTS.FOOTBALL, number)),
      [45, 90, 105, 120],
    );
    assert.equal(lastMinute(SPORTS.FOOTBALL, null), 120);
    assert.equal(lastMinute(SPORTS.HOCKEY, 4), 80);
    assert.equal(lastMinute(SPORTS.VOLLEYBALL, 1), null);
  });
});
