import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { uuidV5 } from '../../platform/messaging/outbox/uuid.ts';
import { NotificationEventRecorded } from '../../schema/messages/notifications.ts';
import type { InboxEventKind } from './generated/prisma/enums.ts';
import type { Prisma } from './generated/prisma/client.ts';
import type { Notice } from './notice.ts';

type Tx = Prisma.TransactionClient;

/**
 * The largest number of notifications that a person's inbox shows. Above it, the oldest ones are deleted. As many are
 * stored that the inbox does not show, for example withdrawn ones.
 */
export const MOST_KEPT = 1000;
const DAY_MS = 24 * 3_600_000;
/** Notifications, and events of inboxes, that are older than this are deleted. Milliseconds. */
export const KEPT_MS = 90 * DAY_MS;
/**
 * How many of the newest events each inbox keeps. Older events are deleted when more than 10 % too many have gathered.
 */
export const MOST_EVENTS = 4000;
const EVENTS_AT_ONCE = MOST_EVENTS / 10;

/** A notification that {@link add} has stored. */
export interface Added {
  readonly id: string;
  readonly userId: string;
}

interface Locked {
  readonly user_id: string;
  readonly last_seq: number;
  readonly forgotten_until: Date | null;
}

/** The id of a notification. The same kind, cause and person always give the same id. */
const notificationId = ({ kind, cause }: Pick<Notice, 'kind' | 'cause'>, userId: string): string =>
  uuidV5(cause, `${kind}\0${userId}`);

/**
 * Locks the inboxes of these people until the transaction ends, and creates missing inboxes. It locks them in the order
 * of ids, so that two transactions cannot deadlock.
 */
async function lock(tx: Tx, userIds: readonly string[]): Promise<Locked[]> {
  return tx.$queryRaw<Locked[]>`
    INSERT INTO notifications.inboxes (user_id) SELECT unnest(${[...new Set(userIds)].sort()}::uuid[])
    ON CONFLICT (user_id) DO UPDATE SET last_seq = inboxes.last_seq
    RETURNING user_id::text, last_seq, forgotten_until`;
}

/**
 * Stores a notification for each of these people who does not have it yet. A person's inbox shows it only if `shown`
 * has the person. Nothing is stored when the notice is older than {@link KEPT_MS}. Nothing is stored for a person from
 * whose full inbox a shown notification of the same time or a later one was deleted.
 * @returns the notifications that are new
 */
export async function add(
  tx: Tx,
  emit: Emit,
  notice: Omit<Notice, 'to'>,
  userIds: readonly string[],
  shown: ReadonlySet<string>,
  now: Date,
): Promise<Added[]> {
  const occurredAt = new Date(notice.occurredAt);
  if (userIds.length === 0 || occurredAt.getTime() <= now.getTime() - KEPT_MS) return [];
  const inboxes = (await lock(tx, userIds)).filter(
    ({ forgotten_until: until }) => until === null || occurredAt > until,
  );
  const { kind, cause, subject, facts } = notice;
  const added = await tx.$queryRaw<{ id: string; user_id: string; seq: number | null }[]>`
    INSERT INTO notifications.notifications (id, user_id, seq, kind, cause, subject_type, subject_id, facts, occurred_at, is_shown)
    SELECT new.*, ${kind}, ${cause}::uuid, ${subject.type}, ${subject.id}::uuid, ${JSON.stringify(facts)}::jsonb,
      ${occurredAt}::timestamptz, new.seq IS NOT NULL
    FROM unnest(
      ${inboxes.map((inbox) => notificationId(notice, inbox.user_id))}::uuid[],
      ${inboxes.map((inbox) => inbox.user_id)}::uuid[],
      ${inboxes.map((inbox) => (shown.has(inbox.user_id) ? inbox.last_seq + 1 : null))}::int[]
    ) AS new (id, user_id, seq)
    ON CONFLICT (id) DO NOTHING
    RETURNING id::text, user_id::text, seq`;
  if (added.length === 0) return [];
  await tx.$executeRaw`
    UPDATE notifications.inboxes SET kept = kept + 1 WHERE user_id = ANY (${added.map((row) => row.user_id)}::uuid[])`;
  const visible = added.flatMap(({ id, user_id: userId, seq }) => (seq === null ? [] : [{ id, userId, seq }]));
  await record(
    tx,
    emit,
    visible.map(({ id, userId, seq }) => ({ userId, seq, kind: 'ADDED', notificationIds: [id], untilSeq: null })),
    now,
  );
  await forget(
    tx,
    added.map((row) => row.user_id),
  );
  return added.map(({ id, user_id: userId }) => ({ id, userId }));
}

/** The people among these who do not have the notification of this notice. */
export async function missingOf(
  tx: Pick<Tx, 'notification'>,
  notice: Notice,
  userIds: readonly string[],
): Promise<string[]> {
  const ids = userIds.map((userId) => notificationId(notice, userId));
  const found = await tx.notification.findMany({ where: { id: { in: ids } }, select: { userId: true } });
  const having = new Set(found.map(({ userId }) => userId));
  return userIds.filter((userId) => !having.has(userId));
}

/**
 * Stores lost notifications of this notice again if their inbox still has the events: with the same `seq`, and read or
 * withdrawn as these events say. It records no event.
 * @returns how many notifications it stored
 */
export async function putBack(tx: Tx, notice: Notice, userIds: readonly string[]): Promise<number> {
  const occurredAt = new Date(notice.occurredAt);
  const inboxes = (await lock(tx, userIds)).filter(
    ({ forgotten_until: until }) => until === null || occurredAt > until,
  );
  const { kind, cause, subject, facts } = notice;
  const back = await tx.$queryRaw<{ user_id: string }[]>`
    INSERT INTO notifications.notifications
      (id, user_id, seq, kind, cause, subject_type, subject_id, facts, occurred_at, read_at, is_shown)
    SELECT lost.*, added.seq, ${kind}, ${cause}::uuid, ${subject.type}, ${subject.id}::uuid,
      ${JSON.stringify(facts)}::jsonb, ${occurredAt}::timestamptz,
      (SELECT min(e.at) FROM notifications.inbox_events e
       WHERE e.user_id = lost.user_id AND e.seq > added.seq AND e.kind = 'READ'
         AND (lost.id = ANY (e.notification_ids) OR e.until_seq >= added.seq)),
      NOT EXISTS (SELECT FROM notifications.inbox_events e
       WHERE e.user_id = lost.user_id AND e.seq > added.seq AND e.kind = 'WITHDRAWN' AND lost.id = ANY (e.notification_ids))
    FROM unnest(
      ${inboxes.map((inbox) => notificationId(notice, inbox.user_id))}::uuid[],
      ${inboxes.map((inbox) => inbox.user_id)}::uuid[]
    ) AS lost (id, user_id)
    JOIN notifications.inbox_events added
      ON added.user_id = lost.user_id AND added.kind = 'ADDED' AND lost.id = ANY (added.notification_ids)
    ON CONFLICT (id) DO NOTHING
    RETURNING user_id::text`;
  if (back.length === 0) return 0;
  const users = back.map((row) => row.user_id);
  await tx.$executeRaw`UPDATE notifications.inboxes SET kept = kept + 1 WHERE user_id = ANY (${users}::uuid[])`;
  await forget(tx, users);
  return back.length;
}

interface NewEvent {
  readonly userId: string;
  readonly seq: number;
  readonly kind: InboxEventKind;
  readonly notificationIds: readonly string[];
  readonly untilSeq: number | null;
}

/**
 * Stores and emits events of inboxes, at most one for each inbox. The caller has locked these inboxes, and has given
 * each event the next `seq` of its inbox.
 */
async function record(tx: Tx, emit: Emit, events: readonly NewEvent[], now: Date): Promise<void> {
  if (events.length === 0) return;
  await tx.inboxEvent.createMany({
    data: events.map((event) => ({
      ...event,
      version: NotificationEventRecorded.version,
      notificationIds: [...event.notificationIds],
      at: now,
    })),
  });
  const users = events.map(({ userId }) => userId);
  await tx.$executeRaw`
    UPDATE notifications.inboxes SET last_seq = last_seq + 1 WHERE user_id = ANY (${users}::uuid[])`;
  for (const { seq, notificationIds, ...event } of events)
    emit(NotificationEventRecorded, {
      seq,
      payload: { ...event, notificationIds: [...notificationIds], at: now.toISOString() },
    });
  // Old events are deleted only when 10 % too many have gathered. So one statement deletes many of them.
  const full = await tx.$queryRaw<{ user_id: string }[]>`
    UPDATE notifications.inboxes SET trimmed_seq = last_seq - ${MOST_EVENTS}::int
    WHERE user_id = ANY (${users}::uuid[]) AND last_seq - trimmed_seq > ${MOST_EVENTS + EVENTS_AT_ONCE}::int
    RETURNING user_id::text`;
  if (full.length > 0)
    await tx.$executeRaw`
      DELETE FROM notifications.inbox_events e USING notifications.inboxes i
      WHERE i.user_id = ANY (${full.map((row) => row.user_id)}::uuid[]) AND e.user_id = i.user_id AND e.seq <= i.trimmed_seq`;
}

/**
 * Deletes the oldest notifications of people with more than {@link MOST_KEPT}. The shown ones and the others are counted
 * apart, so that withdrawn ones push out nothing that a person can see. The caller has locked the inboxes.
 */
async function forget(tx: Tx, userIds: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    WITH gone AS (
      DELETE FROM notifications.notifications WHERE id IN (
        SELECT oldest.id FROM notifications.inboxes i CROSS JOIN LATERAL (
          (SELECT id FROM notifications.notifications n WHERE n.user_id = i.user_id AND is_shown
           ORDER BY occurred_at DESC, id DESC OFFSET ${MOST_KEPT}::int)
          UNION ALL
          (SELECT id FROM notifications.notifications n WHERE n.user_id = i.user_id AND NOT is_shown
           ORDER BY occurred_at DESC, id DESC OFFSET ${MOST_KEPT}::int)
        ) oldest WHERE i.user_id = ANY (${[...userIds]}::uuid[]) AND i.kept > ${MOST_KEPT}::int
      ) RETURNING user_id, CASE WHEN is_shown THEN occurred_at END AS shown_at
    ), counted AS (
      SELECT user_id, count(*)::int AS rows, max(shown_at) AS until FROM gone GROUP BY user_id
    )
    UPDATE notifications.inboxes i SET kept = kept - rows, forgotten_until = greatest(forgotten_until, until)
    FROM counted WHERE counted.user_id = i.user_id`;
}

/**
 * Marks notifications of a person's inbox as read, and records one event if any was unread. Ids that the inbox does not
 * show are ignored.
 * @returns the ids of the notifications that were unread
 */
export async function markRead(
  tx: Tx,
  emit: Emit,
  userId: string,
  which: { readonly ids: readonly string[] } | { readonly untilSeq: number },
  now: Date,
): Promise<readonly string[]> {
  const [inbox] = await tx.$queryRaw<{ last_seq: number }[]>`
    SELECT last_seq FROM notifications.inboxes WHERE user_id = ${userId}::uuid FOR NO KEY UPDATE`;
  if (!inbox) return [];
  const read = await tx.notification.updateManyAndReturn({
    where: {
      userId,
      isShown: true,
      readAt: null,
      ...('ids' in which ? { id: { in: [...which.ids] } } : { seq: { lte: which.untilSeq } }),
    },
    data: { readAt: now },
    select: { id: true },
  });
  const ids = read.map(({ id }) => id);
  if (ids.length === 0) return [];
  const event =
    'ids' in which ? { notificationIds: ids, untilSeq: null } : { notificationIds: [], untilSeq: which.untilSeq };
  await record(tx, emit, [{ userId, seq: inbox.last_seq + 1, kind: 'READ', ...event }], now);
  return ids;
}

/**
 * Takes the notifications of this kind and cause out of the inboxes, because the people cannot react to them any more.
 * Messages by e-mail or push about them that have not been sent yet are not sent.
 */
export async function withdraw(
  tx: Tx,
  emit: Emit,
  { kind, cause }: Pick<Notice, 'kind' | 'cause'>,
  now: Date,
): Promise<void> {
  const found = await tx.notification.findMany({ where: { cause, kind }, select: { id: true, userId: true } });
  if (found.length === 0) return;
  const inboxes = new Map(
    (
      await lock(
        tx,
        found.map(({ userId }) => userId),
      )
    ).map((inbox) => [inbox.user_id, inbox]),
  );
  const ids = found.map(({ id }) => id);
  const taken = await tx.notification.updateManyAndReturn({
    where: { id: { in: ids }, isShown: true },
    data: { isShown: false },
    select: { id: true, userId: true },
  });
  await tx.delivery.deleteMany({ where: { notificationId: { in: ids }, handedAt: null } });
  // Messages that were handed to a channel and wait there leave out what has a time of reading.
  await tx.notification.updateMany({ where: { id: { in: ids }, readAt: null }, data: { readAt: now } });
  await record(
    tx,
    emit,
    taken.map(({ id, userId }) => ({
      userId,
      seq: (inboxes.get(userId)?.last_seq ?? 0) + 1,
      kind: 'WITHDRAWN' as const,
      notificationIds: [id],
      untilSeq: null,
    })),
    now,
  );
}
