import { z } from 'zod';
import { defineEvent, defineSnapshot, defineTopic } from '../../platform/messaging/definitions.ts';

/** Changes of teams and their members. */
export const Teams = defineTopic({ name: 'teams.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

const team = z.object({ teamId: z.uuid(), name: z.string(), sport: z.string(), city: z.string().nullable() });
const role = z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']);

/**
 * A team was created. This is the first event of the team, and the owner's MemberJoinedTeam is the second. Older
 * installations published it once more with a later `seq`, so handling it twice must do no harm.
 */
export const TeamCreated = defineEvent({ topic: Teams, type: 'TeamCreated', version: 1, key: 'teamId', payload: team });

const membership = z.object({ teamId: z.uuid(), userId: z.uuid(), role });

/** A user became a member of a team. */
export const MemberJoinedTeam = defineEvent({
  topic: Teams,
  type: 'MemberJoinedTeam',
  version: 1,
  key: 'teamId',
  payload: membership,
});
/**
 * A user stopped being a member of a team. `removedById` is set when somebody else removed the member or disbanded the
 * team. `disbanded` is true when the membership ended because the team was disbanded: see TeamDisbanded.
 */
export const MemberLeftTeam = defineEvent({
  topic: Teams,
  type: 'MemberLeftTeam',
  version: 1,
  key: 'teamId',
  payload: membership.extend({ removedById: z.uuid().nullish(), disbanded: z.boolean().optional() }),
});
/**
 * A member got another role. `byUserId` is the user who gave it. A transfer of ownership is two events: first the
 * previous owner becomes a captain, then the new owner becomes OWNER.
 */
export const MemberRoleChanged = defineEvent({
  topic: Teams,
  type: 'MemberRoleChanged',
  version: 1,
  key: 'teamId',
  payload: membership.extend({ previousRole: role, byUserId: z.uuid().nullable() }),
});

const invitation = z.object({ teamId: z.uuid(), invitationId: z.uuid(), userId: z.uuid(), inviterId: z.uuid() });

/** A team invited a user, who can accept until `expiresAt`. */
export const InvitationSent = defineEvent({
  topic: Teams,
  type: 'InvitationSent',
  version: 1,
  key: 'teamId',
  payload: invitation.extend({ role, expiresAt: z.iso.datetime() }),
});
/**
 * An invitation was accepted, declined, revoked, or expired. `byUserId` is the user who did this; null when no user
 * did. There is no InvitationSent for invitations that older programs sent.
 */
export const InvitationClosed = defineEvent({
  topic: Teams,
  type: 'InvitationClosed',
  version: 1,
  key: 'teamId',
  payload: invitation.extend({
    state: z.enum(['ACCEPTED', 'DECLINED', 'EXPIRED', 'REVOKED']),
    byUserId: z.uuid().nullable(),
  }),
});

const joinRequest = z.object({ teamId: z.uuid(), joinRequestId: z.uuid(), userId: z.uuid() });

/** A user asked to join a team. */
export const JoinRequested = defineEvent({
  topic: Teams,
  type: 'JoinRequested',
  version: 1,
  key: 'teamId',
  payload: joinRequest,
});
/** A join request was accepted, declined or withdrawn. `byUserId` is the user who did this. */
export const JoinRequestClosed = defineEvent({
  topic: Teams,
  type: 'JoinRequestClosed',
  version: 1,
  key: 'teamId',
  payload: joinRequest.extend({ state: z.enum(['ACCEPTED', 'DECLINED', 'WITHDRAWN']), byUserId: z.uuid().nullable() }),
});

/**
 * A team was disbanded. This is the last event of the team. Before it, in the same transaction, come InvitationClosed,
 * JoinRequestClosed and MemberLeftTeam for everything that was still open. `byUserId` is the user who did this.
 */
export const TeamDisbanded = defineEvent({
  topic: Teams,
  type: 'TeamDisbanded',
  version: 1,
  key: 'teamId',
  payload: z.object({ teamId: z.uuid(), byUserId: z.uuid(), disbandedAt: z.iso.datetime() }),
});

/** The current state of a team with all its members. `disbandedAt` is absent while the team exists. */
export const TeamSnapshot = defineSnapshot({
  topic: Teams,
  type: 'TeamSnapshot',
  version: 1,
  key: 'teamId',
  payload: team.extend({
    members: z.array(z.object({ userId: z.uuid(), role })),
    disbandedAt: z.iso.datetime().optional(),
  }),
});
