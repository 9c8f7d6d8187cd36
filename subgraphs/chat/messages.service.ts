import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  type Connection,
  cursorsOf,
  emptyConnection,
  type PageArgs,
  readPage,
  startOf,
  toConnection,
} from '../../platform/graphql/connection.ts';
import { forbidden, notFound } from '../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { because, isVisible, parseInput, text } from '../../platform/graphql/input.ts';
import type { UserErrors } from '../../platform/graphql/user-errors.ts';
import { hasRole, type Principal, requireUser } from '../../platform/identity/principal.ts';
import type { LiveEvents } from '../../platform/live/live-events.ts';
import { beyondError } from '../../platform/live/live-stream.ts';
import { revoking } from '../../platform/live/revocation.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import { columnsOf } from '../../platform/postgres/columns.ts';
import { createOnce } from '../../platform/postgres/create-once.ts';
import { LIVE_EVENTS, OUTBOX, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import { Chat } from '../../schema/messages/chat.ts';
import { type RoomAudience, roomAudienceOf } from './audience.ts';
import { Prisma, PrismaClient, type Room, type RoomEvent } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import { fromLog, fromRow } from './room-event.ts';
import { appendEvent, RoomsService } from './rooms.service.ts';
import type manifest from './subgraph.ts';

/** Higher than every seq, which PostgreSQL stores as an integer. */
const NEWEST = 2_147_483_647;
const messageCursors = cursorsOf(
  'Room.messages by seq, the newest first',
  z.tuple([z.string().transform(Number).pipe(z.int().min(0).max(NEWEST))]),
);

export const sendInput = z.object({
  roomId: z.string(),
  clientMessageId: text(100),
  // An empty text already has an error of its own.
  text: text(4000, { lines: true }).refine((value) => value === '' || isVisible(value), because(userError('EMPTY'))),
});

@Injectable()
export class MessagesService {
  readonly noMessages: Connection<RoomEvent> = emptyConnection();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly rooms: RoomsService,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(LIVE_EVENTS) private readonly live: LiveEvents,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /** The messages among these whose room the viewer may read. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, RoomEvent>> {
    return this.#onlyReadable(
      viewer,
      (await this.prisma.roomEvent.findMany({ where: { id: { in: [...ids] }, kind: 'MESSAGE' } })).map(fromRow),
    );
  }

  /** The events among these whose room the viewer may read. */
  async eventsByIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, RoomEvent>> {
    return this.#onlyReadable(
      viewer,
      (await this.prisma.roomEvent.findMany({ where: { id: { in: [...ids] } } })).map(fromRow),
    );
  }

  async #onlyReadable(viewer: Principal, events: readonly RoomEvent[]): Promise<Map<string, RoomEvent>> {
    const readable = await this.rooms.readable(viewer, [...new Set(events.map(({ roomId }) => roomId))]);
    return new Map(events.flatMap((event) => (readable.has(event.roomId) ? [[event.id, event]] : [])));
  }

  /**
   * The same page of each room's messages, newest first, in one statement. INVALID_CURSOR for a room that the cursors
   * do not belong to.
   */
  async history(
    viewer: Principal,
    roomIds: readonly string[],
    args: PageArgs,
  ): Promise<Map<string, Connection<RoomEvent> | Error>> {
    const readable = await this.rooms.readable(viewer, roomIds);
    const page = readPage(args);
    const {
      ids,
      after: [older] = [NEWEST],
      before: [newer] = [-1],
      refused,
    } = startOf(messageCursors, [...readable.keys()], (room) => ({ room }), page);
    const way = page.backwards ? Prisma.sql`ASC` : Prisma.sql`DESC`;
    const ranked = await this.prisma.$queryRaw<RoomEvent[]>`
      SELECT ${Prisma.raw(columnsOf(Prisma.RoomEventScalarFieldEnum))} FROM unnest(${[...ids]}::uuid[]) AS rooms(id_of_room) CROSS JOIN LATERAL (
        SELECT * FROM chat.room_events
        WHERE room_id = id_of_room AND kind = 'MESSAGE' AND seq < ${older} AND seq > ${newer} ORDER BY seq ${way} LIMIT ${page.size + 1}
      ) messages ORDER BY room_id, seq ${way}`;
    const cursor = ({ roomId: room, seq }: RoomEvent): string => messageCursors.encode({ room }, [String(seq)]);
    const rows = Map.groupBy(ranked.map(fromRow), ({ roomId }) => roomId);
    const pages = ids.map((room) => [room, toConnection(rows.get(room) ?? [], page, cursor)] as const);
    return new Map<string, Connection<RoomEvent> | Error>([...pages, ...refused]);
  }

  /**
   * Sends a message. In a team's room members may write, and in a match's room every signed-in user. An administrator
   * may read a team's room to moderate it, but writes only as a member.
   * @throws UserErrors, RATE_LIMITED; NoAnswer
   */
  async send(viewer: Principal, input: unknown): Promise<RoomEvent> {
    const { userId } = requireUser(viewer);
    const { roomId: globalId, clientMessageId, text } = parseInput(sendInput, input);
    const roomId = fromGlobalId('Room', globalId);
    const asMember = { ...viewer, roles: [] };
    if (!roomId || !(await this.rooms.findReachable(asMember, roomId))) throw await this.#refusal(viewer, roomId);
    const sent = { roomId, userId, clientMessageId, text };
    return createOnce(
      () => this.#findEarlier(sent),
      async () => {
        await this.limits.take('sendMessage', userId, viewer.clientAddress);
        return this.outbox.transaction(this.prisma, async (tx, emit) => {
          const message = await appendEvent(tx, emit, roomId, { kind: 'MESSAGE', userId, clientMessageId, text });
          // Checked again under the room's lock. So no message of a user follows the event of their leaving.
          if (!(await this.rooms.readable(asMember, [roomId], tx)).has(roomId))
            throw await this.#refusal(viewer, roomId);
          return message;
        });
      },
    );
  }

  /**
   * A room's events after `afterSeq`, then live ones, while the viewer may read them. The stream of an audience
   * continues when a member leaves: that event is then {@link revoking} for that member.
   * @throws at the start: NOT_FOUND, NoAnswer, RESYNC_REQUIRED for a cursor beyond the newest event, FORBIDDEN for the
   * audience of another room. From `next()`: FORBIDDEN once the viewer has left.
   */
  async events(viewer: Principal, roomId: string, afterSeq: number): Promise<AsyncIterableIterator<RoomEvent>> {
    const audience = roomAudienceOf(viewer);
    if (viewer.audience !== undefined && audience?.roomId !== roomId)
      throw forbidden('this audience is not of this room');
    const room = await this.rooms.findReachable(viewer, roomId);
    if (!room) throw notFound('there is no such room');
    // If the viewer leaves after this check, the event of the leaving has a seq above the room's. The stream starts at
    // or before the room's seq, so it always delivers that event.
    if (afterSeq > room.lastSeq) throw beyondError(afterSeq);
    const source = this.live.stream<RoomEvent>({
      topic: Chat.name,
      key: roomId,
      afterSeq,
      read: async (after, limit) =>
        (
          await this.prisma.roomEvent.findMany({
            where: { roomId, seq: { gt: after } },
            orderBy: { seq: 'asc' },
            take: limit,
          })
        ).map((row) => ({ seq: row.seq, event: () => fromRow(row) })),
      newestSeq: async () =>
        (await this.prisma.room.findUnique({ where: { id: roomId }, select: { lastSeq: true } }))?.lastSeq ?? 0,
      fromLog,
    });
    if (audience) return this.eventsOfAudience(source, audience, room, afterSeq);
    const mayStop = room.kind === 'TEAM' && !hasRole(viewer, 'admin');
    return mapUntilError(source, (event) => {
      if (mayStop && event.kind === 'LEFT' && event.userId === viewer.userId && event.seq > room.lastSeq)
        throw forbidden('you are not a member of this room any more');
      return event;
    });
  }

  /**
   * The message of an earlier request with this client id. @throws UserErrors CONFLICT when that message had another
   * text
   */
  async #findEarlier({
    roomId,
    userId,
    clientMessageId,
    text,
  }: {
    roomId: string;
    userId: string;
    clientMessageId: string;
    text: string;
  }): Promise<RoomEvent | null> {
    const message = await this.prisma.roomEvent.findUnique({
      where: { roomId_userId_clientMessageId: { roomId, userId, clientMessageId } },
    });
    if (message && fromRow(message).text !== text) throw userError('CLIENT_ID_USED', 'clientMessageId');
    return message;
  }

  /** Why a viewer may not write. A viewer who may not read the room does not learn that it exists. */
  async #refusal(viewer: Principal, roomId: string | null): Promise<UserErrors> {
    const isSeen = roomId !== null && (await this.rooms.readable(viewer, [roomId])).has(roomId);
    return isSeen ? userError('MEMBERS_ONLY', 'roomId') : userError('ROOM_NOT_FOUND', 'roomId');
  }

  /**
   * Marks each leaving after the key was issued as {@link revoking}, so that the router ends the stream for that
   * member. The events up to the client's cursor are not sent again. So the first event also names the members who left
   * between the key and the cursor.
   */
  private async eventsOfAudience(
    source: AsyncIterableIterator<RoomEvent>,
    { leftUntil }: RoomAudience,
    { id: roomId, lastLeftSeq }: Room,
    from: number,
  ): Promise<AsyncIterableIterator<RoomEvent>> {
    if (leftUntil === null) return source;
    const passed =
      lastLeftSeq > leftUntil && from > leftUntil
        ? await this.prisma.roomEvent.findMany({
            where: { roomId, kind: 'LEFT', seq: { gt: leftUntil, lte: from } },
            select: { userId: true },
            distinct: ['userId'],
          })
        : [];
    let unreported = passed.map(({ userId }) => userId);
    return mapUntilError(source, (event) => {
      const revoked = event.kind === 'LEFT' && event.seq > leftUntil ? [...unreported, event.userId] : unreported;
      unreported = [];
      return revoked.length > 0 ? revoking(event, revoked) : event;
    });
  }
}

/**
 * Passes the source's events through `map`, and ends the source when `map` throws. It is not a generator: `return()` of
 * a generator would wait for the room's next event, and keep the stream open until then.
 */
function mapUntilError(
  source: AsyncIterableIterator<RoomEvent>,
  map: (event: RoomEvent) => RoomEvent,
): AsyncIterableIterator<RoomEvent> {
  let ended = false;
  const end = (): Promise<IteratorResult<RoomEvent>> => {
    ended = true;
    return source.return?.() ?? Promise.resolve({ done: true, value: undefined });
  };
  const events: AsyncIterableIterator<RoomEvent> = {
    async next() {
      const result = await source.next();
      if (result.done || ended) return { done: true, value: undefined };
      try {
        return { done: false, value: map(result.value) };
      } catch (error) {
        await end();
        throw error;
      }
    },
    return: end,
    [Symbol.asyncIterator]: () => events,
  };
  return events;
}
