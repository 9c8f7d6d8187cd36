import type { EventLog } from './event-log/event-log.ts';
import type { JobQueue } from './job-queue/job-queue.ts';
import { acceptRequestId, runInContext } from './telemetry/request-context.ts';

/** The log as one service sees it: what its consumers do, down to the SQL line and the events they emit, carries the event's request id. */
export function eventLogOf(service: string, log: EventLog): EventLog {
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    append: (events) => log.append(events),
    consume: ({ handler, ...options }) =>
      log.consume({ ...options, handler: (event) => runInContext({ requestId: acceptRequestId(event.requestId), service }, () => handler(event)) }),
    tail: (options) => log.tail(options),
    settled: () => log.settled(),
    close: () => log.close(),
  };
}

/** The same for jobs. */
export function jobQueueOf(service: string, jobs: JobQueue): JobQueue {
  return {
    ensureQueues: (queues) => jobs.ensureQueues(queues),
    enqueue: (batch) => jobs.enqueue(batch),
    work: (queue, { handler, ...options }) =>
      jobs.work(queue, { ...options, handler: (job) => runInContext({ requestId: acceptRequestId(job.requestId), service }, () => handler(job)) }),
    dead: (queue, limit) => jobs.dead(queue, limit),
    redrive: (queue, limit) => jobs.redrive(queue, limit),
    settled: (queues) => jobs.settled(queues),
    close: () => jobs.close(),
  };
}
