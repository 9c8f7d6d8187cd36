import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { MediaFileChanged } from '../../schema/messages/media.ts';
import type { MediaEvent } from './generated/prisma/client.ts';

/**
 * Reads the event from a row of media_events. A row of an older version is converted to the version of this program.
 * @throws NewerVersion when a newer program wrote the row
 */
export function fromRow(row: MediaEvent): MediaEvent {
  const { version, seq, at, ...content } = row;
  if (version === MediaFileChanged.version) return row;
  const where = `media_events ${row.ownerId} ${seq}`;
  const read = MediaFileChanged.read(version, { ...content, at: at.toISOString() }, where);
  return { ...row, ...read, at: new Date(read.at) };
}

/**
 * Reads the event from a message of the topic. Null for another type of message, and for a version that this program
 * does not know: the live stream then reads the event from the table.
 */
export function fromLog({ type, version, payload, seq }: LoggedEvent): MediaEvent | null {
  const read = type === MediaFileChanged.type ? MediaFileChanged.tryRead(version, payload) : null;
  return read && { ...read, seq, version: MediaFileChanged.version, at: new Date(read.at) };
}
