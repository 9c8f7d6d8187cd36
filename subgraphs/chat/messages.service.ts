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
import { fromGlobalId, fromGlobalIds } from '../../platform/graphql/global-id.ts';
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
import { readOwnCopy } from '../../platform/questions/own-copy.ts';
import { Chat } from '../../schema/messages/chat.ts';
import { type RoomAudience, roomAudienceOf } from './audience.ts';
import { Prisma, PrismaClient, type Room, type RoomEvent } from './generated/prisma/client.ts';
import { MissedService } from './missed.service.ts';
import { userError } from './reasons.ts';
import { fromLog, fromRow } from './room-event.ts';
import { appendEvent, RoomsService } from './rooms.service.ts';
import type manifest from './subgraph.ts';

/** The largest value of the column `seq`, an integer of PostgreSQL. Without a cursor, a page begins at this value. */
const NEWEST = 2_147_483_647;
const messageCursors = cursorsOf(
  'Room.messages by seq, the newest first',
  z.tuple([z.string().transform(Number).pipe(z.int().min(0).max(NEWEST))]),
);

const MOST_ATTACHMENTS = 10;

export const sendInput = z.object({
  roomId: z.string(),
  clientMessageId: text(100),
  // `text` refuses an empty text. This refuses a text without a visible character.
  text: text(4000, { lines: true }).refine((value) => value === '' || isVisible(value), because(userError('EMPTY'))),
  attachmentIds: z.array(z.string()).max(MOST_ATTACHMENTS).nullish(),
});
/** A message with attachments may have no text. */
export const captionInput = sendInput.extend({ text: text(4000, { lines: true, empty: true }) });
function hasAttachments(input: unknown): boolean {
  const { attachmentIds } = Object(input) as { attachmentIds?: unknown };
  return Array.isArray(attachmentIds) && attachmentIds.length > 0;
}

@Injectable()
export class MessagesService {
  readonly noMessages: Connection<RoomEvent> = emptyConnection();

  constructor(
    private readonly prisma: PrismaClient,
    private readonly rooms: RoomsService,
    private readonly missed: MissedService,
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

  /**
   * The texts of messages, given by global ids and in their order. Null for a message whose room the viewer may not
   * read as a member.
   */
  async texts(viewer: Principal, globalIds: readonly string[]): Promise<(string | null)[]> {
    const asMember = { ...viewer, roles: [] };
    const messages = await this.byIds(asMember, fromGlobalIds('Message', globalIds));
    return globalIds.map((globalId) => messages.get(fromGlobalId('Message', globalId) ?? '')?.text ?? null);
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
   * One page of messages of each readable room, the newest first, in one statement. A cursor belongs to one room: the
   * others get an INVALID_CURSOR error in the map.
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
   * Sends a message. Members may write in the room of their team, and each signed-in user in the room of a match. An
   * administrator may read all rooms, but writes in a team's room only as a member.
   * @throws UserErrors, RATE_LIMITED; NoAnswer as {@link RoomsService.findReachable}
   */
  async send(viewer: Principal, input: unknown): Promise<RoomEvent> {
    const { userId } = requireUser(viewer);
    const {
      roomId: globalId,
      clientMessageId,
      text,
      attachmentIds: globalFileIds,
    } = hasAttachments(input) ? parseInput(captionInput, input) : parseInput(sendInput, input);
    const roomId = fromGlobalId('Room', globalId);
    const asMember = { ...viewer, roles: [] };
    if (!roomId || !(await this.rooms.findReachable(asMember, roomId))) throw await this.#refusal(viewer, roomId);
    const attachmentIds = filesOf(globalFileIds ?? []);
    const sent = { roomId, userId, clientMessageId, text, attachmentIds };
    return createOnce(
      () => this.#findEarlier(sent),
      async () => {
        await this.limits.take('sendMessage', userId, viewer.clientAddress);
        if (attachmentIds.length > 0) await this.#awaitFiles(userId, attachmentIds);
        return this.outbox.transaction(this.prisma, async (tx, emit) => {
          const event = { kind: 'MESSAGE', userId, clientMessageId, text, attachmentIds } as const;
          const message = await appendEvent(tx, emit, roomId, event);
          // The right is checked again under the room's lock, so that no message of a user follows the user's LEFT
          // event.
          const room = (await this.rooms.readable(asMember, [roomId], tx)).get(roomId);
          if (!room) throw await this.#refusal(viewer, roomId);
          if (room.kind === 'TEAM') await this.missed.watch(tx, roomId);
          return message;
        });
      },
    );
  }

  /**
   * A room's events after `afterSeq`, then live ones, while the viewer may read them. The stream of an audience
   * continues when a member leaves: its LEFT event is {@link revoking}, so that the router ends the stream of that
   * member.
   * @throws at the start: NOT_FOUND, NoAnswer, RESYNC_REQUIRED for a cursor beyond the newest event, FORBIDDEN for the
   *   audience of another room. From `next()`: FORBIDDEN after the viewer has left.
   */
  async events(viewer: Principal, roomId: string, afterSeq: number): Promise<AsyncIterableIterator<RoomEvent>> {
    const audience = roomAudienceOf(viewer);
    if (viewer.audience !== undefined && audience?.roomId !== roomId)
      throw forbidden('this audience is not of this room');
    const room = await this.rooms.findReachable(viewer, roomId);
    if (!room) throw notFound('there is no such room');
    // If the viewer leaves after this check, the LEFT event has a `seq` above `room.lastSeq`. The stream starts at or
    // before `room.lastSeq`, so it delivers that event.
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
   * The message of an earlier request with this client id, or null.
   * @throws UserErrors CONFLICT if that message had another text or other attachments
   */
  async #findEarlier({
    roomId,
    userId,
    clientMessageId,
    text,
    attachmentIds,
  }: {
    roomId: string;
    userId: string;
    clientMessageId: string;
    text: string;
    attachmentIds: readonly string[];
  }): Promise<RoomEvent | null> {
    const message = await this.prisma.roomEvent.findUnique({
      where: { roomId_userId_clientMessageId: { roomId, userId, clientMessageId } },
    });
    const isOther =
      message && (fromRow(message).text !== text || message.attachmentIds.join() !== attachmentIds.join());
    if (isOther) throw userError('CLIENT_ID_USED', 'clientMessageId');
    return message;
  }

  /**
   * The files among these that are attached to a message in a room that the viewer may read. The subgraph media asks
   * this.
   */
  async attachmentsReadable(viewer: Principal, fileIds: readonly string[]): Promise<string[]> {
    if (fileIds.length === 0) return [];
    const rows = await this.prisma.$queryRaw<{ room_id: string; file_id: string }[]>`
      SELECT DISTINCT room_id::text, file_id::text FROM chat.room_events, unnest(attachment_ids) AS files(file_id)
      WHERE attachment_ids && ${[...fileIds]}::uuid[] AND attachment_ids <> '{}' AND file_id = ANY (${[...fileIds]}::uuid[])`;
    const readable = await this.rooms.readable(viewer, [...new Set(rows.map((row) => row.room_id))]);
    return [...new Set(rows.flatMap((row) => (readable.has(row.room_id) ? [row.file_id] : [])))];
  }

  /** Updates this service's copy of the files that may be attached: READY files of the kind ATTACHMENT. */
  async keepFile(
    tx: Prisma.TransactionClient,
    { fileId: id, ownerId, kind, state }: { fileId: string; ownerId: string; kind: string; state: string | null },
  ): Promise<void> {
    if (kind !== 'ATTACHMENT') return;
    if (state === 'READY') await tx.knownFile.createMany({ data: [{ id, ownerId }], skipDuplicates: true });
    else await tx.knownFile.deleteMany({ where: { id } });
  }

  /**
   * Waits at most two seconds for the events of files that have just become ready. Media cannot be asked, because it
   * asks chat. The rate limit bounds how many requests of a user wait.
   * @throws UserErrors NOT_FOUND unless all are ready files of the user
   */
  async #awaitFiles(ownerId: string, ids: readonly string[]): Promise<void> {
    const known = await readOwnCopy(
      () => this.prisma.knownFile.count({ where: { id: { in: [...ids] }, ownerId } }),
      (count) => count === ids.length,
    );
    if (known !== ids.length) throw userError('ATTACHMENT_NOT_FOUND', 'attachmentIds');
  }

  /** The error for a viewer who may not write. A viewer who may not read the room does not learn that it exists. */
  async #refusal(viewer: Principal, roomId: string | null): Promise<UserErrors> {
    const isSeen = roomId !== null && (await this.rooms.readable(viewer, [roomId])).has(roomId);
    return isSeen ? userError('MEMBERS_ONLY', 'roomId') : userError('ROOM_NOT_FOUND', 'roomId');
  }

  /**
   * Marks each LEFT event after the key was issued as {@link revoking}, so that the router ends the stream of that
   * member. Events up to the client's cursor are not sent again. So the first event also revokes the members who left
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

/** The UUIDs of files. @throws UserErrors for an id that is none, or is there twice */
function filesOf(globalIds: readonly string[]): string[] {
  const ids = globalIds.map((id) => fromGlobalId('MediaFile', id));
  const found = ids.filter((id) => id !== null);
  if (new Set(found).size !== ids.length) throw userError('ATTACHMENT_NOT_FOUND', 'attachmentIds');
  return found;
}

/**
 * Passes the events of the source through `map`, and ends the source when `map` throws. This is not a generator
 * function, because `return()` of a generator would wait for the next event of the room, and keep the stream open until
 * then.
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
