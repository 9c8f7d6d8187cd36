import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type pg from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../event-log/contract.process.ts';
import type { AppendOutcome, DomainEvent } from '../event-log/event-log.ts';
import { PostgresEventLog } from '../event-log/postgres/postgres.ts';
import { EventRejected } from '../event-log/record.ts';
import type { Job } from '../job-queue/job-queue.ts';
import { ParkedOutbox } from '../parked/parked-outbox.ts';
import { Outbox } from './outbox.ts';
import { bump, changeThing, Chore, createTestService, SCHEMA, ThingChanged, Things } from './outbox.testing.ts';
import type { TestService } from './outbox.testing.ts';
import { OutboxRelay } from './relay.ts';
import type { RelayOptions } from './relay.ts';
import { afterTest } from '../../../test/after-test.ts';

type Append = (events: readonly DomainEvent[]) => Promise<readonly AppendOutcome[]>;

describe('relay', () => {
  let service: TestService;
  const relays: OutboxRelay[] = [];
  const outbox = new Outbox({ schema: SCHEMA });
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.close()));
    await service.drop();
  });
  const newRelay = (options: Partial<RelayOptions> & { append?: Append }): OutboxRelay => {
    const { append = async () => [], ...rest } = options;
    const relay = new OutboxRelay({ url: service.url, schema: SCHEMA, eventLog: { append }, leaseMs: 1000, ...rest });
    relays.push(relay);
    return relay;
  };
  const accept = (events: readonly DomainEvent[]): AppendOutcome[] => events.map(() => ({ ok: true }));

  it('publishes events and jobs in order, and marks them', async () => {
    const events: DomainEvent[] = [];
    const jobs: Job[] = [];
    const because = await outbox.transaction(service.prisma, async (tx, emit) => {
      const seqs = [await bump(tx, 'a'), await bump(tx, 'a')];
      const ids = seqs.map((seq) => emit(ThingChanged, { seq, payload: { id: 'a', more: seq }, requestId: 'r' }));
      emit(Chore, { because: ids[0] ?? '', payload: { name: 'sweep' } });
      return ids[0];
    });
    const published: string[] = [];
    const relay = newRelay({
      append: async (batch) => (events.push(...batch), accept(batch)),
      jobQueue: { enqueue: async (batch) => void jobs.push(...batch) },
      onPublished: (types) => published.push(...types),
    });
    await relay.settled();
    assert.deepEqual(
      events.map(({ key, seq, version, payload, requestId }) => ({ key, seq, version, payload, requestId })),
      [
        { key: 'a', seq: 1, version: 1, payload: { id: 'a', more: 1 }, requestId: 'r' },
        { key: 'a', seq: 2, version: 1, payload: { id: 'a', more: 2 }, requestId: 'r' },
      ],
    );
    assert.equal(events[0]?.eventId, because);
    assert.deepEqual(
      jobs.map(({ queue, kind, payload }) => ({ queue, kind, payload })),
      [{ queue: 'chores', kind: 'Chore', payload: { name: 'sweep' } }],
    );
    await eventually('counted', () => published.join() === 'ThingChanged,ThingChanged,Chore');
    await relay.close();
  }, 60_000);

  it('publishes everything that was committed before it closes, and leaves no row behind', async () => {
    const events: DomainEvent[] = [];
    const relay = newRelay({
      pollMs: 60_000,
      batch: 2,
      append: async (batch) => (events.push(...batch), accept(batch)),
    });
    await relay.settled();
    const key = randomUUID();
    // This outbox has no relay to wake.
    await new Outbox({ schema: SCHEMA }).transaction(service.prisma, async (tx, emit) => {
      for (let n = 0; n < 5; n++) emit(ThingChanged, { seq: await bump(tx, key), payload: { id: key } });
    });
    assert.equal(events.length, 0);
    await relay.close();
    assert.deepEqual(
      events.map(({ seq }) => seq),
      [1, 2, 3, 4, 5],
    );
  }, 60_000);

  it('parks a rejected event, holds back only its key, and continues in order after a redrive', async () => {
    const bad = randomUUID();
    const seen: string[] = [];
    let mended = false;
    let parked = 0;
    const relay = newRelay({
      maxAttempts: 2,
      onParked: (count) => (parked += count),
      append: async (batch) =>
        batch.map((event) => {
          if (event.key === bad && !mended) return { ok: false, error: new EventRejected('too large') };
          seen.push(`${event.key} ${event.seq}`);
          return { ok: true };
        }),
    });
    await changeThing(outbox, service.prisma, bad);
    await changeThing(outbox, service.prisma, bad);
    const good = randomUUID();
    await changeThing(outbox, service.prisma, good);
    await relay.settled();
    await changeThing(outbox, service.prisma, bad);
    await changeThing(outbox, service.prisma, good);
    await relay.settled();
    assert.deepEqual(seen, [`${good} 1`, `${good} 2`]);
    assert.equal(parked, 1);
    mended = true;
    assert.equal(await relay.redrive(1), 1);
    await relay.settled();
    assert.equal(await relay.redrive(10), 2);
    await relay.settled();
    assert.deepEqual(seen.slice(2), [`${bad} 1`, `${bad} 2`, `${bad} 3`]);
    await relay.close();
  }, 60_000);

  it('parks no event while the log is away, and continues when it is back', async () => {
    let away = true;
    let tries = 0;
    const seen: number[] = [];
    const relay = newRelay({
      maxAttempts: 2,
      onParked: () => assert.fail('parked'),
      append: async (batch) => {
        tries++;
        if (away) throw new Error('connection refused');
        seen.push(...batch.map((event) => event.seq));
        return accept(batch);
      },
    });
    const key = randomUUID();
    for (let n = 0; n < 3; n++) await changeThing(outbox, service.prisma, key);
    await eventually('it tried more often than it may', () => tries > 4);
    away = false;
    await relay.settled();
    assert.deepEqual(seen, [1, 2, 3]);
    await relay.close();
  }, 60_000);

  it('parks one bad job, and publishes the others', async () => {
    const jobs: unknown[] = [];
    let parked = 0;
    const relay = newRelay({
      maxAttempts: 2,
      append: async (batch) => accept(batch),
      onParked: (count) => (parked += count),
      jobQueue: {
        async enqueue(batch) {
          const names = batch.map((job) => (job.payload as { name: string }).name);
          if (names.includes('bad')) throw new Error('refused');
          jobs.push(...names);
        },
      },
    });
    const enqueue = (payloads: readonly string[]): Promise<void> =>
      outbox.transaction(service.prisma, async (tx, emit) => {
        const key = randomUUID();
        const because = emit(ThingChanged, { seq: await bump(tx, key), payload: { id: key } });
        for (const name of payloads) emit(Chore, { because, discriminator: name, payload: { name } });
      });
    await enqueue(['one', 'bad', 'two']);
    await eventually('good ones arrive', () => jobs.length === 2);
    for (let n = 0; parked === 0; n++) {
      await enqueue([`later ${n}`]);
      await eventually('a later one', () => jobs.includes(`later ${n}`));
    }
    await relay.settled();
    assert.deepEqual(jobs.slice(0, 2), ['one', 'two']);
    await relay.close();
  }, 60_000);

  it('has one leader; the next takes over when it closes, and a relay on standby notifies the leader', async () => {
    const by: string[] = [];
    const make = (name: string): OutboxRelay =>
      newRelay({
        pollMs: 60_000,
        leaseMs: 30_000,
        append: async (batch) => (by.push(...batch.map(() => name)), accept(batch)),
      });
    const first = make('first');
    await eventually('the first leads', () => first.leads);
    const second = make('second');
    const stop = outbox.onCommitted(() => second.wake());
    // Neither relay polls during this test, so the first can only have learned of the change from the notification.
    await eventually('the notification arrived', async () => {
      await changeThing(outbox, service.prisma, randomUUID());
      return by.length > 0;
    });
    assert.ok(!second.leads && by.every((name) => name === 'first'));
    stop();
    await first.close();
    await second.close();
    const third = make('third');
    await eventually('the lease was given back', () => third.leads);
    await third.close();
  }, 60_000);

  it('holds no row back behind a row that an operator redrives at that moment', async () => {
    // The test has its own service, because no other relay may take these rows.
    const service = await createTestService();
    afterTest(() => service.drop());
    const { RelayStore } = await import('./relay-store.ts');
    const key = randomUUID();
    for (let n = 0; n < 2; n++) await changeThing(outbox, service.prisma, key);
    await service.pool.query(
      `UPDATE ${SCHEMA}.outbox SET parked_at = now(), last_error = 'no luck' WHERE key = $1 AND seq = 1`,
      [key],
    );
    let looks = 0;
    // Runs between the relay's query and the update that follows it.
    const pool = {
      async query(...args: unknown[]): Promise<unknown> {
        const found: unknown = await (service.pool.query as (...all: unknown[]) => Promise<unknown>).apply(
          service.pool,
          args,
        );
        if (looks++ === 0) await new ParkedOutbox(service.pool, SCHEMA).redrive({});
        return found;
      },
    };
    const taken = await new RelayStore(pool as unknown as pg.Pool, SCHEMA).take(10);
    const { rows } = await service.pool.query(
      `SELECT seq, parked_at FROM ${SCHEMA}.outbox WHERE key = $1 ORDER BY seq`,
      [key],
    );
    assert.deepEqual(rows, [
      { seq: 1, parked_at: null },
      { seq: 2, parked_at: null },
    ]);
    assert.deepEqual(
      taken.map(({ event }) => event?.seq),
      [1, 2],
    );
  }, 60_000);

  it('prunes no row that is young or unpublished', async () => {
    const { RelayStore } = await import('./relay-store.ts');
    const store = new RelayStore(service.pool, SCHEMA);
    const [old, young] = [randomUUID(), randomUUID()];
    for (const key of [old, young]) await changeThing(outbox, service.prisma, key);
    await service.pool.query(`UPDATE ${SCHEMA}.outbox SET published_at = now() - interval '25 hours' WHERE key = $1`, [
      old,
    ]);
    assert.equal(await store.prune(100), 1);
    const { rows } = await service.pool.query<{ key: string }>(`SELECT key FROM ${SCHEMA}.outbox WHERE key = ANY($1)`, [
      [old, young],
    ]);
    assert.deepEqual(rows, [{ key: young }]);
    await service.pool.query(`DELETE FROM ${SCHEMA}.outbox`);
  }, 60_000);

  describe('when processes are killed and frozen', () => {
    const keys = ['k1', 'k2', 'k3', 'k4'].map((key) => `${key}-${randomUUID()}`);
    const committed: { key: string; seq: number }[] = [];
    const children: ChildProcess[] = [];
    let log: PostgresEventLog;
    beforeAll(async () => {
      log = new PostgresEventLog({ url: service.url });
      await log.ensureTopics([Things]);
    });
    afterAll(async () => {
      for (const child of children) child.kill('SIGKILL');
      await log.close();
    });
    const start = (leaseMs: number): { child: ChildProcess; leads: () => boolean } => {
      const loader = new URL('../../../loader.mjs', import.meta.url).href;
      const child = fork(new URL('./outbox.worker.ts', import.meta.url), [service.url, String(leaseMs), ...keys], {
        execArgv: ['--import', loader],
      });
      children.push(child);
      let leads = false;
      child.on('message', (message: { ready: true } | { key: string; seq: number; leads: boolean }) => {
        if ('ready' in message) return;
        leads = message.leads;
        committed.push({ key: message.key, seq: message.seq });
      });
      return { child, leads: () => leads };
    };
    /**
     * Every committed event is in the log, whether its commit was acknowledged or not. Without repeats the events of
     * each key are in order and have no gap.
     */
    const check = async (): Promise<void> => {
      const relay = newRelay({ append: (batch) => log.append(batch), leaseMs: 500 });
      await relay.settled();
      await relay.close();
      const seen = new Map<string, number>();
      const holes: string[] = [];
      let repeats = 0;
      await log.consume({
        group: randomUUID(),
        topics: [Things.name],
        async handler({ key, seq }) {
          const last = seen.get(key) ?? 0;
          if (seq <= last) repeats++;
          else if (seq === last + 1) seen.set(key, seq);
          else holes.push(`${key}: ${last} → ${seq}`);
        },
      });
      await log.settled();
      assert.deepEqual(holes, []);
      const { rows } = await service.pool.query<{ id: string; last_seq: number }>(
        `SELECT id, last_seq FROM ${SCHEMA}.things WHERE id = ANY($1)`,
        [keys],
      );
      for (const { id, last_seq } of rows) assert.equal(seen.get(id), last_seq, id);
      for (const { key, seq } of committed) assert.ok(seq <= (seen.get(key) ?? 0), `${key} ${seq} was acknowledged`);
      assert.ok(committed.length > 100, `${committed.length} commits, ${repeats} repeats`);
    };

    it('loses nothing to kill -9', async () => {
      for (let round = 0; round < 6; round++) {
        const { child } = start(300);
        const before = committed.length;
        await eventually('it commits', () => committed.length > before + 20);
        await wait(Math.random() * 300);
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      await check();
    }, 120_000);

    it('loses nothing and repeats nothing new when the leader freezes past its lease', async () => {
      const { child, leads } = start(300);
      await eventually('it leads', leads);
      const other = newRelay({ append: (batch) => log.append(batch), leaseMs: 300 });
      for (let round = 0; round < 3; round++) {
        await wait(Math.random() * 50);
        child.kill('SIGSTOP');
        await eventually('the other leads', () => other.leads);
        child.kill('SIGCONT');
        const before = committed.length;
        await eventually('it goes on', () => committed.length > before + 20);
      }
      child.send('stop');
      await once(child, 'exit');
      await other.close();
      await check();
    }, 120_000);
  });
});
