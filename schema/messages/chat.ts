import { z } from 'zod';
import { defineEvent, defineTopic } from '../../platform/messaging/definitions.ts';

/** Events in chat rooms. The history is in PostgreSQL. */
export const Chat = defineTopic({ name: 'chat.v1', partitions: 8, retentionHours: 90 * 24, cleanup: 'delete' });

/** An event of a room, in the order of `seq`. `text` is null unless the kind is MESSAGE. */
export const RoomEventRecorded = defineEvent({
  topic: Chat,
  type: 'RoomEventRecorded',
  version: 1,
  key: 'roomId',
  payload: z.object({
    roomId: z.uuid(),
    eventId: z.uuid(),
    kind: z.enum(['MESSAGE', 'JOINED', 'LEFT']),
    userId: z.uuid(),
    text: z.string().nullable(),
    occurredAt: z.iso.datetime(),
  }),
});
