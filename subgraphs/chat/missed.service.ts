import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import type { Delays } from '../../platform/config/config.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { DELAYS, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { defineTimer, handle } from '../../platform/messaging/timers/definition.ts';
import type { Timers } from '../../platform/messaging/timers/timers.ts';
import { whereTrue } from '../../platform/questions/questions.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { ChatMissed } from '../../schema/messages/chat.ts';
import { IsOnline } from '../../schema/questions/users.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { MAX_UNREAD, nextSeqs } from './read-marks.ts';

type Tx = Prisma.TransactionClient;

/** The largest number of members for whom one transaction decides whether to report their unread messages. */
const BATCH = 500;
/**
 * Members who are online are checked again until their oldest unread message has this age, in milliseconds. After that
 * the timer is not set again for them.
 */
const WATCHED_MS = 24 * 3_600_000;
/**
 * The shortest delay of a timer, in milliseconds. Clocks of machines differ: without it a timer could fire many times
 * until a message is old enough by the clock of this machine.
 */
const SHORTEST_MS = 1_000;
const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * The timer that looks for members of a team's room who have not read its messages. The key of the timer is the room's
 * id, so the room has at most one timer, however many messages and members it has.
 */
export const RoomIsUnread = defineTimer({
  name: 'room-is-unread',
  version: 1,
  payload: z.object({
    roomId: z.uuid(),
    /**
     * Members are checked in the order of their ids, in several firings if there are many. This is the last member who
     * was checked; null when the checks begin.
     */
    afterId: z.uuid().nullable(),
  }),
});

interface Waiting {
  readonly userId: string;
  readonly readSeq: number;
  readonly count: number;
}

/**
 * Reports members of teams who are not online and have not read messages of their team's room for
 * {@link Delays.chatMissedMs}. Rooms of matches have no members, so nobody misses their messages.
 *
 * The read mark of a member stores that the member's unread messages were reported. No other report follows until the
 * member has read further, however many messages there are. A message costs one statement, which does nothing while the
 * timer of the room is set.
 */
@Injectable()
export class MissedService implements OnApplicationBootstrap {
  /** The clock. Tests replace it. */
  now = (): Date => new Date();

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(TIMERS) private readonly timers: Timers,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(DELAYS) private readonly delays: Delays,
  ) {}

  onApplicationBootstrap(): void {
    this.runner().start();
  }

  /** Sets the room's timer for a new message, unless it is set already. The caller has locked the room of the team. */
  async watch(tx: Tx, roomId: string): Promise<void> {
    await this.#set(tx, roomId, { after: this.delays.chatMissedMs, unlessSet: true });
  }

  runner() {
    return this.timers.runner(this.prisma, [
      handle(RoomIsUnread, async ({ tx, emit, payload: { roomId, afterId } }) => {
        const before = new Date(this.now().getTime() - this.delays.chatMissedMs);
        const waiting = await this.#waiting(tx, roomId, before, afterId);
        const page = waiting.slice(0, BATCH);
        // The question who is online is asked before the room is locked, because nobody can write in a locked room.
        const online = new Set(await this.#online(page));
        await tx.$queryRaw`SELECT 1 FROM chat.rooms WHERE id = ${roomId}::uuid FOR NO KEY UPDATE`;
        await this.#report(
          tx,
          emit,
          roomId,
          page.filter((member) => !online.has(member)),
        );
        const last = page.at(-1);
        if (last && waiting.length > BATCH) await this.#set(tx, roomId, { after: 0 }, last.userId);
        else await this.#again(tx, roomId, before);
      }),
    ]);
  }

  /** Members with a message that is unread since before this time, and that no ChatMissed has reported. */
  async #waiting(tx: Tx, roomId: string, before: Date, afterId: string | null): Promise<Waiting[]> {
    return tx.$queryRaw`
      SELECT mark.user_id::text AS "userId", mark.seq AS "readSeq", (
        SELECT count(*)::int FROM (
          SELECT FROM chat.room_events e
          WHERE e.room_id = mark.room_id AND e.kind = 'MESSAGE' AND e.seq > mark.seq AND e.user_id <> mark.user_id
          ORDER BY e.seq LIMIT ${MAX_UNREAD}::int
        ) unread
      ) AS count
      FROM chat.read_marks mark JOIN chat.room_members USING (room_id, user_id) CROSS JOIN LATERAL (
        SELECT e.occurred_at FROM chat.room_events e
        WHERE e.room_id = mark.room_id AND e.kind = 'MESSAGE' AND e.seq > mark.seq AND e.user_id <> mark.user_id
        ORDER BY e.seq LIMIT 1
      ) oldest
      WHERE mark.room_id = ${roomId}::uuid AND mark.user_id > ${afterId ?? NOBODY}::uuid
        AND mark.missed_seq IS DISTINCT FROM mark.seq AND oldest.occurred_at <= ${before}::timestamptz
      ORDER BY mark.user_id LIMIT ${BATCH + 1}::int`;
  }

  /** The members among these who are online. @throws NoAnswer when the subgraph users does not answer */
  async #online(members: readonly Waiting[]): Promise<Waiting[]> {
    return whereTrue(
      members,
      this.questions.askAll(
        IsOnline,
        members.map(({ userId }) => toGlobalId('User', userId)),
      ),
    );
  }

  /** Reports the members who have not read on meanwhile. The room is locked. */
  async #report(tx: Tx, emit: Emit, roomId: string, members: readonly Waiting[]): Promise<void> {
    if (members.length === 0) return;
    // Locks the read marks in the order of ids. A member who marks the room as read now waits for this transaction, and
    // then ends the report.
    const marks = await tx.$queryRaw<{ userId: string; readSeq: number }[]>`
      SELECT user_id::text AS "userId", seq AS "readSeq" FROM chat.read_marks
      WHERE room_id = ${roomId}::uuid AND user_id = ANY (${members.map(({ userId }) => userId)}::uuid[])
      ORDER BY user_id FOR NO KEY UPDATE`;
    const now = new Map(marks.map(({ userId, readSeq }) => [userId, readSeq]));
    const missing = members.filter(({ userId, readSeq }) => now.get(userId) === readSeq);
    if (missing.length === 0) return;
    const userIds = missing.map(({ userId }) => userId);
    await tx.$executeRaw`
      UPDATE chat.read_marks SET missed_seq = seq WHERE room_id = ${roomId}::uuid AND user_id = ANY (${userIds}::uuid[])`;
    const { subjectId: teamId } = await tx.room.findUniqueOrThrow({ where: { id: roomId } });
    const seqs = await nextSeqs(tx, userIds);
    for (const { userId, readSeq, count } of missing)
      emit(ChatMissed, { seq: seqs.get(userId) ?? 0, payload: { userId, roomId, teamId, readSeq, count } });
  }

  /**
   * Sets the timer again if members with unreported messages are left: their messages are not old enough yet, or they
   * are online.
   */
  async #again(tx: Tx, roomId: string, before: Date): Promise<void> {
    const [left] = await tx.$queryRaw<{ young: Date | null; old: Date | null }[]>`
      SELECT min(oldest.occurred_at) FILTER (WHERE oldest.occurred_at > ${before}::timestamptz) AS young,
        max(oldest.occurred_at) FILTER (WHERE oldest.occurred_at <= ${before}::timestamptz) AS old
      FROM chat.read_marks mark JOIN chat.room_members USING (room_id, user_id) CROSS JOIN LATERAL (
        SELECT e.occurred_at FROM chat.room_events e
        WHERE e.room_id = mark.room_id AND e.kind = 'MESSAGE' AND e.seq > mark.seq AND e.user_id <> mark.user_id
        ORDER BY e.seq LIMIT 1
      ) oldest
      WHERE mark.room_id = ${roomId}::uuid AND mark.missed_seq IS DISTINCT FROM mark.seq`;
    const { chatMissedMs } = this.delays;
    const after = [
      ...(left?.young ? [left.young.getTime() - before.getTime()] : []),
      ...(left?.old && this.now().getTime() - left.old.getTime() < WATCHED_MS ? [chatMissedMs] : []),
    ];
    if (after.length > 0) await this.#set(tx, roomId, { after: Math.max(SHORTEST_MS, Math.min(...after)) });
  }

  async #set(
    tx: Tx,
    roomId: string,
    when: { readonly after: number; readonly unlessSet?: boolean },
    afterId: string | null = null,
  ): Promise<void> {
    await this.timers.set(tx, RoomIsUnread, { key: roomId, payload: { roomId, afterId }, ...when });
  }
}
