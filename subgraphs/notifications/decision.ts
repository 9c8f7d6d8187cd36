import { nextAt, quietUntil, type QuietHours } from './local-time.ts';

const MINUTE_MS = 60_000;

/**
 * An event that is older than this causes no e-mail and no push message. A message that is overdue for longer than this
 * is not sent either. Both would be old news. Milliseconds.
 */
export const LATE_MS = 24 * 60 * MINUTE_MS;
/**
 * For this time after a message to a person, further notifications of the same kind about the same subject wait. The
 * next message shows them as one line. Milliseconds.
 */
export const COLLAPSE_MS = 15 * MINUTE_MS;
/** The time of the day, in the person's time zone, at which digests are sent. Quiet hours delay them further. */
const DIGEST_AT = '09:00';

/** The facts that decide whether and when a notification is sent to a person by one channel. */
export interface Considered {
  readonly now: Date;
  /** When the event happened. */
  readonly occurredAt: Date;
  /** When this installation began to notify people. */
  readonly startedAt: Date;
  /** Whether the person wants this kind by this channel. */
  readonly isWanted: boolean;
  readonly timeZone: string;
  readonly quietHours: QuietHours | null;
  /** Whether the notifications of this channel are collected and sent once a day. */
  readonly digest: boolean;
  /**
   * When this channel sent, or will send, the last notification of the same kind and subject. Null when there is none.
   */
  readonly lastAt: Date | null;
}

/**
 * Decides when to send a notification. Null means that it is not sent: the person does not want this kind by this
 * channel, or the event happened before notifications started here or is older than {@link LATE_MS}.
 */
export function decide({
  now,
  occurredAt,
  startedAt,
  isWanted,
  timeZone,
  quietHours,
  digest,
  lastAt,
}: Considered): Date | null {
  if (!isWanted || occurredAt < startedAt || now.getTime() - occurredAt.getTime() > LATE_MS) return null;
  const collapsed = lastAt ? lastAt.getTime() + COLLAPSE_MS : 0;
  // When a notification of the same kind and subject already waits, the new one is sent together with it.
  const soonest = lastAt && lastAt > now ? lastAt : new Date(Math.max(now.getTime(), collapsed));
  return timed(soonest, { timeZone, quietHours, digest });
}

/** The first time from `soonest` on at which the person wants messages. */
export function timed(
  soonest: Date,
  { timeZone, quietHours, digest }: Pick<Considered, 'timeZone' | 'quietHours' | 'digest'>,
): Date {
  const due = digest ? nextAt(soonest, DIGEST_AT, timeZone) : soonest;
  return quietHours ? quietUntil(due, quietHours, timeZone) : due;
}

/** A line of a message: the newest of the notifications of one kind about one subject, and how many there are. */
export interface Line<N> {
  readonly newest: N;
  readonly count: number;
}

/**
 * Makes one line of all notifications of the same kind about the same subject. The lines are in the order of their
 * newest notification.
 * @param notifications oldest first
 */
export function collapse<N extends { readonly kind: string; readonly subjectId: string }>(
  notifications: readonly N[],
): Line<N>[] {
  const lines = new Map<string, Line<N>>();
  for (const newest of notifications) {
    const key = `${newest.kind}\0${newest.subjectId}`;
    const count = (lines.get(key)?.count ?? 0) + 1;
    lines.delete(key);
    lines.set(key, { newest, count });
  }
  return [...lines.values()];
}
