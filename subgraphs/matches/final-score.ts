import type { MatchScore } from '../../schema/messages/matches.ts';
import type { SportProfile } from '../../schema/sports.ts';
import { userError } from './reasons.ts';
import { isLevel, leader, NO_LEG, setWinner } from './score.ts';

type Points = MatchScore['periods'][number];

/**
 * Refuses a score with which no match of the sport can end.
 * @param before the score of the first leg, with home and away of this match. A shoot-out needs a level sum of both
 * legs.
 * @throws UserErrors INVALID; CONFLICT for a draw of a match that needs a winner, or for a shoot-out without a level
 *   score. The paths in these errors begin below the score, for example at `shootout`.
 */
export function checkFinalScore(
  profile: SportProfile,
  score: MatchScore,
  needsWinner: boolean,
  before: Points = NO_LEG,
): void {
  if (profile.sets) checkSets(profile, score);
  else checkPeriods(profile, score);
  const { shootout } = score;
  if (shootout) {
    if (!profile.shootout) throw userError('NO_SHOOTOUT', 'shootout');
    if (!isLevel(score, before)) throw userError('SHOOTOUT_NEEDS_LEVEL_SCORE', 'shootout');
    if (shootout.home === shootout.away) throw userError('SHOOTOUT_IS_LEVEL', 'shootout');
  }
  requireWinner(needsWinner, score);
}

/** Refuses a draw where the match needs a winner. @throws UserErrors CONFLICT */
export function requireWinner(needsWinner: boolean, score: MatchScore, ...field: string[]): void {
  if (needsWinner && leader(score) === null) throw userError('NEEDS_WINNER', ...field);
}

function checkPeriods({ periods: regular, extra }: SportProfile, { home, away, periods }: MatchScore): void {
  if (periods.length === 0) return;
  if (periods.length < regular || periods.length > regular + extra.periods)
    throw userError('NUMBER_OF_PERIODS', { min: regular, max: regular + extra.periods }, 'periods');
  const sum = (side: keyof Points): number => periods.reduce((total, points) => total + points[side], 0);
  if (sum('home') !== home || sum('away') !== away) throw userError('SCORE_IS_NOT_ITS_PERIODS', 'periods');
}

function checkSets(profile: SportProfile, { home, away, periods }: MatchScore): void {
  const needed = Math.ceil(profile.periods / 2);
  if (Math.max(home, away) !== needed || Math.min(home, away) >= needed) throw userError('NOT_WON');
  if (periods.length === 0) return;
  const winners = periods.map((points, index) => {
    if (!isWholeSet(profile, index + 1, points)) throw userError('NOT_A_SET', 'periods', String(index));
    return setWinner(profile, index + 1, points);
  });
  const won = (side: 'HOME' | 'AWAY'): number => winners.filter((winner) => winner === side).length;
  if (won('HOME') !== home || won('AWAY') !== away) throw userError('SCORE_IS_NOT_ITS_PERIODS', 'periods');
  // Refuses a set after the match was won: the winner of the last set must be the winner of the match.
  if (winners.at(-1) !== leader({ home, away, periods: [], shootout: null })) throw userError('NOT_WON', 'periods');
}

/** Whether a set can end with these points: it ends as soon as a side has enough points and leads by two. */
function isWholeSet(profile: SportProfile, period: number, { home, away }: Points): boolean {
  const [most, least] = [Math.max(home, away), Math.min(home, away)];
  const to = period === profile.periods ? profile.sets?.decider : profile.sets?.to;
  if (period > profile.periods || to === undefined) return false;
  return most === to ? most - least >= 2 : most > to && most - least === 2;
}
