import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { MatchEvents, RoomEvents, SendMessage } from '../operations.ts';
import { kickOff, record, roomOfMatch, schedule } from '../play.ts';
import { upTo } from '../reading.ts';

const WRITERS = 4;
const EACH = 25;
const ALL = WRITERS * EACH;

interface Seen {
  readonly seq: number;
  readonly text: string;
}

describe('kill -9', () => {
  let network: Network;
  let olga: Person, anna: Person;
  let matchId: string;
  beforeAll(async () => {
    network = await startNetwork({ killable: true });
    olga = await network.user('olga', { roles: ['organizer'] });
    anna = await network.user('anna');
    ({ matchId } = await schedule(olga));
    await kickOff(olga, matchId);
  });
  afterAll(() => network?.stop());

  /** Runs `happens` when a third of the writes is acknowledged, and again when two thirds are. */
  const atEachThird = async (acknowledged: () => number, happens: () => Promise<void>): Promise<void> => {
    for (const share of [1 / 3, 2 / 3]) {
      await until('some are acknowledged', () => acknowledged() >= ALL * share, 60_000);
      await happens();
    }
  };
  const killTwice = (service: string, acknowledged: () => number): Promise<void> =>
    atEachThird(acknowledged, async () => {
      await network.kill(service);
      await network.restart(service);
    });

  it('of chat loses and repeats no acknowledged message', async () => {
    const roomId = await until('the room', () => roomOfMatch(anna, matchId));
    const acknowledged = new Map<string, number>();
    const seen: Seen[] = [];
    const reading = follow(
      ALL,
      seen,
      (afterSeq) => anna.subscribe(RoomEvents, { roomId, afterSeq }),
      ({ messageEvents: event }) => ({
        seq: event.seq,
        text: event.__typename === 'MessageSent' ? event.message.text : event.__typename,
      }),
    );
    const writing = write(async (text) => {
      const { sendMessage } = await anna.request(SendMessage, { input: { roomId, clientMessageId: text, text } });
      assert.deepEqual(sendMessage.userErrors, []);
      acknowledged.set(text, sendMessage.message?.seq ?? 0);
    });
    await together(
      reading,
      writing,
      killTwice('chat', () => acknowledged.size),
    );
    check(seen, acknowledged, 1);
  });

  it('of matches loses and repeats no acknowledged event', async () => {
    const acknowledged = new Map<string, number>();
    const seen: Seen[] = [];
    const begin = 3;
    const reading = follow(
      ALL,
      seen,
      (afterSeq) => network.guest.subscribe(MatchEvents, { matchId, afterSeq: Math.max(afterSeq, begin) }),
      ({ matchEvents: event }) => ({
        seq: event.seq,
        text: event.__typename === 'GoalScored' ? (event.player?.name ?? '') : event.__typename,
      }),
    );
    const writing = write(async (name) => {
      acknowledged.set(
        name,
        await record(olga, matchId, { goal: { side: 'HOME', player: { name }, clock: { minute: 1 } } }, name),
      );
    });
    await together(
      reading,
      writing,
      killTwice('matches', () => acknowledged.size),
    );
    check(seen, acknowledged, begin + 1);
  });

  it('of the database loses and repeats no acknowledged message, and streams and sessions continue after it', async () => {
    const { matchId: other } = await schedule(olga);
    const roomId = await until('the room', () => roomOfMatch(anna, other));
    const goals = network.guest.subscribe(MatchEvents, { matchId: other, afterSeq: 0 });
    await goals.next();
    const acknowledged = new Map<string, number>();
    const seen: Seen[] = [];
    const reading = follow(
      ALL,
      seen,
      (afterSeq) => anna.subscribe(RoomEvents, { roomId, afterSeq }),
      ({ messageEvents: event }) => ({
        seq: event.seq,
        text: event.__typename === 'MessageSent' ? event.message.text : event.__typename,
      }),
    );
    const writing = write(async (text) => {
      const { sendMessage } = await anna.request(SendMessage, { input: { roomId, clientMessageId: text, text } });
      assert.deepEqual(sendMessage?.userErrors, []);
      acknowledged.set(text, sendMessage?.message?.seq ?? 0);
    });
    await together(
      reading,
      writing,
      atEachThird(
        () => acknowledged.size,
        () => network.cutDatabase(),
      ),
    );
    check(seen, acknowledged, 1);
    // This stream was open all the time. It continues without a new subscription.
    await kickOff(olga, other);
    assert.deepEqual(await goals.next().then(({ value }) => value?.matchEvents.seq), 2);
    await goals.return();
    // A mail for a registration arrives only if the outbox, the queue and a worker all work again.
    const boris = await network.user('boris');
    await until('the mail', async () => (await network.mailsTo(boris.email)).length > 0);
    const ready = await fetch(new URL('/health/ready', network.routers[0]?.url));
    assert.equal(ready.status, 200, await ready.text());
  });

  let failed = false;
  /** Waits for all works. When one of them fails, `follow` stops too, because its events will not arrive. */
  const together = (...work: Promise<void>[]): Promise<unknown> =>
    Promise.all(work).catch((error: unknown) => {
      failed = true;
      throw error;
    });

  /** Reads as a good client does: after each failure it continues from the last event that it has. */
  async function follow<E>(
    count: number,
    seen: Seen[],
    subscribe: (afterSeq: number) => AsyncGenerator<E>,
    read: (event: E) => Seen,
  ): Promise<void> {
    while (seen.length < count && !failed) {
      try {
        for await (const event of subscribe(seen.at(-1)?.seq ?? 0)) {
          seen.push(read(event));
          if (seen.length === count) break;
        }
      } catch {
        await sleep(50);
      }
    }
  }

  /** Runs concurrent writers. Each repeats an unacknowledged write with the same client id. */
  async function write(send: (text: string) => Promise<void>): Promise<void> {
    await Promise.all(
      upTo(WRITERS).map(async (writer) => {
        for (const n of upTo(EACH)) {
          await until(
            `${writer}:${n} is acknowledged`,
            async () => {
              await send(`${writer}:${n}`);
              return true;
            },
            60_000,
          );
        }
      }),
    );
  }

  function check(seen: readonly Seen[], acknowledged: ReadonlyMap<string, number>, first: number): void {
    assert.equal(acknowledged.size, ALL);
    assert.deepEqual(
      seen.map(({ seq }) => seq),
      upTo(first + ALL - 1, first),
      'each once, in order',
    );
    assert.deepEqual(
      new Map(seen.map(({ text, seq }) => [text, seq])),
      new Map([...acknowledged].sort(([, a], [, b]) => a - b)),
      'under the seq that was acknowledged',
    );
    for (const writer of upTo(WRITERS)) {
      const own = seen
        .filter(({ text }) => text.startsWith(`${writer}:`))
        .map(({ text }) => Number(text.split(':')[1]));
      assert.deepEqual(own, upTo(EACH), "a writer's own in the order of writing");
    }
  }
});
