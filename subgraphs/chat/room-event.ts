import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { RoomEventRecorded } from '../../schema/messages/chat.ts';
import type { RoomEvent } from './generated/prisma/client.ts';

type Payload = ReturnType<typeof RoomEventRecorded.read>;

const contentOf = ({ roomId, eventId: id, kind, userId, text, attachmentIds = [], occurredAt }: Payload) => ({
  id,
  roomId,
  kind,
  userId,
  text,
  attachmentIds,
  occurredAt: new Date(occurredAt),
});

/** Reads a stored event, and upcasts an older version. @throws NewerVersion if a newer program wrote the event */
export function fromRow(row: RoomEvent): RoomEvent {
  const { version, id: eventId, roomId, kind, userId, text, attachmentIds, occurredAt } = row;
  if (version === RoomEventRecorded.version) return row;
  return {
    ...row,
    ...contentOf(
      RoomEventRecorded.read(
        version,
        { roomId, eventId, kind, userId, text, attachmentIds, occurredAt: occurredAt.toISOString() },
        `room_events ${eventId}`,
      ),
    ),
  };
}

/** Reads an event of the topic. Null for an unknown type or version: then the stream reads the row in the table. */
export function fromLog({ type, version, payload, seq }: LoggedEvent): RoomEvent | null {
  const read = type === RoomEventRecorded.type ? RoomEventRecorded.tryRead(version, payload) : null;
  return read && { ...contentOf(read), seq, version: RoomEventRecorded.version, clientMessageId: null };
}
