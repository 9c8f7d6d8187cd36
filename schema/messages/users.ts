import { z } from 'zod';
import {
  defineEvent,
  defineJob,
  defineQueue,
  defineSnapshot,
  defineTopic,
} from '../../platform/messaging/definitions.ts';

/** What happens to users. */
export const Users = defineTopic({ name: 'users.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

const profile = z.object({ userId: z.uuid(), username: z.string(), displayName: z.string() });

/** A person has an account and a profile. */
export const UserRegistered = defineEvent({
  topic: Users,
  type: 'UserRegistered',
  version: 1,
  key: 'userId',
  payload: profile,
});
/** The profile is now this. */
export const UserProfileUpdated = defineEvent({
  topic: Users,
  type: 'UserProfileUpdated',
  version: 1,
  key: 'userId',
  payload: profile,
});

/** A profile as it is. */
export const UserSnapshot = defineSnapshot({
  topic: Users,
  type: 'UserSnapshot',
  version: 1,
  key: 'userId',
  payload: profile,
});

/** E-mails: one message to one person. */
export const Emails = defineQueue({ name: 'email-sender', maxDeliveries: 8, retryDelayMs: 1000 });

/** Greets who registered. The job's id is the e-mail's Message-ID, so that a repeat is recognised. */
export const WelcomeEmail = defineJob({
  queue: Emails,
  kind: 'WelcomeEmail',
  reachesPeople: true,
  version: 1,
  payload: z.object({ userId: z.uuid(), to: z.email(), displayName: z.string() }),
});
