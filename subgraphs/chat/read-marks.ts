import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { ChatCaughtUp } from '../../schema/messages/chat.ts';
import type { Prisma } from './generated/prisma/client.ts';

type Tx = Prisma.TransactionClient;

/** Unread messages are counted up to this number. The description of `Room.unreadCount` in the schema names it too. */
export const MAX_UNREAD = 100;

interface Mark {
  readonly seq: number;
  readonly missedSeq: number | null;
}

/** Sets how far the user has read the room, unless the user has read further. */
export async function raiseMark(tx: Tx, roomId: string, userId: string, seq: number): Promise<void> {
  await tx.$executeRaw`INSERT INTO chat.read_marks AS mark (room_id, user_id, seq) VALUES (${roomId}::uuid, ${userId}::uuid, ${seq}::int)
    ON CONFLICT (room_id, user_id) DO UPDATE SET seq = EXCLUDED.seq WHERE mark.seq < EXCLUDED.seq`;
}

/**
 * Like {@link raiseMark}. If a ChatMissed reported the user's unread messages, and the user has now read further, it
 * also emits ChatCaughtUp.
 */
export async function readUntil(tx: Tx, emit: Emit, roomId: string, userId: string, seq: number): Promise<void> {
  const [mark] = await tx.$queryRaw<Mark[]>`
    SELECT seq, missed_seq AS "missedSeq" FROM chat.read_marks
    WHERE room_id = ${roomId}::uuid AND user_id = ${userId}::uuid FOR NO KEY UPDATE`;
  await raiseMark(tx, roomId, userId, seq);
  if (mark && mark.seq < seq) await endReport(tx, emit, roomId, userId, mark);
}

/**
 * Deletes the mark of a user who has left the room. If a ChatMissed reported unread messages since this mark, it also
 * emits ChatCaughtUp. The caller has locked the room.
 */
export async function dropMark(tx: Tx, emit: Emit, roomId: string, userId: string): Promise<void> {
  const mark = await tx.readMark.findFirst({ where: { roomId, userId } });
  if (!mark) return;
  await tx.readMark.deleteMany({ where: { roomId, userId } });
  await endReport(tx, emit, roomId, userId, mark);
}

/**
 * Assigns the `seq` of the next event on chat-missed.v1 to each of these users. Locks the rows of the users in the
 * order of ids.
 */
export async function nextSeqs(tx: Tx, userIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ userId: string; seq: number }[]>`
    INSERT INTO chat.readers AS reader (user_id, last_seq) SELECT unnest(${[...userIds].sort()}::uuid[]), 1
    ON CONFLICT (user_id) DO UPDATE SET last_seq = reader.last_seq + 1
    RETURNING user_id::text AS "userId", last_seq AS seq`;
  return new Map(rows.map(({ userId, seq }) => [userId, seq]));
}

async function endReport(tx: Tx, emit: Emit, roomId: string, userId: string, { seq, missedSeq }: Mark): Promise<void> {
  if (missedSeq !== seq) return;
  const seqs = await nextSeqs(tx, [userId]);
  emit(ChatCaughtUp, { seq: seqs.get(userId) ?? 0, payload: { userId, roomId, readSeq: seq } });
}
