import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import pg from 'pg';
import { createTestDatabase } from '../../../../test/database.ts';
import type { TestDatabase } from '../../../../test/database.ts';
import { Deliveries, definition, jobsFor } from '../contract.ts';
import { PostgresJobQueue } from './postgres.ts';

Logger.overrideLogger(false);

describe('PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('wakes the workers of its process for a job of any instance, and for a retry', async () => {
    const queueA = definition({ retryDelayMs: 20 });
    const working = await PostgresJobQueue.open({ database: database.url, pollMs: 2 ** 30 });
    const enqueueing = await PostgresJobQueue.open({ database: database.url });
    await working.ensureQueues([queueA]);
    const deliveries = new Deliveries();
    await working.work(queueA.name, {
      concurrency: 1,
      handler: async (job) => {
        await deliveries.record(job);
        if (job.attempt < 3) throw new Error('again');
      },
    });
    await enqueueing.enqueue(jobsFor(queueA, 1));
    await deliveries.reach(3);
    await enqueueing.settled([queueA.name]);
    await Promise.all([working.close(), enqueueing.close()]);
  });

  it('leaves a long job to the worker that runs it', async () => {
    const heartbeatSeconds = 10;
    const queueA = definition();
    const pool = new pg.Pool({ connectionString: database.url, max: 4 });
    let lostFrom = Infinity;
    const lookedFor = Promise.withResolvers<void>();
    const query = pool.query.bind(pool);
    jest.spyOn(pool, 'query').mockImplementation(async (text: string, values?: unknown[]) => {
      const began = performance.now();
      const result = await query(text, values);
      if (text.includes('job heartbeat timeout') && text.includes(queueA.name) && began > lostFrom) lookedFor.resolve();
      return result;
    });
    const queue = await PostgresJobQueue.open({ database: pool, heartbeatSeconds });
    await queue.ensureQueues([queueA]);
    const deliveries = new Deliveries();
    await queue.work(queueA.name, {
      concurrency: 2,
      handler: async (job) => {
        await deliveries.record(job);
        lostFrom = performance.now() + heartbeatSeconds * 1000;
        await lookedFor.promise;
      },
    });
    await queue.enqueue(jobsFor(queueA, 1));
    await deliveries.reach(1);
    await lookedFor.promise;
    await queue.settled([queueA.name]);
    await queue.close();
    await pool.end();
    assert.equal(deliveries.all.length, 1);
  });

  it('does not let a handler that lost its claim settle the job', async () => {
    const queueA = definition();
    const pool = new pg.Pool({ connectionString: database.url, max: 4 });
    const settled = Promise.withResolvers<void>();
    const query = pool.query.bind(pool);
    jest.spyOn(pool, 'query').mockImplementation(async (text: string, values?: unknown[]) => {
      const result = await query(text, values);
      if (/SET completed_on\b/.test(text) && values?.[0] === queueA.name) settled.resolve();
      return result;
    });
    const queue = await PostgresJobQueue.open({ database: pool, closeGraceMs: 1 });
    await queue.ensureQueues([queueA]);
    await queue.enqueue(jobsFor(queueA, 1));
    const deliveries = new Deliveries();
    const late = Promise.withResolvers<void>();
    const lost = await queue.work(queueA.name, {
      concurrency: 1,
      handler: async (job) => {
        await deliveries.record(job);
        await late.promise;
      },
    });
    await deliveries.reach(1);
    await lost.close();
    const second = Promise.withResolvers<void>();
    await queue.work(queueA.name, {
      concurrency: 1,
      handler: async (job) => {
        await deliveries.record(job);
        await second.promise;
        throw new Error('not done');
      },
    });
    await deliveries.reach(2);
    late.resolve();
    await settled.promise;
    second.resolve();
    await deliveries.reach(3);
    await queue.settled([queueA.name]);
    await queue.close();
    await pool.end();
    assert.deepEqual(
      deliveries.all.map(({ attempt }) => attempt),
      [1, 2, 3],
    );
    assert.equal(deliveries.all.length, 3);
  });

  it('works with a pool of the caller, leaves it open, and names unfinished queues', async () => {
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    const queueA = definition();
    const queue = await PostgresJobQueue.open({ database: pool, settleTimeoutMs: 50 });
    await queue.ensureQueues([queueA]);
    await queue.enqueue(jobsFor(queueA, 2));
    await assert.rejects(queue.settled([queueA.name]), (error: Error & { code?: string }) => {
      return error.code === 'JOB_QUEUE_NOT_SETTLED' && error.message.includes(`${queueA.name} 2`);
    });
    await queue.close();
    assert.equal((await pool.query('SELECT 1')).rowCount, 1);
    await pool.end();
  });

  it('takes a batch with more jobs than one statement holds', async () => {
    const queueA = definition();
    // This worker never polls. So the test passes only if the worker fetches the next batch without a pause.
    const queue = await PostgresJobQueue.open({ database: database.url, pollMs: 2 ** 30 });
    await queue.ensureQueues([queueA]);
    await queue.enqueue(jobsFor(queueA, 1200));
    const deliveries = new Deliveries();
    await queue.work(queueA.name, { concurrency: 10, handler: deliveries.record });
    await deliveries.reach(1200);
    await queue.settled([queueA.name]);
    await queue.close();
    assert.equal(new Set(deliveries.all.map(({ id }) => id)).size, 1200);
  });
});
