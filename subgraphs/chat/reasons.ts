import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The values of the enum `UserErrorReason`: the shared reasons, and the ones that schema/chat.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  ROOM_NOT_FOUND: ['NOT_FOUND', 'there is no such room'],
  MEMBERS_ONLY: ['FORBIDDEN', 'only members of the team can write in its room'],
  ATTACHMENT_NOT_FOUND: ['NOT_FOUND', 'there is no such file of yours that is ready'],
} as const;

export const userError = userErrorOf(REASONS);
