import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { createTestService, SCHEMA } from '../outbox/outbox.testing.ts';
import type { TestService } from '../outbox/outbox.testing.ts';
import type { PgTransaction } from '../../postgres/transactions.ts';
import { ParkedInbox } from '../parked/parked-inbox.ts';
import { Inbox } from './inbox.ts';
import { NewerVersion, UnreadableMessage } from '../definitions.ts';

describe('inbox', () => {
  let service: TestService;
  let key: string;
  beforeAll(async () => {
    service = await createTestService();
    await service.pool.query(`CREATE TABLE ${SCHEMA}.effects (id bigserial, key text, seq integer)`);
  });
  afterAll(() => service.drop());
  beforeEach(() => {
    key = randomUUID();
  });

  const event = (seq: number): LoggedEvent => ({
    topic: 't',
    key,
    seq,
    eventId: randomUUID(),
    type: 'T',
    version: 1,
    occurredAt: '2026-11-22T10:00:00Z',
    payload: { seq },
    partition: 0,
    offset: String(seq),
  });
  const effect = (what: LoggedEvent) => async (tx: PgTransaction) => {
    await tx.client.query(`INSERT INTO ${SCHEMA}.effects (key, seq) VALUES ($1, $2)`, [what.key, what.seq]);
  };
  const effects = async (): Promise<number[]> =>
    (
      await service.pool.query<{ seq: number }>(`SELECT seq FROM ${SCHEMA}.effects WHERE key = $1 ORDER BY id`, [key])
    ).rows.map((row) => row.seq);

  it('runs the effect of each event once, for any number of deliveries and processes', async () => {
    const inboxes = [1, 2, 3].map(() => new Inbox({ schema: SCHEMA }));
    for (let seq = 1; seq <= 5; seq++) {
      const outcomes = await Promise.all(
        [...inboxes, ...inboxes].map((inbox) => inbox.once(service.prisma, 'c', event(seq), effect(event(seq)))),
      );
      assert.equal(outcomes.filter((outcome) => outcome === 'handled').length, 1);
    }
    assert.equal(await inboxes[0]?.once(service.prisma, 'c', event(2), effect(event(2))), 'repeat');
    assert.deepEqual(await effects(), [1, 2, 3, 4, 5]);
    assert.equal(await inboxes[0]?.once(service.prisma, 'another', event(1), effect(event(1))), 'handled');
  });

  it('commits effect and position together', async () => {
    const inbox = new Inbox({ schema: SCHEMA });
    const failing = inbox.once(service.prisma, 'c', event(1), async (tx) => {
      await effect(event(1))(tx);
      throw new Error('half way');
    });
    await assert.rejects(failing, /half way/);
    assert.deepEqual(await effects(), []);
    assert.equal(await inbox.once(service.prisma, 'c', event(1), effect(event(1))), 'handled');
  });

  it('accepts any seq as the first of a key, and reports later holes', async () => {
    const holes: string[] = [];
    const inbox = new Inbox({
      schema: SCHEMA,
      onHole: (consumer, { seq }, last) => holes.push(`${consumer} ${last} ${seq}`),
    });
    for (const seq of [7, 8, 11, 12])
      assert.equal(await inbox.once(service.prisma, 'c', event(seq), effect(event(seq))), 'handled');
    assert.deepEqual(holes, ['c 8 11']);
    assert.deepEqual(await effects(), [7, 8, 11, 12]);
  });

  it('runs one effect for several events whose turn it is, and leaves every other key', async () => {
    const inbox = new Inbox({ schema: SCHEMA });
    const [next, fresh, repeated, hole, parked, snapshot] = Array.from({ length: 6 }, () => randomUUID());
    const of = (name: string | undefined, ...seqs: number[]): LoggedEvent[] =>
      seqs.map((seq) => ({ ...event(seq), key: name ?? assert.fail() }));
    for (const one of [...of(next, 1, 2), ...of(repeated, 1), ...of(hole, 1), ...of(parked, 1), ...of(snapshot, 1)])
      await inbox.once(service.prisma, 'all', one, effect(one));
    const broken = (): Promise<never> => Promise.reject(new UnreadableMessage('broken'));
    assert.equal(await inbox.once(service.prisma, 'all', of(parked, 2)[0]!, broken), 'parked');
    const events = [
      ...of(next, 3),
      ...of(fresh, 1),
      ...of(repeated, 1, 2),
      ...of(next, 4),
      ...of(hole, 3),
      ...of(parked, 2),
      ...of(fresh, 2),
      ...of(snapshot, 1).map((one) => ({ ...one, snapshot: true })),
    ];
    const seen: string[] = [];
    const note = async (_: PgTransaction, taken: readonly LoggedEvent[]): Promise<void> =>
      void seen.push(taken.map((one) => `${one.key === next ? 'next' : 'fresh'} ${one.seq}`).join());
    const left = await inbox.together(service.prisma, 'all', events, note);
    assert.deepEqual(seen, ['next 3,fresh 1,next 4,fresh 2']);
    assert.deepEqual(left, new Set([repeated, hole, parked, snapshot]));
    // Each event that was taken is a repeat now, together and alone.
    assert.deepEqual(
      await inbox.together(service.prisma, 'all', [...of(next, 4), ...of(fresh, 1, 2)], note),
      new Set([next, fresh]),
    );
    assert.equal(await inbox.once(service.prisma, 'all', of(fresh, 2)[0]!, broken), 'repeat');
    assert.equal(seen.length, 1);
    // The events after them are next.
    assert.deepEqual(await inbox.together(service.prisma, 'all', [...of(next, 5), ...of(fresh, 3)], note), new Set());
    assert.deepEqual(seen.slice(1), ['next 5,fresh 3']);
  });

  it('changes nothing when the effect of several events throws, and takes each of them once from two processes', async () => {
    const inboxes = [new Inbox({ schema: SCHEMA }), new Inbox({ schema: SCHEMA, maxAttempts: 1 })];
    const events = [event(1), event(2), event(3)];
    const store = async (tx: PgTransaction, taken: readonly LoggedEvent[]): Promise<void> => {
      for (const one of taken) await effect(one)(tx);
    };
    for (const inbox of inboxes)
      await assert.rejects(
        inbox.together(service.prisma, 'c', events, async (tx, taken) => {
          await store(tx, taken);
          throw new Error('half way');
        }),
        /half way/,
      );
    assert.deepEqual(await effects(), []);
    await Promise.all([...inboxes, ...inboxes].map((inbox) => inbox.together(service.prisma, 'c', events, store)));
    assert.deepEqual(await effects(), [1, 2, 3]);
  });

  it('parks an event whose effect keeps throwing, parks later ones behind it, and replays them in order', async () => {
    const parked: string[] = [];
    const inbox = new Inbox({
      schema: SCHEMA,
      maxAttempts: 3,
      onParked: (_, { seq }, error) => parked.push(`${seq} ${error.message}`),
    });
    await inbox.once(service.prisma, 'c', event(1), effect(event(1)));
    const broken = (): Promise<never> => Promise.reject(new Error('broken'));
    await assert.rejects(inbox.once(service.prisma, 'c', event(2), broken));
    await assert.rejects(inbox.once(service.prisma, 'c', event(2), broken));
    assert.equal(await inbox.once(service.prisma, 'c', event(2), broken), 'parked');
    for (const seq of [3, 4, 2, 3])
      assert.equal(await inbox.once(service.prisma, 'c', event(seq), effect(event(seq))), 'parked');
    assert.deepEqual(parked, ['2 broken']);
    assert.deepEqual(await effects(), [1]);

    const again = (seq: number): LoggedEvent => ({ ...event(seq), redriven: true });
    assert.equal(await inbox.once(service.prisma, 'c', again(3), effect(event(3))), 'repeat', 'not the first');
    assert.equal(await inbox.once(service.prisma, 'c', again(2), effect(event(2))), 'handled');
    assert.equal(await inbox.once(service.prisma, 'c', again(2), effect(event(2))), 'repeat');
    for (let n = 0; n < 4; n++)
      await assert.rejects(inbox.once(service.prisma, 'c', again(3), broken), /broken/, 'however often');
    assert.equal(
      await inbox.once(service.prisma, 'c', event(5), effect(event(5))),
      'parked',
      'behind those that are left',
    );
    for (const seq of [3, 4, 5])
      assert.equal(await inbox.once(service.prisma, 'c', again(seq), effect(event(seq))), 'handled');
    assert.deepEqual(await effects(), [1, 2, 3, 4, 5]);
    assert.equal(await inbox.once(service.prisma, 'c', event(6), effect(event(6))), 'handled');
    assert.equal(await inbox.once(service.prisma, 'c', event(4), effect(event(4))), 'repeat');
    assert.equal(await inbox.once(service.prisma, 'c', again(5), effect(event(5))), 'repeat');
  });

  it('parks an event whose error is permanent at its first failure', async () => {
    const parked: string[] = [];
    const inbox = new Inbox({
      schema: SCHEMA,
      onParked: (_, { seq }, error) => parked.push(`${seq} ${error.message}`),
    });
    const unreadable = (): Promise<never> => Promise.reject(new UnreadableMessage('unreadable'));
    assert.equal(await inbox.once(service.prisma, 'c', event(1), unreadable), 'parked');
    assert.equal(await inbox.once(service.prisma, 'c', event(1), unreadable), 'parked', 'a repeat');
    assert.equal(await inbox.once(service.prisma, 'c', event(2), effect(event(2))), 'parked');
    assert.deepEqual(parked, ['1 unreadable']);
    assert.deepEqual(await effects(), []);
  });

  it('counts a failure that is not the fault of the event as an eighth of an attempt', async () => {
    const inbox = new Inbox({ schema: SCHEMA, maxAttempts: 2 });
    const slow = (): Promise<never> =>
      Promise.reject(Object.assign(new Error('the transaction took too long'), { code: 'P2028' }));
    for (let attempt = 1; attempt <= 15; attempt++)
      await assert.rejects(inbox.once(service.prisma, 'c', event(1), slow), /took too long/);
    assert.equal(await inbox.once(service.prisma, 'c', event(1), effect(event(1))), 'handled');
    for (let attempt = 1; attempt <= 15; attempt++)
      await assert.rejects(inbox.once(service.prisma, 'c', event(2), slow), /took too long/);
    assert.equal(await inbox.once(service.prisma, 'c', event(2), slow), 'parked');
    assert.deepEqual(await effects(), [1]);
  });

  it('holds back an event of a newer version at its first delivery, without an alarm', async () => {
    const heldBack: string[] = [];
    const inbox = new Inbox({
      schema: SCHEMA,
      onParked: () => assert.fail('no alarm'),
      onHeldBack: (_, { seq }, error) => heldBack.push(`${seq} ${error.message}`),
    });
    const newer = (): Promise<never> => Promise.reject(new NewerVersion('version 2'));
    assert.equal(await inbox.once(service.prisma, 'c', event(1), newer), 'parked');
    assert.equal(await inbox.once(service.prisma, 'c', event(1), newer), 'parked', 'a repeat');
    assert.equal(await inbox.once(service.prisma, 'c', event(2), effect(event(2))), 'parked');
    assert.deepEqual(heldBack, ['1 NEWER_VERSION: version 2']);
    const { rows } = await service.pool.query(
      `SELECT seq, error FROM ${SCHEMA}.inbox_parked WHERE key = $1 ORDER BY seq`,
      [key],
    );
    assert.deepEqual(rows, [
      { seq: 1, error: 'NEWER_VERSION: version 2' },
      { seq: 2, error: null },
    ]);
    assert.deepEqual(await effects(), []);
  });

  it('accepts holes in a compacted topic', async () => {
    const inbox = new Inbox({ schema: SCHEMA, onHole: () => assert.fail('no alarm') });
    for (const seq of [1, 5, 9])
      assert.equal(
        await inbox.once(service.prisma, 'c', event(seq), effect(event(seq)), { isCompacted: true }),
        'handled',
      );
    assert.deepEqual(await effects(), [1, 5, 9]);
  });

  describe('snapshots', () => {
    const snapshot = (seq: number): LoggedEvent => ({ ...event(seq), type: 'S', snapshot: true });
    const holes: string[] = [];
    const inbox = new Inbox({
      schema: SCHEMA,
      maxAttempts: 1,
      onHole: (_, { seq }, last) => holes.push(`${last} ${seq}`),
    });
    const handle = (what: LoggedEvent): Promise<string> => inbox.once(service.prisma, 'c', what, effect(what));
    const position = async (): Promise<unknown[]> =>
      Object.values(
        (
          await service.pool.query(
            `SELECT last_seq, parked, incomplete FROM ${SCHEMA}.inbox WHERE consumer = 'c' AND key = $1`,
            [key],
          )
        ).rows[0] as object,
      );

    it('are repeats for an up-to-date consumer, and bring any other one up to date, once', async () => {
      for (const seq of [1, 2, 3]) await handle(event(seq));
      for (const seq of [2, 3]) assert.equal(await handle(snapshot(seq)), 'repeat');
      assert.equal(await handle(event(4)), 'handled');
      assert.equal(await handle(snapshot(9)), 'handled', 'its events 5 to 9 never came');
      assert.equal(await handle(snapshot(9)), 'repeat');
      assert.equal(await handle(event(9)), 'repeat');
      assert.equal(await handle(event(10)), 'handled');
      assert.deepEqual([await effects(), await position(), holes], [[1, 2, 3, 4, 9, 10], [10, false, false], []]);
      key = randomUUID();
      assert.equal(await handle(snapshot(5)), 'handled', 'the first that is heard of a key');
      assert.equal(await handle(event(6)), 'handled');
      assert.deepEqual([await position(), holes], [[6, false, false], []]);
    });

    it("are handled at the consumer's own position when it missed earlier events", async () => {
      assert.equal(await handle(event(7)), 'handled', 'the log had forgotten 1 to 6');
      assert.deepEqual(await position(), [7, false, true]);
      assert.equal(await handle(event(8)), 'handled');
      assert.equal(await handle(snapshot(7)), 'repeat', 'an older one');
      assert.equal(await handle(snapshot(8)), 'handled');
      assert.deepEqual(await position(), [8, false, false]);
      assert.equal(await handle(snapshot(8)), 'repeat');
      assert.equal(await handle(event(10)), 'handled', 'a hole');
      assert.deepEqual([await position(), holes.splice(0)], [[10, false, true], ['8 10']]);
      assert.equal(await handle(snapshot(10)), 'handled');
      assert.deepEqual(
        [await effects(), await position()],
        [
          [7, 8, 8, 10, 10],
          [10, false, false],
        ],
      );
    });

    it('wait behind parked events, and are handled after them only if events are missing', async () => {
      const broken = (seq: number): Promise<string> =>
        inbox.once(service.prisma, 'c', event(seq), () => Promise.reject(new Error('broken')));
      await handle(event(1));
      assert.equal(await broken(2), 'parked');
      assert.equal(await handle(snapshot(3)), 'parked');
      assert.equal(await handle(event(4)), 'parked');
      const again = (what: LoggedEvent): Promise<string> => handle({ ...what, redriven: true });
      assert.equal(await again(snapshot(3)), 'repeat', 'not the first');
      for (const one of [event(2), snapshot(3), event(4)]) assert.equal(await again(one), 'handled');
      assert.deepEqual(
        [await effects(), await position()],
        [
          [1, 2, 3, 4],
          [4, false, false],
        ],
      );
      const failing = snapshot(6);
      assert.equal(await inbox.once(service.prisma, 'c', failing, () => Promise.reject(new Error('broken'))), 'parked');
      assert.equal(await handle(event(7)), 'parked', 'behind a snapshot that cannot be handled');
    });

    it('heal a consumer that parked the first event of a key or the first one after a hole, and handled it later', async () => {
      const broken = (seq: number): Promise<string> =>
        inbox.once(service.prisma, 'c', event(seq), () => Promise.reject(new Error('broken')));
      const again = (seq: number): Promise<string> => handle({ ...event(seq), redriven: true });
      assert.equal(await broken(7), 'parked', 'the log had forgotten 1 to 6');
      assert.equal(await handle(event(8)), 'parked');
      for (const seq of [7, 8]) assert.equal(await again(seq), 'handled');
      assert.deepEqual(await position(), [8, false, true]);
      assert.equal(await handle(snapshot(8)), 'handled');
      assert.equal(await broken(10), 'parked', 'a hole');
      assert.equal(await again(10), 'handled');
      assert.deepEqual(
        [await effects(), await position()],
        [
          [7, 8, 8, 10],
          [10, false, true],
        ],
      );
      holes.splice(0);
      key = randomUUID();
      for (const seq of [1, 5])
        assert.equal(
          await inbox.once(service.prisma, 'c', event(seq), () => Promise.reject(new Error('broken')), {
            isCompacted: true,
          }),
          'parked',
        );
      for (const seq of [1, 5])
        assert.equal(
          await inbox.once(service.prisma, 'c', { ...event(seq), redriven: true }, effect(event(seq)), {
            isCompacted: true,
          }),
          'handled',
        );
      assert.deepEqual(await position(), [5, false, false], 'a hole of a compacted topic');
    });

    it('heal a consumer after an operator dropped an event', async () => {
      await handle(event(1));
      const bad = event(2);
      assert.equal(await inbox.once(service.prisma, 'c', bad, () => Promise.reject(new Error('broken'))), 'parked');
      assert.deepEqual(await new ParkedInbox(service.pool, SCHEMA).drop('c', bad.eventId), { dropped: true });
      assert.deepEqual(await position(), [2, false, true]);
      assert.equal(await handle(snapshot(2)), 'handled');
      assert.deepEqual(await effects(), [1, 2]);
    });
  });

  it('sees that another process has parked the key while it waited for the lock', async () => {
    const [one, two] = [new Inbox({ schema: SCHEMA, maxAttempts: 1 }), new Inbox({ schema: SCHEMA })];
    await one.once(service.prisma, 'c', event(1), effect(event(1)));
    const holding = await service.pool.connect();
    await holding.query('BEGIN');
    await holding.query(`UPDATE ${SCHEMA}.inbox SET parked = true WHERE key = $1`, [key]);
    // The call waits for the row lock, and must then see what the other transaction committed.
    const waiting = two.once(service.prisma, 'c', event(3), effect(event(3)));
    await holding.query('COMMIT');
    holding.release();
    assert.equal(await waiting, 'parked');
    assert.deepEqual(await effects(), [1]);
  });
});
