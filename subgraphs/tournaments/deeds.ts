// Counts goals, assists and cards per player and match, from the events of matches. A row of these counts is a deed. The
// cards of a team whose players were not recorded are a row too: they count for fair play.
import { type MatchEventDetail, type MatchFacts, UNRECORDED } from '../../schema/messages/matches.ts';
import type { Deed, Prisma } from './generated/prisma/client.ts';

type Tx = Prisma.TransactionClient;
export type Counted = Pick<Deed, 'goals' | 'points' | 'ownGoals' | 'assists' | 'yellow' | 'secondYellow' | 'red'>;
type Done = Extract<MatchEventDetail, { kind: 'GOAL' | 'CARD' }>;

const CARDS = { YELLOW: 'yellow', SECOND_YELLOW: 'secondYellow', RED: 'red' } as const;

interface OfMatch {
  readonly matchId: string;
  readonly tournamentId: string;
  readonly match: Pick<MatchFacts, 'homeTeamId' | 'awayTeamId'>;
}

/** A change of a player's counts. `side` is the side that the player plays for, also for an own goal. */
interface DeedChange {
  readonly player: string;
  readonly side: 'HOME' | 'AWAY';
  readonly by: Partial<Counted>;
}

/** Adds an event to the counts. A VOID subtracts the event that it voids. A REPLAY deletes the counts of its match. */
export async function keepDeeds(tx: Tx, of: OfMatch, detail: MatchEventDetail): Promise<void> {
  if (detail.kind === 'REPLAY') await tx.deed.deleteMany({ where: { matchId: of.matchId } });
  for (const change of deedsOf(detail)) await count(tx, of, change);
}

/** Replaces all counts of the match with those of a snapshot. */
export async function replaceDeeds(
  tx: Tx,
  { matchId, tournamentId, match }: OfMatch,
  players: readonly (Counted & { readonly player: string; readonly side: 'HOME' | 'AWAY' })[],
): Promise<void> {
  await tx.deed.deleteMany({ where: { matchId } });
  await tx.deed.createMany({
    data: players.map(({ player: playerId, side, goals, points, ownGoals, assists, yellow, secondYellow, red }) => ({
      matchId,
      playerId,
      tournamentId,
      teamId: teamOf(match, side),
      ...{ goals, points, ownGoals, assists, yellow, secondYellow, red },
    })),
  });
}

/** What an event adds to the counts of players. Only goals, cards, and VOIDs of these change them. */
export function deedsOf(detail: MatchEventDetail): DeedChange[] {
  if (detail.kind === 'GOAL' || detail.kind === 'CARD') return changesBy(detail, 1);
  return detail.kind === 'VOID' && detail.of && detail.of.kind !== 'SUBSTITUTION' ? changesBy(detail.of, -1) : [];
}

function changesBy(done: Done, sign: 1 | -1): DeedChange[] {
  const of = (player: string | null, side: 'HOME' | 'AWAY', by: Partial<Counted>): DeedChange[] =>
    player === null ? [] : [{ player, side, by }];
  if (done.kind === 'CARD') return of(done.player ?? UNRECORDED, done.side, { [CARDS[done.card]]: sign });
  // A goal without a period is a kick of a shoot-out, which is not counted.
  if (done.period === null) return [];
  const isOwn = done.goal === 'OWN_GOAL';
  const scorersSide = isOwn === (done.side === 'HOME') ? 'AWAY' : 'HOME';
  const scored = isOwn ? { ownGoals: sign } : { goals: sign, points: sign * done.points };
  return [...of(done.player, scorersSide, scored), ...of(done.assist, done.side, { assists: sign })];
}

async function count(
  tx: Tx,
  { matchId, tournamentId, match }: OfMatch,
  { player, side, by }: DeedChange,
): Promise<void> {
  const key = { matchId, playerId: player, teamId: teamOf(match, side) };
  await tx.deed.upsert({
    where: { matchId_playerId_teamId: key },
    create: { ...key, tournamentId, ...by },
    update: Object.fromEntries(Object.entries(by).map(([name, change]) => [name, { increment: change }])),
  });
}

export const teamOf = ({ homeTeamId, awayTeamId }: OfMatch['match'], side: 'HOME' | 'AWAY'): string =>
  side === 'HOME' ? homeTeamId : awayTeamId;
