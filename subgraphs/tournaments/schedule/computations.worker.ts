// A process that computes schedules: `computations.worker.ts <json of WorkerRequest>`. A spec kills it.
import { Logger } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { PostgresJobQueue } from '../../../platform/messaging/job-queue/postgres/postgres.ts';
import { Outbox } from '../../../platform/messaging/outbox/outbox.ts';
import { Computations, ScheduleComputation } from '../../../schema/messages/tournaments.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { ScheduleWork } from '../schedule-work.ts';

export interface WorkerRequest {
  /** The database of the service, and that of the queue. */
  readonly url: string;
  readonly queueUrl: string;
  readonly steps: number;
  readonly tellMs: number;
}

Logger.overrideLogger(false);
const { url, queueUrl, steps, tellMs } = JSON.parse(process.argv[2] ?? '') as WorkerRequest;
const adapter = new PrismaPg({ connectionString: url, max: 2 }, { schema: 'tournaments' });
const work = new ScheduleWork(new PrismaClient({ adapter }), new Outbox({ schema: 'tournaments' }), steps, tellMs);
const queue = await PostgresJobQueue.open({ database: queueUrl, heartbeatSeconds: 10 });
await queue.ensureQueues([{ ...Computations, retryDelayMs: 1 }]);
await queue.work(Computations.name, {
  concurrency: 1,
  handler: ({ id, payload, version }) => work.compute(ScheduleComputation.read(version, payload, `job ${id}`)),
});
process.on('disconnect', () => process.exit());
