import { LATE_MS } from './decision.ts';
import type { Prisma } from './generated/prisma/client.ts';
import { KEPT_MS } from './inbox.ts';

/**
 * One transaction deletes at most this many rows of each table. The rows that belong to deleted notifications and
 * mailings are not counted.
 */
const BATCH = 1000;
const MAILINGS_AT_ONCE = 10;
/**
 * How long the job of a sent e-mail or push message is remembered. A repeat of the job within this time sends nothing.
 * Milliseconds.
 */
const SENT_MS = 30 * 24 * 3_600_000;
/** How long the recipients of a mailing are kept after its end. Milliseconds. */
const RECIPIENTS_MS = 30 * 24 * 3_600_000;
/**
 * How long a mailing is kept after it was written. One that is scheduled or runs is kept until it ends. Milliseconds.
 */
const MAILINGS_MS = 365 * 24 * 3_600_000;

/**
 * Deletes a batch of old rows: notifications, events of inboxes, deliveries that were handed to a channel, the marks of
 * sent e-mails and push messages, and mailings.
 * @returns false when old rows may be left, because a table had at least as many as one transaction deletes
 */
export async function clean(tx: Prisma.TransactionClient, now: Date): Promise<boolean> {
  const before = new Date(now.getTime() - KEPT_MS);
  // All transactions lock inboxes in the order of ids before they change rows of them. So no two can deadlock.
  const [doomed, past] = [
    await tx.notification.findMany({
      where: { occurredAt: { lt: before } },
      orderBy: { occurredAt: 'asc' },
      take: BATCH,
      select: { id: true, userId: true },
    }),
    await tx.inboxEvent.findMany({
      where: { at: { lt: before } },
      orderBy: { at: 'asc' },
      take: BATCH,
      select: { userId: true, seq: true },
    }),
  ];
  await tx.$queryRaw`
    SELECT 1 FROM notifications.inboxes
    WHERE user_id = ANY (${[...doomed, ...past].map(({ userId }) => userId)}::uuid[]) ORDER BY user_id FOR NO KEY UPDATE`;
  await tx.$executeRaw`
    WITH gone AS (
      DELETE FROM notifications.notifications WHERE id = ANY (${doomed.map(({ id }) => id)}::uuid[]) RETURNING user_id
    ), counted AS (SELECT user_id, count(*)::int AS rows FROM gone GROUP BY user_id)
    UPDATE notifications.inboxes i SET kept = kept - rows FROM counted WHERE counted.user_id = i.user_id`;
  await tx.$executeRaw`
    WITH gone AS (
      DELETE FROM notifications.inbox_events e
      USING unnest(${past.map(({ userId }) => userId)}::uuid[], ${past.map(({ seq }) => seq)}::int[]) AS p (user_id, seq)
      WHERE e.user_id = p.user_id AND e.seq = p.seq RETURNING e.user_id, e.seq
    ), newest AS (SELECT user_id, max(seq) AS seq FROM gone GROUP BY user_id)
    UPDATE notifications.inboxes i SET trimmed_seq = greatest(trimmed_seq, newest.seq)
    FROM newest WHERE newest.user_id = i.user_id`;
  const handed = await tx.$executeRaw`
    DELETE FROM notifications.deliveries WHERE (notification_id, channel) IN (
      SELECT notification_id, channel FROM notifications.deliveries
      WHERE handed_at < ${new Date(now.getTime() - LATE_MS)}::timestamptz LIMIT ${BATCH}::int
    )`;
  const sent = await tx.$executeRaw`
    DELETE FROM notifications.sent_emails WHERE job_id IN (
      SELECT job_id FROM notifications.sent_emails
      WHERE sent_at < ${new Date(now.getTime() - SENT_MS)}::timestamptz LIMIT ${BATCH}::int
    )`;
  const pushed = await tx.$executeRaw`
    DELETE FROM notifications.sent_pushes WHERE (job_id, device_id) IN (
      SELECT job_id, device_id FROM notifications.sent_pushes
      WHERE sent_at < ${new Date(now.getTime() - SENT_MS)}::timestamptz LIMIT ${BATCH}::int
    )`;
  const recipients = await tx.$executeRaw`
    DELETE FROM notifications.mailing_recipients WHERE (mailing_id, user_id) IN (
      SELECT r.mailing_id, r.user_id
      FROM notifications.mailings m JOIN notifications.mailing_recipients r ON r.mailing_id = m.id
      WHERE m.ended_at < ${new Date(now.getTime() - RECIPIENTS_MS)}::timestamptz LIMIT ${BATCH}::int
    )`;
  const mailings = await tx.mailing.findMany({
    where: { createdAt: { lt: new Date(now.getTime() - MAILINGS_MS) }, state: { notIn: ['SCHEDULED', 'RUNNING'] } },
    select: { id: true },
    take: MAILINGS_AT_ONCE,
  });
  const ids = mailings.map(({ id }) => id);
  await tx.mailingRecipient.deleteMany({ where: { mailingId: { in: ids } } });
  await tx.mailingEvent.deleteMany({ where: { mailingId: { in: ids } } });
  await tx.mailing.deleteMany({ where: { id: { in: ids } } });
  if (recipients === BATCH || ids.length === MAILINGS_AT_ONCE) return false;
  return pushed < BATCH && sent < BATCH && doomed.length < BATCH && past.length < BATCH && handed < BATCH;
}
