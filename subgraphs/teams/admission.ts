import { JoinRequestClosed, MemberJoinedTeam } from '../../schema/messages/teams.ts';
import type { JoinRequest, Prisma } from './generated/prisma/client.ts';
import type { JoinRequestState, MembershipRole } from './generated/prisma/enums.ts';
import type { TeamChange } from './team-changes.ts';

interface NewMember {
  readonly userId: string;
  readonly role: MembershipRole;
  /** The wanted number. The member gets it only if no other member has it. */
  readonly squadNumber: number | null;
}

/** Adds a member to the team. The caller knows that the user is not a member yet. */
export async function admit(change: TeamChange, { userId, role, squadNumber }: NewMember): Promise<void> {
  const { tx, team } = change;
  const taken =
    squadNumber !== null && (await tx.membership.findFirst({ where: { teamId: team.id, squadNumber, leftAt: null } }));
  await tx.membership.create({ data: { teamId: team.id, userId, role, squadNumber: taken ? null : squadNumber } });
  change.tell(MemberJoinedTeam, { userId, role });
}

/** Closes the team's pending join requests that meet the condition. @param byUserId who closed them */
export async function closeJoinRequests(
  change: TeamChange,
  where: Prisma.JoinRequestWhereInput,
  state: Exclude<JoinRequestState, 'PENDING'>,
  byUserId: string,
): Promise<JoinRequest[]> {
  const closed = await change.tx.joinRequest.updateManyAndReturn({
    where: { AND: [where, { teamId: change.team.id, state: 'PENDING' }] },
    data: { state },
  });
  for (const { id: joinRequestId, userId } of closed)
    change.tell(JoinRequestClosed, { joinRequestId, userId, state, byUserId });
  return closed;
}
