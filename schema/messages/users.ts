import { z } from 'zod';
import {
  defineEvent,
  defineJob,
  defineQueue,
  defineSnapshot,
  defineTopic,
} from '../../platform/messaging/definitions.ts';

/** Changes of accounts and profiles. */
export const Users = defineTopic({ name: 'users.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

const profile = z.object({ userId: z.uuid(), username: z.string(), displayName: z.string() });

/** A person got an account and a profile. */
export const UserRegistered = defineEvent({
  topic: Users,
  type: 'UserRegistered',
  version: 1,
  key: 'userId',
  payload: profile,
});
/** A profile changed. The payload is the new profile. */
export const UserProfileUpdated = defineEvent({
  topic: Users,
  type: 'UserProfileUpdated',
  version: 1,
  key: 'userId',
  payload: profile,
});

/** The current state of a profile. */
export const UserSnapshot = defineSnapshot({
  topic: Users,
  type: 'UserSnapshot',
  version: 1,
  key: 'userId',
  payload: profile,
});

/** E-mails to send, each to one person. */
export const Emails = defineQueue({ name: 'email-sender', maxDeliveries: 8, retryDelayMs: 1000 });

/**
 * Sends the welcome e-mail to a new user. The id of the job is the Message-ID of the e-mail, so that a repeat is
 * recognised.
 */
export const WelcomeEmail = defineJob({
  queue: Emails,
  kind: 'WelcomeEmail',
  reachesPeople: true,
  version: 1,
  payload: z.object({ userId: z.uuid(), to: z.email(), displayName: z.string() }),
});
