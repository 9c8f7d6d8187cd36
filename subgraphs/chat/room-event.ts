import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { RoomEventRecorded } from '../../schema/messages/chat.ts';
import type { RoomEvent } from './generated/prisma/client.ts';

type Payload = ReturnType<typeof RoomEventRecorded.read>;

const contentOf = ({ roomId, eventId: id, kind, userId, text, occurredAt }: Payload) => ({
  id,
  roomId,
  kind,
  userId,
  text,
  occurredAt: new Date(occurredAt),
});

/** The row as this version of the program knows events. @throws NewerVersion when a newer program wrote it */
export function fromRow(row: RoomEvent): RoomEvent {
  const { version, id: eventId, roomId, kind, userId, text, occurredAt } = row;
  if (version === RoomEventRecorded.version) return row;
  return {
    ...row,
    ...contentOf(
      RoomEventRecorded.read(
        version,
        { roomId, eventId, kind, userId, text, occurredAt: occurredAt.toISOString() },
        `room_events ${eventId}`,
      ),
    ),
  };
}

/** The event in a message of the topic. Null when this version does not know it; then it is read from the table. */
export function fromLog({ type, version, payload, seq }: LoggedEvent): RoomEvent | null {
  const read = type === RoomEventRecorded.type ? RoomEventRecorded.tryRead(version, payload) : null;
  return read && { ...contentOf(read), seq, version: RoomEventRecorded.version, clientMessageId: null };
}
