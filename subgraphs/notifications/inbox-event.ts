import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { NotificationEventRecorded } from '../../schema/messages/notifications.ts';
import type { InboxEvent } from './generated/prisma/client.ts';

type Payload = ReturnType<typeof NotificationEventRecorded.read>;

const contentOf = ({ at, ...content }: Payload) => ({ ...content, at: new Date(at) });

/**
 * Reads the event from a row of inbox_events. A row of an older version is converted to the version of this program.
 * @throws NewerVersion when a newer program wrote the row
 */
export function fromRow(row: InboxEvent): InboxEvent {
  const { version, seq, at, ...content } = row;
  if (version === NotificationEventRecorded.version) return row;
  const where = `inbox_events ${row.userId} ${seq}`;
  return { ...row, ...contentOf(NotificationEventRecorded.read(version, { ...content, at: at.toISOString() }, where)) };
}

/**
 * Reads the event from a message of the topic. Null for another type of message, and for a version that this program
 * does not know: the live stream then reads the event from the table.
 */
export function fromLog({ type, version, payload, seq }: LoggedEvent): InboxEvent | null {
  const read = type === NotificationEventRecorded.type ? NotificationEventRecorded.tryRead(version, payload) : null;
  return read && { ...contentOf(read), seq, version: NotificationEventRecorded.version };
}
