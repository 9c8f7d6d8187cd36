// Turns a result into the sums of both sides, and adds sums.
import type { TableRules } from './rules.ts';

export interface Score {
  readonly home: number;
  readonly away: number;
}

/** A result for a table: like the one of `formats/resolve.ts`, with what only tables need. */
export interface TableResult {
  readonly home: string;
  readonly away: string;
  /** Goals, points, or sets won; without the kicks of a shoot-out. */
  readonly score: Score | null;
  readonly shootout?: Score | null;
  /** The winner. NONE: both lost. Null: the match was a draw, or the score shows who won. */
  readonly winner: 'HOME' | 'AWAY' | 'NONE' | null;
  readonly how: 'PLAYED' | 'WALKOVER' | 'AWARDED';
  /** False while the result is provisional. */
  readonly counts: boolean;
  /** Whether the match was decided after regular time. Some rules give other points then. */
  readonly overtime?: boolean;
  /** The points of each set. */
  readonly sets?: readonly Score[];
}

/** The sums of one side over matches. */
export interface Tally {
  played: number;
  won: number;
  drawn: number;
  lost: number;
  points: number;
  scoreFor: number;
  scoreAgainst: number;
  awayGoals: number;
  awayWins: number;
  setPointsFor: number;
  setPointsAgainst: number;
  /** The score and number of matches, without those won by walkover. For AVERAGE_SCORE. */
  earnedFor: number;
  earnedIn: number;
}

export const emptyTally = (): Tally => ({
  played: 0,
  won: 0,
  drawn: 0,
  lost: 0,
  points: 0,
  scoreFor: 0,
  scoreAgainst: 0,
  awayGoals: 0,
  awayWins: 0,
  setPointsFor: 0,
  setPointsAgainst: 0,
  earnedFor: 0,
  earnedIn: 0,
});

const SUMS = Object.keys(emptyTally()) as (keyof Tally)[];

export function addTally(sum: Tally, tally: Tally): void {
  for (const key of SUMS) sum[key] += tally[key];
}

type Outcome = 'HOME' | 'AWAY' | 'NONE' | 'DRAW';

/** The outcome of a match. Null if it has none yet, because the score is missing and no winner is known. */
function outcomeOf({ score, winner, how, shootout }: TableResult, rules: TableRules): Outcome | null {
  if (winner === 'NONE') return 'NONE';
  if (how !== 'PLAYED' && winner !== null) return winner;
  if (score === null) return how === 'PLAYED' ? winner : null;
  if (score.home !== score.away) return score.home > score.away ? 'HOME' : 'AWAY';
  if (!rules.points.shootout) return 'DRAW';
  if (winner !== null) return winner;
  return !shootout || shootout.home === shootout.away ? 'DRAW' : shootout.home > shootout.away ? 'HOME' : 'AWAY';
}

/**
 * What a result adds to the sums of both sides. Null if it has no outcome yet.
 * @throws RangeError for a score that is negative or not whole
 */
export function talliesOf(result: TableResult, rules: TableRules): { home: Tally; away: Tally } | null {
  const outcome = outcomeOf(result, rules);
  if (outcome === null) return null;
  const score = scoreOf(result, outcome, rules);
  const sets = setPointsOf(result, outcome, rules);
  const side = (own: 'HOME' | 'AWAY'): Tally => {
    const [us, them] = own === 'HOME' ? (['home', 'away'] as const) : (['away', 'home'] as const);
    const won = outcome === own;
    const drawn = outcome === 'DRAW';
    const byWalkover = won && result.how === 'WALKOVER';
    return {
      played: 1,
      won: Number(won),
      drawn: Number(drawn),
      lost: Number(!won && !drawn),
      points: pointsOf(result, won, drawn, rules),
      scoreFor: score[us],
      scoreAgainst: score[them],
      awayGoals: own === 'AWAY' ? score.away : 0,
      awayWins: Number(own === 'AWAY' && won),
      setPointsFor: sets[us],
      setPointsAgainst: sets[them],
      earnedFor: byWalkover ? 0 : score[us],
      earnedIn: byWalkover ? 0 : 1,
    };
  };
  return { home: side('HOME'), away: side('AWAY') };
}

/** The score in the sums. For a walkover the rules give it, and a stored score is ignored: some systems store -1. */
function scoreOf({ score, how }: TableResult, outcome: Outcome, { walkover }: TableRules): Score {
  if (how === 'WALKOVER') {
    if (outcome === 'HOME') return { home: walkover.won, away: walkover.lost };
    if (outcome === 'AWAY') return { home: walkover.lost, away: walkover.won };
    return { home: 0, away: 0 };
  }
  for (const value of score ? [score.home, score.away] : [])
    if (!Number.isInteger(value) || value < 0) throw new RangeError(`a score of ${value} is no count`);
  return score ?? { home: 0, away: 0 };
}

function setPointsOf({ sets, how }: TableResult, outcome: Outcome, { walkover }: TableRules): Score {
  if (how === 'WALKOVER') {
    const all = (walkover.setPoints ?? 0) * walkover.won;
    return { home: outcome === 'HOME' ? all : 0, away: outcome === 'AWAY' ? all : 0 };
  }
  return (sets ?? []).reduce((sum, set) => ({ home: sum.home + set.home, away: sum.away + set.away }), {
    home: 0,
    away: 0,
  });
}

function pointsOf(result: TableResult, won: boolean, drawn: boolean, { points }: TableRules): number {
  const { score, how, shootout, overtime } = result;
  if (drawn) return points.draw;
  if (how === 'WALKOVER') return won ? points.win : (points.forfeit ?? points.loss);
  const winAndLoss =
    score && score.home === score.away && how === 'PLAYED' && points.shootout
      ? points.shootout
      : overtime || shootout
        ? points.overtime
        : points.sets?.find(
            ({ score: [more, fewer] }) =>
              score && Math.max(score.home, score.away) === more && Math.min(score.home, score.away) === fewer,
          );
  return (winAndLoss ?? points)[won ? 'win' : 'loss'];
}
