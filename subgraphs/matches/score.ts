import type { MatchEventDetail, MatchScore } from '../../schema/messages/matches.ts';
import type { SportProfile } from '../../schema/sports.ts';
import type { MatchState } from './generated/graphql.ts';

/** Where a match stands. */
export interface Progress {
  readonly state: MatchState;
  /** 1, 2 …; null before the first period and in the shoot-out. */
  readonly period: number | null;
  readonly shootout: boolean;
  readonly score: MatchScore;
}

export const BEFORE: Progress = {
  state: 'SCHEDULED',
  period: null,
  shootout: false,
  score: { home: 0, away: 0, periods: [], shootout: null },
};

type Points = MatchScore['periods'][number];

/** Where the match stands after one more event. Taking an event back is not done here: {@link scoreOf} counts anew. */
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
    case 'CARD':
    case 'VOID':
      return progress;
  }
}

/** The score that these events, in the order of `seq`, make: those taken back do not count, wherever they stand. */
export function scoreOf(
  profile: SportProfile,
  events: readonly { readonly seq: number; readonly detail: MatchEventDetail }[],
): MatchScore {
  const voided = new Set(events.map(({ detail }) => (detail.kind === 'VOID' ? detail.voids : null)));
  return events
    .filter(({ seq }) => !voided.has(seq))
    .reduce((progress, { detail }) => advance(profile, progress, detail), BEFORE).score;
}

/** Who has won a set; null while nobody has. `period` is 1, 2 … */
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
