// Goals, assists and cards of players, match by match, as the events of matches record them.
import type { MatchEventDetail, MatchFacts } from '../../schema/messages/matches.ts';
import type { Deed, Prisma } from './generated/prisma/client.ts';

type Tx = Prisma.TransactionClient;
type Counted = Pick<Deed, 'goals' | 'points' | 'ownGoals' | 'assists' | 'yellow' | 'secondYellow' | 'red'>;
type Done = Extract<MatchEventDetail, { kind: 'GOAL' | 'CARD' }>;

const CARDS = { YELLOW: 'yellow', SECOND_YELLOW: 'secondYellow', RED: 'red' } as const;

interface OfMatch {
  readonly matchId: string;
  readonly tournamentId: string;
  readonly match: Pick<MatchFacts, 'homeTeamId' | 'awayTeamId'>;
}

/** Counts the event. A VOID subtracts the event that it takes back, and a replay begins at zero. */
export async function keepDeeds(tx: Tx, of: OfMatch, detail: MatchEventDetail): Promise<void> {
  if (detail.kind === 'REPLAY') await tx.deed.deleteMany({ where: { matchId: of.matchId } });
  if (detail.kind === 'GOAL' || detail.kind === 'CARD') await add(tx, of, detail, 1);
  if (detail.kind === 'VOID' && detail.of && detail.of.kind !== 'SUBSTITUTION') await add(tx, of, detail.of, -1);
}

/** Replaces everything that is known of the match. */
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

async function add(tx: Tx, of: OfMatch, done: Done, sign: 1 | -1): Promise<void> {
  if (done.kind === 'CARD') return count(tx, of, done.player, done.side, { [CARDS[done.card]]: sign });
  // Kicks of a shoot-out are no goals.
  if (done.period === null) return;
  const isOwn = done.goal === 'OWN_GOAL';
  const scorersSide = isOwn === (done.side === 'HOME') ? 'AWAY' : 'HOME';
  await count(
    tx,
    of,
    done.player,
    scorersSide,
    isOwn ? { ownGoals: sign } : { goals: sign, points: sign * done.points },
  );
  await count(tx, of, done.assist, done.side, { assists: sign });
}

async function count(
  tx: Tx,
  { matchId, tournamentId, match }: OfMatch,
  playerId: string | null,
  side: 'HOME' | 'AWAY',
  change: Partial<Counted>,
): Promise<void> {
  if (playerId === null) return;
  const key = { matchId, playerId, teamId: teamOf(match, side) };
  await tx.deed.upsert({
    where: { matchId_playerId_teamId: key },
    create: { ...key, tournamentId, ...change },
    update: Object.fromEntries(Object.entries(change).map(([name, by]) => [name, { increment: by }])),
  });
}

const teamOf = ({ homeTeamId, awayTeamId }: OfMatch['match'], side: 'HOME' | 'AWAY'): string =>
  side === 'HOME' ? homeTeamId : awayTeamId;
