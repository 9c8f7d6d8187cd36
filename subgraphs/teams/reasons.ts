import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The values of the enum `UserErrorReason`: the shared reasons, and the ones that schema/teams.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  TEAM_NOT_FOUND: ['NOT_FOUND', 'there is no such team'],
  USER_NOT_FOUND: ['NOT_FOUND', 'there is no such user'],
  INVITATION_NOT_FOUND: ['NOT_FOUND', 'there is no such invitation'],
  NOT_A_MEMBER: ['NOT_FOUND', 'you are not a member of this team'],
  ALREADY_A_MEMBER: ['CONFLICT', 'already a member of this team'],
  OWNER_CANNOT_LEAVE: ['CONFLICT', 'the owner cannot leave the team'],
  MAY_NOT_INVITE: ['FORBIDDEN', 'only the owner and captains can invite'],
  INVITATION_NOT_OPEN: ['CONFLICT', 'the invitation is no longer open'],
} as const;

export const userError = userErrorOf(REASONS);
