import { z } from 'zod';

/** Topic of what happens in rooms. Key: the room's id (UUID). Kept 90 days; history is in PostgreSQL. */
export const CHAT_TOPIC = 'chat.v1';

/** One event of a room, in the order of `seq`. `text` is null unless the kind is MESSAGE. */
export const RoomEventRecorded = {
  type: 'RoomEventRecorded',
  version: 1,
  payload: z.object({
    roomId: z.uuid(),
    eventId: z.uuid(),
    kind: z.enum(['MESSAGE', 'JOINED', 'LEFT']),
    userId: z.uuid(),
    text: z.string().nullable(),
    occurredAt: z.iso.datetime(),
  }),
} as const;
