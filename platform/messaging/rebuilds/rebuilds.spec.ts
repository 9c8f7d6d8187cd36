import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createTestService, SCHEMA, type TestService } from '../outbox/outbox.testing.ts';
import { uuidV5 } from '../outbox/uuid.ts';
import { Consumers } from '../consumers/consumers.ts';
import { work } from '../consumers/declare.ts';
import { PostgresJobQueue } from '../job-queue/postgres/postgres.ts';
import { type Projection, rebuildJob } from './projection.ts';
import { Rebuilds } from './rebuilds.ts';
import { type Run, RebuildRuns } from './runs.ts';

Logger.overrideLogger(false);

const QUEUE = { name: 'things', maxDeliveries: 3, retryDelayMs: 10 };
const RebuildThings = rebuildJob(QUEUE, 'RebuildThings');

describe('a rebuild whose worker is killed at each delivery', () => {
  let service: TestService;
  let queue: PostgresJobQueue;
  let rebuilds: Rebuilds;
  let runs: RebuildRuns;
  let begun = 0;
  beforeAll(async () => {
    service = await createTestService();
    const tables = await readFile(new URL('./tables.sql', import.meta.url), 'utf8');
    await service.pool.query(`SET search_path = ${SCHEMA}; ${tables}; SET search_path = public`);
    queue = await PostgresJobQueue.open({ database: service.url, pollMs: 10 });
    await queue.ensureQueues([QUEUE]);
    runs = new RebuildRuns(service.pool, SCHEMA);
    const history = { size: async () => 0, read: async function* () {} };
    rebuilds = new Rebuilds({ pool: service.pool, url: service.url, service: SCHEMA, history });
  });
  afterAll(async () => {
    rebuilds.onModuleDestroy();
    await queue.close();
    await service.drop();
  });

  const things: Projection = {
    service: SCHEMA,
    job: RebuildThings,
    topics: [],
    describe: 'things',
    open: async () => {
      begun++;
      return { handle: () => undefined, finish: async () => ({ rows: 0 }), close: async () => undefined };
    },
  };

  /** A run whose three deliveries each killed their worker, so that its job comes once more. */
  async function killedRun(): Promise<Run> {
    const { run, isNew } = await runs.request('things', RebuildThings);
    assert.ok(isNew);
    const id = uuidV5(run.id, RebuildThings.kind);
    await queue.enqueue([{ id, queue: QUEUE.name, kind: RebuildThings.kind, version: 1, payload: { runId: run.id } }]);
    await service.pool.query('UPDATE job_queue.job SET retry_count = 3 WHERE id = $1', [id]);
    return (await runs.begin(run.id, 3)) ?? assert.fail('it has begun');
  }
  /** Delivers the jobs that wait, as a worker of the product does. */
  async function deliver(): Promise<void> {
    // The other stores are only for events.
    const stores: unknown = { jobs: queue, service: SCHEMA };
    const consumers = new Consumers(stores as ConstructorParameters<typeof Consumers>[0]);
    consumers.worker(QUEUE, 1, [
      work(
        RebuildThings,
        (run, job) => rebuilds.run(RebuildThings, { things }, run, job),
        (run) => rebuilds.lost(run),
      ),
    ]);
    await consumers.onApplicationBootstrap();
    await queue.settled([QUEUE.name]);
    await consumers.onModuleDestroy();
  }
  const stateOf = async ({ id }: Run): Promise<Run['state'] | undefined> => (await runs.byId(id))?.state;

  it('is FAILED with a code, is not run again, and another one may follow', async () => {
    const run = await killedRun();
    await deliver();
    const ended = await runs.byId(run.id);
    assert.deepEqual([ended?.state, ended?.finishedAt !== null, begun], ['FAILED', true, 0]);
    assert.match(ended?.error ?? '', /^WORKERS_LOST: /);
    const [dead, ...more] = await queue.dead(QUEUE.name, 10);
    assert.deepEqual([dead?.payload, more], [{ runId: run.id }, []]);
    // Put back by an operator, it is done.
    assert.equal(await queue.redrive(QUEUE.name, 1, dead?.id), 1);
    await deliver();
    assert.deepEqual([await stateOf(run), begun], ['DONE', 1]);
    assert.ok((await runs.request('things', undefined)).isNew);
    await runs.cancel('things');
  });

  it('goes on while a process still works on it', async () => {
    const run = await killedRun();
    const lock = await runs.lock(service.url, 'things', true);
    await deliver();
    assert.equal(await stateOf(run), 'RUNNING');
    await lock?.release();
  });
});
