import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { ChatCaughtUp, ChatMissed, MissedChat } from '../../schema/messages/chat.ts';
import { MISSED_AFTER_MS, openChat } from './chat.fixture.ts';

let c: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  c = await openChat();
});
afterAll(() => c.close());

type Person = ReturnType<typeof person>;

/** The events of a person on chat-missed.v1, in the order of `seq`: type, `readSeq`, and the count if there is one. */
async function toldOf({ userId }: Person): Promise<unknown[]> {
  const events = (await c.told()).events.filter(({ topic, key }) => topic === MissedChat.name && key === userId);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  return events.map(({ type, payload }) => {
    const { readSeq, count } = payload as { readSeq: number; count?: number };
    return count === undefined ? [type, readSeq] : [type, readSeq, count];
  });
}
const read = ({ userId }: Person, roomId: string, seq: number) =>
  c.readMarks.mark({ userId, roles: [] }, { roomId: toGlobalId('Room', roomId), seq });
const timersOf = (roomId: string): Promise<number> => c.prisma.timer.count({ where: { key: roomId } });
const { type: MISSED } = ChatMissed;
const { type: CAUGHT_UP } = ChatCaughtUp;

describe('messages that a member has not read', () => {
  it('are reported once for twelve of them, after the delay, and again only after the member has read', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris); // events 1 and 2
    for (let n = 0; n < 12; n++) await c.send(anna, team.roomId, `message ${n}`);
    assert.equal(await timersOf(team.roomId), 1, 'one timer for the room');
    await c.passes(MISSED_AFTER_MS - 5_000);
    assert.deepEqual(await toldOf(boris), []);
    await c.passes(10_000);
    assert.deepEqual([await toldOf(boris), await toldOf(anna)], [[[MISSED, 2, 12]], []]);
    const {
      events: [event],
    } = { events: (await c.told()).events.filter(({ topic }) => topic === MissedChat.name) };
    assert.deepEqual(event?.payload, {
      userId: boris.userId,
      roomId: team.roomId,
      teamId: team.teamId,
      readSeq: 2,
      count: 12,
    });
    assert.equal(await timersOf(team.roomId), 0);
    await c.send(anna, team.roomId, 'one more');
    await c.passes(MISSED_AFTER_MS * 10);
    assert.deepEqual(await toldOf(boris), [[MISSED, 2, 12]], 'the same burst');
    await read(boris, team.roomId, 14);
    await read(boris, team.roomId, 15);
    assert.deepEqual(await toldOf(boris), [
      [MISSED, 2, 12],
      [CAUGHT_UP, 2],
    ]);
    await c.send(anna, team.roomId, 'the next burst');
    await c.passes(MISSED_AFTER_MS * 2);
    assert.deepEqual(await toldOf(boris), [
      [MISSED, 2, 12],
      [CAUGHT_UP, 2],
      [MISSED, 15, 1],
    ]);
  });

  it('are not reported when they are read in time; each later message has the whole delay', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    const sent = await c.send(anna, roomId, 'three');
    await c.passes(MISSED_AFTER_MS / 2);
    await read(boris, roomId, sent.seq);
    const later = await c.send(anna, roomId, 'four');
    // The database sets the times of messages, and the clock of the test is ahead of it. So the test sets the time of
    // this message.
    await c.prisma.roomEvent.update({ where: { id: later.id }, data: { occurredAt: new Date(c.clock.now) } });
    await c.passes(MISSED_AFTER_MS / 2 + 5_000);
    assert.deepEqual(await toldOf(boris), []);
    assert.equal(await timersOf(roomId), 1);
    await c.passes(MISSED_AFTER_MS / 2 - 10_000);
    assert.deepEqual(await toldOf(boris), []);
    await c.passes(10_000);
    assert.deepEqual(await toldOf(boris), [[MISSED, 3, 1]]);
  });

  it('never count those of the member', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    await c.send(boris, roomId, 'mine');
    await c.send(anna, roomId, 'hers');
    await c.send(boris, roomId, 'mine again');
    await c.passes(MISSED_AFTER_MS * 2);
    assert.deepEqual([await toldOf(anna), await toldOf(boris)], [[[MISSED, 1, 2]], [[MISSED, 2, 1]]]);
  });

  it('wait while the member is online, and are reported once the member is not', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    c.elsewhere.online.add(boris.userId);
    await c.send(anna, roomId, 'three');
    await c.passes(MISSED_AFTER_MS * 2);
    assert.deepEqual([await toldOf(boris), await timersOf(roomId)], [[], 1]);
    c.elsewhere.online.delete(boris.userId);
    await c.passes(MISSED_AFTER_MS);
    assert.deepEqual([await toldOf(boris), await timersOf(roomId)], [[[MISSED, 2, 1]], 0]);
  });

  it('are not looked at for ever because a member is online', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    c.elsewhere.online.add(boris.userId);
    await c.send(anna, roomId, 'three');
    await c.passes(MISSED_AFTER_MS + 5_000);
    await c.passes(25 * 3_600_000);
    assert.deepEqual([await toldOf(boris), await timersOf(roomId)], [[], 0]);
  });

  it('are forgotten when the member leaves, and a report ends then', async () => {
    const [anna, boris, clara] = [person(), person(), person()];
    const team = await c.teamRoom(anna, boris, clara); // events 1 to 3
    await c.send(anna, team.roomId, 'four');
    await c.deliver(team.left(boris.userId));
    await c.passes(MISSED_AFTER_MS * 2);
    await c.deliver(team.left(clara.userId));
    assert.deepEqual(
      [await toldOf(boris), await toldOf(clara)],
      [
        [],
        [
          [MISSED, 3, 1],
          [CAUGHT_UP, 3],
        ],
      ],
    );
    await c.deliver(team.joined(clara.userId)); // event 7
    await c.send(anna, team.roomId, 'eight');
    await c.passes(MISSED_AFTER_MS * 2);
    assert.deepEqual(await toldOf(clara), [
      [MISSED, 3, 1],
      [CAUGHT_UP, 3],
      [MISSED, 7, 1],
    ]);
  });

  it('are of members only: not of an administrator who looked in, nor of the room of a match', async () => {
    const [anna, admin] = [person(), person('admin')];
    const { roomId } = await c.teamRoom(anna);
    await c.readMarks.mark(admin, { roomId: toGlobalId('Room', roomId), seq: 1 });
    await c.send(anna, roomId, 'two');
    const ofMatch = await c.matchRoom();
    await read(anna, ofMatch, 0);
    await c.send(admin, ofMatch, 'one');
    assert.equal(await timersOf(ofMatch), 0);
    await c.passes(MISSED_AFTER_MS * 2);
    assert.deepEqual([await toldOf(admin), await toldOf(anna)], [[], []]);
  });

  it('wait while nobody knows who is online', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    await c.send(anna, roomId, 'three');
    c.elsewhere.away = true;
    await c.passes(MISSED_AFTER_MS + 5_000);
    assert.deepEqual(await toldOf(boris), []);
    c.elsewhere.away = false;
    await c.passes(60_000);
    assert.deepEqual(await toldOf(boris), [[MISSED, 2, 1]]);
  });

  it('are not reported to a member who reads while the others are asked about, and a new message meanwhile has a timer', async () => {
    const [anna, boris, clara] = [person(), person(), person()];
    const { roomId } = await c.teamRoom(anna, boris, clara);
    await c.send(anna, roomId, 'four');
    c.elsewhere.beforeOnline = async () => {
      c.elsewhere.beforeOnline = async () => undefined;
      await read(boris, roomId, 4);
      const { id } = await c.send(anna, roomId, 'five');
      await c.prisma.roomEvent.update({ where: { id }, data: { occurredAt: new Date(c.clock.now) } });
    };
    await c.passes(MISSED_AFTER_MS + 5_000);
    assert.deepEqual([await toldOf(boris), await toldOf(clara)], [[], [[MISSED, 3, 1]]]);
    assert.equal(await timersOf(roomId), 1);
    await c.passes(MISSED_AFTER_MS);
    assert.deepEqual([await toldOf(boris), await toldOf(clara)], [[[MISSED, 4, 1]], [[MISSED, 3, 1]]]);
  });

  it('cost one statement for a message, and are reported in batches in a large room', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    const many = Array.from({ length: 1200 }, () => randomUUID());
    await c.prisma.roomMember.createMany({ data: many.map((userId) => ({ roomId, userId })) });
    await c.prisma.readMark.createMany({ data: many.map((userId) => ({ roomId, userId, seq: 2 })) });
    await c.send(anna, roomId, 'three');
    const before = c.statements.length;
    await c.send(anna, roomId, 'four');
    const written = c.statements.slice(before).filter((statement) => /INSERT|UPDATE|DELETE/.test(statement));
    assert.deepEqual(
      written.map((statement) => /timers|rooms|room_events|outbox/.exec(statement)?.[0]),
      ['rooms', 'room_events', 'timers', 'outbox'],
    );
    await c.prisma.roomEvent.createMany({
      data: Array.from({ length: 300 }, (_, n) => ({
        roomId,
        seq: n + 5,
        kind: 'MESSAGE' as const,
        userId: anna.userId,
        text: 'hello',
      })),
    });
    await c.prisma.room.update({ where: { id: roomId }, data: { lastSeq: 304 } });
    const asked = c.elsewhere.asked.length;
    await c.passes(MISSED_AFTER_MS + 5_000);
    const reports = (await c.told()).events.filter(
      ({ type, payload }) => type === MISSED && (payload as { roomId: string }).roomId === roomId,
    );
    assert.deepEqual(new Set(reports.map(({ key }) => key)), new Set([boris.userId, ...many]));
    assert.equal(reports.length, 1201);
    assert.ok(reports.every(({ payload }) => (payload as { count: number }).count === 100));
    assert.deepEqual(
      c.elsewhere.asked.slice(asked).map(([, count]) => count),
      [500, 500, 201],
    );
    assert.equal(await timersOf(roomId), 0);
  });

  it('survive a process that ends: the timer is stored with the message, and fires in another process', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    await c.send(anna, roomId, 'three');
    const [timer] = await c.prisma.timer.findMany({ where: { key: roomId } });
    assert.equal(timer?.name, 'room-is-unread');
    // If the transaction of a message is rolled back, no timer is set either.
    await assert.rejects(
      c.outbox.transaction(c.prisma, async (tx) => {
        await c.missed.watch(tx, randomUUID());
        throw new Error('the process ends here');
      }),
    );
    assert.equal(await c.prisma.timer.count({ where: { name: 'room-is-unread', key: { not: roomId } } }), 0);
  });
});
