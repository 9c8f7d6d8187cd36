import { z } from 'zod';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import type { Prisma } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import { append } from './record.ts';
import { lockMatch } from './rights.ts';

type Tx = Prisma.TransactionClient;

/** Cancels the friendlies of a disbanded team that have not begun. The key is the team's id. */
export const CancelFriendlies = defineTimer({
  name: 'cancel-friendlies',
  version: 1,
  payload: z.object({ teamId: z.uuid() }),
});

/** The largest number of matches that one transaction cancels. The timer is set again for the others. */
export const CANCELLED_AT_ONCE = 50;
const NOT_BEGUN = ['SCHEDULED', 'LINEUPS', 'POSTPONED'] as const;

/**
 * The handler of {@link CancelFriendlies}. A match that is being played, or was played, ends as usual. Matches of
 * tournaments are not its concern: the tournament withdraws the team, and then forfeits or replans its matches.
 */
export async function cancelFriendlies(tx: Tx, emit: Emit, timers: Timers, teamId: string): Promise<void> {
  // Reads the matches of all teams that have not begun, by the index on `state`: 0.7 ms with 12,000 matches, 66 ms with
  // 250,000. Indexes by team would make that 0.1 and 0.6 ms, but each change of a match's state would write them too.
  const open = await tx.match.findMany({
    where: { state: { in: [...NOT_BEGUN] }, tournamentId: null, OR: [{ homeTeamId: teamId }, { awayTeamId: teamId }] },
    select: { id: true },
    // The order in which each transaction locks matches.
    orderBy: { id: 'asc' },
    take: CANCELLED_AT_ONCE,
  });
  for (const { id } of open) {
    const match = await lockMatch(tx, id);
    if (match.tournamentId !== null || !(NOT_BEGUN as readonly string[]).includes(match.state)) continue;
    const detail = { kind: 'STATE' as const, state: 'CANCELLED' as const, reason: 'A team of the match is disbanded.' };
    await append(tx, emit, match, match.organizerId, [{ detail }]);
  }
  if (open.length === CANCELLED_AT_ONCE)
    await timers.set(tx, CancelFriendlies, { key: teamId, after: 0, payload: { teamId } });
}

/**
 * Refuses a match of a disbanded team. Until the transaction ends, no event that a team is disbanded is handled.
 * @param fields the field of the input for each team, by the team's id
 * @throws UserErrors CONFLICT
 */
export async function refuseDisbanded(tx: Tx, fields: ReadonlyMap<string, string>): Promise<void> {
  const ids = [...fields.keys()];
  // Two statements: the second one sees what others committed while the first one waited for the lock.
  await tx.$queryRaw`SELECT id FROM matches.known_teams WHERE id = ANY (${ids}::uuid[]) ORDER BY id FOR SHARE`;
  const disbanded = await tx.knownTeam.findFirst({ where: { id: { in: ids }, disbandedAt: { not: null } } });
  if (disbanded) throw userError('TEAM_DISBANDED', fields.get(disbanded.id) ?? 'matchId');
}
