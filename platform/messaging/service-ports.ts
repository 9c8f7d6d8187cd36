import type { EventLog, LoggedEvent } from './event-log/event-log.ts';
import type { JobQueue } from './job-queue/job-queue.ts';
import { acceptRequestId } from '../http/request-id.ts';
import { runInContext } from '../observability/request-context.ts';
import type { Redriver } from './parked/redriver.ts';

/**
 * The log as one service sees it: what its consumers do, down to the SQL line and the events they emit, carries the event's request id, and
 * `close` closes what this service reads with, while the process' log goes on. The group of a consumer is its name in the inbox.
 */
export function eventLogOf(service: string, log: EventLog, redriver?: Pick<Redriver, 'serve'>): EventLog {
  const { opened, close } = handles();
  return {
    ensureTopics: (topics) => log.ensureTopics(topics),
    append: (events) => log.append(events),
    async consume({ handler, ...options }) {
      const inContext = (event: LoggedEvent): Promise<void> => runInContext({ requestId: acceptRequestId(event.requestId), service }, () => handler(event));
      const consumer = await opened(log.consume({ ...options, handler: inContext }));
      redriver?.serve(options.group, inContext);
      return consumer;
    },
    tail: (options) => opened(log.tail(options)),
    settled: () => log.settled(),
    ping: () => log.ping(),
    close,
  };
}

/** The same for jobs; `onWork` is told which queues the service works on. */
export function jobQueueOf(service: string, jobs: JobQueue, onWork?: (queue: string) => void): JobQueue {
  const { opened, close } = handles();
  return {
    ensureQueues: (queues) => jobs.ensureQueues(queues),
    enqueue: (batch) => jobs.enqueue(batch),
    work(queue, { handler, ...options }) {
      onWork?.(queue);
      return opened(jobs.work(queue, { ...options, handler: (job) => runInContext({ requestId: acceptRequestId(job.requestId), service }, () => handler(job)) }));
    },
    dead: (queue, limit) => jobs.dead(queue, limit),
    deadCount: (queue) => jobs.deadCount(queue),
    redrive: (queue, limit, id) => jobs.redrive(queue, limit, id),
    drop: (queue, id) => jobs.drop(queue, id),
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
