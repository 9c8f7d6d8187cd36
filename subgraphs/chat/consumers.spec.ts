import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { GraphQLError } from 'graphql';
import { NewerVersion } from '../../platform/messaging/definitions.ts';
import { person, rateLimits } from '../../platform/testing/service.testing.ts';
import { Chat } from '../../schema/messages/chat.ts';
import { MatchSnapshot } from '../../schema/messages/matches.ts';
import { TeamSnapshot } from '../../schema/messages/teams.ts';
import { follow, openChat } from './chat.fixture.ts';
import { MessagesService } from './messages.service.ts';

let c: Awaited<ReturnType<typeof openChat>>;
beforeAll(async () => {
  c = await openChat();
});
afterAll(() => c.close());

const members = (roomId: string): Promise<number> => c.prisma.roomMember.count({ where: { roomId } });
const parked = async (key: string): Promise<number[]> =>
  (
    await c.prisma.$queryRawUnsafe<{ seq: number }[]>(
      'SELECT seq FROM chat.inbox_parked WHERE key = $1 ORDER BY seq',
      key,
    )
  ).map(({ seq }) => seq);

describe('the consumers of chat', () => {
  it('park an unreadable event and the ones behind it, and continue with other keys', async () => {
    const [unreadable, newer, good] = [c.team(), c.team(), c.team()];
    await c.deliver(unreadable.created());
    await c.deliver({ ...unreadable.joined(randomUUID()), payload: { teamId: 'none' } });
    await c.deliver(unreadable.joined(randomUUID()));
    assert.deepEqual([await parked(unreadable.teamId), await members(unreadable.roomId)], [[2, 3], 0]);
    await c.deliver({ ...newer.created(), version: 2 });
    assert.deepEqual(
      [await parked(newer.teamId), await c.prisma.room.count({ where: { id: newer.roomId } })],
      [[1], 0],
    );
    const matchId = randomUUID();
    await c.deliver({ ...c.scheduled(matchId), payload: {} });
    assert.deepEqual(await parked(matchId), [1]);
    await c.deliver(good.created());
    await c.deliver(good.joined(randomUUID()));
    assert.equal(await members(good.roomId), 1);
  });

  it('take a room and its members from a snapshot: missing members leave, new members join, and others do not change', async () => {
    const { teamId, roomId, joined } = c.team();
    const [gone, stays, comes] = [randomUUID(), randomUUID(), randomUUID()];
    // The first event of the team that chat gets has seq 5, because the log is younger than the team.
    for (const userId of [gone, stays]) await c.deliver({ ...joined(userId), seq: userId === gone ? 5 : 6 });
    const told = async (): Promise<string[]> =>
      (await c.prisma.roomEvent.findMany({ where: { roomId }, orderBy: { seq: 'asc' } })).map(
        ({ kind, userId }) => `${kind} ${userId}`,
      );
    const members_ = [stays, comes].map((userId) => ({ userId, role: 'PLAYER' as const }));
    const snapshot = {
      ...joined(gone),
      seq: 6,
      type: TeamSnapshot.type,
      payload: { teamId, name: 'Foxes', sport: 'HOCKEY', city: null, members: members_ },
      snapshot: true,
    };
    for (let time = 0; time < 2; time++) await c.deliver(snapshot);
    assert.deepEqual(await told(), [`JOINED ${gone}`, `JOINED ${stays}`, `LEFT ${gone}`, `JOINED ${comes}`]);
    assert.deepEqual(
      (await c.prisma.roomMember.findMany({ where: { roomId } })).map(({ userId }) => userId).sort(),
      [stays, comes].sort(),
    );

    const matchId = randomUUID();
    const score = { home: 0, away: 0, periods: [], shootout: null };
    const payload = {
      matchId,
      sport: 'HOCKEY',
      homeTeamId: teamId,
      awayTeamId: randomUUID(),
      kickoffAt: '2026-05-01T18:30:00.000Z',
      state: 'LIVE',
      period: 1,
      score,
    };
    await c.deliver({ ...c.scheduled(matchId), seq: 9, type: MatchSnapshot.type, payload, snapshot: true });
    assert.equal(await c.prisma.room.count({ where: { subjectId: matchId } }), 1);
  });

  it('do not park an event that fails for another reason', async () => {
    const team = c.team();
    const { open } = c.rooms;
    c.rooms.open = () => Promise.reject(new Error('no database'));
    try {
      await assert.rejects(c.deliver(team.created()), /no database/);
    } finally {
      c.rooms.open = open;
    }
    assert.deepEqual(await parked(team.teamId), []);
  });
});

describe('a stream of a room', () => {
  it('reads an event from the table if its form in the log is unknown', async () => {
    const member = person();
    const { roomId } = await c.teamRoom(member);
    type Handler = (event: never) => unknown;
    const forms: unknown[] = [];
    const live = {
      stream: ({ fromLog }: { fromLog: Handler }) => {
        const { events } = known;
        for (const event of events) forms.push(fromLog(event as never));
        return { next: async () => ({ done: true, value: undefined }) };
      },
    };
    await c.send(member, roomId, 'hello');
    const event = (await c.told()).events.findLast(({ topic }) => topic === Chat.name) ?? assert.fail('no event');
    const known = {
      events: [event, { ...event, payload: { roomId } }, { ...event, version: 2 }, { ...event, type: 'Other' }],
    };
    await new MessagesService(
      c.prisma,
      c.rooms,
      c.missed,
      c.outbox,
      live as unknown as ConstructorParameters<typeof MessagesService>[4],
      rateLimits(),
    ).events(member, roomId, 0);
    assert.deepEqual(
      forms.map((form) => (form === null ? null : (form as { text: string }).text)),
      ['hello', null, null, null],
    );
  });

  it('ends with UNAVAILABLE at an event that a newer program wrote, as does a history, and skips it nowhere', async () => {
    const member = person();
    const { roomId } = await c.teamRoom(member);
    await c.send(member, roomId, 'one');
    const { id } = await c.send(member, roomId, 'two');
    await c.send(member, roomId, 'three');
    await c.prisma.$executeRawUnsafe('UPDATE chat.room_events SET version = 2 WHERE id = $1::uuid', id);
    const stream = follow(await c.messages.events(member, roomId, 0));
    const failure = await stream.end();
    assert.deepEqual(
      [stream.seen.map(({ text }) => text), (failure as GraphQLError).extensions['code']],
      [[null, 'one'], 'UNAVAILABLE'],
    );
    const page = { first: 10, after: undefined, last: undefined, before: undefined };
    for (const read of [
      () => c.messages.history(member, [roomId], page),
      () => c.messages.byIds(member, [id]),
      () => c.messages.eventsByIds(member, [id]),
    ]) {
      await assert.rejects(read, (error) => error instanceof NewerVersion && error.code === 'UNAVAILABLE');
    }
    await c.prisma.$executeRawUnsafe('UPDATE chat.room_events SET version = 1 WHERE id = $1::uuid', id);
    const again = follow(await c.messages.events(member, roomId, 2), 2);
    await again.until(4);
    await again.stop();
    assert.deepEqual(
      again.seen.map(({ text }) => text),
      ['two', 'three'],
    );
  }, 60_000);
});
