import type { Invitation, Prisma } from './generated/prisma/client.ts';
import type { InvitationState, MembershipRole } from './generated/prisma/enums.ts';

/** The roles that may invite. */
export const INVITING: MembershipRole[] = ['OWNER', 'CAPTAIN'];

/**
 * Revokes the pending invitations of somebody who may no longer invite, because they left the team or lost the role.
 * The team must be locked. Accepting checks the right again, so security does not depend on this call. It makes lists
 * and invitees see the change at once.
 */
export async function revokeSentBy(tx: Prisma.TransactionClient, teamId: string, inviterId: string): Promise<void> {
  await tx.invitation.updateMany({
    where: { teamId, inviterId, state: 'PENDING', asAdmin: false },
    data: { state: 'REVOKED' },
  });
}

/** Whether the sender of the invitation may still invite. The team must be locked. */
export async function mayStillInvite(
  tx: Prisma.TransactionClient,
  { teamId, inviterId, asAdmin }: Invitation,
): Promise<boolean> {
  return (
    asAdmin ||
    (await tx.membership.count({ where: { teamId, userId: inviterId, leftAt: null, role: { in: INVITING } } })) > 0
  );
}

/** The current state of an invitation. No job writes EXPIRED when the time has passed, so this compares the time. */
export function stateOf({ state, expiresAt }: Invitation): InvitationState {
  return state === 'PENDING' && expiresAt <= new Date() ? 'EXPIRED' : state;
}

/** {@link stateOf} as a condition. */
export function inState(state: InvitationState): Prisma.InvitationWhereInput {
  const now = new Date();
  if (state === 'PENDING') return { state, expiresAt: { gt: now } };
  return state === 'EXPIRED' ? { OR: [{ state }, { state: 'PENDING', expiresAt: { lte: now } }] } : { state };
}
