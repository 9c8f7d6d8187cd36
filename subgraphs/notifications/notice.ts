import { z } from 'zod';

/** The channels by which people are notified. IN_APP is the inbox that clients show. */
export const CHANNELS = ['IN_APP', 'EMAIL', 'PUSH'] as const;
export type Channel = (typeof CHANNELS)[number];
/** The channels that reach people who do not use the product at the moment. */
export const AWAY = ['EMAIL', 'PUSH'] as const satisfies readonly Channel[];
export type AwayChannel = (typeof AWAY)[number];

/** The types of the union `NotificationSubject` of the schema. */
const SUBJECTS = ['Team', 'Tournament', 'Match', 'Room', 'Report'] as const;

const teamRole = z.enum(['OWNER', 'CAPTAIN', 'COACH', 'PLAYER']);

/** Who gets a notification. */
const audience = z.union([
  z.object({ users: z.array(z.uuid()) }),
  /**
   * The people who have one of these roles in one of these teams when the notification is written, without `except`.
   */
  z.object({ teams: z.array(z.uuid()), roles: z.array(teamRole), except: z.uuid().nullable() }),
  /** The people of this city and sport who have chosen to get this kind. */
  z.object({ city: z.string(), sport: z.string() }),
]);
export type Audience = z.infer<typeof audience>;

/** A notification and its audience. It is stored as JSON while the notifications are written in batches. */
export const noticeSchema = z.object({
  kind: z.string(),
  /**
   * The id of an event, or an id that is derived from the facts. A person gets one notification for the same kind and
   * cause, so a repeated event adds nothing.
   */
  cause: z.uuid(),
  subject: z.object({ type: z.enum(SUBJECTS), id: z.uuid() }),
  facts: z.record(z.string(), z.json()),
  occurredAt: z.iso.datetime(),
  to: audience,
});
export type Notice = z.infer<typeof noticeSchema>;
