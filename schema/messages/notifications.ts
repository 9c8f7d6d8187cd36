import { z } from 'zod';
import { defineEvent, defineJob, defineQueue, defineTopic, from } from '../../platform/messaging/definitions.ts';
import { rebuildJob } from '../../platform/messaging/rebuilds/projection.ts';

/**
 * Events of people's inboxes. Only live streams read this topic; the history is in PostgreSQL. An event has the ids of
 * notifications and not their texts.
 */
export const Notifications = defineTopic({
  name: 'notifications.v1',
  partitions: 8,
  retentionHours: 24,
  cleanup: 'delete',
});

/**
 * A change of a person's inbox: notifications were added, read or withdrawn. `untilSeq` is set when the person has read
 * all notifications up to that `seq`; `notificationIds` is then empty.
 */
export const NotificationEventRecorded = defineEvent({
  topic: Notifications,
  type: 'NotificationEventRecorded',
  version: 1,
  key: 'userId',
  payload: z.object({
    userId: z.uuid(),
    kind: z.enum(['ADDED', 'READ', 'WITHDRAWN']),
    notificationIds: z.array(z.uuid()),
    untilSeq: z.int().nullable(),
    at: z.iso.datetime(),
  }),
});

/**
 * E-mails to send, each to one person. A job has the person's id; the worker asks the identity provider for the
 * address.
 */
export const Emails = defineQueue({ name: 'email-sender', maxDeliveries: 8, retryDelayMs: 1000 });

/**
 * Push messages to send, each to the devices of one person. A job has only ids; the worker reads the texts and devices.
 */
export const Pushes = defineQueue({ name: 'push-sender', maxDeliveries: 8, retryDelayMs: 2000 });

/**
 * Sends the welcome e-mail to a new user, with a link that confirms the address unless it is confirmed already. The
 * Message-ID of the e-mail contains the id of the job, so mail programs recognise a repeat.
 */
export const WelcomeEmail = defineJob({
  queue: Emails,
  kind: 'WelcomeEmail',
  reachesPeople: true,
  version: 2,
  payload: z.object({
    userId: z.uuid(),
    /** The address, only in jobs of version 1. Their e-mail has no link. */
    to: z.email().optional(),
  }),
  upcast: {
    1: from(z.object({ userId: z.uuid(), to: z.email(), displayName: z.string() }), ({ userId, to }) => ({
      userId,
      to,
    })),
  },
});

/** Sends the link that confirms the user's address once more, because the user asked for it. */
export const VerificationEmail = defineJob({
  queue: Emails,
  kind: 'VerificationEmail',
  reachesPeople: true,
  version: 1,
  payload: z.object({ userId: z.uuid(), language: z.enum(['EN', 'RU']).nullable() }),
});

/** Sends notifications of one person in one e-mail. Notifications that the person has read meanwhile are left out. */
export const NotificationsEmail = defineJob({
  queue: Emails,
  kind: 'NotificationsEmail',
  reachesPeople: true,
  version: 1,
  payload: z.object({ userId: z.uuid(), notificationIds: z.array(z.uuid()).min(1).max(100) }),
});

/**
 * Sends notifications of one person to the person's devices. Notifications that the person has read meanwhile are left
 * out.
 */
export const NotificationsPush = defineJob({
  queue: Pushes,
  kind: 'NotificationsPush',
  reachesPeople: true,
  version: 1,
  payload: z.object({
    userId: z.uuid(),
    notificationIds: z.array(z.uuid()).min(1).max(100),
    /** If set, the message goes only to this device, whose push service had postponed it. */
    deviceId: z.uuid().optional(),
  }),
});

/** Events of mailings. Only live streams read this topic; the history is in PostgreSQL. The events have no texts. */
export const Mailings = defineTopic({ name: 'mailings.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' });

/** An event of a mailing, in the order of `seq`, with the counts of its e-mails after the event. */
export const MailingEventRecorded = defineEvent({
  topic: Mailings,
  type: 'MailingEventRecorded',
  version: 1,
  key: 'mailingId',
  payload: z.object({
    mailingId: z.uuid(),
    kind: z.string(),
    state: z.enum(['DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'FINISHED', 'CANCELLED', 'STOPPED']),
    reason: z.string().nullable(),
    byUserId: z.uuid().nullable(),
    /** The number of recipients. Null before they are chosen. */
    total: z.int().nullable(),
    sent: z.int(),
    failed: z.int(),
    skipped: z.int(),
    at: z.iso.datetime(),
  }),
});

/** Events of reports. Only live streams read this topic; the history is in PostgreSQL. */
export const Reports = defineTopic({ name: 'reports.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' });

/** The state or the progress of a report changed. `seq` counts the events of all reports of a person. */
export const ReportChanged = defineEvent({
  topic: Reports,
  type: 'ReportChanged',
  version: 1,
  key: 'userId',
  payload: z.object({
    userId: z.uuid(),
    reportId: z.uuid(),
    state: z.enum(['QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'EXPIRED']),
    percent: z.int(),
    at: z.iso.datetime(),
  }),
});

/** E-mails of mailings. They have a queue of their own, so that no other e-mail waits for them. */
export const MassMailing = defineQueue({ name: 'mass-mailing', maxDeliveries: 12, retryDelayMs: 1000 });

/**
 * Does the next step of a mailing: chooses its recipients, or sends to some of them. Each step emits the job of the
 * following step or sets a timer for it. A job whose number is not that of the mailing's next step does nothing.
 */
export const MailingStep = defineJob({
  queue: MassMailing,
  kind: 'MailingStep',
  reachesPeople: true,
  version: 1,
  payload: z.object({ mailingId: z.uuid(), step: z.int() }),
});

/** Reports to write. A job that fails each time is delivered for the last time about a minute after the first time. */
export const ReportQueue = defineQueue({ name: 'report-generator', maxDeliveries: 6, retryDelayMs: 2000 });

/** Writes a report into the storage. A repeat writes the same file again, and notifies nobody twice. */
export const ReportRequested = defineJob({
  queue: ReportQueue,
  kind: 'ReportRequested',
  reachesPeople: false,
  version: 1,
  payload: z.object({ reportId: z.uuid() }),
});

/** Long computations of notifications. Each of them uses one CPU for seconds or minutes. */
export const NotificationComputations = defineQueue({
  name: 'notification-computations',
  maxDeliveries: 5,
  retryDelayMs: 1000,
});

/** Adds the notifications that inboxes lack. */
export const RebuildNotifications = rebuildJob(NotificationComputations, 'RebuildNotifications');
