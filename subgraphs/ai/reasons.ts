import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The values of the enum `UserErrorReason`: the shared reasons, and the ones that schema/ai.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  NO_TIME_ZONE: ['INVALID', 'is no IANA time zone'],
  MATCH_NOT_FOUND: ['NOT_FOUND', 'there is no such match'],
  MATCH_NOT_ENDED: ['CONFLICT', 'the match has not ended'],
  TOURNAMENT_NOT_FOUND: ['NOT_FOUND', 'there is no such tournament'],
  TOURNAMENT_OVER: ['CONFLICT', 'the tournament is over or cancelled'],
  MESSAGE_NOT_FOUND: ['NOT_FOUND', 'there is no such message'],
} as const;

export const userError = userErrorOf(REASONS);
