import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The values of the enum `UserErrorReason`: the shared reasons, and the ones that schema/users.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  NOT_A_DATE: ['INVALID', 'must be a date such as 2008-02-29'],
  IN_THE_FUTURE: ['INVALID', 'must not be in the future'],
  USERNAME_FORM: ['INVALID', 'must be {min} to {max} letters, digits, dots, dashes or underscores'],
  CHARACTERS: ['INVALID', 'has characters that are not allowed'],
  RESERVED: ['INVALID', 'is reserved'],
  TOO_COMMON: ['INVALID', 'is a common password or easy to guess: choose another'],
  TOO_WEAK: ['INVALID', 'is not strong enough'],
  SAME_AS_USERNAME: ['INVALID', 'must not be the user name'],
  SAME_AS_EMAIL: ['INVALID', 'must not be the e-mail address'],
} as const;

export const userError = userErrorOf(REASONS);
