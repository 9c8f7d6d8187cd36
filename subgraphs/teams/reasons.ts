import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The values of the enum `UserErrorReason`: the shared reasons, and the ones that schema/teams.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  TEAM_NOT_FOUND: ['NOT_FOUND', 'there is no such team'],
  USER_NOT_FOUND: ['NOT_FOUND', 'there is no such user'],
  INVITATION_NOT_FOUND: ['NOT_FOUND', 'there is no such invitation'],
  JOIN_REQUEST_NOT_FOUND: ['NOT_FOUND', 'there is no such join request'],
  MEMBER_NOT_FOUND: ['NOT_FOUND', 'there is no such member of the team'],
  NOT_A_MEMBER: ['NOT_FOUND', 'you are not a member of this team'],
  ALREADY_A_MEMBER: ['CONFLICT', 'already a member of this team'],
  OWNER_CANNOT_LEAVE: ['CONFLICT', 'the owner cannot leave the team'],
  OWNER_KEEPS_ROLE: ['CONFLICT', 'the owner keeps the role until ownership is transferred'],
  MAY_NOT_INVITE: ['FORBIDDEN', 'only the owner, captains and administrators can invite'],
  MAY_NOT_ANSWER: ['FORBIDDEN', 'only the owner, captains and administrators can answer join requests'],
  MAY_NOT_CHANGE_MEMBERS: ['FORBIDDEN', 'only the owner, captains and administrators can change and remove members'],
  MAY_NOT_CHANGE_LEADERS: ['FORBIDDEN', 'a captain cannot change or remove the owner or another captain'],
  NOT_THE_OWNER: ['FORBIDDEN', 'only the owner and administrators can do this'],
  TEAM_DISBANDED: ['CONFLICT', 'the team is disbanded'],
  INVITATION_NOT_OPEN: ['CONFLICT', 'the invitation is no longer open'],
  JOIN_REQUEST_NOT_OPEN: ['CONFLICT', 'the join request is no longer open'],
  TOO_MANY_INVITATIONS: ['CONFLICT', 'the team has {max} open invitations'],
  TOO_MANY_JOIN_REQUESTS: ['CONFLICT', 'you have {max} open join requests'],
  TEAM_HAS_TOO_MANY_JOIN_REQUESTS: ['CONFLICT', 'the team has {max} open join requests'],
} as const;

export const userError = userErrorOf(REASONS);
