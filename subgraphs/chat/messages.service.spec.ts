import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { checkPages, forged, pageOf } from '../../platform/graphql/connection.testing.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { RoomEventRecorded } from '../../schema/messages/chat.ts';
import { openChat } from './chat.fixture.ts';
import type { RoomEvent } from './generated/prisma/client.ts';

let c: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  c = await openChat();
});
afterAll(() => c.close());

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;
const texts = (page: { edges: { node: RoomEvent }[] } | undefined) => page?.edges.map(({ node }) => node.text);

describe('a message, sent', () => {
  it("is the room's next event, and is published", async () => {
    const anna = person();
    const { roomId } = await c.teamRoom(anna);
    const { seq, text, userId, id } = await c.send(anna, roomId, '  line one\nline two 🎉 ');
    assert.deepEqual([seq, text, userId], [2, 'line one\nline two 🎉', anna.userId]);
    const told = (await c.told()).events.at(-1);
    assert.deepEqual([told?.topic, told?.key, told?.seq, told?.eventId], ['chat.v1', roomId, 2, id]);
    const { occurredAt, ...payload } = RoomEventRecorded.payload.parse(told?.payload);
    assert.deepEqual(payload, { roomId, eventId: id, kind: 'MESSAGE', userId: anna.userId, text });
    assert.ok(occurredAt);
  });

  it("may be sent by members in a team's room, and by signed-in users in a match's", async () => {
    const [member, gone, stranger, admin, playingAdmin] = [
      person(),
      person(),
      person('captain'),
      person('admin'),
      person('admin'),
    ];
    const { roomId, left } = await c.teamRoom(member, gone, playingAdmin);
    await c.deliver(left(gone.userId));
    const matchRoom = await c.matchRoom();
    for (const viewer of [member, playingAdmin]) await c.send(viewer, roomId, 'hello');
    await refused(c.send(admin, roomId, 'hello'), 'FORBIDDEN', 'roomId');
    for (const viewer of [gone, stranger]) await refused(c.send(viewer, roomId, 'hello'), 'NOT_FOUND', 'roomId');
    for (const viewer of [member, stranger, admin]) await c.send(viewer, matchRoom, 'hello');
    for (const room of [roomId, matchRoom])
      await assert.rejects(c.send(ANONYMOUS, room, 'hello'), codeIs('UNAUTHENTICATED'));
    await refused(c.send(member, randomUUID(), 'hello'), 'NOT_FOUND', 'roomId');
    await refused(
      c.messages.send(member, { roomId: toGlobalId('Team', roomId), clientMessageId: '1', text: 'hello' }),
      'NOT_FOUND',
      'roomId',
    );
  });

  it('has a text that can be stored', async () => {
    const anna = person();
    const { roomId } = await c.teamRoom(anna);
    for (const text of ['', ' \n ', 'x'.repeat(4001), 'a\u0000b', '\ud800'])
      await refused(c.send(anna, roomId, text), 'INVALID', 'text');
    for (const clientMessageId of ['', 'x'.repeat(101), 'a\u0000'])
      await refused(c.send(anna, roomId, 'hello', clientMessageId), 'INVALID', 'clientMessageId');
    assert.equal((await c.send(anna, roomId, 'x'.repeat(4000))).seq, 2);
  });

  it('is stored once for any number of requests, also concurrent ones, and uses one seq', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    const clientMessageId = randomUUID();
    const sent = await Promise.all(Array.from({ length: 20 }, () => c.send(anna, roomId, 'once', clientMessageId)));
    assert.equal(new Set(sent.map(({ id }) => id)).size, 1);
    await refused(c.send(anna, roomId, 'another text', clientMessageId), 'CONFLICT', 'clientMessageId');
    assert.equal((await c.send(anna, roomId, ' once ', clientMessageId)).id, sent[0]?.id);
    // Two concurrent requests have one client id and different texts: one is sent and the other is refused.
    const both = await Promise.allSettled(['this', 'that'].map((text) => c.send(anna, roomId, text, 'the same')));
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    // The client of another user may use the same client id.
    assert.equal((await c.send(boris, roomId, 'mine', clientMessageId)).seq, 5);
    await Promise.all(Array.from({ length: 20 }, (_, n) => c.send(n % 2 ? anna : boris, roomId, String(n))));
    const events = await c.prisma.roomEvent.findMany({ where: { roomId }, orderBy: { seq: 'asc' } });
    assert.deepEqual(
      events.map(({ seq }) => seq),
      Array.from({ length: 25 }, (_, n) => n + 1),
    );
    assert.deepEqual(
      (await c.told()).events.filter(({ key }) => key === roomId).map(({ eventId }) => eventId),
      events.map(({ id }) => id),
    );
  });
});

describe('history', () => {
  it('is paged from the newest message back, in one statement for several rooms', async () => {
    const anna = person();
    const rooms = [await c.teamRoom(anna), await c.teamRoom(anna), await c.teamRoom()].map(({ roomId }) => roomId);
    for (let n = 1; n <= 5; n++) for (const roomId of rooms.slice(0, 2)) await c.send(anna, roomId, `${n}`);
    const earlier = c.statements.length;
    const pages = await c.messages.history(anna, rooms, { first: 2 });
    assert.equal(c.statements.length - earlier, 2); // one for the readable rooms, one for the messages
    assert.deepEqual(
      rooms.map((roomId) => (pages.has(roomId) ? texts(pageOf(pages, roomId)) : undefined)),
      [['5', '4'], ['5', '4'], undefined],
    );
    const seen: (string | null)[] = [];
    const [roomId = ''] = rooms;
    for (let after: string | null | undefined; seen.length < 10;) {
      const page = pageOf(await c.messages.history(anna, [roomId], { first: 2, after }), roomId);
      seen.push(...(texts(page) ?? []));
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
      await c.send(anna, roomId, 'meanwhile');
    }
    assert.deepEqual(seen, ['5', '4', '3', '2', '1']);
    await checkPages(async (args) => pageOf(await c.messages.history(anna, rooms, args), rooms[0]));
  });

  it('is empty without the right to read, and so are single messages', async () => {
    const [anna, stranger, admin] = [person(), person(), person('admin')];
    const { roomId } = await c.teamRoom(anna);
    const { id } = await c.send(anna, roomId, 'secret');
    for (const viewer of [stranger, ANONYMOUS]) {
      assert.equal((await c.messages.history(viewer, [roomId], {})).size, 0);
      assert.equal((await c.messages.byIds(viewer, [id])).size, 0);
    }
    for (const viewer of [anna, admin]) assert.equal((await c.messages.byIds(viewer, [id])).get(id)?.text, 'secret');
    // The event of joining is not a message.
    const joined = await c.prisma.roomEvent.findFirstOrThrow({ where: { roomId, kind: 'JOINED' } });
    assert.equal((await c.messages.byIds(anna, [joined.id])).size, 0);
  });

  it('refuses invalid sizes and cursors', async () => {
    const [roomId, other] = [await c.matchRoom(), await c.matchRoom()];
    for (const room of [roomId, other]) await c.send(person(), room, 'hello');
    const pages = await c.messages.history(ANONYMOUS, [roomId, other], {});
    const [cursor, ofOther] = [roomId, other].map((room) => pageOf(pages, room).pageInfo.endCursor);
    const wrong = [['1', '2'], ['-1'], ['1.5'], ['9999999999'], ['NaN']].map((key) => forged(cursor, ...key));
    for (const after of ['', 'x', 'undefined', ofOther, ...wrong]) {
      const refused = await c.messages.history(ANONYMOUS, [roomId], { after });
      assert.throws(() => pageOf(refused, roomId), codeIs('INVALID_CURSOR'), String(after));
    }
    // A cursor of one room fails only for the other room.
    const both = await c.messages.history(ANONYMOUS, [roomId, other], { after: forged(cursor, '2') });
    assert.equal(pageOf(both, roomId).edges.length, 1);
    assert.throws(() => pageOf(both, other), codeIs('INVALID_CURSOR'));
    for (const first of [0, 101])
      await assert.rejects(c.messages.history(ANONYMOUS, [roomId], { first }), codeIs('BAD_USER_INPUT'));
  });
});
