import { Inject, Injectable } from '@nestjs/common';
import type { LoggedEvent } from '../../platform/event-log/event-log.ts';
import { notFound } from '../../platform/graphql/errors.ts';
import { hasRole, type Principal, viewerOf } from '../../platform/identity/principal.ts';
import type { Inbox } from '../../platform/inbox/inbox.ts';
import type { UnreadableEvent } from '../../platform/inbox/payload.ts';
import { emitting } from '../../platform/outbox/emitting.ts';
import type { Emit, Outbox } from '../../platform/outbox/outbox.ts';
import { uuidV5 } from '../../platform/outbox/uuid.ts';
import { INBOX, OUTBOX } from '../../platform/tokens.ts';
import { CHAT_TOPIC, RoomEventRecorded } from '../../schema/events/chat.ts';
import { audienceKeyOf, roomAudienceOf } from './audience.ts';
import { type Prisma, PrismaClient, type Room, type RoomEvent } from './generated/prisma/client.ts';
import type { RoomEventKind, RoomKind } from './generated/prisma/enums.ts';

const ROOMS = '6a0c6e0e-6f53-4d0e-9d5c-6c1b8f1f3d52';

/** A room's id follows from whose room it is, so that it can be named before it exists. */
export const roomIdOf = (kind: RoomKind, subjectId: string): string => uuidV5(ROOMS, `${kind}:${subjectId}`);

const CONSUMER = 'chat';

@Injectable()
export class RoomsService {
  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(INBOX) private readonly inbox: Inbox,
  ) {}

  /** Those of the rooms that the viewer may read: every match's, and the viewer's teams'; for a room's audience also that room. */
  async readable(viewer: Principal, roomIds: readonly string[], tx: Prisma.TransactionClient = this.prisma): Promise<Map<string, Room>> {
    const audience = roomAudienceOf(viewer);
    const mine: Prisma.RoomWhereInput[] = viewer.userId ? [{ members: { some: { userId: viewer.userId } } }] : audience ? [{ id: audience.roomId }] : [];
    const rooms = await tx.room.findMany({
      where: { id: { in: [...roomIds] }, ...(hasRole(viewer, 'admin') ? {} : { OR: [{ kind: 'MATCH' }, ...mine] }) },
    });
    return new Map(rooms.map((room) => [room.id, room]));
  }

  /**
   * Whose stream of the room's events the viewer may share, and where it stands. One statement: who has left when it is read is not in it.
   * @throws NOT_FOUND unless the viewer may read the room; AUDIENCE_HAS_NO_VIEWER
   */
  async audience(viewer: Principal, roomId: string): Promise<{ key: string; position: string }> {
    viewerOf(viewer);
    const room = (await this.readable(viewer, [roomId])).get(roomId);
    if (!room) throw notFound('there is no such room');
    return { key: audienceKeyOf(viewer, room), position: String(room.lastSeq) };
  }

  async open(event: LoggedEvent, kind: RoomKind, subjectId: string): Promise<void> {
    const id = roomIdOf(kind, subjectId);
    await this.inbox.once(this.prisma, CONSUMER, event, (tx) => tx.room.createMany({ data: [{ id, kind, subjectId }], skipDuplicates: true }));
  }

  async join(event: LoggedEvent, { teamId, userId }: { teamId: string; userId: string }): Promise<void> {
    const roomId = roomIdOf('TEAM', teamId);
    await this.inbox.once(emitting(this.outbox, this.prisma), CONSUMER, event, async ({ db, emit }) => {
      // The log may be younger than the team: then this is the first that is heard of it.
      await db.room.createMany({ data: [{ id: roomId, kind: 'TEAM', subjectId: teamId }], skipDuplicates: true });
      const { count } = await db.roomMember.createMany({ data: [{ roomId, userId }], skipDuplicates: true });
      if (count > 0) await appendEvent(db, emit, roomId, { kind: 'JOINED', userId });
    });
  }

  async leave(event: LoggedEvent, { teamId, userId }: { teamId: string; userId: string }): Promise<void> {
    const roomId = roomIdOf('TEAM', teamId);
    await this.inbox.once(emitting(this.outbox, this.prisma), CONSUMER, event, async ({ db, emit }) => {
      const { count } = await db.roomMember.deleteMany({ where: { roomId, userId } });
      if (count > 0) await appendEvent(db, emit, roomId, { kind: 'LEFT', userId });
    });
  }

  /** Parks what cannot be read, and later events of its key behind it; other keys go on. */
  async refuse(event: LoggedEvent, error: UnreadableEvent): Promise<void> {
    await this.inbox.once(this.prisma, CONSUMER, event, () => Promise.reject(error));
  }
}

export interface NewRoomEvent {
  readonly kind: RoomEventKind;
  readonly userId: string;
  readonly text?: string;
  readonly clientMessageId?: string;
}

/** Writes a room's next event under the room's row lock, and tells it. @throws when there is no such room */
export async function appendEvent(tx: Prisma.TransactionClient, emit: Emit, roomId: string, event: NewRoomEvent): Promise<RoomEvent> {
  const { lastSeq: seq } = await tx.room.update({ where: { id: roomId }, data: { lastSeq: { increment: 1 } } });
  if (event.kind === 'LEFT') await tx.room.update({ where: { id: roomId }, data: { lastLeftSeq: seq } });
  const written = await tx.roomEvent.create({ data: { roomId, seq, ...event } });
  const { id: eventId, kind, userId, text, occurredAt } = written;
  const payload = { roomId, eventId, kind, userId, text, occurredAt: occurredAt.toISOString() };
  emit.event({ topic: CHAT_TOPIC, key: roomId, seq, eventId, type: RoomEventRecorded.type, version: 1, payload });
  return written;
}
