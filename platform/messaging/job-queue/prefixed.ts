import type { Job, JobQueue } from './job-queue.ts';

/**
 * A job queue that uses the given one, with a prefix before the names of its queues in the broker. Several deployments
 * or test runs can share a broker without seeing each other.
 */
export function prefixed(queue: JobQueue, prefix: string): JobQueue {
  if (prefix === '') return queue;
  const there = (name: string): string => prefix + name;
  const here = <J extends Job>(job: J): J => ({ ...job, queue: job.queue.slice(prefix.length) });
  return {
    ensureQueues: (queues) =>
      queue.ensureQueues(queues.map((definition) => ({ ...definition, name: there(definition.name) }))),
    enqueue: (jobs) => queue.enqueue(jobs.map((job) => ({ ...job, queue: there(job.queue) }))),
    work: (name, { concurrency, handler, onLost }) =>
      queue.work(there(name), {
        concurrency,
        handler: (job) => handler(here(job)),
        onLost: onLost && ((job) => onLost(here(job))),
      }),
    dead: async (name, limit, id) => (await queue.dead(there(name), limit, id)).map(here),
    deadCount: (name) => queue.deadCount(there(name)),
    backlog: (name) => queue.backlog(there(name)),
    redrive: (name, limit, id) => queue.redrive(there(name), limit, id),
    drop: (name, id) => queue.drop(there(name), id),
    settled: (queues) => queue.settled(queues.map(there)),
    ping: () => queue.ping(),
    close: () => queue.close(),
  };
}
