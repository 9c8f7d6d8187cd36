import { z } from 'zod';
import { defineTimer } from '../../platform/messaging/timers/definition.ts';

/** Notifies the next batch of a large audience. The key of the timer is the id of the fan-out. */
export const FanOutContinues = defineTimer({
  name: 'fan-out-continues',
  version: 1,
  payload: z.object({ fanOutId: z.uuid() }),
});

/** Hands the due notifications of a person to a channel. The key of the timer is `<user id> <channel>`. */
export const DeliveriesDue = defineTimer({
  name: 'deliveries-due',
  version: 1,
  payload: z.object({ userId: z.uuid(), channel: z.enum(['EMAIL', 'PUSH']) }),
});

/** Sends a message that a push service has postponed. The key of the timer is `<job id> <device id>`. */
export const PushPostponed = defineTimer({
  name: 'push-postponed',
  version: 1,
  payload: z.object({ userId: z.uuid(), notificationIds: z.array(z.uuid()).min(1).max(100), deviceId: z.uuid() }),
});

/** Notifies the members of both teams an hour before a match starts. The key of the timer is the match's id. */
export const MatchIsNear = defineTimer({ name: 'match-is-near', version: 1, payload: z.object({ matchId: z.uuid() }) });

/**
 * Emits the job that sends the link to confirm an address. The key of the timer is the user's id, so several requests
 * before the timer fires send one e-mail.
 */
export const VerificationDue = defineTimer({
  name: 'verification-due',
  version: 1,
  payload: z.object({ userId: z.uuid(), language: z.enum(['EN', 'RU']).nullable() }),
});

/** Deletes the next batch of rows that are too old. The service has one such timer, with the key `all`. */
export const CleaningDue = defineTimer({ name: 'cleaning-due', version: 1, payload: z.object({}) });

/** Starts a mailing at its time, or continues one that waits. The key of the timer is the mailing's id. */
export const MailingDue = defineTimer({
  name: 'mailing-due',
  version: 1,
  payload: z.object({ mailingId: z.uuid(), step: z.int() }),
});
