import type { LoggedEvent } from '../../../platform/messaging/event-log/event-log.ts';
import type { Emit } from '../../../platform/messaging/outbox/outbox.ts';
import { ReportChanged } from '../../../schema/messages/notifications.ts';
import type { Prisma, Report, ReportEvent } from '../generated/prisma/client.ts';

type Tx = Prisma.TransactionClient;

/**
 * How many of the newest events are kept for each person. Older events are deleted when 10 % too many have gathered.
 */
const MOST_EVENTS = 1000;
const EVENTS_AT_ONCE = MOST_EVENTS / 10;

/** Locks the reports of a person until the transaction ends. @returns the newest `seq` */
export async function lockReports(tx: Tx, userId: string): Promise<number> {
  const [feed] = await tx.$queryRaw<{ last_seq: number }[]>`
    INSERT INTO notifications.report_feeds (user_id) VALUES (${userId}::uuid)
    ON CONFLICT (user_id) DO UPDATE SET last_seq = report_feeds.last_seq RETURNING last_seq`;
  return feed?.last_seq ?? 0;
}

/**
 * Stores and emits the state of a report as the next event. The caller has locked the person's reports.
 * @returns the event's id
 */
export async function tellOf(
  tx: Tx,
  emit: Emit,
  lastSeq: number,
  { id: reportId, userId, state, percent }: Report,
  at: Date,
): Promise<string> {
  const seq = lastSeq + 1;
  const event = { userId, reportId, state, percent };
  await tx.reportEvent.create({ data: { ...event, seq, version: ReportChanged.version, at } });
  const feed = await tx.reportFeed.update({ where: { userId }, data: { lastSeq: seq } });
  const eventId = emit(ReportChanged, { seq, payload: { ...event, at: at.toISOString() } });
  if (seq - feed.trimmedSeq > MOST_EVENTS + EVENTS_AT_ONCE) await trim(tx, userId, seq - MOST_EVENTS);
  return eventId;
}

/** Deletes the events up to this `seq`. The caller has locked the person's reports. */
export async function trim(tx: Tx, userId: string, untilSeq: number): Promise<void> {
  await tx.reportEvent.deleteMany({ where: { userId, seq: { lte: untilSeq } } });
  await tx.reportFeed.updateMany({ where: { userId, trimmedSeq: { lt: untilSeq } }, data: { trimmedSeq: untilSeq } });
}

type Payload = ReturnType<typeof ReportChanged.read>;

const contentOf = ({ at, ...content }: Payload) => ({ ...content, at: new Date(at) });

/**
 * The event of a row, in the version that this program knows.
 * @throws NewerVersion when a newer program wrote the row
 */
export function fromRow(row: ReportEvent): ReportEvent {
  const { version, seq, at, ...content } = row;
  if (version === ReportChanged.version) return row;
  const where = `report_events ${row.userId} ${seq}`;
  return { ...row, ...contentOf(ReportChanged.read(version, { ...content, at: at.toISOString() }, where)) };
}

/**
 * Reads the event from a message of the topic. Null for a version that this program does not know: the live stream then
 * reads the event from the table.
 */
export function fromLog({ type, version, payload, seq }: LoggedEvent): ReportEvent | null {
  const read = type === ReportChanged.type ? ReportChanged.tryRead(version, payload) : null;
  return read && { ...contentOf(read), seq, version: ReportChanged.version };
}
