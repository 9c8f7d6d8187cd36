import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from '@jest/globals';
import { PostgresEventLog } from '../../platform/messaging/event-log/postgres/postgres.ts';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { MatchComputations } from '../../schema/messages/matches.ts';
import { createTestDatabase } from '../../test/database.ts';
import { freePorts, ServiceProcess } from '../../test/network/process.ts';
import { rebuildByWorker } from './rebuild.fixture.ts';

it('a worker rebuilds, and cancels, repeats, or gives up, on the PostgreSQL queue', async () => {
  const installation = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'rebuild-worker-'));
  const environment = { DATABASE_URL: installation.url, PRODVOR_DATA: folder, PUBLIC_URL: 'http://127.0.0.1:4000' };
  const [port = 0] = await freePorts(1);
  const worker = new ServiceProcess('worker', port, environment, [MatchComputations.name]);
  const closers: (() => Promise<unknown>)[] = [
    () => rm(folder, { recursive: true, force: true }),
    () => installation.drop(),
    () => worker.end('SIGKILL'),
  ];
  try {
    await worker.start();
    const log = new PostgresEventLog({ url: installation.url });
    closers.push(() => log.close());
    const queue = await PostgresJobQueue.open({ database: installation.url, createSchema: false, maintains: false });
    closers.push(() => queue.close());
    await rebuildByWorker({ databaseUrl: installation.url, environment, log, queue, worker });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}, 230_000);
