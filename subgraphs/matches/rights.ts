import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { type Principal, hasRole, requireUser } from '../../platform/identity/principal.ts';
import { answerOf, type Questions } from '../../platform/questions/questions.ts';
import { ViewerRole } from '../../schema/questions/teams.ts';
import type { Match, Prisma } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';

export type SideName = 'HOME' | 'AWAY';
type Db = Pick<Prisma.TransactionClient, 'knownTournament'>;

/** Whether the viewer organizes the match: as its organizer, as an organizer of its tournament, or as an administrator. */
export async function isOrganizer(db: Db, viewer: Principal, match: Match): Promise<boolean> {
  if (hasRole(viewer, 'admin') || viewer.userId === match.organizerId) return true;
  if (match.tournamentId === null || viewer.userId === undefined) return false;
  const tournament = await db.knownTournament.findUnique({ where: { id: match.tournamentId } });
  return tournament?.organizerIds.includes(viewer.userId) ?? false;
}

/** Whether the viewer is an organizer or the referee of the match, or an administrator. */
export const isOfficial = async (db: Db, viewer: Principal, match: Match): Promise<boolean> =>
  viewer.userId === match.refereeId || (await isOrganizer(db, viewer, match));

/**
 * Locks the match until the transaction ends, so that transactions assign `seq` one after the other.
 * @throws UserErrors NOT_FOUND
 */
export async function lockMatch(tx: Prisma.TransactionClient, id: string | null): Promise<Match> {
  // Two statements: the second one sees what others committed while the first one waited for the lock.
  if (id) await tx.$queryRaw`SELECT id FROM matches.matches WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const match = id ? await tx.match.findUnique({ where: { id } }) : null;
  if (!match) throw userError('MATCH_NOT_FOUND', 'matchId');
  return match;
}

/**
 * {@link lockMatch} for organizers and the referee of the match, and for administrators.
 * @throws UserErrors NOT_FOUND; FORBIDDEN for other viewers
 */
export async function lockAsOfficial(tx: Prisma.TransactionClient, viewer: Principal, matchId: string): Promise<Match> {
  const match = await lockMatch(tx, fromGlobalId('Match', matchId));
  if (!(await isOfficial(tx, viewer, match))) throw userError('NOT_AN_OFFICIAL', 'matchId');
  return match;
}

/**
 * {@link lockMatch} for organizers of the match and administrators.
 * @throws UserErrors NOT_FOUND; FORBIDDEN for other viewers
 */
export async function lockAsOrganizer(
  tx: Prisma.TransactionClient,
  viewer: Principal,
  matchId: string,
): Promise<Match> {
  const match = await lockMatch(tx, fromGlobalId('Match', matchId));
  if (!(await isOrganizer(tx, viewer, match))) throw userError('NOT_ITS_ORGANIZER', 'matchId');
  return match;
}

/** The current roles of the viewer in the teams of a match, as the subgraph teams knows them. */
export interface TeamRoles {
  /** The sides whose team the viewer has one of these roles in. @throws NoAnswer when teams did not answer */
  sides(...roles: readonly ('OWNER' | 'CAPTAIN' | 'COACH')[]): SideName[];
}

/**
 * Asks the subgraph teams for the roles. Call it before you lock the match, so that no other transaction waits for the
 * answer. An own copy of memberships would be late, and a former captain must lose the right immediately.
 */
export async function teamRoles(
  questions: Questions,
  viewer: Principal,
  { homeTeamId, awayTeamId }: Pick<Match, 'homeTeamId' | 'awayTeamId'>,
): Promise<TeamRoles> {
  requireUser(viewer);
  const answers = await Promise.allSettled(
    [homeTeamId, awayTeamId].map((id) => questions.ask(ViewerRole, toGlobalId('Team', id), viewer)),
  );
  return {
    sides: (...roles) => {
      const [home, away] = answers.map((answer) => answerOf(answer));
      const has = (role: typeof home): boolean => (roles as readonly unknown[]).includes(role);
      return [...(has(home) ? ['HOME' as const] : []), ...(has(away) ? ['AWAY' as const] : [])];
    },
  };
}
