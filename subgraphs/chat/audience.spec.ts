import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { revokedBy } from '../../platform/live/revocation.ts';
import { person } from '../../platform/testing/service.testing.ts';
import { audienceKeyOf, roomAudienceOf } from './audience.ts';
import { follow, openChat, range } from './chat.fixture.ts';

let c: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  c = await openChat();
});
afterAll(() => c.close());

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;
const listeners = (key: string): Principal => ({ audience: key, roles: [] });
const keyFor = async (viewer: Principal, roomId: string): Promise<string> =>
  (await c.rooms.audience(viewer, roomId)).key;

describe('a room’s audience', () => {
  it('is the same for all members, and changes only when somebody leaves', async () => {
    const [anna, boris, clara] = [person(), person(), person()];
    const team = await c.teamRoom(anna, boris);
    const first = await c.rooms.audience(anna, team.roomId);
    assert.deepEqual(first, { key: `chat:${team.roomId}:0`, position: '2' });
    assert.deepEqual(await c.rooms.audience(boris, team.roomId), first);
    await c.deliver(team.joined(clara.userId));
    await c.send(clara, team.roomId, 'hello');
    assert.deepEqual(await c.rooms.audience(clara, team.roomId), { key: first.key, position: '4' });
    await c.deliver(team.left(boris.userId));
    assert.deepEqual(await c.rooms.audience(anna, team.roomId), { key: `chat:${team.roomId}:5`, position: '5' });
    await c.deliver(team.joined(boris.userId));
    assert.deepEqual(await c.rooms.audience(boris, team.roomId), { key: `chat:${team.roomId}:5`, position: '6' });
  });

  it("is one for everybody in a match's room, and a separate one for admins in a team's", async () => {
    const admin = person('admin');
    const [match, team] = [await c.matchRoom(), await c.teamRoom(person(), admin)];
    const everybody = await Promise.all([ANONYMOUS, person(), admin].map((viewer) => c.rooms.audience(viewer, match)));
    assert.deepEqual(
      everybody,
      Array.from({ length: 3 }, () => ({ key: `chat:${match}:0`, position: '0' })),
    );
    assert.equal(await keyFor(admin, team.roomId), `chat:${team.roomId}:admins`);
    assert.equal(await keyFor(person('admin'), team.roomId), `chat:${team.roomId}:admins`);
  });

  it('is returned to viewers who may read the room, in one statement, and to no audience', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    await c.deliver(team.left(boris.userId));
    for (const viewer of [boris, person('captain'), ANONYMOUS])
      await assert.rejects(c.rooms.audience(viewer, team.roomId), codeIs('NOT_FOUND'));
    await assert.rejects(c.rooms.audience(person('admin'), randomUUID()), codeIs('NOT_FOUND'));
    const earlier = c.statements.length;
    const key = await keyFor(anna, team.roomId);
    assert.equal(c.statements.length - earlier, 1);
    await assert.rejects(c.rooms.audience(listeners(key), team.roomId), codeIs('AUDIENCE_HAS_NO_VIEWER'));
  });

  it('is known by its key alone', () => {
    const id = randomUUID();
    const room = { id, kind: 'TEAM', subjectId: id, lastSeq: 9, lastLeftSeq: 7 } as const;
    assert.deepEqual(roomAudienceOf(listeners(audienceKeyOf(person(), room))), { roomId: id, leftUntil: 7 });
    assert.deepEqual(roomAudienceOf(listeners(audienceKeyOf(person('admin'), room))), { roomId: id, leftUntil: null });
    for (const key of [
      '',
      id,
      `chat:${id}`,
      `chat:${id}:`,
      `chat:${id}:x`,
      `chat:${id}:7:8`,
      `matches:${id}:7`,
      `xchat:${id}:7`,
      `chat:${id}:99999999999`,
    ]) {
      assert.equal(roomAudienceOf(listeners(key)), null, key);
    }
    assert.equal(roomAudienceOf(person()), null);
  });

  it('may read its room and public rooms, and send nothing', async () => {
    const anna = person();
    const [{ roomId }, other, match] = [await c.teamRoom(anna), await c.teamRoom(anna), await c.matchRoom()];
    const readable = async (viewer: Principal) =>
      [...(await c.rooms.readable(viewer, [roomId, other.roomId, match])).keys()].sort();
    assert.deepEqual(await readable(listeners(await keyFor(anna, roomId))), [roomId, match].sort());
    assert.deepEqual(await readable(listeners(`teams:${roomId}:0`)), [match]);
    assert.deepEqual(await readable({ ...listeners(`teams:${roomId}:0`), roles: ['player'] }), [match]);
    for (const room of [roomId, match])
      await assert.rejects(c.send(listeners(`chat:${room}:0`), room, 'x'), codeIs('AUDIENCE_HAS_NO_VIEWER'));
  });
});

describe('the stream of an audience', () => {
  it('is the stream of its own room only', async () => {
    const [one, other, match] = [await c.teamRoom(person()), await c.teamRoom(person()), await c.matchRoom()];
    for (const room of [one.roomId, match]) {
      for (const key of [`chat:${other.roomId}:0`, `matches:${room}:0`, `chat:${room}`])
        await assert.rejects(c.messages.events(listeners(key), room, 0), codeIs('FORBIDDEN'), key);
      const stream = follow(await c.messages.events(listeners(`chat:${room}:0`), room, 0));
      await stream.stop();
    }
  });

  it('continues when a member leaves, and names that member; for admins it names nobody', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    const [members, admins] = await Promise.all(
      [anna, person('admin')].map(async (viewer) =>
        follow(await c.messages.events(listeners(await keyFor(viewer, team.roomId)), team.roomId, 1)),
      ),
    );
    assert.ok(members && admins);
    await c.live.settled();
    await c.send(boris, team.roomId, 'farewell');
    await c.deliver(team.left(boris.userId));
    await c.send(anna, team.roomId, 'he is gone');
    await c.relay();
    await Promise.all([members.until(5), admins.until(5)]);
    await Promise.all([members.stop(), admins.stop()]);
    assert.deepEqual(
      [members.seqs(), admins.seqs()],
      [
        [2, 3, 4, 5],
        [2, 3, 4, 5],
      ],
    );
    assert.deepEqual(members.seen.map(revokedBy), [[], [], [boris.userId], []]);
    assert.deepEqual(admins.seen.map(revokedBy), [[], [], [], []]);
  });

  it('does not name members who left before the key was issued, and names later ones again for an old key and cursor', async () => {
    const [anna, boris] = [person(), person()];
    const team = await c.teamRoom(anna, boris);
    const old = await keyFor(boris, team.roomId);
    await c.deliver(team.left(boris.userId));
    await c.deliver(team.joined(boris.userId));
    const revocations = async (key: string) => {
      const stream = follow(await c.messages.events(listeners(key), team.roomId, 0));
      await stream.until(4);
      await stream.stop();
      return stream.seen.map(revokedBy);
    };
    assert.deepEqual(await revocations(await keyFor(boris, team.roomId)), [[], [], [], []]);
    assert.deepEqual(await revocations(old), [[], [], [boris.userId], []]);
  });

  it('names in its first event the members who left between the key and the cursor', async () => {
    const [anna, boris, clara] = [person(), person(), person()];
    const team = await c.teamRoom(anna, boris, clara);
    await c.deliver(team.left(clara.userId));
    await c.deliver(team.joined(clara.userId));
    const old = await keyFor(boris, team.roomId);
    await c.deliver(team.left(boris.userId));
    await c.send(anna, team.roomId, 'he is gone');
    await c.send(anna, team.roomId, 'still');
    await c.deliver(team.left(clara.userId));
    const revocations = async (key: string) => {
      const earlier = c.statements.length;
      const opened = await c.messages.events(listeners(key), team.roomId, 7);
      const statements = c.statements.length - earlier;
      const stream = follow(opened);
      await stream.until(9);
      await stream.stop();
      return { statements, revoked: stream.seen.map(revokedBy) };
    };
    assert.deepEqual(await revocations(old), { statements: 2, revoked: [[boris.userId], [clara.userId]] });
    assert.deepEqual(await revocations(await keyFor(anna, team.roomId)), { statements: 1, revoked: [[], []] });
  });

  it('is refused for a cursor ahead of the room', async () => {
    const anna = person();
    const team = await c.teamRoom(anna);
    await assert.rejects(
      c.messages.events(listeners(await keyFor(anna, team.roomId)), team.roomId, 1000),
      codeIs('RESYNC_REQUIRED'),
    );
  });
});

describe('every interleaving', () => {
  const people = [person(), person(), person()];
  const who = fc.nat(people.length - 1);
  const step = fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('send' as const), who }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('join' as const), who }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('check' as const), who }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('open' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('relay' as const) }) },
  );

  it('of joining, leaving, checking and opening revokes each listener at the first leaving after the check, and never before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const team = await c.teamRoom();
        const members = new Set<number>();
        let seq = 0;
        /**
         * The listeners. `from` is the position that the check returned with `key`; the upstream opens some time later.
         * `until` is the `seq` at which the listener left the team.
         */
        const audience: {
          who: number;
          key: string;
          from: number;
          until?: number;
          upstream?: ReturnType<typeof follow>;
        }[] = [];
        const userId = (index: number): string => people[index]?.userId ?? assert.fail();
        const open = async (): Promise<void> => {
          for (const each of audience)
            each.upstream ??= follow(await c.messages.events(listeners(each.key), team.roomId, each.from), each.from);
        };
        for (const each of steps) {
          if (each.kind === 'relay') await c.relay();
          else if (each.kind === 'open') await open();
          else if (each.kind === 'join') {
            await c.deliver(team.joined(userId(each.who)));
            if (!members.has(each.who)) seq++;
            members.add(each.who);
          } else if (each.kind === 'leave') {
            await c.deliver(team.left(userId(each.who)));
            if (!members.delete(each.who)) continue;
            seq++;
            for (const listener of audience) if (listener.who === each.who) listener.until ??= seq;
          } else if (members.has(each.who)) {
            const viewer = people[each.who] ?? assert.fail();
            if (each.kind === 'send') seq = (await c.send(viewer, team.roomId, 'x')).seq;
            else {
              const { key, position } = await c.rooms.audience(viewer, team.roomId);
              assert.equal(position, String(seq));
              audience.push({ who: each.who, key, from: seq });
            }
          }
        }
        await open();
        await c.relay();
        for (const { who: index, from, until, upstream } of audience) {
          await upstream?.until(seq);
          await upstream?.stop();
          assert.deepEqual(upstream?.seqs(), range(from + 1, seq));
          const [first] = upstream?.seen.filter((event) => revokedBy(event).includes(userId(index))) ?? [];
          assert.equal(first?.seq, until);
        }
      }),
      { numRuns: 25 },
    );
  });
});
