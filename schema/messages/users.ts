import { z } from 'zod';
import { defineEvent, defineSnapshot, defineTopic } from '../../platform/messaging/definitions.ts';

/** Changes of accounts and profiles. */
export const Users = defineTopic({ name: 'users.v1', partitions: 8, retentionHours: 30 * 24, cleanup: 'delete' });

const profile = z.object({ userId: z.uuid(), username: z.string(), displayName: z.string() });

/** A person registered: they have an account and a profile now. */
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
