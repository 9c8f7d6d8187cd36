import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { follow, openChat, range } from './chat.fixture.ts';
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

describe('a room’s events', () => {
  it('are the events after the cursor, then live ones, without holes, for any number of writers', async () => {
    const [anna, boris] = [person(), person()];
    const { roomId } = await c.teamRoom(anna, boris);
    for (let n = 0; n < 5; n++) await c.send(anna, roomId, `before ${n}`);
    const streams = await Promise.all(
      [0, 4, 7].map(async (afterSeq) => follow(await c.messages.events(boris, roomId, afterSeq))),
    );
    const sends = Array.from({ length: 30 }, (_, n) => c.send(n % 2 ? anna : boris, roomId, `${n}`));
    for (let n = 0; n < 5; n++) await c.relay();
    await Promise.all(sends);
    await c.relay();
    await Promise.all(streams.map((stream) => stream.until(37)));
    await Promise.all(streams.map((stream) => stream.stop()));
    assert.deepEqual(
      streams.map((stream) => stream.seqs()),
      [range(1, 37), range(5, 37), range(8, 37)],
    );
    assert.deepEqual(
      streams[0]?.seen.slice(0, 3).map(({ kind, text }) => [kind, text]),
      [
        ['JOINED', null],
        ['JOINED', null],
        ['MESSAGE', 'before 0'],
      ],
    );
  });

  it("are the same from the table and from the log, except for the client's id", async () => {
    const anna = person();
    const { roomId } = await c.teamRoom(anna);
    const live = follow(await c.messages.events(anna, roomId, 1));
    await c.live.settled();
    await c.send(anna, roomId, 'hello');
    await c.relay();
    await live.until(2);
    const late = follow(await c.messages.events(anna, roomId, 1));
    await late.until(2);
    await Promise.all([live.stop(), late.stop()]);
    const shown = (event: RoomEvent) => ({ ...event, clientMessageId: null });
    assert.deepEqual(live.seen.map(shown), late.seen.map(shown));
  });

  it('are not shown without the right to read the room, or for a missing room', async () => {
    const { roomId } = await c.teamRoom(person());
    for (const viewer of [person('captain'), ANONYMOUS])
      await assert.rejects(c.messages.events(viewer, roomId, 0), codeIs('NOT_FOUND'));
    await assert.rejects(c.messages.events(person('admin'), randomUUID(), 0), codeIs('NOT_FOUND'));
    const open = follow(await c.messages.events(ANONYMOUS, await c.matchRoom(), 0));
    await open.stop();
  });

  it('end with FORBIDDEN when the viewer leaves, and later events are not shown', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    const stream = follow(await c.messages.events(boris, team.roomId, 0));
    const other = follow(await c.messages.events(anna, team.roomId, 0));
    await c.live.settled();
    await c.send(anna, team.roomId, 'for both');
    await c.deliver(team.left(boris.userId));
    await c.send(anna, team.roomId, 'for one');
    await c.relay();
    assert.ok(codeIs('FORBIDDEN')(await stream.end()));
    assert.deepEqual(stream.seqs(), [1, 2, 3]);
    await other.until(5);
    await other.stop();
    assert.deepEqual(other.seqs(), [1, 2, 3, 4, 5]);
    await assert.rejects(c.messages.events(boris, team.roomId, 0), codeIs('NOT_FOUND'));
  });

  it('are refused with RESYNC_REQUIRED after a cursor beyond the newest event', async () => {
    const [anna, admin] = [person(), person('admin')];
    const { roomId } = await c.teamRoom(anna);
    for (const viewer of [anna, admin]) {
      for (const beyond of [2, 2_147_483_647])
        await assert.rejects(c.messages.events(viewer, roomId, beyond), codeIs('RESYNC_REQUIRED'));
    }
    await assert.rejects(c.messages.events(ANONYMOUS, await c.matchRoom(), 1), codeIs('RESYNC_REQUIRED'));
    await assert.rejects(
      c.messages.events(person(), roomId, 2),
      codeIs('NOT_FOUND'),
      'who may not read learns nothing',
    );
    const newest = follow(await c.messages.events(anna, roomId, 1), 1);
    await c.live.settled();
    await c.send(anna, roomId, 'next');
    await c.relay();
    await newest.until(2);
    await newest.stop();
  });

  it('do not end at an old leaving: a member who returned sees it as history', async () => {
    const boris = person();
    const team = await c.teamRoom(boris);
    await c.deliver(team.left(boris.userId));
    await c.deliver(team.joined(boris.userId));
    const stream = follow(await c.messages.events(boris, team.roomId, 0));
    await stream.until(3);
    await stream.stop();
    assert.deepEqual(
      stream.seen.map(({ kind }) => kind),
      ['JOINED', 'LEFT', 'JOINED'],
    );
  });

  it('do not end for an admin who is no longer a member, nor for a viewer who leaves another room', async () => {
    const [admin, anna] = [person('admin'), person()];
    const [team, other] = [await c.teamRoom(admin, anna), await c.teamRoom(admin)];
    const stream = follow(await c.messages.events(admin, team.roomId, 0));
    await c.live.settled();
    await c.deliver(other.left(admin.userId));
    await c.deliver(team.left(admin.userId));
    await c.send(anna, team.roomId, 'still here');
    await c.relay();
    await stream.until(4);
    await stream.stop();
    assert.deepEqual(stream.seqs(), [1, 2, 3, 4]);
  });
});

describe('every interleaving', () => {
  const people = [person(), person(), person()];
  const who = fc.nat(people.length - 1);
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('send' as const), who }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('join' as const), who }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), who }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('subscribe' as const), who, back: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('relay' as const) }) },
  );

  it('of writing, joining, leaving, following and relaying shows each follower every event once, in order, while they are members', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const team = await c.teamRoom();
        const members = new Set<number>();
        let seq = 0;
        /** `until` is the `seq` at which the stream must end, because its user left. */
        const followers: { who: number; from: number; until?: number; stream: ReturnType<typeof follow> }[] = [];
        const viewer = (index: number): Principal & { userId: string } => people[index] ?? assert.fail();
        for (const each of steps) {
          if (each.kind === 'relay') await c.relay();
          else if (each.kind === 'send') {
            const sending = c.send(viewer(each.who), team.roomId, 'x');
            if (members.has(each.who)) seq = (await sending).seq;
            else await assert.rejects(sending);
          } else if (each.kind === 'join') {
            await c.deliver(team.joined(viewer(each.who).userId));
            if (!members.has(each.who)) seq++;
            members.add(each.who);
          } else if (each.kind === 'leave') {
            await c.deliver(team.left(viewer(each.who).userId));
            if (!members.delete(each.who)) continue;
            seq++;
            for (const follower of followers) if (follower.who === each.who) follower.until ??= seq - 1;
          } else {
            const from = Math.max(0, seq - each.back);
            const opening = c.messages.events(viewer(each.who), team.roomId, from);
            if (members.has(each.who)) followers.push({ who: each.who, from, stream: follow(await opening, from) });
            else await assert.rejects(opening, codeIs('NOT_FOUND'));
          }
        }
        await c.relay();
        for (const { from, until, stream } of followers) {
          await stream.until(until ?? seq);
          if (until === undefined) await stream.stop();
          else assert.ok(codeIs('FORBIDDEN')(await stream.end()));
          assert.deepEqual(stream.seqs(), range(from + 1, until ?? seq));
        }
        assert.equal((await c.prisma.room.findUniqueOrThrow({ where: { id: team.roomId } })).lastSeq, seq);
      }),
      { numRuns: 25 },
    );
  });
});
