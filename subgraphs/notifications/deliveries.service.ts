import { Inject, Injectable } from '@nestjs/common';
import type { Counter } from 'prom-client';
import { TIMERS } from '../../platform/injection/tokens.ts';
import { handleAll, type TimerHandler } from '../../platform/messaging/timers/definition.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { COLLAPSE_MS, decide, LATE_MS, timed } from './decision.ts';
import type { Prisma } from './generated/prisma/client.ts';
import type { Added } from './inbox.ts';
import { AWAY, type AwayChannel, type Notice } from './notice.ts';
import { withDevices } from './push/devices.service.ts';
import { quietEndsOf, type Wishes } from './wishes.ts';
import { SENDERS, type Senders } from './senders.ts';
import { DeliveriesDue } from './timers.ts';

type Tx = Prisma.TransactionClient;

/** The consumer group of notifications. Events from before its first start cause no e-mail and no push message. */
export const GROUP = 'notifications';
/** The largest number of notifications in one message. If more are due, further messages follow immediately. */
const MOST_AT_ONCE = 100;
/** How many people one transaction hands over at most. */
const PEOPLE_AT_ONCE = 100;

/** Decides when new notifications are sent by e-mail or push, and hands them to these channels. */
@Injectable()
export class DeliveriesService {
  readonly #ended: Counter<'channel' | 'outcome'>;
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(SENDERS) private readonly senders: Senders,
    metrics: Metrics,
  ) {
    this.#ended = metrics.counter('notifications_deliveries_total', 'Notifications that were due', [
      'channel',
      'outcome',
    ]);
  }

  /**
   * Decides for each new notification of one notice, and for each channel, when to send it, and stores these
   * deliveries. The caller has locked the inboxes of the people.
   */
  async plan(
    tx: Tx,
    { kind, subject, occurredAt }: Omit<Notice, 'to'>,
    added: readonly Added[],
    wishes: ReadonlyMap<string, Wishes>,
    now: Date,
  ): Promise<void> {
    const startedAt = (await tx.inboxGroup.findUnique({ where: { consumer: GROUP } }))?.startedAt ?? new Date(0);
    for (const channel of AWAY) {
      if (!this.senders[channel]) continue;
      const willing = added.filter(({ userId }) => wishes.get(userId)?.channels.has(channel));
      if (willing.length === 0) continue;
      // No push deliveries are stored for people without a device, because most people have none.
      const wanting = channel === 'PUSH' ? await reachable(tx, willing) : willing;
      if (wanting.length === 0) continue;
      const users = wanting.map(({ userId }) => userId);
      const last = await tx.delivery.groupBy({
        by: ['userId'],
        where: { userId: { in: users }, channel, kind, subjectId: subject.id },
        _max: { dueAt: true },
      });
      const lastAt = new Map(last.map(({ userId, _max }) => [userId, _max.dueAt]));
      const data = wanting.flatMap(({ id: notificationId, userId }) => {
        const wish = wishes.get(userId);
        const dueAt =
          wish &&
          decide({
            now,
            occurredAt: new Date(occurredAt),
            startedAt,
            isWanted: true,
            timeZone: wish.timeZone,
            quietHours: wish.quietHours,
            digest: wish.digest && channel === 'EMAIL',
            lastAt: lastAt.get(userId) ?? null,
          });
        return dueAt ? [{ notificationId, channel, userId, kind, subjectId: subject.id, dueAt }] : [];
      });
      if (data.length === 0) continue;
      await tx.delivery.createMany({ data });
      await this.#wake(
        tx,
        data.map(({ userId }) => userId),
        channel,
      );
    }
  }

  /**
   * The handler of {@link DeliveriesDue}. It hands a person's due notifications to a channel as one message, at most
   * {@link MOST_AT_ONCE} of them, and sets the timer again for the notifications that still wait.
   */
  handler(): TimerHandler<Tx> {
    return handleAll(DeliveriesDue, PEOPLE_AT_ONCE, async (tx, fired) => {
      for (const channel of AWAY) {
        const people = new Map(
          fired.filter(({ payload }) => payload.channel === channel).map((one) => [one.payload.userId, one]),
        );
        if (people.size > 0) await this.#hand(tx, channel, people);
      }
    });
  }

  /**
   * Plans notifications of a person once more that were handed to a channel, because the channel must not send them
   * now. Notifications that were read or withdrawn meanwhile are left out.
   * @param until when they are due again
   */
  async putOff(
    tx: Tx,
    channel: AwayChannel,
    userId: string,
    notificationIds: readonly string[],
    until: Date,
  ): Promise<void> {
    await lockInboxes(tx, [userId]);
    await tx.$executeRaw`
      INSERT INTO notifications.deliveries (notification_id, channel, user_id, kind, subject_id, due_at)
      SELECT id, ${channel}, user_id, kind, subject_id, ${until}::timestamptz FROM notifications.notifications
      WHERE id = ANY (${[...notificationIds]}::uuid[]) AND user_id = ${userId}::uuid AND read_at IS NULL
      ON CONFLICT (notification_id, channel) DO UPDATE SET due_at = excluded.due_at, handed_at = NULL`;
    await this.#wake(tx, [userId], channel);
  }

  /**
   * Plans the waiting notifications of a person again who has chosen other times, for example no quiet hours any more.
   * Here a notification is only sent sooner. If it must be sent later, that is decided when it is due.
   */
  async advance(tx: Tx, userId: string, wish: Pick<Wishes, 'timeZone' | 'quietHours' | 'digest'>): Promise<void> {
    const now = this.now();
    await lockInboxes(tx, [userId]);
    for (const channel of AWAY) {
      const dueAt = timed(now, { ...wish, digest: wish.digest && channel === 'EMAIL' });
      // Until then a notification may wait for others of its kind, and not for a time of the day.
      const collapsed = new Date(now.getTime() + COLLAPSE_MS);
      const where = { userId, channel, handedAt: null, dueAt: { gt: dueAt > collapsed ? dueAt : collapsed } };
      const { count } = await tx.delivery.updateMany({ where, data: { dueAt } });
      if (count > 0) await this.#wake(tx, [userId], channel);
    }
  }

  /** Hands over the due notifications of these people. Those of people in quiet hours are put off to their end. */
  async #hand(
    tx: Tx,
    channel: AwayChannel,
    people: ReadonlyMap<string, { readonly id: string; readonly emit: Emit }>,
  ): Promise<void> {
    const now = this.now();
    const users = [...people.keys()].sort();
    await lockInboxes(tx, users);
    const due = await tx.$queryRaw<DueRow[]>`
      SELECT d.* FROM unnest(${users}::uuid[]) AS u(id) CROSS JOIN LATERAL (
        SELECT d.user_id::text AS "userId", d.notification_id::text AS "notificationId", d.due_at AS "dueAt", n.read_at AS "readAt"
        FROM notifications.deliveries d JOIN notifications.notifications n ON n.id = d.notification_id
        WHERE d.user_id = u.id AND d.channel = ${channel} AND d.handed_at IS NULL AND d.due_at <= ${now}
        ORDER BY n.occurred_at, d.notification_id LIMIT ${MOST_AT_ONCE}
      ) d`;
    const of = (rows: readonly DueRow[]) => ({
      channel,
      notificationId: { in: rows.map(({ notificationId }) => notificationId) },
    });
    // A notification is not sent when the person has read it, or when it is a day overdue because the service was down.
    const isStale = ({ dueAt, readAt }: DueRow): boolean =>
      readAt !== null || now.getTime() - dueAt.getTime() > LATE_MS;
    const [stale, timely] = [due.filter(isStale), due.filter((row) => !isStale(row))];
    // The timer may fire late, after an outage, or the person may have chosen quiet hours since the plan was made.
    const quiet = await quietEndsOf(tx, users, now);
    const unread = timely.filter(({ userId }) => !quiet.has(userId));
    if (stale.length > 0) await tx.delivery.deleteMany({ where: of(stale) });
    for (const [userId, rows] of Map.groupBy(timely, (row) => row.userId)) {
      const dueAt = quiet.get(userId);
      if (dueAt) await tx.delivery.updateMany({ where: of(rows), data: { dueAt } });
    }
    if (unread.length > 0) await tx.delivery.updateMany({ where: of(unread), data: { handedAt: now } });
    this.#ended.inc({ channel, outcome: 'dropped' }, stale.length);
    this.#ended.inc({ channel, outcome: 'handed' }, unread.length);
    for (const [userId, rows] of Map.groupBy(unread, (row) => row.userId)) {
      const timer = people.get(userId);
      if (timer)
        this.senders[channel]?.(timer.emit, {
          userId,
          because: timer.id,
          notificationIds: rows.map(({ notificationId }) => notificationId),
        });
    }
    await this.#wake(tx, users, channel);
  }

  /** Sets each person's timer to the earliest of the deliveries that wait. Does nothing for a person without any. */
  async #wake(tx: Tx, userIds: readonly string[], channel: AwayChannel): Promise<void> {
    const waiting = await tx.delivery.groupBy({
      by: ['userId'],
      where: { userId: { in: [...userIds] }, channel, handedAt: null },
      _min: { dueAt: true },
    });
    await this.timers.setAll(
      tx,
      DeliveriesDue,
      waiting.flatMap(({ userId, _min: { dueAt } }) =>
        dueAt ? [{ key: `${userId} ${channel}`, at: dueAt, payload: { userId, channel } }] : [],
      ),
    );
  }
}

interface DueRow {
  readonly userId: string;
  readonly notificationId: string;
  readonly dueAt: Date;
  readonly readAt: Date | null;
}

/** Locks these inboxes in the order of ids, as everything that locks several inboxes does. */
async function lockInboxes(tx: Tx, userIds: readonly string[]): Promise<void> {
  await tx.$queryRaw`
    SELECT 1 FROM notifications.inboxes WHERE user_id = ANY (${[...userIds]}::uuid[]) ORDER BY user_id FOR NO KEY UPDATE`;
}

async function reachable(tx: Tx, added: readonly Added[]): Promise<readonly Added[]> {
  const users = await withDevices(
    tx,
    added.map(({ userId }) => userId),
  );
  return added.filter(({ userId }) => users.has(userId));
}
