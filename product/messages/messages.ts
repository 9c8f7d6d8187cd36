import { JobQueueError } from '../../platform/messaging/job-queue/envelope.ts';
import type { DeadJob } from '../../platform/messaging/job-queue/job-queue.ts';
import type { Lag } from '../../platform/messaging/event-log/lag.ts';
import type { WaitingCount, ParkedMessage, Selection } from '../../platform/messaging/parked/parked-message.ts';
import type { DeadQueue, MessageStores, ServiceMessages } from './stores.ts';

export interface Status {
  /** Unpublished rows of the outboxes. */
  readonly outbox: readonly WaitingCount[];
  /** Unhandled events in the inboxes. */
  readonly inbox: readonly WaitingCount[];
  /**
   * Timers that are due and have not fired: timers that wait for the next attempt, and parked ones. Timers that are not
   * due yet are not counted.
   */
  readonly timers: readonly WaitingCount[];
  readonly dead: readonly DeadCount[];
  /** How many events of the log each consumer group has not handled yet; absent without an event log to ask. */
  readonly lag?: readonly Lag[];
}

export interface DeadCount {
  readonly queue: string;
  readonly dead: number;
  /** When the oldest dead job became a dead job: RFC 3339, UTC. Absent when no job is dead. */
  readonly oldest?: string;
}

export type FoundMessage = ParkedMessage | FoundJob;
export type FoundJob = DeadJob & { readonly place: 'dead' };

/** How many messages a redrive put back, by place. */
export interface Redriven {
  readonly outbox: number;
  readonly inbox: number;
  readonly timers: number;
  readonly dead: number;
}

/**
 * The number of dead jobs of a queue that a search by kind reads, the oldest first. So the search may miss newer ones:
 * {@link notSearched}.
 */
const MOST_DEAD = 1000;
/** The largest number of dead jobs that one call of `JobQueue.redrive` puts back. */
const DEAD_AT_ONCE = 500;

export async function status({ services, queues, lag }: MessageStores): Promise<Status> {
  const outbox = await Promise.all(services.map((service) => service.outbox.counts()));
  const inbox = await Promise.all(services.map((service) => service.inbox.counts()));
  const timers = await Promise.all(services.map((service) => service.timers?.counts() ?? []));
  const dead: DeadCount[] = [];
  for (const queue of queues) {
    const count = await queue.deadCount(queue.name);
    const [oldest] = count > 0 ? await queue.dead(queue.name, 1) : [];
    dead.push({ queue: queue.name, dead: count, ...(oldest && { oldest: oldest.diedAt }) });
  }
  return { outbox: outbox.flat(), inbox: inbox.flat(), timers: timers.flat(), dead, ...(lag && { lag: await lag() }) };
}

/** Returns the oldest `limit` parked messages that are selected, the oldest first. */
export async function parked(
  { services }: MessageStores,
  { limit, ...selection }: Selection & { limit: number },
): Promise<readonly ParkedMessage[]> {
  const lists = await Promise.all(
    services.flatMap(({ outbox, inbox, timers }) =>
      [outbox, inbox, ...(timers ? [timers] : [])].map((place) => place.list({ ...selection, limit })),
    ),
  );
  return lists
    .flat()
    .sort((a, b) => (since(a) < since(b) ? -1 : since(a) > since(b) ? 1 : a.seq - b.seq))
    .slice(0, limit);
}

const since = ({ parkedAt = '' }: ParkedMessage): string => parkedAt;

/** Returns the oldest `limit` dead jobs, the oldest first. With `type`, only jobs of this kind. */
export async function dead({ queues }: MessageStores, limit: number, type?: string): Promise<readonly FoundJob[]> {
  const lists: FoundJob[][] = [];
  for (const queue of queues) {
    const jobs = await queue.dead(queue.name, type === undefined ? limit : MOST_DEAD);
    lists.push(
      jobs.filter(({ kind }) => type === undefined || kind === type).map((job) => ({ place: 'dead', ...job })),
    );
  }
  return lists
    .flat()
    .sort((a, b) => (a.diedAt < b.diedAt ? -1 : 1))
    .slice(0, limit);
}

/**
 * The messages with this id: an unpublished row, parked events (at most 1,000 per service), a timer, and dead jobs.
 * There can be several, because an event can be parked in several inboxes.
 * @throws JobQueueError JOB_QUEUE_TOO_MANY_DEAD when there is none, and a queue has more dead jobs than can be searched
 */
export async function find(stores: MessageStores, id: string): Promise<readonly FoundMessage[]> {
  const inOutboxes = await Promise.all(stores.services.map(({ outbox }) => outbox.find(id)));
  const inInboxes = await Promise.all(stores.services.map(({ inbox }) => inbox.list({ id, limit: 1000 })));
  const timers = await Promise.all(stores.services.map((service) => service.timers?.find(id)));
  const jobs = await inEach(stores.queues, async (queue) => queue.dead(queue.name, MOST_DEAD, id));
  const found = [
    ...inOutboxes.filter((row) => row !== undefined),
    ...inInboxes.flat(),
    ...timers.filter((timer) => timer !== undefined),
    ...jobs.results.flat().map((job): FoundJob => ({ place: 'dead', ...job })),
  ];
  if (found.length === 0 && jobs.tooMany) throw jobs.tooMany;
  return found;
}

/** Searches every queue, also after one that has too many dead jobs to find one by its id. */
async function inEach<T>(
  queues: readonly DeadQueue[],
  search: (queue: DeadQueue) => Promise<T>,
): Promise<{ readonly results: readonly T[]; readonly tooMany: JobQueueError | undefined }> {
  const results: T[] = [];
  let tooMany: JobQueueError | undefined;
  for (const queue of queues) {
    try {
      results.push(await search(queue));
    } catch (error) {
      if (!(error instanceof JobQueueError) || error.code !== 'JOB_QUEUE_TOO_MANY_DEAD') throw error;
      tooMany ??= error;
    }
  }
  return { results, tooMany };
}

/** A line for each queue that has more dead jobs than a search by kind reads. */
export async function notSearched({ queues }: MessageStores): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const queue of queues) {
    const count = await queue.deadCount(queue.name);
    if (count > MOST_DEAD)
      lines.push(
        `JOB_QUEUE_TOO_MANY_DEAD: ${queue.name} has ${count} dead jobs, and only ${MOST_DEAD} of them were searched by type`,
      );
  }
  return lines;
}

/**
 * Puts back the selected messages that are parked or dead. A selection by kind puts back only dead jobs that are among
 * the 1,000 oldest of their queue.
 * @throws JobQueueError JOB_QUEUE_TOO_MANY_DEAD, like {@link find}
 */
export async function redrive(stores: MessageStores, selection: Selection): Promise<Redriven> {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const outbox = await Promise.all(stores.services.map((service) => service.outbox.redrive(selection)));
  const inbox = await Promise.all(stores.services.map((service) => service.inbox.askForRedrive(selection)));
  const timers = await Promise.all(stores.services.map((service) => service.timers?.redrive(selection) ?? 0));
  const parked = { outbox: sum(outbox), inbox: sum(inbox), timers: sum(timers) };
  const { id } = selection;
  if (id === undefined) return { ...parked, dead: await redriveDead(stores, selection) };
  const { results, tooMany } = await inEach(stores.queues, (queue) => queue.redrive(queue.name, DEAD_AT_ONCE, id));
  const redriven = { ...parked, dead: sum(results) };
  if (sum(Object.values(redriven)) === 0 && tooMany) throw tooMany;
  return redriven;
}

async function redriveDead(stores: MessageStores, { type }: Selection): Promise<number> {
  let moved = 0;
  for (const queue of stores.queues) {
    if (type !== undefined) {
      for (const job of await dead({ ...stores, queues: [queue] }, MOST_DEAD, type)) {
        const { results } = await inEach([queue], ({ redrive }) => redrive(queue.name, DEAD_AT_ONCE, job.id));
        moved += results[0] ?? 0;
      }
    } else {
      // The loop puts back only as many jobs as are dead now. Otherwise jobs that die again could keep it running for
      // ever.
      for (let left = await queue.deadCount(queue.name); left > 0;) {
        const some = await queue.redrive(queue.name, Math.min(left, DEAD_AT_ONCE));
        if (some === 0) break;
        moved += some;
        left -= some;
      }
    }
  }
  return moved;
}

/** Deletes a message that {@link find} returned. @returns the reason if it could not be deleted, otherwise undefined */
export async function drop(stores: MessageStores, message: FoundMessage): Promise<string | undefined> {
  if (message.place === 'dead') {
    const queue = stores.queues.find(({ name }) => name === message.queue);
    return (await queue?.drop(message.queue, message.id)) ? undefined : GONE;
  }
  if (message.state === 'waiting')
    return `It is not parked: it will ${message.place === 'timers' ? 'fire' : 'be published'}. Only parked messages can be dropped.`;
  const { outbox, inbox, timers } = serviceOf(stores, message);
  if (message.place === 'timers') return (await timers?.drop(message.id))?.dropped ? undefined : GONE;
  const outcome =
    message.consumer === undefined ? await outbox.drop(message.id) : await inbox.drop(message.consumer, message.id);
  if (outcome.dropped) return undefined;
  return outcome.behind === undefined
    ? GONE
    : `It waits behind ${outcome.behind}, an earlier message of its key: redrive or drop that one first.`;
}

const GONE = 'It no longer exists.';

function serviceOf({ services }: MessageStores, { service }: ParkedMessage): ServiceMessages {
  const found = services.find((one) => one.service === service);
  if (!found) throw new Error(`no service ${service}`);
  return found;
}
