import { JobQueueError } from './envelope.ts';
import type { JobQueue } from './job-queue.ts';

/**
 * For a process that was given no queue, because its service has no jobs. @throws JobQueueError JOB_QUEUE_UNKNOWN from
 * everything but `ensureQueues` and `close`
 */
export class NoJobQueue implements JobQueue {
  readonly enqueue = none;
  readonly work = none;
  readonly dead = none;
  readonly deadCount = none;
  readonly redrive = none;
  readonly drop = none;
  readonly settled = none;
  readonly ping = none;
  /** Whoever has jobs makes them. */
  async ensureQueues(): Promise<void> {}
  async close(): Promise<void> {}
}

async function none(): Promise<never> {
  throw new JobQueueError('JOB_QUEUE_UNKNOWN', 'This process was given no job queue: RABBITMQ_URL is missing');
}
