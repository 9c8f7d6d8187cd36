import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '../../platform/graphql/errors.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import { hasRole, type Principal, viewerOf } from '../../platform/identity/principal.ts';
import type { Emit } from '../../platform/messaging/outbox/outbox.ts';
import { uuidV5 } from '../../platform/messaging/outbox/uuid.ts';
import { readOwnCopy } from '../../platform/questions/own-copy.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { QUESTIONS } from '../../platform/injection/tokens.ts';
import { RoomEventRecorded } from '../../schema/messages/chat.ts';
import { ViewerIsMember } from '../../schema/questions/teams.ts';
import { audienceKeyOf, roomAudienceOf } from './audience.ts';
import { dropMark, raiseMark } from './read-marks.ts';
import { type Prisma, PrismaClient, type Room, type RoomEvent } from './generated/prisma/client.ts';
import type { RoomEventKind, RoomKind } from './generated/prisma/enums.ts';

const ROOMS = '6a0c6e0e-6f53-4d0e-9d5c-6c1b8f1f3d52';

/** A key for the owner of a room: a team or a match with its UUID. */
export const subjectOf = (kind: RoomKind, subjectId: string): string => `${kind}:${subjectId}`;
const idOfRoom = (subject: string): string => uuidV5(ROOMS, subject);
/** The id of a room is derived from its owner, so it is known before the room exists. */
export const roomIdOf = (kind: RoomKind, subjectId: string): string => idOfRoom(subjectOf(kind, subjectId));

@Injectable()
export class RoomsService {
  /** Calls {@link readable} once per operation, for all its rooms together. */
  readonly byId = batched((ids, viewer) => this.readable(viewer, ids));
  /** Calls {@link forSubjects} once per operation, for all its teams and matches together. */
  readonly bySubject = batched((subjects, viewer) => this.forSubjects(viewer, subjects));

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(QUESTIONS) private readonly questions: Questions,
  ) {}

  /**
   * The rooms among these that the viewer may read: all rooms of matches, and the rooms of the viewer's teams. An
   * audience may also read its own room. An administrator may read all rooms.
   */
  async readable(
    viewer: Principal,
    roomIds: readonly string[],
    tx: Prisma.TransactionClient = this.prisma,
  ): Promise<Map<string, Room>> {
    const audience = roomAudienceOf(viewer);
    const mine: Prisma.RoomWhereInput[] = viewer.userId
      ? [{ members: { some: { userId: viewer.userId } } }]
      : audience
        ? [{ id: audience.roomId }]
        : [];
    const rooms = await tx.room.findMany({
      where: { id: { in: [...roomIds] }, ...(hasRole(viewer, 'admin') ? {} : { OR: [{ kind: 'MATCH' }, ...mine] }) },
    });
    return keyed(rooms);
  }

  /**
   * Like {@link readable}, but it also waits for rooms of teams that the viewer has just joined: {@link forSubjects}.
   */
  async reachable(viewer: Principal, roomIds: readonly string[]): Promise<Map<string, Room | NoAnswer>> {
    const found: Map<string, Room | NoAnswer> = await this.readable(viewer, roomIds);
    const missing = roomIds.filter((id) => !found.has(id));
    if (viewer.userId === undefined || missing.length === 0) return found;
    const others = await this.prisma.room.findMany({
      where: { id: { in: missing }, kind: 'TEAM' },
      select: { subjectId: true },
    });
    for (const [teamId, room] of await this.#justJoined(
      viewer,
      others.map(({ subjectId }) => subjectId),
    ))
      found.set(roomIdOf('TEAM', teamId), room);
    return found;
  }

  /**
   * The {@link reachable} room, or null.
   * @throws NoAnswer when teams does not answer, or the event does not arrive in time
   */
  async findReachable(viewer: Principal, roomId: string): Promise<Room | null> {
    const room = (await this.reachable(viewer, [roomId])).get(roomId) ?? null;
    if (room instanceof NoAnswer) throw room;
    return room;
  }

  /**
   * The rooms of teams and matches that the viewer may read, by {@link subjectOf}.
   *
   * The event of a viewer who has just joined a team may not have arrived here. So this asks the subgraph teams about
   * the missing rooms, and waits for the event only if the viewer is a member. The result is NoAnswer when teams does
   * not answer, or when the event does not arrive in time.
   *
   * Ids of matches come from the subgraph matches, so they exist, and everybody may read their rooms. If the event of a
   * new match has not arrived yet, this creates its room.
   */
  async forSubjects(viewer: Principal, subjects: readonly string[]): Promise<Map<string, Room | NoAnswer>> {
    const rooms = await this.readable(viewer, subjects.map(idOfRoom));
    const found = new Map<string, Room | NoAnswer>(
      [...rooms.values()].map((room) => [subjectOf(room.kind, room.subjectId), room]),
    );
    const missing = (kind: RoomKind): string[] =>
      subjects.flatMap((subject) =>
        !found.has(subject) && subject.startsWith(`${kind}:`) ? [subject.slice(kind.length + 1)] : [],
      );
    const made = missing('MATCH').map((id) => ({
      id: roomIdOf('MATCH', id),
      kind: 'MATCH' as const,
      subjectId: id,
      lastSeq: 0,
      lastLeftSeq: 0,
    }));
    if (made.length > 0) await this.prisma.room.createMany({ data: made, skipDuplicates: true });
    for (const room of made) found.set(subjectOf('MATCH', room.subjectId), room);
    for (const [teamId, room] of await this.#justJoined(viewer, missing('TEAM')))
      found.set(subjectOf('TEAM', teamId), room);
    return found;
  }

  async #justJoined(viewer: Principal, teamIds: readonly string[]): Promise<Map<string, Room | NoAnswer>> {
    if (viewer.userId === undefined || teamIds.length === 0) return new Map();
    const answers = await this.questions.askAll(
      ViewerIsMember,
      teamIds.map((id) => toGlobalId('Team', id)),
      viewer,
    );
    const found = new Map<string, Room | NoAnswer>();
    const mine = teamIds.filter((id, index) => {
      const answer = answers[index];
      if (answer instanceof NoAnswer) found.set(id, answer);
      return answer === true;
    });
    if (mine.length === 0) return found;
    const ids = mine.map((id) => roomIdOf('TEAM', id));
    const rooms = await readOwnCopy(
      () => this.readable(viewer, ids),
      (here) => here.size === ids.length,
    );
    for (const id of mine)
      found.set(
        id,
        rooms.get(roomIdOf('TEAM', id)) ?? new NoAnswer(`the first event of team ${id} has not arrived yet`),
      );
    return found;
  }

  /**
   * The key of the audience whose stream the viewer may share, and the current position of the room. Both come from one
   * row, so they fit together: a LEFT event after the position is not part of the key.
   * @throws NOT_FOUND unless the viewer may read the room; AUDIENCE_HAS_NO_VIEWER; NoAnswer
   */
  async audience(viewer: Principal, roomId: string): Promise<{ key: string; position: string }> {
    viewerOf(viewer);
    const room = await this.findReachable(viewer, roomId);
    if (!room) throw notFound('there is no such room');
    return { key: audienceKeyOf(viewer, room), position: String(room.lastSeq) };
  }

  /** Creates the room of a team or a match if it does not exist yet. */
  async open(tx: Prisma.TransactionClient, kind: RoomKind, subjectId: string): Promise<void> {
    await tx.room.createMany({ data: [{ id: roomIdOf(kind, subjectId), kind, subjectId }], skipDuplicates: true });
  }

  /** Adds a member of a team to its room. */
  async join(
    tx: Prisma.TransactionClient,
    emit: Emit,
    { teamId, userId }: { teamId: string; userId: string },
  ): Promise<void> {
    // The log may be younger than the team, so this may be the first event of the team here.
    await this.open(tx, 'TEAM', teamId);
    const roomId = roomIdOf('TEAM', teamId);
    const { count } = await tx.roomMember.createMany({ data: [{ roomId, userId }], skipDuplicates: true });
    if (count === 0) return;
    const { seq } = await appendEvent(tx, emit, roomId, { kind: 'JOINED', userId });
    await raiseMark(tx, roomId, userId, seq);
  }

  /**
   * Makes these users the only members of the team's room. For each other member it records a LEFT event, which ends
   * that member's streams.
   */
  async replaceMembers(
    tx: Prisma.TransactionClient,
    emit: Emit,
    { teamId, members }: { teamId: string; members: readonly { userId: string }[] },
  ): Promise<void> {
    await this.open(tx, 'TEAM', teamId);
    const known = await tx.roomMember.findMany({
      where: { roomId: roomIdOf('TEAM', teamId) },
      orderBy: { userId: 'asc' },
    });
    const now = new Set(members.map(({ userId }) => userId));
    for (const { userId } of known) if (!now.delete(userId)) await this.leave(tx, emit, { teamId, userId });
    for (const userId of now) await this.join(tx, emit, { teamId, userId });
  }

  async leave(
    tx: Prisma.TransactionClient,
    emit: Emit,
    { teamId, userId }: { teamId: string; userId: string },
  ): Promise<void> {
    const roomId = roomIdOf('TEAM', teamId);
    const { count } = await tx.roomMember.deleteMany({ where: { roomId, userId } });
    if (count === 0) return;
    // The mark goes after this has locked the room, in the order in which others lock them.
    await appendEvent(tx, emit, roomId, { kind: 'LEFT', userId });
    await dropMark(tx, emit, roomId, userId);
  }
}

export interface NewRoomEvent {
  readonly kind: RoomEventKind;
  readonly userId: string;
  readonly text?: string;
  readonly attachmentIds?: string[];
  readonly clientMessageId?: string;
}

/**
 * Records the next event of a room under the lock of the room's row, and emits it.
 * @throws if the room does not exist
 */
export async function appendEvent(
  tx: Prisma.TransactionClient,
  emit: Emit,
  roomId: string,
  event: NewRoomEvent,
): Promise<RoomEvent> {
  const { lastSeq: seq } = await tx.room.update({ where: { id: roomId }, data: { lastSeq: { increment: 1 } } });
  if (event.kind === 'LEFT') await tx.room.update({ where: { id: roomId }, data: { lastLeftSeq: seq } });
  const written = await tx.roomEvent.create({ data: { roomId, seq, version: RoomEventRecorded.version, ...event } });
  const { id: eventId, kind, userId, text, attachmentIds, occurredAt } = written;
  const payload = {
    roomId,
    eventId,
    kind,
    userId,
    text,
    ...(attachmentIds.length > 0 && { attachmentIds }),
    occurredAt: occurredAt.toISOString(),
  };
  emit(RoomEventRecorded, { seq, eventId, payload });
  return written;
}
