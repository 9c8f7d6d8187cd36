import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, it } from '@jest/globals';
import pg from 'pg';
import { PostgresJobQueue } from '../platform/messaging/job-queue/postgres/postgres.ts';
import { Emails, Pushes } from '../schema/messages/notifications.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { freePorts, ServiceProcess } from '../test/network/process.ts';
import { assertOutcome, killAtEachPoint, startServers } from './kill-points.fixture.ts';

let database: TestDatabase;
let servers: Awaited<ReturnType<typeof startServers>>;
let worker: ServiceProcess;
let queue: PostgresJobQueue;
let data: string;
beforeAll(async () => {
  database = await createTestDatabase();
  servers = await startServers();
  data = await mkdtemp(path.join(tmpdir(), 'kill-points-data-'));
  const [port = 0] = await freePorts(1);
  const environment = {
    DATABASE_URL: database.url,
    PRODVOR_DATA: data,
    PUBLIC_URL: 'http://127.0.0.1:4000',
    ...servers.environment,
  };
  worker = new ServiceProcess('worker', port, environment, [Emails.name, Pushes.name]);
  await worker.start();
  queue = await PostgresJobQueue.open({
    database: database.url,
    createSchema: false,
    maintains: false,
    settleTimeoutMs: 110_000,
  });
});
afterAll(async () => {
  await worker?.end('SIGKILL');
  await queue?.close();
  await servers.close();
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

it('a worker that is killed at any point of a delivery loses no message, on the PostgreSQL queue', async () => {
  const outcomes = await killAtEachPoint(
    {
      databaseUrl: database.url,
      queue,
      async holdAcknowledgements(jobIds) {
        const holder = new pg.Client({ connectionString: database.url });
        await holder.connect();
        await holder.query('BEGIN');
        await holder.query('SELECT FROM job_queue.job WHERE id = ANY ($1) FOR UPDATE', [jobIds]);
        return async () => {
          const waiting = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%job_queue%'`;
          await holder.query(waiting);
          await holder.query('ROLLBACK');
          await holder.end();
        };
      },
    },
    servers,
    worker,
    async () => {
      await worker.start();
      return worker;
    },
  );
  for (const [channel, outcome] of Object.entries(outcomes)) assertOutcome(channel, outcome);
}, 240_000);
