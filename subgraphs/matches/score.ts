import type { MatchEventDetail, MatchScore } from '../../schema/messages/matches.ts';
import type { SportProfile } from '../../schema/sports.ts';
import type { MatchState } from './generated/graphql.ts';

/** The state and the score of a match. */
export interface Progress {
  readonly state: MatchState;
  /** The current period: 1, 2 … Null before the first period and in the shoot-out. */
  readonly period: number | null;
  readonly shootout: boolean;
  readonly score: MatchScore;
  readonly how: Result['how'];
  /** Whether both sides lose, regardless of the score. */
  readonly nobodyWins: boolean;
}
type Result = Extract<MatchEventDetail, { kind: 'RESULT' }>;

export const BEFORE: Progress = {
  state: 'SCHEDULED',
  period: null,
  shootout: false,
  score: { home: 0, away: 0, periods: [], shootout: null },
  how: 'PLAYED',
  nobodyWins: false,
};

type Points = MatchScore['periods'][number];

/**
 * The progress after one more event. A VOID changes nothing here: after it, {@link scoreOf} counts all events again.
 */
export function advance(profile: SportProfile, progress: Progress, detail: MatchEventDetail): Progress {
  const { score } = progress;
  switch (detail.kind) {
    case 'STATE':
      return { ...progress, state: detail.state };
    case 'PERIOD':
      return detail.period === null
        ? { ...progress, period: null, shootout: true, score: { ...score, shootout: { home: 0, away: 0 } } }
        : {
            ...progress,
            period: detail.period,
            score: { ...score, periods: [...score.periods, { home: 0, away: 0 }] },
          };
    case 'GOAL': {
      if (detail.period === null) return { ...progress, score: { ...score, shootout: add(score.shootout, detail) } };
      const periods = score.periods.with(detail.period - 1, add(score.periods[detail.period - 1], detail));
      return { ...progress, score: { ...score, ...total(profile, periods), periods } };
    }
    case 'RESULT':
      return { ...progress, score: detail.score, how: detail.how, nobodyWins: detail.winner === 'NONE' };
    case 'REPLAY':
      return { ...BEFORE, state: 'POSTPONED' };
    case 'CARD':
    case 'VOID':
    case 'SUBSTITUTION':
    case 'LINEUP':
    case 'PLAN':
    case 'CONFIRMATION':
    case 'PROTEST':
      return progress;
  }
}

/** The score after these events, which are in the order of `seq`. An event that any later one voids does not count. */
export function scoreOf(
  profile: SportProfile,
  events: readonly { readonly seq: number; readonly detail: MatchEventDetail }[],
): MatchScore {
  const voided = new Set(events.map(({ detail }) => (detail.kind === 'VOID' ? detail.voids : null)));
  return events
    .filter(({ seq }) => !voided.has(seq))
    .reduce((progress, { detail }) => advance(profile, progress, detail), BEFORE).score;
}

/** The score before the second leg when there is no first one. */
export const NO_LEG: Points = { home: 0, away: 0 };

/**
 * Whether the score is level; in the second leg of a tie, whether the sum of both legs is. @param before the first leg
 */
export const isLevel = (score: Points, before: Points): boolean =>
  score.home + before.home === score.away + before.away;

/** The leader by this score, including the kicks of the shoot-out; null for a draw. */
export function leader({ home, away, shootout }: MatchScore): 'HOME' | 'AWAY' | null {
  if (home !== away) return home > away ? 'HOME' : 'AWAY';
  return shootout && shootout.home !== shootout.away ? (shootout.home > shootout.away ? 'HOME' : 'AWAY') : null;
}

export const ENDED: readonly MatchState[] = ['FINISHED', 'CONFIRMED', 'WALKOVER'];

/** Whether the match has a result, provisional or not. */
export const hasEnded = (state: MatchState): boolean => ENDED.includes(state);
/** Whether the result counts in tables and brackets. Ratings leave out walkovers. */
export const resultCounts = (state: MatchState): boolean => state === 'CONFIRMED' || state === 'WALKOVER';

/** The winner. Null for a draw, and before the match has ended. NONE: both sides lost. */
export function winnerOf({ state, score, nobodyWins }: Progress): 'HOME' | 'AWAY' | 'NONE' | null {
  if (!hasEnded(state)) return null;
  return nobodyWins ? 'NONE' : leader(score);
}

/** The score of a walkover: the winner gets the walkover score of the profile. It is 0:0 if both sides lose. */
export function walkoverScore({ walkover, sets }: SportProfile, winner: 'HOME' | 'AWAY' | null): MatchScore {
  const points = (winning: number): Points => ({
    home: winner === 'HOME' ? winning : 0,
    away: winner === 'AWAY' ? winning : 0,
  });
  const periods = sets && winner ? Array.from({ length: walkover }, () => points(sets.to)) : [];
  return { ...points(walkover), periods, shootout: null };
}

/** The winner of a set; null before a side has won it. `period` is 1, 2 … */
export function setWinner(
  { sets, periods }: SportProfile,
  period: number,
  { home, away }: Points,
): 'HOME' | 'AWAY' | null {
  if (!sets || Math.max(home, away) < (period === periods ? sets.decider : sets.to) || Math.abs(home - away) < 2)
    return null;
  return home > away ? 'HOME' : 'AWAY';
}

function add(points: Points | null | undefined, goal: { side: 'HOME' | 'AWAY'; points: number }): Points {
  const { home, away } = points ?? { home: 0, away: 0 };
  return goal.side === 'HOME' ? { home: home + goal.points, away } : { home, away: away + goal.points };
}

function total(profile: SportProfile, periods: readonly Points[]): Points {
  if (profile.sets) {
    const winners = periods.map((points, index) => setWinner(profile, index + 1, points));
    return {
      home: winners.filter((side) => side === 'HOME').length,
      away: winners.filter((side) => side === 'AWAY').length,
    };
  }
  return periods.reduce((sum, { home, away }) => ({ home: sum.home + home, away: sum.away + away }), {
    home: 0,
    away: 0,
  });
}
