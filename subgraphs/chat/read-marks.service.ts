import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { type Principal, requireUser, viewerOf } from '../../platform/identity/principal.ts';
import { OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { PrismaClient, type Room } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import { MAX_UNREAD, readUntil } from './read-marks.ts';
import { RoomsService } from './rooms.service.ts';
import type manifest from './subgraph.ts';

export const markInput = z.object({ roomId: z.string(), seq: z.int().min(0) });

export interface ReadState {
  readonly roomId: string;
  readonly readSeq: number;
  readonly unreadCount: number;
}

/** Stores and reads how far each user has read each room. */
@Injectable()
export class ReadMarksService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly rooms: RoomsService,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /**
   * Marks a room as read up to `seq`, for the viewer. A `seq` that is smaller than the viewer's mark changes nothing.
   * @throws UserErrors, RATE_LIMITED; NoAnswer as {@link RoomsService.findReachable}
   */
  async mark(viewer: Principal, input: unknown): Promise<Room> {
    const { userId } = requireUser(viewer);
    const { roomId: globalId, seq } = parseInput(markInput, input);
    await this.limits.take('markRoomRead', userId, viewer.clientAddress);
    const roomId = fromGlobalId('Room', globalId);
    const room = roomId && (await this.rooms.findReachable(viewer, roomId));
    if (!room) throw userError('ROOM_NOT_FOUND', 'roomId');
    if (seq > room.lastSeq) throw userError('TOO_LARGE', { max: room.lastSeq }, 'seq');
    await this.outbox.transaction(this.prisma, (tx, emit) => readUntil(tx, emit, room.id, userId, seq));
    return room;
  }

  /**
   * The viewer's marks in these rooms, with the numbers of unread messages, in one statement. It checks no rights: the
   * caller knows that the viewer may read the rooms. The result lacks rooms in which the viewer has no mark.
   */
  async of(viewer: Principal, roomIds: readonly string[]): Promise<Map<string, ReadState>> {
    const userId = viewerOf(viewer);
    if (!userId) return new Map();
    const marks = await this.prisma.$queryRaw<ReadState[]>`
      SELECT seq AS "readSeq", (
        SELECT count(*)::int FROM (
          SELECT FROM chat.room_events
          WHERE room_events.room_id = read_marks.room_id AND kind = 'MESSAGE' AND room_events.seq > read_marks.seq
            AND room_events.user_id <> read_marks.user_id
          ORDER BY room_events.seq LIMIT ${MAX_UNREAD}
        ) unread
      ) AS "unreadCount", room_id AS "roomId"
      FROM chat.read_marks WHERE user_id = ${userId}::uuid AND room_id = ANY (${[...roomIds]}::uuid[])`;
    return new Map(marks.map((mark) => [mark.roomId, mark]));
  }
}
