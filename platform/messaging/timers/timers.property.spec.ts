import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import fc from 'fast-check';
import { pgTransactions, type PgTransaction } from '../../postgres/transactions.ts';
import { openPool } from '../../postgres/pool.ts';
import { Outbox } from '../outbox/outbox.ts';
import { type Fired, handle } from './definition.ts';
import type { TimerRunner } from './runner.ts';
import { Timers } from './timers.ts';
import { createTimerService, Deadline, recordFired, SCHEMA, type TestService } from './timers.testing.ts';

const KEYS = ['a', 'b', 'c', 'd'];
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('set' as const), key, in: fc.integer({ min: -5_000, max: 20_000 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), key }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('rollback' as const), key, in: fc.integer({ min: -5_000, max: 20_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('clock' as const), by: fc.integer({ min: -8_000, max: 15_000 }) }),
  },
  // Both replicas fire timers at the same time. `how` is how the handler ends for `key`, or what happens to its timer
  // while it runs.
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('fire' as const),
      how: fc.constantFrom('works', 'throws', 'dies', 'is cancelled', 'is moved'),
      key,
    }),
  },
);

describe('timers, in every order of events', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTimerService();
  });
  afterAll(() => service.drop());

  it('fire exactly once in effect unless cancelled or moved before, and never early', async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), run), { numRuns: 40 });
  }, 300_000);

  async function run(steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[]): Promise<void> {
    await service.pool.query(`TRUNCATE ${SCHEMA}.timers, ${SCHEMA}.fired`);
    let now = Date.parse('2030-01-01T00:00:00Z');
    let how = 'works';
    let whose = '';
    /** For each key, when it is still due to fire; and everything that must have fired. */
    const pending = new Map<string, number>();
    const expected: string[] = [];
    // Each replica has its own pool, because some connections are killed.
    const pools = ['one', 'two'].map((name) => openPool(service.url, name, 8, () => undefined));
    const replicas = pools.map((pool, index) => {
      const timers = new Timers({
        url: service.url,
        outbox: new Outbox({ schema: SCHEMA }),
        clock: () => now,
        maxAttempts: 1_000,
        concurrency: 2,
      });
      const handler = handle(Deadline, async (timer: Fired<PgTransaction, { of: string }>) => {
        assert.ok(timer.dueAt.getTime() <= now, 'early');
        await recordFired(String(index))(timer);
        if (timer.key !== whose) return;
        if (how === 'throws') throw new Error('broken');
        // Ends the handler's connection: the database sees the same when the handler's process is killed.
        if (how === 'dies') await timer.tx.client.query('SELECT pg_terminate_backend(pg_backend_pid())');
        if (how === 'is cancelled') await cancel(timer.key);
        if (how === 'is moved') await set(timer.key, now + 10_000);
      });
      return { timers, runner: timers.runner(pgTransactions(pool), [handler]) as TimerRunner<PgTransaction> };
    });
    const [{ timers } = { timers: undefined }] = replicas;
    assert.ok(timers);
    const set = async (key: string, at: number): Promise<void> => {
      await service.prisma.$transaction((tx) =>
        timers.set(tx, Deadline, { key, at: new Date(at), payload: { of: key } }),
      );
      pending.set(key, at);
    };
    const cancel = async (key: string): Promise<void> => {
      assert.equal(await service.prisma.$transaction((tx) => timers.cancel(tx, Deadline, key)), pending.delete(key));
    };
    const fired = async (): Promise<string[]> =>
      (await service.pool.query<{ key: string; due_at: Date }>(`SELECT key, due_at FROM ${SCHEMA}.fired`)).rows
        .map((row) => `${row.key} ${row.due_at.getTime()}`)
        .toSorted();
    /** Each timer that fired since the last check fired as it was set, when it was due, and only once. */
    const check = async (): Promise<void> => {
      const seen = await fired();
      for (const [key, at] of pending) {
        if (
          seen.filter((one) => one === `${key} ${at}`).length > expected.filter((one) => one === `${key} ${at}`).length
        ) {
          expected.push(`${key} ${at}`);
          pending.delete(key);
          assert.ok(at <= now, 'early');
        }
      }
      assert.deepEqual(seen, expected.toSorted());
    };
    try {
      for (const one of steps) {
        if (one.do === 'set') await set(one.key, now + one.in);
        else if (one.do === 'cancel') await cancel(one.key);
        else if (one.do === 'clock') now += one.by;
        else if (one.do === 'rollback') {
          await assert.rejects(
            service.prisma.$transaction(async (tx) => {
              await timers.set(tx, Deadline, { key: one.key, at: new Date(now + one.in), payload: { of: one.key } });
              throw new Error('rolled back');
            }),
            /rolled back/,
          );
        } else {
          ({ how, key: whose } = one);
          await Promise.all(replicas.map(({ runner }) => runner.fireDue()));
          how = 'works';
          await check();
        }
      }
      // Fires timers until everything that is left has fired, including retries.
      for (let n = 0; n < 50 && pending.size > 0; n++) {
        now += 700_000;
        await replicas[n % 2]?.runner.fireDue();
        await check();
      }
      assert.deepEqual([...pending], []);
      assert.equal((await service.pool.query(`SELECT FROM ${SCHEMA}.timers`)).rowCount, 0);
    } finally {
      await Promise.all(replicas.map((replica) => replica.timers.close()));
      await Promise.all(pools.map((pool) => pool.end()));
    }
  }
});
