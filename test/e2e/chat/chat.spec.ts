import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, Refused, startNetwork, until } from '../../network.ts';
import {
  AcceptInvitation,
  Invite,
  RoomEvents,
  RoomHistory,
  RoomOfJoinedTeam,
  RoomOfNewTeam,
  ScheduleMatch,
  SendMessage,
} from '../operations.ts';
import { createTeam, join, roomOfTeam } from '../play.ts';
import { endOf, take, upTo } from '../reading.ts';

describe('chat of two members', () => {
  let network: Network;
  let anna: Person, boris: Person;
  let roomId: string;
  beforeAll(async () => {
    network = await startNetwork({ separate: true });
    [anna, boris] = await Promise.all([network.user('anna'), network.user('boris')]);
    const teamId = await createTeam(anna, 'Yard Foxes');
    await join(anna, teamId, boris);
    roomId = await roomOfTeam(boris, teamId);
    await network.settled();
  });
  afterAll(() => network?.stop());

  const say = async (author: Person, text: string, clientMessageId = text): Promise<number> => {
    const { sendMessage } = await author.request(SendMessage, { input: { roomId, clientMessageId, text } });
    assert.deepEqual(sendMessage.userErrors, []);
    return sendMessage.message?.seq ?? 0;
  };

  it('arrives with its author, in the order of the room, once', async () => {
    const stream = anna.subscribe(RoomEvents, { roomId });
    assert.deepEqual(
      (await take(stream, 2)).map(({ messageEvents }) => messageEvents),
      [
        { __typename: 'MemberJoined', seq: 1, user: { displayName: 'anna' } },
        { __typename: 'MemberJoined', seq: 2, user: { displayName: 'boris' } },
      ],
    );
    await Promise.all(upTo(20).flatMap((n) => [say(anna, `a${n}`), say(boris, `b${n}`)]));
    const events = (await take(stream, 40)).map(({ messageEvents }) => messageEvents);
    await stream.return();
    assert.deepEqual(
      events.map(({ seq }) => seq),
      upTo(42, 3),
    );
    const texts = events.map((event) =>
      event.__typename === 'MessageSent'
        ? `${event.message.author?.displayName}: ${event.message.text}`
        : event.__typename,
    );
    assert.deepEqual(
      [...texts].sort(),
      upTo(20)
        .flatMap((n) => [`anna: a${n}`, `boris: b${n}`])
        .sort(),
    );
  });

  it('stores a message once, however often it is sent', async () => {
    const seqs = await Promise.all(upTo(6).map(() => say(boris, 'again')));
    assert.equal(new Set(seqs).size, 1);
  });

  it('has a history, newest first, in pages', async () => {
    const seqs: number[] = [];
    let cursor: string | null | undefined;
    do {
      const { room } = await boris.request(RoomHistory, { id: roomId, first: 15, after: cursor });
      assert.equal(room?.lastSeq, 43);
      seqs.push(...room.messages.edges.map(({ node }) => node.seq));
      cursor = room.messages.pageInfo.hasNextPage ? room.messages.pageInfo.endCursor : null;
    } while (cursor);
    assert.deepEqual(seqs, upTo(43, 3).reverse());
  });

  it('continues after the socket was cut: nothing is lost or repeated', async () => {
    const { room } = await anna.request(RoomHistory, { id: roomId });
    const begin = room?.lastSeq ?? 0;
    const seen: number[] = [];
    let sent = 0;
    const writing = (async () => {
      for (; sent < 60; sent++) await say(boris, `line ${sent}`);
    })();
    while (seen.length < 60) {
      const stream = anna.subscribe(RoomEvents, { roomId, afterSeq: begin + seen.length });
      const wanted = seen.length + 15;
      try {
        for await (const { messageEvents } of stream) {
          seen.push(messageEvents.seq);
          if (seen.length === 60) break;
          if (seen.length === wanted) anna.cut();
        }
      } catch (error) {
        assert.ok(!(error instanceof Error) || !('errors' in error), String(error));
      }
    }
    await writing;
    assert.deepEqual(seen, upTo(begin + 60, begin + 1));
  });

  it('is not readable for anybody else', async () => {
    const stranger = await network.user('stranger');
    assert.equal((await stranger.request(RoomHistory, { id: roomId })).room, null);
    assert.equal(await endOf(stranger.subscribe(RoomEvents, { roomId })), 'NOT_FOUND');
    const { sendMessage } = await stranger.request(SendMessage, {
      input: { roomId, clientMessageId: 'x', text: 'hello' },
    });
    assert.deepEqual(
      sendMessage.userErrors.map(({ code }) => code),
      ['NOT_FOUND'],
    );
  });
});

describe('a new room', () => {
  let network: Network;
  let anna: Person, boris: Person, olga: Person;
  beforeAll(async () => {
    network = await startNetwork();
    [anna, boris, olga] = (await Promise.all([
      network.user('anna'),
      network.user('boris'),
      network.user('olga', { roles: ['organizer'] }),
    ])) as [Person, Person, Person];
  });
  afterAll(() => network?.stop());

  /**
   * Repeats the work while it fails with UNAVAILABLE, because a slow machine may need more than the two seconds that a
   * request waits. Null and NOT_FOUND are errors.
   */
  async function retryUnavailable<T>(work: () => Promise<T>): Promise<T> {
    const { done } = await until('it is not unavailable', async () => {
      try {
        return { done: await work() };
      } catch (error) {
        if (error instanceof Refused && error.code === 'UNAVAILABLE') return null;
        throw error;
      }
    });
    return done;
  }
  const found = (owner: Person, name: string) =>
    retryUnavailable(async () => {
      const { createTeam } = await owner.request(RoomOfNewTeam, { input: { clientId: name, name, sport: 'FOOTBALL' } });
      assert.equal(createTeam?.team?.room?.lastSeq, 1, 'the owner has joined');
      return { teamId: createTeam?.team?.id ?? '', roomId: createTeam?.team?.room?.id ?? '' };
    });
  const invited = async (teamId: string): Promise<string> =>
    (await anna.request(Invite, { input: { teamId, userId: boris.id } })).inviteToTeam?.token ?? '';
  const say = (author: Person, roomId: string, text: string) =>
    retryUnavailable(async () => {
      const { sendMessage } = await author.request(SendMessage, { input: { roomId, clientMessageId: text, text } });
      assert.deepEqual(sendMessage?.userErrors, []);
      return sendMessage?.message?.seq;
    });

  it('is in the answer of createTeam and of acceptInvitation', async () => {
    const { teamId, roomId } = await found(anna, 'One');
    const token = await invited(teamId);
    const { acceptInvitation } = await retryUnavailable(() => boris.request(RoomOfJoinedTeam, { input: { token } }));
    assert.equal(acceptInvitation?.team?.room?.id, roomId);
  });

  it('can be read, followed and written in by a new member', async () => {
    for (const use of ['read', 'follow', 'write'] as const) {
      const { teamId, roomId } = await found(anna, use);
      const token = await invited(teamId);
      await boris.request(AcceptInvitation, { input: { token } });
      if (use === 'read')
        assert.equal((await retryUnavailable(() => boris.request(RoomHistory, { id: roomId }))).room?.lastSeq, 2);
      else if (use === 'write') assert.equal(await say(boris, roomId, 'hello'), 3);
      else {
        const seqs = await retryUnavailable(async () => {
          const stream = boris.subscribe(RoomEvents, { roomId });
          const events = await take(stream, 2);
          await stream.return();
          return events.map(({ messageEvents }) => messageEvents.seq);
        });
        assert.deepEqual(seqs, [1, 2]);
      }
    }
  });

  it('is in the answer of scheduleMatch, and accepts messages', async () => {
    const [{ teamId: homeTeamId }, { teamId: awayTeamId }] = [await found(olga, 'Home'), await found(olga, 'Away')];
    const input = {
      clientId: 'match',
      sport: 'FOOTBALL' as const,
      homeTeamId,
      awayTeamId,
      kickoffAt: '2026-05-01T18:30:00Z',
    };
    const roomId = await retryUnavailable(
      async () => (await olga.request(ScheduleMatch, { input })).scheduleMatch?.match?.room?.id ?? '',
    );
    assert.equal(await say(boris, roomId, 'at once'), 1);
  });
});
