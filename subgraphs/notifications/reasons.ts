import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The values of the enum `UserErrorReason`: the shared reasons, and the ones that schema/notifications.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  NO_TIME_ZONE: ['INVALID', 'is no IANA time zone'],
  NOT_A_TIME_OF_DAY: ['INVALID', 'must be a time of the day such as 22:00'],
  NO_QUIET_TIME: ['INVALID', 'must end at another time than it begins'],
  ALREADY_VERIFIED: ['CONFLICT', 'your address is confirmed already'],
  NOT_A_PUSH_KEY: ['INVALID', 'must be the key of a push subscription, in base64url'],
  NO_PUSH_SERVICE: ['INVALID', 'must be the HTTPS address of a push service that this product sends to'],
  NO_APPS: ['CONFLICT', 'this product sends no push messages to apps'],
  NO_ADDRESS: ['CONFLICT', 'your account has no e-mail address'],
  SUBJECT_NOT_FOUND: ['NOT_FOUND', 'there is no such match, tournament, team or player'],
  REPORT_NOT_FOUND: ['NOT_FOUND', 'there is no such report'],
  REPORT_STATE: ['CONFLICT', 'the report is {state}'],
  TOO_MANY_REPORTS: ['CONFLICT', 'at most {max} new reports in 24 hours'],
  SEASON: ['INVALID', 'only season statistics have a season, and they need one'],
  SEASON_ENDS_TOO_EARLY: ['INVALID', 'must be after `seasonFrom`'],
  MAILING_ABOUT_NOT_FOUND: ['NOT_FOUND', 'there is no such tournament or team'],
  MAY_NOT_MAIL: ['FORBIDDEN', 'only organizers of the tournament, or the owner and captains of the team, may do this'],
  ONLY_FOR_TOURNAMENT: ['INVALID', 'is only for a tournament'],
  MAILING_NOT_FOUND: ['NOT_FOUND', 'there is no such mailing'],
  MAILING_STATE: ['CONFLICT', 'the mailing is {state}'],
  NOBODY_TO_MAIL: ['CONFLICT', 'nobody would get this mailing'],
  TOO_MANY_TO_MAIL: ['CONFLICT', 'the mailing has more than {max} recipients'],
  MAILINGS_A_DAY: ['CONFLICT', 'at most {max} mailings may be started in 24 hours'],
} as const;

export const userError = userErrorOf(REASONS);
