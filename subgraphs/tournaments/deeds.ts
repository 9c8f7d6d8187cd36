// Counts goals, assists and cards per player and match, from the events of matches. A row of these counts is a deed. The
// cards of a team whose players were not recorded are a row too: they count for fair play.
import { type MatchEventDetail, type MatchFacts, UNRECORDED } from '../../schema/messages/matches.ts';
import type { Deed, Prisma } from './generated/prisma/client.ts';

type Tx = Prisma.TransactionClient;
export type Counted = Pick<Deed, 'goals' | 'points' | 'ownGoals' | 'assists' | 'yellow' | 'secondYellow' | 'red'>;
type Done = Extract<MatchEventDetail, { kind: 'GOAL' | 'CARD' }>;

/** The counts of a player who has done nothing yet. */
export const NOTHING: Counted = { goals: 0, points: 0, ownGoals: 0, assists: 0, yellow: 0, secondYellow: 0, red: 0 };
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

/** The counts of all players of a match so far, as a snapshot has them. */
export type WholeDeeds = readonly (Counted & { readonly player: string; readonly side: 'HOME' | 'AWAY' })[];

/**
 * Adds events to the counts, in this order. A VOID subtracts the event that it voids. A REPLAY deletes the counts of its
 * match. The counts of a snapshot replace those of its match.
 */
export async function keepDeeds(
  tx: Tx,
  events: readonly { readonly of: OfMatch; readonly detail: MatchEventDetail | WholeDeeds }[],
): Promise<void> {
  const emptied = new Set<string>();
  const added = new Map<string, Map<string, Deed>>();
  for (const { of, detail } of events) {
    const { matchId, tournamentId, match } = of;
    if (isAnew(detail)) {
      emptied.add(matchId);
      added.delete(matchId);
    }
    const ofMatch = added.get(matchId) ?? new Map<string, Deed>();
    added.set(matchId, ofMatch);
    for (const { player: playerId, side, by } of changesOf(detail)) {
      const teamId = teamOf(match, side);
      const deed = ofMatch.get(`${playerId} ${teamId}`) ?? { matchId, playerId, teamId, tournamentId, ...NOTHING };
      ofMatch.set(`${playerId} ${teamId}`, { ...deed, ...sum(deed, by) });
    }
  }
  if (emptied.size > 0) await tx.deed.deleteMany({ where: { matchId: { in: [...emptied] } } });
  const deeds = [...added.values()].flatMap((ofMatch) => [...ofMatch.values()]);
  if (deeds.length > 0) await add(tx, deeds);
}

/** Whether the counts of the match begin from zero with this event. */
export const isAnew = (detail: MatchEventDetail | WholeDeeds): boolean =>
  !('kind' in detail) || detail.kind === 'REPLAY';

/** The changes of the counts of players by an event or a snapshot. */
export const changesOf = (detail: MatchEventDetail | WholeDeeds): readonly DeedChange[] =>
  'kind' in detail ? deedsOf(detail) : detail.map(({ player, side, ...by }) => ({ player, side, by }));

/** Adds a change to counts. */
export const sum = (counted: Counted, by: Partial<Counted>): Counted => ({
  goals: counted.goals + (by.goals ?? 0),
  points: counted.points + (by.points ?? 0),
  ownGoals: counted.ownGoals + (by.ownGoals ?? 0),
  assists: counted.assists + (by.assists ?? 0),
  yellow: counted.yellow + (by.yellow ?? 0),
  secondYellow: counted.secondYellow + (by.secondYellow ?? 0),
  red: counted.red + (by.red ?? 0),
});

/** What an event adds to the counts of players. Only goals, cards, and VOIDs of these change them. */
function deedsOf(detail: MatchEventDetail): DeedChange[] {
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

/** Adds the counts to the stored ones in one statement. A player has one row for each match and team. */
async function add(tx: Tx, deeds: readonly Deed[]): Promise<void> {
  const rows = deeds.map(({ matchId, playerId, teamId, tournamentId, ownGoals, secondYellow, ...same }) => ({
    ...{ match_id: matchId, player_id: playerId, team_id: teamId, tournament_id: tournamentId },
    ...{ own_goals: ownGoals, second_yellow: secondYellow, ...same },
  }));
  await tx.$executeRaw`
    INSERT INTO tournaments.deeds AS d
    SELECT * FROM jsonb_populate_recordset(NULL::tournaments.deeds, ${JSON.stringify(rows)}::jsonb)
    ORDER BY match_id, player_id, team_id
    ON CONFLICT (match_id, player_id, team_id) DO UPDATE SET
      goals = d.goals + EXCLUDED.goals, points = d.points + EXCLUDED.points,
      own_goals = d.own_goals + EXCLUDED.own_goals, assists = d.assists + EXCLUDED.assists,
      yellow = d.yellow + EXCLUDED.yellow, second_yellow = d.second_yellow + EXCLUDED.second_yellow,
      red = d.red + EXCLUDED.red`;
}

export const teamOf = ({ homeTeamId, awayTeamId }: OfMatch['match'], side: 'HOME' | 'AWAY'): string =>
  side === 'HOME' ? homeTeamId : awayTeamId;
