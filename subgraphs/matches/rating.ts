import { rate, rating } from 'openskill';
import type { MatchFacts } from '../../schema/messages/matches.ts';
import type { MatchSheet } from './match-sheet.ts';

/** A rating of openskill: `mu` is the estimated strength, `sigma` its uncertainty. */
export interface Rating {
  readonly mu: number;
  readonly sigma: number;
}
export type Kind = 'TEAM' | 'PLAYER';

/** The facts of a match that decide how it changes ratings. */
export interface RatedMatch {
  readonly matchId: string;
  readonly sport: string;
  /** RFC 3339, UTC, with milliseconds: as text it sorts like the time. */
  readonly kickoffAt: string;
  readonly homeTeamId: string;
  readonly awayTeamId: string;
  /** Null for a draw. */
  readonly winner: 'HOME' | 'AWAY' | null;
  /** The players of the home side who played. Empty unless both sides gave a lineup; so is `awayPlayers`. */
  readonly homePlayers: readonly string[];
  readonly awayPlayers: readonly string[];
}

/**
 * The rating as one number, for rankings: `mu` less three times `sigma`. The real strength is almost certainly not
 * lower.
 */
export const ordinalOf = ({ mu, sigma }: Rating): number => mu - 3 * sigma;

/** The rating of a team or player without a rated match: mu 25, sigma 25/3. */
export const NEW: Rating = Object.freeze(rating());

/**
 * The facts that change ratings; null if the match does not change them. A walkover changes none, because it says
 * little about strength: the match was not played, or not to its end. A score that an organizer or an administrator
 * awarded counts like a played one, unless both sides lost. Players are rated only if both sides have a lineup.
 */
export function ratedMatch(matchId: string, facts: MatchFacts, sheet: MatchSheet): RatedMatch | null {
  const { sport, kickoffAt, homeTeamId, awayTeamId, winner, how } = facts;
  if (!facts.counts || how === 'WALKOVER' || winner === 'NONE') return null;
  const home = playersOf(sheet, 'HOME');
  const away = playersOf(sheet, 'AWAY');
  const both = home.length > 0 && away.length > 0;
  return {
    matchId,
    sport,
    kickoffAt,
    homeTeamId,
    awayTeamId,
    winner,
    homePlayers: both ? home : [],
    awayPlayers: both ? away : [],
  };
}

/** The side's starters and the substitutes who came on. Empty if the side gave no lineup. */
function playersOf({ lineups, substitutes }: MatchSheet, side: 'HOME' | 'AWAY'): string[] {
  const lineup = side === 'HOME' ? lineups.home : lineups.away;
  if (!lineup) return [];
  const cameOn = substitutes.filter((one) => one.side === side).map(({ player }) => player);
  return [...new Set([...lineup.starters.map(({ player }) => player), ...cameOn])];
}

/** Identifies a team or player among all subjects of one sport. */
const subjectKey = (kind: Kind, id: string): string => `${kind}:${id}`;

export const subjectsOf = ({ homeTeamId, awayTeamId, homePlayers, awayPlayers }: RatedMatch): string[] => [
  subjectKey('TEAM', homeTeamId),
  subjectKey('TEAM', awayTeamId),
  ...[...homePlayers, ...awayPlayers].map((id) => subjectKey('PLAYER', id)),
];

/**
 * The ratings of the teams and players of a match after it.
 * @param before the ratings before the match; a subject that is missing has the rating {@link NEW}
 */
export function ratingsAfter(match: RatedMatch, before: ReadonlyMap<string, Rating>): Map<string, Rating> {
  const after = new Map<string, Rating>();
  const rank = match.winner === null ? [1, 1] : match.winner === 'HOME' ? [1, 2] : [2, 1];
  const play = (kind: Kind, sides: readonly (readonly string[])[]): void => {
    const keys = sides.map((side) => side.map((id) => subjectKey(kind, id)));
    const rated = rate(
      keys.map((side) => side.map((key) => ({ ...(before.get(key) ?? NEW) }))),
      { rank },
    );
    for (const [team, side] of keys.entries())
      for (const [place, key] of side.entries()) {
        const one = rated[team]?.[place];
        if (one) after.set(key, { mu: one.mu, sigma: one.sigma });
      }
  };
  play('TEAM', [[match.homeTeamId], [match.awayTeamId]]);
  if (match.homePlayers.length > 0) play('PLAYER', [match.homePlayers, match.awayPlayers]);
  return after;
}

/** Compares matches by kick-off, then by id: the order in which they change ratings, whenever they were confirmed. */
export const inOrder = (a: Position, b: Position): number =>
  a.kickoffAt === b.kickoffAt ? (a.matchId < b.matchId ? -1 : 1) : a.kickoffAt < b.kickoffAt ? -1 : 1;
export type Position = Pick<RatedMatch, 'kickoffAt' | 'matchId'>;
