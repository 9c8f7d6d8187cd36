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

/** Whether the viewer is an organizer or the referee of the match. */
export const isOfficial = async (db: Db, viewer: Principal, match: Match): Promise<boolean> =>
  viewer.userId === match.refereeId || (await isOrganizer(db, viewer, match));

/**
 * Locks the match until the transaction ends: transactions assign `seq` one after the other.
 * @throws UserErrors NOT_FOUND
 */
export async function lockMatch(tx: Prisma.TransactionClient, id: string | null): Promise<Match> {
  // Two statements: the second one sees the rows that were committed while the first one waited.
  if (id) await tx.$queryRaw`SELECT id FROM matches.matches WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const match = id ? await tx.match.findUnique({ where: { id } }) : null;
  if (!match) throw userError('MATCH_NOT_FOUND', 'matchId');
  return match;
}

/** @throws UserErrors NOT_FOUND, FORBIDDEN unless the viewer is one of its officials */
export async function lockAsOfficial(tx: Prisma.TransactionClient, viewer: Principal, matchId: string): Promise<Match> {
  const match = await lockMatch(tx, fromGlobalId('Match', matchId));
  if (!(await isOfficial(tx, viewer, match))) throw userError('NOT_AN_OFFICIAL', 'matchId');
  return match;
}

/** @throws UserErrors NOT_FOUND, FORBIDDEN unless the viewer is one of its organizers */
export async function lockAsOrganizer(
  tx: Prisma.TransactionClient,
  viewer: Principal,
  matchId: string,
): Promise<Match> {
  const match = await lockMatch(tx, fromGlobalId('Match', matchId));
  if (!(await isOrganizer(tx, viewer, match))) throw userError('NOT_ITS_ORGANIZER', 'matchId');
  return match;
}

/** The current roles of the viewer in the teams of a match, by the subgraph teams. */
export interface TeamRoles {
  /** The sides where the viewer has one of these roles. @throws NoAnswer when teams did not answer */
  sides(...roles: readonly ('OWNER' | 'CAPTAIN' | 'COACH')[]): SideName[];
}

/**
 * Asks the subgraph teams. Call it before the match is locked, so that no other transaction waits for the answer. A copy
 * of memberships would lag behind: a former captain must lose the right at once.
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
