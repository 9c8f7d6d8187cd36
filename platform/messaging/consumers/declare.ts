import type { EventDefinition, JobDefinition } from '../definitions.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import type { DeliveredJob, Job } from '../job-queue/job-queue.ts';
import type { Emit } from '../outbox/outbox.ts';

/** What an event handler gets besides the payload. */
export interface Handling<Tx> {
  /** The transaction in which the consumer's position moves too, so changes made with it happen once. */
  readonly tx: Tx;
  /** Emits an event or a job. It is published after the transaction `tx` has committed. */
  readonly emit: Emit;
  /** The aggregate's id. */
  readonly key: string;
  readonly seq: number;
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Whether it is a snapshot, or an event from before the first start of the consumer group. */
  readonly isOld: boolean;
}

/** An event that a consumer handles, with its handler. */
export interface Consumption<Tx> {
  readonly event: EventDefinition<unknown>;
  /** @throws NewerVersion, UnreadableMessage, and the errors of the handler */
  handle(logged: LoggedEvent, transaction: Pick<Handling<Tx>, 'tx' | 'emit' | 'isOld'>): Promise<unknown>;
  /** Handles several events in one transaction. Absent: each event has a transaction of its own. */
  handleAll?(logged: readonly LoggedEvent[], tx: Tx): Promise<unknown>;
}

/** One of several events that a handler gets together. */
export type Handled<T> = { readonly payload: T } & Pick<Handling<never>, 'key' | 'seq' | 'eventId' | 'occurredAt'>;

/**
 * Declares a handler. It is called for every event of this type, in this version or an older one, in the order of each
 * key.
 */
export function consume<T, Tx>(
  event: EventDefinition<T>,
  handler: (payload: T, handling: Handling<Tx>) => Promise<unknown>,
): Consumption<Tx> {
  return {
    event,
    async handle({ topic, key, seq, version, eventId, occurredAt, payload }, transaction) {
      return handler(event.read(version, payload, `${topic}/${key}#${seq}`), {
        ...transaction,
        key,
        seq,
        eventId,
        occurredAt: new Date(occurredAt),
      });
    },
  };
}

/**
 * Like {@link consume}, for a handler that gets the events that wait together, at most 100, in one transaction: those of
 * each key in order. If it throws, it is called again with each of them alone, so only the events that it cannot handle
 * fail. It emits nothing.
 */
export function consumeAll<T, Tx>(
  event: EventDefinition<T>,
  handler: (tx: Tx, events: readonly Handled<T>[]) => Promise<unknown>,
): Consumption<Tx> {
  const read = ({ topic, key, seq, version, eventId, occurredAt, payload }: LoggedEvent): Handled<T> => ({
    payload: event.read(version, payload, `${topic}/${key}#${seq}`),
    key,
    seq,
    eventId,
    occurredAt: new Date(occurredAt),
  });
  return {
    event,
    handle: async (logged, { tx }) => handler(tx, [read(logged)]),
    handleAll: async (logged, tx) => handler(tx, logged.map(read)),
  };
}

/** A kind of job that a worker does, with its handler. */
export interface Work {
  readonly job: JobDefinition<unknown>;
  /** @throws NewerVersion, UnreadableMessage, and the errors of the handler */
  handle(delivered: DeliveredJob): Promise<unknown>;
  /** Called when the workers were lost at each delivery of the job. Then it is dead. */
  lost?(job: Job): Promise<unknown>;
}

/**
 * Declares a handler. It is called at least once for each job. `id` is the same in each delivery, and `attempt` starts
 * at 1.
 * @param lost called when the workers were lost at each delivery of the job, for example because it uses too much
 *   memory. Then it is dead.
 */
export function work<T>(
  job: JobDefinition<T>,
  handler: (payload: T, delivery: { readonly id: string; readonly attempt: number }) => Promise<unknown>,
  lost?: (payload: T) => Promise<unknown>,
): Work {
  return {
    job,
    handle: async ({ id, attempt, version, payload }) =>
      handler(job.read(version, payload, `job ${id}`), { id, attempt }),
    lost: async ({ id, version, payload }) => lost?.(job.read(version, payload, `job ${id}`)),
  };
}
