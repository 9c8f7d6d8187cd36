import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { RoomEventRecorded } from '../../schema/messages/chat.ts';
import { openChat } from './chat.fixture.ts';
import { roomIdOf } from './rooms.service.ts';

let c: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  c = await openChat();
});
afterAll(() => c.close());

const history = async (roomId: string) =>
  (await c.prisma.roomEvent.findMany({ where: { roomId }, orderBy: { seq: 'asc' } })).map(({ seq, kind, userId }) => [
    seq,
    kind,
    userId,
  ]);

describe('a room', () => {
  it("is created with its team, and its members are the team's", async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    await c.deliver(team.left(anna.userId));
    await c.deliver(team.joined(anna.userId));
    await c.deliver(team.left(boris.userId));
    assert.deepEqual(await history(team.roomId), [
      [1, 'JOINED', anna.userId],
      [2, 'JOINED', boris.userId],
      [3, 'LEFT', anna.userId],
      [4, 'JOINED', anna.userId],
      [5, 'LEFT', boris.userId],
    ]);
    assert.deepEqual(
      (await c.prisma.roomMember.findMany({ where: { roomId: team.roomId } })).map(({ userId }) => userId),
      [anna.userId],
    );
    const told = (await c.told()).events.filter(({ key }) => key === team.roomId);
    assert.deepEqual(
      told.map(({ topic, seq, payload }) => [topic, seq, RoomEventRecorded.payload.parse(payload).kind]),
      [
        ['chat.v1', 1, 'JOINED'],
        ['chat.v1', 2, 'JOINED'],
        ['chat.v1', 3, 'LEFT'],
        ['chat.v1', 4, 'JOINED'],
        ['chat.v1', 5, 'LEFT'],
      ],
    );
    assert.deepEqual(RoomEventRecorded.payload.parse(told[0]?.payload).text, null);
  });

  it('is not changed by events that were delivered before, in any order', async () => {
    const anna = person();
    const team = c.team();
    const events = [team.created(), team.joined(anna.userId), team.left(anna.userId)];
    for (const event of events) await c.deliver(event);
    const earlier = [await history(team.roomId), (await c.told()).events.length];
    for (const event of [...events, ...events.toReversed()]) await c.deliver(event);
    await Promise.all(events.map((event) => c.deliver(event)));
    assert.deepEqual([await history(team.roomId), (await c.told()).events.length], earlier);
    assert.equal(await c.prisma.roomMember.count({ where: { roomId: team.roomId } }), 0);
  });

  it('is not changed when its team is published once more', async () => {
    const anna = person();
    const team = await c.teamRoom(anna);
    await c.deliver(team.created());
    await c.deliver(team.left(anna.userId));
    assert.deepEqual(await history(team.roomId), [
      [1, 'JOINED', anna.userId],
      [2, 'LEFT', anna.userId],
    ]);
  });

  it('is created for the first member that the log still has', async () => {
    const anna = person();
    const team = c.team();
    team.created();
    await c.deliver(team.joined(anna.userId));
    assert.deepEqual(await history(team.roomId), [[1, 'JOINED', anna.userId]]);
  });

  it('is created with its match, once', async () => {
    const matchId = randomUUID();
    await c.deliver(c.scheduled(matchId));
    await c.deliver(c.scheduled(matchId));
    const { id, kind, lastSeq } = await c.prisma.room.findFirstOrThrow({ where: { subjectId: matchId } });
    assert.deepEqual([id, kind, lastSeq], [roomIdOf('MATCH', matchId), 'MATCH', 0]);
  });

  it("is readable for everybody if it is a match's, otherwise for its members and admins", async () => {
    const [member, gone, stranger, admin] = [person(), person(), person('organizer'), person('admin')];
    const { roomId, left } = await c.teamRoom(member, gone);
    await c.deliver(left(gone.userId));
    const matchRoomId = await c.matchRoom();
    const readable = async (viewer: typeof member | typeof ANONYMOUS) =>
      [...(await c.rooms.readable(viewer, [roomId, matchRoomId, randomUUID()])).keys()].sort();
    const both = [roomId, matchRoomId].sort();
    assert.deepEqual(await Promise.all([member, gone, stranger, admin, ANONYMOUS].map(readable)), [
      both,
      [matchRoomId],
      [matchRoomId],
      both,
      [matchRoomId],
    ]);
  });
});
