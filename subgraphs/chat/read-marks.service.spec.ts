import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person, rateLimits, refused } from '../../platform/testing/service.testing.ts';
import { openChat } from './chat.fixture.ts';
import { MAX_UNREAD } from './read-marks.ts';

const MIGRATION = path.join(
  import.meta.dirname,
  '../../prisma/chat/migrations/20261129132500_read_marks/migration.sql',
);
let c: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  c = await openChat();
});
afterAll(() => c.close());

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;
const mark = (viewer: Principal, roomId: string, seq: unknown) =>
  c.readMarks.mark(viewer, { roomId: toGlobalId('Room', roomId), seq });
/** The viewer's mark in the room and the number of unread messages; null without a mark. */
async function stateOf(viewer: Principal, roomId: string): Promise<[number, number] | null> {
  const state = (await c.readMarks.of(viewer, [roomId, randomUUID()])).get(roomId);
  return state ? [state.readSeq, state.unreadCount] : null;
}

describe('the mark of a member', () => {
  it('starts at the event of joining, only rises, and counts the messages of others', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris); // events 1 and 2
    assert.deepEqual(
      [await stateOf(anna, roomId), await stateOf(boris, roomId)],
      [
        [1, 0],
        [2, 0],
      ],
    );
    for (const text of ['three', 'four', 'five']) await c.send(anna, roomId, text);
    await c.send(boris, roomId, 'six');
    assert.deepEqual(
      [await stateOf(anna, roomId), await stateOf(boris, roomId)],
      [
        [1, 1],
        [2, 3],
      ],
    );
    await mark(boris, roomId, 4);
    assert.deepEqual(await stateOf(boris, roomId), [4, 1]);
    for (const seq of [0, 3, 4]) await mark(boris, roomId, seq);
    assert.deepEqual(await stateOf(boris, roomId), [4, 1]);
    await Promise.all([6, 5, 2, 6, 3].map((seq) => mark(boris, roomId, seq)));
    assert.deepEqual(
      [await stateOf(boris, roomId), await stateOf(anna, roomId)],
      [
        [6, 0],
        [1, 1],
      ],
    );
  });

  it('is gone when the member leaves, and new on the return', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    await c.deliver(team.left(boris.userId)); // event 3
    assert.equal(await stateOf(boris, team.roomId), null);
    await refused(mark(boris, team.roomId, 1), 'NOT_FOUND', 'roomId');
    await c.send(anna, team.roomId, 'four');
    await c.deliver(team.joined(boris.userId)); // event 5
    await c.send(anna, team.roomId, 'six');
    assert.deepEqual(await stateOf(boris, team.roomId), [5, 1]);
  });

  it('is refused beyond the newest event, and in rooms that the viewer may not read', async () => {
    const [anna, stranger] = [person(), person()];
    const { roomId } = await c.teamRoom(anna);
    await refused(mark(anna, roomId, 2), 'INVALID', 'seq');
    for (const seq of [-1, 1.5, '1', null, 1e300]) await refused(mark(anna, roomId, seq), 'INVALID', 'seq');
    await refused(mark(stranger, roomId, 1), 'NOT_FOUND', 'roomId');
    await refused(mark(anna, randomUUID(), 0), 'NOT_FOUND', 'roomId');
    await refused(c.readMarks.mark(anna, { roomId: 'x', seq: 0 }), 'NOT_FOUND', 'roomId');
    await assert.rejects(mark(ANONYMOUS, roomId, 1), codeIs('UNAUTHENTICATED'));
    assert.deepEqual([await stateOf(anna, roomId), await stateOf(stranger, roomId)], [[1, 0], null]);
  });

  it('starts with nothing unread for the members of an earlier version', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    await c.send(anna, roomId, 'hello');
    await c.prisma.readMark.deleteMany();
    const [, statement] = readFileSync(MIGRATION, 'utf8').split(/^(?=INSERT INTO read_marks)/m);
    await c.prisma.$transaction([
      c.prisma.$executeRaw`SET LOCAL search_path = chat`,
      c.prisma.$executeRawUnsafe(statement ?? assert.fail()),
    ]);
    assert.deepEqual(
      [await stateOf(anna, roomId), await stateOf(boris, roomId)],
      [
        [3, 0],
        [3, 0],
      ],
    );
  });
});

describe('the room of a match', () => {
  it('has a mark of each user from the first time the user marks it, and none of a guest', async () => {
    const [anna, boris] = [person(), person()];
    const roomId = await c.matchRoom();
    await c.send(anna, roomId, 'one');
    await c.send(boris, roomId, 'two');
    assert.deepEqual([await stateOf(anna, roomId), await stateOf(ANONYMOUS, roomId)], [null, null]);
    await mark(anna, roomId, 0);
    assert.deepEqual([await stateOf(anna, roomId), await stateOf(boris, roomId)], [[0, 1], null]);
  });
});

describe('the number of unread messages', () => {
  it('ends at its limit, for all rooms in one statement, from the index', async () => {
    const [anna, boris] = [person(), person()];
    const rooms = [await c.teamRoom(anna, boris), await c.teamRoom(anna, boris)].map(({ roomId }) => roomId);
    for (const [at, roomId] of rooms.entries()) {
      const count = MAX_UNREAD - 1 + 20 * at;
      await c.prisma.roomEvent.createMany({
        data: Array.from({ length: count }, (_, index) => ({
          roomId,
          seq: index + 3,
          kind: 'MESSAGE' as const,
          userId: anna.userId,
          text: 'hello',
        })),
      });
    }
    const before = c.statements.length;
    const states = await c.readMarks.of(boris, rooms);
    assert.equal(c.statements.length - before, 1);
    assert.deepEqual(
      rooms.map((id) => states.get(id)?.unreadCount),
      [MAX_UNREAD - 1, MAX_UNREAD],
    );
    assert.deepEqual(
      await c.prisma.$queryRaw`SELECT indexdef ~ 'seq.*INCLUDE.*user_id.*MESSAGE' AS fits FROM pg_indexes
      WHERE schemaname = 'chat' AND indexname = 'room_events_unread_idx'`,
      [{ fits: true }],
    );
  });

  it('is limited in how often it may be marked', async () => {
    const limited = await openChat(rateLimits({ markRoomRead: { count: 2, seconds: 60 } }));
    try {
      const anna = person();
      const { roomId } = await limited.teamRoom(anna);
      const input = { roomId: toGlobalId('Room', roomId), seq: 1 };
      for (let time = 0; time < 2; time++) await limited.readMarks.mark(anna, input);
      await assert.rejects(limited.readMarks.mark(anna, input), codeIs('RATE_LIMITED'));
    } finally {
      await limited.close();
    }
  });
});
