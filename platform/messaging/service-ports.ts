import type { EventLog } from './event-log/event-log.ts';
import type { JobQueue } from './job-queue/job-queue.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { runInContext } from '../observability/request-context.ts';

/**
 * The log as one service sees it: what its consumers do, down to the SQL line and the events they emit, carries the event's request id, and
 * `close` closes what this service reads with, while the process' log goes on.
 */
export function eventLogOf(service: string, log: EventLog): EventLog {
  const { opened, close } = handles();
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    append: (events) => log.append(events),
    consume: ({ handler, ...options }) =>
      opened(log.consume({ ...options, handler: (event) => runInContext({ requestId: acceptRequestId(event.requestId), service }, () => handler(event)) })),
    tail: (options) => opened(log.tail(options)),
    settled: () => log.settled(),
    ping: () => log.ping(),
    close,
  };
}

/** The same for jobs. */
export function jobQueueOf(service: string, jobs: JobQueue): JobQueue {
  const { opened, close } = handles();
  return {
    ensureQueues: (queues) => jobs.ensureQueues(queues),
    enqueue: (batch) => jobs.enqueue(batch),
    work: (queue, { handler, ...options }) =>
      opened(jobs.work(queue, { ...options, handler: (job) => runInContext({ requestId: acceptRequestId(job.requestId), service }, () => handler(job)) })),
    dead: (queue, limit) => jobs.dead(queue, limit),
    redrive: (queue, limit) => jobs.redrive(queue, limit),
    settled: (queues) => jobs.settled(queues),
    ping: () => jobs.ping(),
    close,
  };
}

interface Handle {
  close(): Promise<void>;
}

/** What was given out, also what is only just being opened; a service opens a handful, once. */
function handles(): { opened: <H extends Handle>(opening: Promise<H>) => Promise<H>; close: () => Promise<void> } {
  const all = new Set<Promise<Handle>>();
  return {
    opened(opening) {
      all.add(opening);
      opening.catch(() => all.delete(opening));
      return opening;
    },
    async close() {
      const closing = [...all].map(async (opening) => (await opening.catch(() => undefined))?.close());
      all.clear();
      await Promise.all(closing);
    },
  };
}
