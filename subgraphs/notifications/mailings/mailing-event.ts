import type { LoggedEvent } from '../../../platform/messaging/event-log/event-log.ts';
import { MailingEventRecorded } from '../../../schema/messages/notifications.ts';
import type { MailingEvent } from '../generated/prisma/client.ts';

const contentOf = ({ at, ...content }: ReturnType<typeof MailingEventRecorded.read>) => ({
  ...content,
  at: new Date(at),
});

/**
 * The event of a row, in the version that this program knows.
 * @throws NewerVersion when a newer program wrote the row
 */
export function fromRow(row: MailingEvent): MailingEvent {
  const { version, seq, at, ...content } = row;
  if (version === MailingEventRecorded.version) return row;
  const where = `mailing_events ${row.mailingId} ${seq}`;
  return { ...row, ...contentOf(MailingEventRecorded.read(version, { ...content, at: at.toISOString() }, where)) };
}

/**
 * Reads the event from a message of the topic. Null for a version that this program does not know: the live stream then
 * reads the event from the table.
 */
export function fromLog({ type, version, payload, seq }: LoggedEvent): MailingEvent | null {
  const read = type === MailingEventRecorded.type ? MailingEventRecorded.tryRead(version, payload) : null;
  return read && { ...contentOf(read), seq, version: MailingEventRecorded.version };
}
