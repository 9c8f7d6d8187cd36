import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { z } from 'zod';
import type { PgTransaction } from '../../postgres/transactions.ts';
import { currentContext, runInContext } from '../../observability/request-context.ts';
import { eventually } from '../event-log/contract.process.ts';
import { Outbox } from '../outbox/outbox.ts';
import { ParkedTimers } from '../parked/parked-timers.ts';
import { from, MessageRefused } from '../definitions.ts';
import { Chore, ThingChanged } from '../outbox/outbox.testing.ts';
import { defineTimer, type Fired, handle, handleAll, type TimerHandler } from './definition.ts';
import type { TimerRunner } from './runner.ts';
import { Timers, type TimersOptions } from './timers.ts';
import { createTimerService, Deadline, recordFired, SCHEMA, type TestService } from './timers.testing.ts';

type Deadlines = Fired<PgTransaction, { of: string }>;

describe('timers', () => {
  let service: TestService;
  const opened: Timers[] = [];
  /** The clock of the tests. Tests that use the database's clock do not pass it. */
  let now = Date.parse('2030-01-01T00:00:00Z');
  let parked: ParkedTimers;
  beforeAll(async () => {
    service = await createTimerService();
    parked = new ParkedTimers(service.pool, SCHEMA);
  });
  beforeEach(() => service.pool.query(`TRUNCATE ${SCHEMA}.timers, ${SCHEMA}.fired, ${SCHEMA}.outbox`));
  afterEach(() => Promise.all(opened.splice(0).map((timers) => timers.close())));
  afterAll(() => service.drop());

  /** Opens a replica. */
  function open(
    options: Partial<TimersOptions> = {},
    handlers: readonly TimerHandler<PgTransaction>[] = [handle(Deadline, recordFired('one'))],
  ): { timers: Timers; runner: TimerRunner<PgTransaction> } {
    const timers = new Timers({
      url: service.url,
      outbox: new Outbox({ schema: SCHEMA }),
      clock: () => now,
      requestId: () => currentContext()?.requestId,
      ...options,
    });
    opened.push(timers);
    return { timers, runner: timers.runner(service.prisma, handlers) };
  }
  const set = (timers: Timers, key: string, inMs: number): Promise<void> =>
    service.prisma.$transaction((tx) =>
      timers.set(tx, Deadline, { key, at: new Date(now + inMs), payload: { of: key } }),
    );
  const cancel = (timers: Timers, key: string): Promise<boolean> =>
    service.prisma.$transaction((tx) => timers.cancel(tx, Deadline, key));
  const fired = async (): Promise<string[]> =>
    (await service.pool.query<{ key: string }>(`SELECT key FROM ${SCHEMA}.fired ORDER BY due_at, key`)).rows.map(
      ({ key }) => key,
    );
  const left = async (): Promise<{ key: string; attempts: number; last_error: string | null }[]> =>
    (await service.pool.query(`SELECT key, attempts, last_error FROM ${SCHEMA}.timers ORDER BY key`)).rows;

  it('fire when they are due and not earlier, once', async () => {
    const { timers, runner } = open();
    await set(timers, 'a', 1000);
    await set(timers, 'b', 2000);
    await set(timers, 'past', -86_400_000);
    await runner.fireDue();
    assert.deepEqual(await fired(), ['past']);
    now += 999;
    assert.equal(await runner.fireDue(), 1, 'milliseconds until the next');
    assert.deepEqual(await fired(), ['past']);
    now += 1;
    await runner.fireDue();
    await runner.fireDue();
    assert.deepEqual(await fired(), ['past', 'a']);
    now += 1000;
    await runner.fireDue();
    assert.deepEqual(await fired(), ['past', 'a', 'b']);
    assert.deepEqual(await left(), []);
  });

  it('are set and cancelled in a transaction, and roll back with it', async () => {
    const { timers, runner } = open();
    const failing = service.prisma.$transaction(async (tx) => {
      await timers.set(tx, Deadline, { key: 'a', at: new Date(now), payload: { of: 'a' } });
      throw new Error('changed my mind');
    });
    await assert.rejects(failing, /changed my mind/);
    await set(timers, 'b', 0);
    const kept = service.prisma.$transaction(async (tx) => {
      assert.equal(await timers.cancel(tx, Deadline, 'b'), true);
      throw new Error('changed my mind');
    });
    await assert.rejects(kept, /changed my mind/);
    await set(timers, 'c', 0);
    assert.equal(await cancel(timers, 'c'), true);
    assert.equal(await cancel(timers, 'c'), false);
    await runner.fireDue();
    assert.deepEqual(await fired(), ['b']);
    assert.equal(await cancel(timers, 'b'), false, 'it has fired');
  });

  it('are moved when they are set again, with their new payload', async () => {
    const seen: unknown[] = [];
    const { timers, runner } = open({}, [
      handle(
        Deadline,
        async ({ key, payload, dueAt }: Deadlines) => void seen.push([key, payload, dueAt.getTime() - now]),
      ),
    ]);
    await set(timers, 'later', 10);
    await set(timers, 'later', 5000);
    await set(timers, 'sooner', 5000);
    await service.prisma.$transaction((tx) =>
      timers.set(tx, Deadline, { key: 'sooner', at: new Date(now), payload: { of: 'other' } }),
    );
    await runner.fireDue();
    now += 20;
    await runner.fireDue();
    assert.deepEqual(seen, [['sooner', { of: 'other' }, 0]]);
    now += 4980;
    await runner.fireDue();
    assert.deepEqual(seen.slice(1), [['later', { of: 'later' }, 0]]);
  });

  it('are left as they are by a change that only needs one to be set, unless their handler failed', async () => {
    const seen: unknown[] = [];
    let failing = true;
    const { timers, runner } = open({ maxAttempts: 1 }, [
      handle(Deadline, async ({ payload }: Deadlines) => {
        if (failing) throw new Error('not yet');
        seen.push(payload);
      }),
    ]);
    const need = (of: string, inMs: number): Promise<void> =>
      service.prisma.$transaction((tx) =>
        timers.set(tx, Deadline, { key: 'a', at: new Date(now + inMs), payload: { of }, unlessSet: true }),
      );
    await need('first', 0);
    await need('second', 5_000);
    await runner.fireDue();
    assert.deepEqual(
      (await left()).map(({ attempts }) => attempts),
      [1],
      'parked',
    );
    failing = false;
    await need('third', 0);
    await runner.fireDue();
    await need('fourth', 0);
    await runner.fireDue();
    assert.deepEqual(seen, [{ of: 'third' }, { of: 'fourth' }]);
    await need('first', 0);
    await need('second', 5_000);
    await runner.fireDue();
    assert.deepEqual(seen.slice(2), [{ of: 'first' }]);
  });

  it('are taken by a handler that waits for the aggregate while others need them', async () => {
    const seen: number[] = [];
    const { timers, runner } = open({}, [
      handle(Deadline, async ({ tx }: Deadlines) => {
        await tx.$executeRawUnsafe(`LOCK TABLE ${SCHEMA}.fired IN SHARE ROW EXCLUSIVE MODE`);
        const [row] = await tx.$queryRawUnsafe<{ n: number }[]>(`SELECT count(*)::int AS n FROM ${SCHEMA}.fired`);
        seen.push(row?.n ?? 0);
      }),
    ]);
    let firing: Promise<number> | undefined;
    const change = (then?: () => Promise<void>): Promise<void> =>
      service.prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(`LOCK TABLE ${SCHEMA}.fired IN SHARE ROW EXCLUSIVE MODE`);
        await tx.$executeRawUnsafe(
          `INSERT INTO ${SCHEMA}.fired VALUES ('changed', gen_random_uuid(), now(), 'nobody')`,
        );
        await then?.();
        await timers.set(tx, Deadline, { key: 'a', at: new Date(now), payload: { of: 'a' }, unlessSet: true });
      });
    await change();
    await change(async () => {
      firing = runner.fireDue();
      const waiters = `SELECT FROM pg_locks WHERE relation = '${SCHEMA}.fired'::regclass AND NOT granted`;
      await eventually('the handler waits', async () => (await service.pool.query(waiters)).rowCount === 1);
    });
    await firing;
    assert.deepEqual(seen, [2], 'the handler saw both changes, and nothing is left to do');
    assert.deepEqual(await left(), []);
  });

  it('fire right after the commit of an outbox transaction that sets them, however long that takes', async () => {
    const outbox = new Outbox({ schema: SCHEMA });
    const { timers, runner } = open({ outbox, clock: undefined, pollMs: 3_600_000 });
    runner.start();
    await outbox.transaction(service.prisma, async (tx) => {
      await timers.set(tx, Deadline, { key: 'slow', after: 0, payload: { of: 'slow' } });
      await tx.$queryRawUnsafe('SELECT pg_sleep(0.2)');
    });
    await eventually('it fires', async () => (await fired()).join() === 'slow');
  });

  it('emit events and jobs in the transaction that ends them, in the context of the request that set them', async () => {
    const requests: unknown[] = [];
    const outbox = new Outbox({ schema: SCHEMA, requestId: () => currentContext()?.requestId });
    const { timers, runner } = open({ outbox }, [
      handle(Deadline, async ({ emit, id, key }: Deadlines) => {
        requests.push([currentContext()?.requestId, currentContext()?.service]);
        emit(ThingChanged, { seq: 1, payload: { id: key } });
        emit(Chore, { payload: { name: key }, because: id });
        if (key === 'failing') throw new Error('half way');
      }),
    ]);
    await runInContext({ requestId: 'request-1', service: 'other' }, () => set(timers, 'a', 0));
    await set(timers, 'failing', 0);
    await runner.fireDue();
    const { rows } = await service.pool.query(`SELECT kind, topic, type, request_id FROM ${SCHEMA}.outbox ORDER BY id`);
    assert.deepEqual(rows, [
      { kind: 'EVENT', topic: 'things.v1', type: 'ThingChanged', request_id: 'request-1' },
      { kind: 'JOB', topic: 'chores', type: 'Chore', request_id: 'request-1' },
    ]);
    assert.ok(requests.some((one) => JSON.stringify(one) === JSON.stringify(['request-1', SCHEMA])));
    assert.deepEqual(await left(), [{ key: 'failing', attempts: 1, last_error: 'half way' }]);
  });

  it('are fired together by a handler of many, each with a job of its own request; one that fails does so alone', async () => {
    const together: number[] = [];
    const outbox = new Outbox({ schema: SCHEMA, requestId: () => currentContext()?.requestId });
    const { timers, runner } = open({ outbox }, [
      handleAll(Deadline, 3, async (tx: PgTransaction, fired) => {
        together.push(fired.length);
        for (const { emit, ...one } of fired) {
          if (one.key === 'poison') throw new Error('cannot do that');
          await recordFired('many')({ tx, ...one });
          emit(Chore, { because: one.id, payload: { name: one.key } });
          if (one.key === 'again')
            await timers.set(tx, Deadline, { key: 'again', at: new Date(now + 5000), payload: { of: 'again' } });
        }
      }),
    ]);
    const keys = ['again', 'b', 'c', 'd', 'e', 'f', 'poison'];
    for (const key of keys)
      await runInContext({ requestId: `request-${key}`, service: SCHEMA }, () => set(timers, key, 1000));
    now += 1000;
    await runner.fireDue();
    assert.deepEqual((await fired()).toSorted(), keys.slice(0, -1));
    assert.ok(together.includes(3), 'three in one transaction');
    assert.deepEqual(
      (await left()).map(({ key, attempts }) => [key, attempts]),
      [
        ['again', 0],
        ['poison', 1],
      ],
    );
    const { rows } = await service.pool.query<{ request_id: string; because: string; id: string }>(
      `SELECT o.request_id, o.event_id AS because, f.id FROM ${SCHEMA}.outbox o JOIN ${SCHEMA}.fired f ON o.request_id = 'request-' || f.key`,
    );
    assert.equal(rows.length, 6);
    for (const { because, id } of rows) assert.equal(because, id);
  });

  it('of a batch fire without the one that is moved while their handler runs', async () => {
    let meanwhile: (() => Promise<unknown>) | undefined;
    const { timers, runner } = open({}, [
      handleAll(Deadline, 10, async (tx: PgTransaction, fired) => {
        const move = meanwhile;
        meanwhile = undefined;
        await move?.();
        for (const { emit: _emit, ...one } of fired) await recordFired('many')({ tx, ...one });
      }),
    ]);
    for (const key of ['a', 'b', 'c']) await set(timers, key, 1000);
    now += 1000;
    meanwhile = () => set(timers, 'b', 5000);
    await runner.fireDue();
    assert.deepEqual(await fired(), ['a', 'c']);
    now += 5000;
    await runner.fireDue();
    assert.deepEqual((await fired()).toSorted(), ['a', 'b', 'c']);
  });

  it('may set themselves again', async () => {
    let timers: Timers;
    const periodic = handle(Deadline, async (timer: Deadlines) => {
      await recordFired('one')(timer);
      await timers.set(timer.tx, Deadline, {
        key: timer.key,
        at: new Date(timer.dueAt.getTime() + 1000),
        payload: timer.payload,
      });
    });
    const opened = open({}, [periodic]);
    timers = opened.timers;
    await set(timers, 'a', 0);
    for (let n = 0; n < 3; n++) {
      await opened.runner.fireDue();
      now += 1000;
    }
    assert.deepEqual(await fired(), ['a', 'a', 'a']);
    assert.equal((await left()).length, 1);
    // A handler may cancel its own timer; the timer ends as it would anyway.
    const ending = open({}, [
      handle(Deadline, async (timer: Deadlines) => {
        await recordFired('two')(timer);
        await timers.cancel(timer.tx, Deadline, timer.key);
      }),
    ]);
    await ending.runner.fireDue();
    assert.deepEqual([await fired(), await left()], [['a', 'a', 'a', 'a'], []]);
  });

  it('are fired by one of several replicas', async () => {
    const replicas = ['one', 'two', 'three'].map((by) => open({}, [handle(Deadline, recordFired(by))]));
    const keys = Array.from({ length: 60 }, (_, n) => `k${String(n).padStart(2, '0')}`);
    for (const key of keys) await set(replicas[0]!.timers, key, 0);
    while ((await left()).length > 0) await Promise.all(replicas.map(({ runner }) => runner.fireDue()));
    assert.deepEqual(await fired(), keys);
    const { rows } = await service.pool.query<{ by: string }>(`SELECT DISTINCT by FROM ${SCHEMA}.fired`);
    assert.ok(rows.length > 1, 'they share the work');
  }, 60_000);

  it('are left alone while another replica fires them', async () => {
    const [entered, leave] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const one = open({}, [
      handle(Deadline, async (timer: Deadlines) => {
        await recordFired('one')(timer);
        entered.resolve();
        await leave.promise;
      }),
    ]);
    const two = open({}, [handle(Deadline, () => Promise.reject(new Error('fired twice')))]);
    await set(one.timers, 'a', 0);
    const firing = one.runner.fireDue();
    await entered.promise;
    assert.equal(await two.runner.fireDue(), 1000, 'looks again at the next poll');
    assert.deepEqual(
      (await left()).map(({ attempts }) => attempts),
      [0],
    );
    leave.resolve();
    await firing;
    assert.deepEqual([await fired(), await left()], [['a'], []]);
  });

  it('do not fire when they are cancelled or moved while their handler runs', async () => {
    const inHandler = { entered: Promise.withResolvers<void>(), leave: Promise.withResolvers<void>() };
    const { timers, runner } = open({}, [
      handle(Deadline, async (timer: Deadlines) => {
        await recordFired('one')(timer);
        inHandler.entered.resolve();
        await inHandler.leave.promise;
      }),
    ]);
    for (const change of [() => cancel(timers, 'a'), () => set(timers, 'a', 60_000)]) {
      Object.assign(inHandler, { entered: Promise.withResolvers<void>(), leave: Promise.withResolvers<void>() });
      await set(timers, 'a', 0);
      const firing = runner.fireDue();
      await inHandler.entered.promise;
      await change(); // The change does not wait for the handler.
      inHandler.leave.resolve();
      await firing;
      assert.deepEqual(await fired(), []);
    }
    assert.equal((await left())[0]?.attempts, 0, 'that is no failure');
    now += 60_000;
    await runner.fireDue();
    assert.deepEqual(await fired(), ['a']);
  });

  it('do not deadlock with a change of the same aggregate, and one of the two wins', async () => {
    await service.pool.query(`INSERT INTO ${SCHEMA}.things VALUES ('match', 0) ON CONFLICT DO NOTHING`);
    const lock = (tx: PgTransaction) =>
      tx.$queryRawUnsafe(`SELECT FROM ${SCHEMA}.things WHERE id = 'match' FOR UPDATE`);
    const { timers, runner } = open({}, [
      handle(Deadline, async (timer: Deadlines) => {
        await lock(timer.tx);
        await recordFired('one')(timer);
      }),
    ]);
    let cancelled = 0;
    for (let n = 0; n < 25; n++) {
      await set(timers, 'match', 0);
      const [, was] = await Promise.all([
        runner.fireDue(),
        service.prisma.$transaction(async (tx) => {
          await lock(tx);
          return timers.cancel(tx, Deadline, 'match');
        }),
      ]);
      if (was) cancelled++;
    }
    assert.equal((await fired()).length, 25 - cancelled);
    assert.deepEqual(await left(), []);
  }, 60_000);

  it('are retried with a growing delay when their handler fails, then parked until an operator redrives them', async () => {
    let mended = false;
    const seen: string[] = [];
    let tries = 0;
    const { timers, runner } = open(
      { maxAttempts: 4, onFailed: ({ key }, error, parked) => seen.push(`${key} ${error.message} ${parked}`) },
      [
        handle(Deadline, async (timer: Deadlines) => {
          if (timer.key === 'bad') tries++;
          if (timer.key === 'bad' && !mended) throw new Error('broken');
          await recordFired('one')(timer);
        }),
      ],
    );
    await set(timers, 'bad', 0);
    await set(timers, 'good', 0);
    await runner.fireDue();
    assert.deepEqual(await fired(), ['good'], 'one that fails holds up no other');
    for (const [ms, expected] of [
      [700, 1],
      [400, 2],
      [1500, 2],
      [600, 3],
      [3100, 3],
      [1000, 4],
      [3_600_000, 4],
    ] as const) {
      now += ms;
      await runner.fireDue();
      assert.equal(tries, expected, `after ${ms} ms more`);
    }
    assert.deepEqual(seen, ['bad broken false', 'bad broken false', 'bad broken false', 'bad broken true']);
    const [row] = await parked.list({ limit: 10 });
    assert.deepEqual(
      [row?.type, row?.key, row?.error, row?.state, row?.payload],
      ['deadline', 'bad', 'broken', 'parked', { of: 'bad' }],
    );
    assert.deepEqual(
      (await parked.counts()).map((one) => [one.topic, one.parked]),
      [['deadline', 1]],
    );
    mended = true;
    assert.equal(await parked.redrive({ type: 'other' }), 0);
    assert.equal(await parked.redrive({}), 1);
    await runner.fireDue();
    assert.deepEqual([await fired(), await left()], [['bad', 'good'], []]);
  });

  it('can be set again or cancelled while they are parked', async () => {
    const { timers, runner } = open({ maxAttempts: 1 }, [
      handle(Deadline, async (timer: Deadlines) => {
        if (timer.payload.of !== 'good') throw new Error('broken');
        await recordFired('one')(timer);
      }),
    ]);
    for (const key of ['a', 'b']) await set(timers, key, 0);
    await runner.fireDue();
    const [one] = await parked.list({ limit: 10 });
    assert.equal((await parked.list({ limit: 10 })).length, 2);
    assert.equal((await parked.find(one?.id ?? ''))?.key, one?.key);
    await service.prisma.$transaction((tx) =>
      timers.set(tx, Deadline, { key: 'a', at: new Date(now), payload: { of: 'good' } }),
    );
    assert.equal(await cancel(timers, 'b'), true);
    await runner.fireDue();
    assert.deepEqual([await fired(), await left()], [['a'], []]);
  });

  it('are parked after one attempt when unreadable; older versions are read; newer ones and unknown names wait and count as lag', async () => {
    const One = defineTimer({ name: 'deadline', version: 1, payload: z.object({ what: z.string() }) });
    const Two = defineTimer({
      name: 'deadline',
      version: 2,
      payload: z.object({ of: z.string() }),
      upcast: { 1: from(z.object({ what: z.string() }), ({ what }) => ({ of: what })) },
    });
    const Other = defineTimer({ name: 'other', version: 1, payload: z.null() });
    let lag = -1;
    const old = open({ onLook: ({ lagSeconds }) => (lag = lagSeconds) }, [handle(One, recordFired('old'))]);
    const at = new Date(now);
    await service.prisma.$transaction(async (tx) => {
      await old.timers.set(tx, Two, { key: 'new', at, payload: { of: 'new' } });
      await old.timers.set(tx, Other, { key: 'other', at, payload: null });
      await old.timers.set(tx, One, { key: 'old', at, payload: { what: 'old' } });
    });
    await old.runner.fireDue();
    assert.deepEqual(await fired(), ['old']);
    now += 5000;
    await old.runner.fireDue();
    assert.equal(lag, 5);
    await service.prisma.$transaction(async (tx) => {
      await old.timers.set(tx, One, { key: 'old', at, payload: { what: 'again' } });
      await old.timers.set(tx, One, { key: 'unreadable', at, payload: { what: 'x' } });
    });
    await service.pool.query(`UPDATE ${SCHEMA}.timers SET payload = '{"secret": 1}' WHERE key = 'unreadable'`);
    const seen: unknown[] = [];
    const upcoming = open({}, [
      handle(Two, async ({ key, payload }: Deadlines) => void seen.push([key, payload])),
      handle(Other, async () => void seen.push('other')),
    ]);
    await upcoming.runner.fireDue();
    assert.deepEqual(seen.map((one) => JSON.stringify(one)).sort(), [
      '"other"',
      '["new",{"of":"new"}]',
      '["old",{"of":"again"}]',
    ]);
    assert.deepEqual(
      (await parked.list({ limit: 10 })).map(({ key, error }) => [key, error]),
      [['unreadable', 'unreadable, timer deadline version 1: what Invalid input: expected string, received undefined']],
    );
  });

  it('are refused when their time or payload is invalid', async () => {
    const { timers } = open();
    const refused = (due: { at: Date } | { after: number }, error: object, payload: unknown = { of: 'a' }) =>
      assert.rejects(
        service.prisma.$transaction((tx) =>
          timers.set(tx, Deadline, { key: 'a', payload: payload as { of: string }, ...due }),
        ),
        error,
      );
    await refused({ at: new Date('never') }, RangeError);
    for (const after of [-1, NaN, Infinity, 1e20]) await refused({ after }, RangeError);
    await refused({ after: 1 }, MessageRefused, { of: 1 });
    assert.throws(() => timers.runner(service.prisma, []), /in one place/);
    assert.throws(
      () => open({}, [handle(Deadline, recordFired('a')), handle(Deadline, recordFired('b'))]),
      /two handlers/,
    );
  });

  it('survive a clock that jumps: none fires early, twice, or never', async () => {
    let failing = true;
    const { timers, runner } = open({}, [
      handle(Deadline, async (timer: Deadlines) => {
        if (timer.key === 'failing' && failing) throw new Error('broken');
        await recordFired('one')(timer);
      }),
    ]);
    await set(timers, 'a', 3_600_000);
    await set(timers, 'b', 7_200_000);
    now += 5_000_000; // forward
    await set(timers, 'failing', 0);
    await runner.fireDue();
    assert.deepEqual(await fired(), ['a']);
    now -= 5_000_000; // and back again
    await runner.fireDue();
    assert.deepEqual(await fired(), ['a']);
    now += 5_000_100;
    failing = false;
    await runner.fireDue();
    assert.deepEqual(await fired(), ['a'], 'not tried again yet');
    // The clock goes back by a day before the retry. A retry is never further away than the longest delay.
    now += 86_400_000;
    failing = true;
    await set(timers, 'failing', -86_400_000);
    await runner.fireDue();
    failing = false;
    now -= 86_300_000;
    await runner.fireDue();
    assert.deepEqual((await fired()).toSorted(), ['a', 'b', 'failing']);
    assert.deepEqual(await left(), []);
  });

  it("use the database's clock, not the clock of the process", async () => {
    const { timers, runner } = open({ clock: undefined });
    const real = Date.now;
    try {
      Date.now = () => real() + 3_600_000;
      await service.prisma.$transaction((tx) =>
        timers.set(tx, Deadline, { key: 'a', after: 60_000, payload: { of: 'a' } }),
      );
      const ms = await runner.fireDue();
      assert.equal(ms, 1000);
      const [row] = (
        await service.pool.query<{ s: number }>(
          `SELECT extract(epoch FROM due_at - now())::float8 AS s FROM ${SCHEMA}.timers`,
        )
      ).rows;
      assert.ok(row && row.s > 50 && row.s <= 60, String(row?.s));
      assert.deepEqual(await fired(), []);
    } finally {
      Date.now = real;
    }
  });

  it('fire without a call: on time when set here, at the next poll when set elsewhere, and a timer in years delays no other', async () => {
    const [looked, firedAt] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()];
    const setIn = (timers: Timers, key: string, after: number): Promise<void> =>
      service.prisma.$transaction((tx) => timers.set(tx, Deadline, { key, after, payload: { of: key } }));
    const here = open({ clock: undefined, pollMs: 3_600_000, onLook: () => looked.resolve() }, [
      handle(Deadline, async () => firedAt.resolve(performance.now())),
    ]);
    await service.prisma.$transaction((tx) =>
      here.timers.set(tx, Deadline, { key: 'years', at: new Date('9999-12-31'), payload: { of: 'years' } }),
    );
    here.runner.start();
    await looked.promise; // The runner sleeps for an hour now.
    const began = performance.now();
    await setIn(here.timers, 'own', 300);
    assert.ok((await firedAt.promise) - began >= 295);
    await eventually('it is committed', async () => (await left()).map(({ key }) => key).join() === 'years');
    await here.timers.close();
    const polling = open({ clock: undefined, pollMs: 100 });
    polling.runner.start();
    await setIn(here.timers, 'elsewhere', 0);
    await eventually('it is fired', async () => (await fired()).join() === 'elsewhere');
  }, 60_000);

  it('survive a process that is killed, or frozen, between its work and the commit', async () => {
    const LOADER = new URL('../../../loader.mjs', import.meta.url).href;
    for (const [signal, silentMs] of [
      ['SIGKILL', 30_000],
      ['SIGSTOP', 500],
    ] as const) {
      await service.pool.query(`TRUNCATE ${SCHEMA}.fired`);
      const { timers, runner } = open({ clock: undefined });
      const key = randomUUID();
      await service.prisma.$transaction((tx) => timers.set(tx, Deadline, { key, after: 0, payload: { of: key } }));
      const worker = fork(new URL('./timer.worker.ts', import.meta.url), [service.url, String(silentMs)], {
        execArgv: ['--import', LOADER],
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const exit = once(worker, 'exit');
      try {
        await new Promise<void>((resolve) =>
          worker.on('message', (message: { fired?: string }) => message.fired === key && resolve()),
        );
        worker.kill(signal);
        if (signal === 'SIGKILL') await exit;
        while ((await left()).length > 0) await runner.fireDue();
        const { rows } = await service.pool.query(`SELECT key, by FROM ${SCHEMA}.fired`);
        assert.deepEqual(rows, [{ key, by: 'one' }], signal);
      } finally {
        worker.kill('SIGKILL');
        await exit;
      }
    }
  }, 120_000);

  it('fire within seconds when 1,000 are due at once', async () => {
    const { timers, runner } = open({}, [
      handle(Deadline, async (timer: Deadlines) => {
        await recordFired('one')(timer);
        timer.emit(ThingChanged, { seq: 1, payload: { id: timer.key } });
      }),
    ]);
    await service.prisma.$transaction(async (tx) => {
      for (let n = 0; n < 1000; n++)
        await timers.set(tx, Deadline, { key: `k${n}`, at: new Date(now), payload: { of: 'x' } });
    });
    await runner.fireDue();
    assert.equal((await fired()).length, 1000);
  }, 120_000);
});
