import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The enum `UserErrorReason`: the shared reasons, and the ones that schema/tournaments.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  NO_TIME_ZONE: ['INVALID', 'is no IANA time zone'],
  RULES_NOT_FOUND: ['NOT_FOUND', 'there are no such rules'],
  TOURNAMENT_NOT_FOUND: ['NOT_FOUND', 'there is no such tournament'],
  NOT_ITS_ORGANIZER: ['FORBIDDEN', 'only organizers of the tournament may'],
  TOURNAMENT_STATE: ['CONFLICT', 'the tournament is {state}, not {needed}'],
} as const;

export const userError = userErrorOf(REASONS);
