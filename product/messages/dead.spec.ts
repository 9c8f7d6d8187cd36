import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { JobQueueError } from '../../platform/messaging/job-queue/envelope.ts';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { drop, find, notSearched, redrive } from './messages.ts';
import type { DeadQueue, MessageStores } from './stores.ts';

const NAME = 'chores';
/** One more than a list of dead jobs has. */
const MANY = 1001;

const storesOf = (...queues: DeadQueue[]): MessageStores => ({
  services: [],
  queues,
  lag: undefined,
  mayRun: false,
  notes: [],
  close: async () => undefined,
});

describe('a dead job behind a thousand others', () => {
  let database: TestDatabase;
  let jobs: PostgresJobQueue;
  let queue: DeadQueue;
  beforeAll(async () => {
    database = await createTestDatabase();
    jobs = await PostgresJobQueue.open({ database: database.url });
    queue = {
      name: NAME,
      dead: (...args) => jobs.dead(...args),
      deadCount: (...args) => jobs.deadCount(...args),
      redrive: (...args) => jobs.redrive(...args),
      drop: (...args) => jobs.drop(...args),
    };
    await jobs.ensureQueues([{ name: NAME, maxDeliveries: 1, retryDelayMs: 1 }]);
  });
  afterAll(async () => {
    await jobs.close();
    await database.drop();
  });

  /** Enqueues jobs of this kind, which all fail. */
  async function die(ids: readonly string[], kind: string): Promise<void> {
    const worker = await jobs.work(NAME, { concurrency: 100, handler: () => Promise.reject(new Error('no luck')) });
    await jobs.enqueue(ids.map((id) => ({ id, queue: NAME, kind, version: 1, payload: {} })));
    await jobs.settled([NAME]);
    await worker.close();
  }

  it('is shown, redriven and dropped by its id; a search by type says that it has not seen all', async () => {
    const [last = '', gone = ''] = [randomUUID(), randomUUID()];
    await die(
      Array.from({ length: MANY }, () => randomUUID()),
      'Often',
    );
    await die([last, gone], 'Seldom');
    const stores = storesOf(queue);
    const [found = assert.fail('it is found'), ...more] = await find(stores, gone);
    assert.deepEqual([found.id, found.place, more], [gone, 'dead', []]);
    assert.equal(await drop(stores, found), undefined);
    assert.deepEqual(await find(stores, gone), []);
    assert.equal((await redrive(stores, { type: 'Seldom' })).dead, 0);
    assert.match((await notSearched(stores)).join('\n'), /^JOB_QUEUE_TOO_MANY_DEAD: chores has 1002 dead jobs/);
    assert.equal((await redrive(stores, { id: last })).dead, 1);
    assert.deepEqual(await find(stores, last), []);
  });

  it('that a queue cannot find is an error, unless another queue has it', async () => {
    const refuse = () => Promise.reject(new JobQueueError('JOB_QUEUE_TOO_MANY_DEAD', 'too many'));
    const full: DeadQueue = {
      name: 'full',
      dead: refuse,
      deadCount: async () => 20_000,
      redrive: refuse,
      drop: refuse,
    };
    const id = randomUUID();
    for (const search of [() => find(storesOf(full, queue), id), async () => redrive(storesOf(full, queue), { id })])
      await assert.rejects(search, { code: 'JOB_QUEUE_TOO_MANY_DEAD' });
    await die([id], 'Seldom');
    assert.equal((await find(storesOf(full, queue), id)).length, 1);
    assert.equal((await redrive(storesOf(full, queue), { id })).dead, 1);
  });
});
