import type { DeadJob } from '../../platform/messaging/job-queue/job-queue.ts';
import type { Lag } from '../../platform/messaging/event-log/lag.ts';
import type { WaitingCount, ParkedMessage, Selection } from '../../platform/messaging/parked/parked-message.ts';
import type { MessageStores, ServiceMessages } from './stores.ts';

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
 * The number of dead jobs of a queue that a search by kind or id reads, the oldest first. So the search may miss newer
 * ones.
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
 * The messages with this id: an unpublished row, parked events (at most 1,000 per service), a timer, and dead jobs
 * among the 1,000 oldest of all queues. There can be several, because an event can be parked in several inboxes.
 */
export async function find(stores: MessageStores, id: string): Promise<readonly FoundMessage[]> {
  const inOutboxes = await Promise.all(stores.services.map(({ outbox }) => outbox.find(id)));
  const inInboxes = await Promise.all(stores.services.map(({ inbox }) => inbox.list({ id, limit: 1000 })));
  const timers = await Promise.all(stores.services.map((service) => service.timers?.find(id)));
  const jobs = (await dead(stores, MOST_DEAD)).filter((job) => job.id === id);
  return [
    ...inOutboxes.filter((row) => row !== undefined),
    ...inInboxes.flat(),
    ...timers.filter((timer) => timer !== undefined),
    ...jobs,
  ];
}

/**
 * Puts back the selected messages that are parked or dead. A selection by kind puts back only dead jobs that are among
 * the 1,000 oldest of their queue.
 */
export async function redrive(stores: MessageStores, selection: Selection): Promise<Redriven> {
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  const outbox = await Promise.all(stores.services.map((service) => service.outbox.redrive(selection)));
  const inbox = await Promise.all(stores.services.map((service) => service.inbox.askForRedrive(selection)));
  const timers = await Promise.all(stores.services.map((service) => service.timers?.redrive(selection) ?? 0));
  return { outbox: sum(outbox), inbox: sum(inbox), timers: sum(timers), dead: await redriveDead(stores, selection) };
}

async function redriveDead(stores: MessageStores, { id, type }: Selection): Promise<number> {
  let moved = 0;
  for (const queue of stores.queues) {
    if (id !== undefined) {
      moved += await queue.redrive(queue.name, DEAD_AT_ONCE, id);
    } else if (type !== undefined) {
      for (const job of await dead({ ...stores, queues: [queue] }, MOST_DEAD, type))
        moved += await queue.redrive(queue.name, DEAD_AT_ONCE, job.id);
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
