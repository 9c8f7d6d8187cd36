import { isDeepStrictEqual } from 'node:util';
import { type Deeds, type MatchFacts, type MatchScore, UNRECORDED } from '../../schema/messages/matches.ts';
import type { Prisma } from './generated/prisma/client.ts';
import { EMPTY_SHEET, type MatchSheet } from './match-sheet.ts';
import { playedIn } from './played.ts';
import { factsOf } from './record.ts';

type Tx = Prisma.TransactionClient;
type Side = 'HOME' | 'AWAY';

/** The result of a match, from the view of one of its teams. */
export interface TeamResult {
  readonly teamId: string;
  readonly matchId: string;
  readonly opponentId: string;
  readonly sport: string;
  readonly tournamentId: string | null;
  /** The kick-off time: RFC 3339, UTC. */
  readonly kickoffAt: string;
  readonly outcome: 'WON' | 'DRAWN' | 'LOST';
  readonly scored: number;
  readonly conceded: number;
}

/** The deeds of a player in a match: goals, assists, cards. All are 0 for a player who played without a deed. */
export interface PlayerResult extends Omit<Deeds, 'player' | 'side'> {
  readonly playerId: string;
  readonly matchId: string;
  readonly teamId: string;
  readonly sport: string;
  readonly tournamentId: string | null;
  /** The kick-off time: RFC 3339, UTC. */
  readonly kickoffAt: string;
}

export interface Statistics {
  readonly teams: readonly TeamResult[];
  readonly players: readonly PlayerResult[];
}

const NOTHING: Statistics = { teams: [], players: [] };

/**
 * The rows of a match whose result counts; otherwise none. A walkover has rows of teams but none of players, even if
 * the match had begun before.
 */
export function statisticsOf(matchId: string, facts: MatchFacts, score: MatchScore, sheet: MatchSheet): Statistics {
  if (!facts.counts) return NOTHING;
  const { sport, tournamentId, kickoffAt, homeTeamId, awayTeamId, winner, how } = facts;
  const common = { matchId, sport, tournamentId, kickoffAt };
  const outcome = (side: Side) => (winner === null ? 'DRAWN' : winner === side ? 'WON' : 'LOST');
  const { home, away } = score;
  const teams: TeamResult[] = [
    { ...common, teamId: homeTeamId, opponentId: awayTeamId, outcome: outcome('HOME'), scored: home, conceded: away },
    { ...common, teamId: awayTeamId, opponentId: homeTeamId, outcome: outcome('AWAY'), scored: away, conceded: home },
  ];
  const team = (side: Side) => (side === 'HOME' ? homeTeamId : awayTeamId);
  const players = how === 'WALKOVER' ? [] : deedsOf(sheet);
  return {
    teams,
    players: players.map(({ player, side, ...deeds }) => ({
      ...common,
      playerId: player,
      teamId: team(side),
      ...deeds,
    })),
  };
}

const NO_DEEDS: Omit<Deeds, 'player' | 'side'> = {
  goals: 0,
  penalties: 0,
  points: 0,
  ownGoals: 0,
  assists: 0,
  yellow: 0,
  secondYellow: 0,
  red: 0,
};

/** Everybody who played: starters, substitutes who came on, and players with a deed. */
function deedsOf({ lineups, substitutes, players }: MatchSheet): Deeds[] {
  const all = new Map<string, Deeds>();
  for (const side of ['HOME', 'AWAY'] as const)
    for (const { player } of (side === 'HOME' ? lineups.home : lineups.away)?.starters ?? [])
      all.set(player, { player, side, ...NO_DEEDS });
  for (const { player, side } of substitutes) all.set(player, { player, side, ...NO_DEEDS });
  for (const deeds of players) if (deeds.player !== UNRECORDED) all.set(deeds.player, deeds);
  return [...all.values()];
}

/**
 * Replaces the rows of a match if they differ from the current result. It compares the rows of players too: a walkover
 * that is corrected to the same score has the same rows of teams, but the players' deeds count again. It waits while a
 * rebuild exchanges the tables.
 */
export async function updateStatistics(tx: Tx, matchId: string): Promise<void> {
  const match = await tx.match.findUnique({ where: { id: matchId } });
  if (!match) return;
  const facts = factsOf(match);
  const before = await tx.teamResult.count({ where: { matchId } });
  if (!facts.counts && before === 0) return;
  await tx.$queryRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended('matches.statistics', 0))::text`;
  const sheet = facts.counts ? (await playedIn(tx, [match])).get(matchId) : undefined;
  const { teams, players } = statisticsOf(matchId, facts, match.score as MatchScore, sheet ?? EMPTY_SHEET);
  const stored = {
    teams: (await tx.teamResult.findMany({ where: { matchId } })).map(withTime),
    players: (await tx.playerResult.findMany({ where: { matchId } })).map(withTime),
  };
  if (isDeepStrictEqual(keyed(stored), keyed({ teams, players }))) return;
  await tx.teamResult.deleteMany({ where: { matchId } });
  await tx.playerResult.deleteMany({ where: { matchId } });
  await tx.teamResult.createMany({ data: [...teams] });
  await tx.playerResult.createMany({ data: [...players] });
}

const withTime = <T extends { kickoffAt: Date }>({ kickoffAt, ...row }: T) => ({
  ...row,
  kickoffAt: kickoffAt.toISOString(),
});

/** The rows by team and by player, to compare them in any order. */
const keyed = ({
  teams,
  players,
}: {
  readonly teams: readonly { readonly teamId: string }[];
  readonly players: readonly { readonly playerId: string }[];
}) => [new Map(teams.map((row) => [row.teamId, row])), new Map(players.map((row) => [row.playerId, row]))];
