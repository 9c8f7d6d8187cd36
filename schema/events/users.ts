import { z } from 'zod';

/** Topic of what happens to users. Key: the user's id (UUID). Kept 30 days. */
export const USERS_TOPIC = 'users.v1';

const profile = {
  userId: z.uuid(),
  username: z.string(),
  displayName: z.string(),
};

/** A person has an account and a profile. */
export const UserRegistered = { type: 'UserRegistered', version: 1, payload: z.object(profile) } as const;
/** The profile is now this. */
export const UserProfileUpdated = { type: 'UserProfileUpdated', version: 1, payload: z.object(profile) } as const;

/** Queue of e-mails: one message to one person. */
export const EMAIL_QUEUE = 'email-sender';

/** Greets who registered. The job's id is the e-mail's Message-ID, so that a repeat is recognised. */
export const WelcomeEmail = {
  kind: 'WelcomeEmail',
  version: 1,
  payload: z.object({ userId: z.uuid(), to: z.email(), displayName: z.string() }),
} as const;
