import { z } from 'zod';
import { defineEvent, defineTopic } from '../../platform/messaging/definitions.ts';

/** Events in chat rooms. The topic keeps them for 90 days; PostgreSQL has the whole history. */
export const Chat = defineTopic({ name: 'chat.v1', partitions: 8, retentionHours: 90 * 24, cleanup: 'delete' });

/** A user sent a message to a room, joined it or left it. `text` is null unless the kind is MESSAGE. */
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
    /** The files of a message. Absent in events of older programs: no files. */
    attachmentIds: z.array(z.uuid()).optional(),
    occurredAt: z.iso.datetime(),
  }),
});

/**
 * Reports that a person has unread messages in the room of a team (ChatMissed), and later that this is not true any
 * more (ChatCaughtUp).
 */
export const MissedChat = defineTopic({
  name: 'chat-missed.v1',
  partitions: 8,
  retentionHours: 90 * 24,
  cleanup: 'delete',
});

/**
 * A member of a team has not read messages in its room for some time, and is not online. There is at most one such
 * event for the person, the room and `readSeq`, however many messages follow.
 */
export const ChatMissed = defineEvent({
  topic: MissedChat,
  type: 'ChatMissed',
  version: 1,
  key: 'userId',
  payload: z.object({
    userId: z.uuid(),
    roomId: z.uuid(),
    teamId: z.uuid(),
    /** How far the person had read the room. */
    readSeq: z.int(),
    /** The number of unread messages of others. 100 means 100 or more. */
    count: z.int().min(1),
  }),
});

/**
 * A ChatMissed is not true any more: its person has read further in the room, or is not a member of the team any more.
 */
export const ChatCaughtUp = defineEvent({
  topic: MissedChat,
  type: 'ChatCaughtUp',
  version: 1,
  key: 'userId',
  payload: z.object({
    userId: z.uuid(),
    roomId: z.uuid(),
    /** The `readSeq` of the ChatMissed that is not true any more. */
    readSeq: z.int(),
  }),
});
