import type { Invitation, Prisma } from './generated/prisma/client.ts';
import type { InvitationState, MembershipRole } from './generated/prisma/enums.ts';

/** Who may invite. */
export const INVITING: MembershipRole[] = ['OWNER', 'CAPTAIN'];

/**
 * Ends what somebody has sent who may not invite any more, because they left the team or lost the role. The team is
 * locked. Accepting looks at the right again, so nothing depends on this being called; lists and invitees are told at
 * once.
 */
export async function revokeSentBy(tx: Prisma.TransactionClient, teamId: string, inviterId: string): Promise<void> {
  await tx.invitation.updateMany({
    where: { teamId, inviterId, state: 'PENDING', asAdmin: false },
    data: { state: 'REVOKED' },
  });
}

/** Whether who sent the invitation has the right to invite. The team is locked. */
export async function mayStillInvite(
  tx: Prisma.TransactionClient,
  { teamId, inviterId, asAdmin }: Invitation,
): Promise<boolean> {
  return (
    asAdmin ||
    (await tx.membership.count({ where: { teamId, userId: inviterId, leftAt: null, role: { in: INVITING } } })) > 0
  );
}

/** What became of it: nobody writes down that time has passed. */
export function stateOf({ state, expiresAt }: Invitation): InvitationState {
  return state === 'PENDING' && expiresAt <= new Date() ? 'EXPIRED' : state;
}

/** What {@link stateOf} says, as a condition. */
export function inState(state: InvitationState): Prisma.InvitationWhereInput {
  const now = new Date();
  if (state === 'PENDING') return { state, expiresAt: { gt: now } };
  return state === 'EXPIRED' ? { OR: [{ state }, { state: 'PENDING', expiresAt: { lte: now } }] } : { state };
}
