import { InvitationClosed } from '../../schema/messages/teams.ts';
import type { Invitation, Prisma } from './generated/prisma/client.ts';
import type { InvitationState, MembershipRole } from './generated/prisma/enums.ts';
import type { TeamChange } from './team-changes.ts';

/** The roles that may invite, answer join requests, and change and remove other members. */
export const LEADING: MembershipRole[] = ['OWNER', 'CAPTAIN'];
export const leads = (member: { readonly role: MembershipRole } | null | undefined): boolean =>
  member != null && LEADING.includes(member.role);

/** Closes the team's pending invitations that meet the condition. @param byUserId who closed them; null: nobody did */
export async function closeInvitations(
  change: TeamChange,
  where: Prisma.InvitationWhereInput,
  state: Exclude<InvitationState, 'PENDING'>,
  byUserId: string | null,
): Promise<Invitation[]> {
  const closed = await change.tx.invitation.updateManyAndReturn({
    where: { AND: [where, { teamId: change.team.id, state: 'PENDING' }] },
    data: { state },
  });
  for (const { id: invitationId, inviteeId: userId, inviterId } of closed)
    change.tell(InvitationClosed, { invitationId, userId, inviterId, state, byUserId });
  return closed;
}

/**
 * Revokes the pending invitations that a former owner or captain sent, except invitations sent as an administrator.
 * They could not be accepted anyway, because accepting checks the sender's right again, but lists would still show them
 * as pending.
 */
export async function revokeSentBy(change: TeamChange, inviterId: string, byUserId: string): Promise<void> {
  await closeInvitations(change, { inviterId, asAdmin: false }, 'REVOKED', byUserId);
}

/** Whether the sender may still invite, or sent the invitation as an administrator. */
export async function mayStillInvite(change: TeamChange, { inviterId, asAdmin }: Invitation): Promise<boolean> {
  return asAdmin || leads(await change.memberOf(inviterId));
}

/**
 * The current state of an invitation. A timer writes EXPIRED, but it may be late, and processes of earlier versions set
 * no timer. So this compares the time.
 */
export function stateOf({ state, expiresAt }: Invitation): InvitationState {
  return state === 'PENDING' && expiresAt <= new Date() ? 'EXPIRED' : state;
}

/** The condition for invitations whose {@link stateOf} is this state. */
export function inState(state: InvitationState): Prisma.InvitationWhereInput {
  const now = new Date();
  if (state === 'PENDING') return { state, expiresAt: { gt: now } };
  return state === 'EXPIRED' ? { OR: [{ state }, { state: 'PENDING', expiresAt: { lte: now } }] } : { state };
}
