import { INPUT_REASONS } from '../../platform/graphql/reasons.ts';
import { userErrorOf } from '../../platform/graphql/user-errors.ts';

/** The values of the enum `UserErrorReason`: the shared reasons, and the ones that schema/media.graphql adds. */
export const REASONS = {
  ...INPUT_REASONS,
  FILE_NOT_FOUND: ['NOT_FOUND', 'there is no such file of yours'],
  TEAM_NOT_FOUND: ['NOT_FOUND', 'there is no such team'],
  MATCH_NOT_FOUND: ['NOT_FOUND', 'there is no such match'],
  NOT_A_CHECKSUM: ['INVALID', 'must be the SHA-256 of the file in base64'],
  NOT_UPLOADED: ['CONFLICT', 'not all bytes of the file have arrived'],
  FILE_NOT_READY: ['CONFLICT', 'the file is not ready'],
  OTHER_KIND: ['CONFLICT', 'the file is for another use'],
  TOO_MANY_FILES: ['CONFLICT', 'you have stored {max} files'],
  TOO_MUCH_STORED: ['CONFLICT', 'your quota is {max} megabytes, you use {used}, and this file has {asked}'],
  TOO_MANY_UPLOADS: ['CONFLICT', 'you have {max} uploads that are not complete'],
  TOO_MANY_PHOTOS: ['CONFLICT', 'the match has {max} photos'],
  MAY_NOT_SET_LOGO: ['FORBIDDEN', 'only the owner, captains and administrators can set the picture'],
  MAY_NOT_CHANGE_PHOTOS: [
    'FORBIDDEN',
    'only people who may record its events, or members of its teams with their own photos, may do this',
  ],
} as const;

export const userError = userErrorOf(REASONS);
