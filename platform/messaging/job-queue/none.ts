import { JobQueueError } from './envelope.ts';
import type { JobQueue } from './job-queue.ts';

/**
 * For a process without a job queue, because its service has no jobs. @throws JobQueueError JOB_QUEUE_UNKNOWN from
 * every method except `ensureQueues` and `close`
 */
export class NoJobQueue implements JobQueue {
  readonly enqueue = none;
  readonly work = none;
  readonly dead = none;
  readonly deadCount = none;
  readonly backlog = none;
  readonly redrive = none;
  readonly drop = none;
  readonly settled = none;
  readonly ping = none;
  /** Does nothing: the services that have jobs create the queues. */
  async ensureQueues(): Promise<void> {}
  async close(): Promise<void> {}
}

async function none(): Promise<never> {
  throw new JobQueueError('JOB_QUEUE_UNKNOWN', 'This process has no job queue: RABBITMQ_URL is missing');
}
