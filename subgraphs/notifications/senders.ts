import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { NotificationsEmail, NotificationsPush } from '../../schema/messages/notifications.ts';
import type { AwayChannel } from './notice.ts';

/** The content of one message: notifications of one person that are due together for one channel. */
export interface Handed {
  readonly userId: string;
  /** Oldest first, at least one. */
  readonly notificationIds: readonly string[];
  /**
   * The id of the timer that fired. The job's id is derived from it, so a repeat of the same firing emits the same job.
   */
  readonly because: string;
}

/** Emits the job that sends a message. It runs in the transaction that marks the deliveries as handed. */
export type Sender = (emit: Emit, handed: Handed) => void;

/** The senders of the channels. Nothing is planned or sent for a channel without a sender. */
export type Senders = Readonly<Partial<Record<AwayChannel, Sender>>>;
export const SENDERS = Symbol('Senders');

export const senders: Senders = {
  EMAIL: (emit, { userId, notificationIds, because }) =>
    void emit(NotificationsEmail, { because, payload: { userId, notificationIds: [...notificationIds] } }),
  PUSH: (emit, { userId, notificationIds, because }) =>
    void emit(NotificationsPush, { because, payload: { userId, notificationIds: [...notificationIds] } }),
};
