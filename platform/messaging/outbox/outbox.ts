import { randomUUID } from 'node:crypto';
import { EventDefinition, type JobDefinition, SnapshotDefinition } from '../definitions.ts';
import { qualified } from '../../postgres/transactions.ts';
import type { RawTransaction, Transactional, TransactionOptions } from '../../postgres/transactions.ts';
import { uuidV5 } from './uuid.ts';

/** An event to publish. Its key is a field of its payload. `eventId`, `occurredAt` and `requestId` have defaults. */
export interface NewEvent<T> {
  /**
   * The number of the event within its key: 1, 2, 3 … without gaps. Increment it under the aggregate's row lock. A
   * snapshot repeats the newest number, read under the same lock.
   */
  readonly seq: number;
  readonly payload: T;
  readonly eventId?: string;
  /** When the event happened: RFC 3339, UTC. Default: now. */
  readonly occurredAt?: string;
  readonly requestId?: string;
}

/**
 * A job that follows from an event of the same transaction, from the event that a consumer handles, or from a timer.
 */
export interface NewJob<T> {
  /** The id of that event, as `emit` returned it or the consumer got it; or the id of the timer that fired. */
  readonly because: string;
  /** Distinguishes jobs of one kind for one event, for example by recipient. */
  readonly discriminator?: string;
  readonly payload: T;
  readonly requestId?: string;
}

type Emitted<D> =
  D extends EventDefinition<infer T> ? NewEvent<T> : D extends JobDefinition<infer T> ? NewJob<T> : never;

/**
 * Publishes an event, or enqueues a job, after the transaction has committed. Returns the id of the event or job. The
 * id of a job is UUID version 5 of the event's id, the kind and the discriminator.
 * - The payload of an event is checked here, and only the fields that its definition names are stored. An event that no
 *   consumer can read would block its key for every consumer.
 * - The payload of a job is not checked. A job that cannot be done becomes a dead letter, and should not make the
 *   change fail.
 * @throws MessageRefused
 */
export type Emit = <D extends EventDefinition<unknown> | JobDefinition<unknown>>(
  definition: D,
  emitted: Emitted<D>,
) => string;

export interface OutboxOptions {
  /** The service's PostgreSQL schema, which has the `outbox` table. */
  readonly schema: string;
  /** The id of the current request, for events and jobs that name none. */
  readonly requestId?: () => string | undefined;
}

interface Row {
  readonly kind: 'EVENT' | 'JOB';
  readonly topic: string;
  readonly key: string;
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly version: number;
  readonly occurred_at: string;
  readonly request_id: string | undefined;
  /** The payload in an array, because PostgreSQL would turn a bare JSON null into an SQL NULL. */
  readonly payload: readonly [unknown];
  readonly snapshot?: true;
}

/**
 * The service's side of the transactional outbox: an event or job is published if and only if its transaction commits.
 */
export class Outbox {
  readonly schema: string;
  readonly #requestId: () => string | undefined;
  readonly #insert: string;
  readonly #listeners = new Set<() => void>();
  /** For each running transaction: the functions to call after its commit. */
  readonly #waiting = new WeakMap<object, (() => void)[]>();

  constructor({ schema, requestId = () => undefined }: OutboxOptions) {
    this.schema = schema;
    this.#requestId = requestId;
    // One parameter and one statement for any number of rows. The ids follow the order of the calls of `emit`.
    this.#insert = `
INSERT INTO ${qualified(schema, 'outbox')} (kind, topic, key, seq, event_id, type, version, occurred_at, request_id, payload, snapshot)
SELECT r.kind, r.topic, r.key, r.seq, r.event_id, r.type, r.version, r.occurred_at, r.request_id, r.payload->0, COALESCE(r.snapshot, false)
FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (
  kind text, topic text, key text, seq int, event_id uuid, type text, version int, occurred_at timestamptz, request_id text, payload jsonb, snapshot boolean
)) WITH ORDINALITY AS r
ORDER BY r.ordinality`;
  }

  /**
   * Runs `work` in an interactive transaction. The rows of the outbox are inserted last, so their locks are held for
   * the shortest time. Errors are those of the transaction, including serialisation failures and unique conflicts, and
   * then nothing is published. A `seq` that was used before is a unique conflict on (topic, key, seq). Snapshots are
   * exempt from it.
   * @param causes UUIDs that a job may name as `because`, besides the events of this transaction. Use each in one
   * transaction only.
   */
  async transaction<Tx extends RawTransaction, R>(
    prisma: Transactional<Tx>,
    work: (tx: Tx, emit: Emit) => Promise<R>,
    options?: TransactionOptions,
    causes: readonly string[] = [],
  ): Promise<R> {
    let emitted = false;
    const waiting: (() => void)[] = [];
    const result = await prisma.$transaction(async (tx) => {
      const rows: Row[] = [];
      this.#waiting.set(tx, waiting);
      const done = await work(tx, this.#collect(rows, causes));
      emitted = rows.length > 0;
      if (emitted) await tx.$executeRawUnsafe(this.#insert, JSON.stringify(rows));
      return done;
    }, options);
    if (emitted) for (const wake of this.#listeners) wake();
    for (const wake of waiting) wake();
    return result;
  }

  /**
   * Calls `wake` after each commit that emitted something. The relay of the same process subscribes here. Returns a
   * function that unsubscribes.
   */
  onCommitted(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  /**
   * Calls `wake` once, after this transaction has committed. @returns false, without a call, for a transaction that is
   * not one of this outbox
   */
  onceCommitted(tx: object, wake: () => void): boolean {
    const waiting = this.#waiting.get(tx);
    waiting?.push(wake);
    return waiting !== undefined;
  }

  #collect(rows: Row[], causes: readonly string[]): Emit {
    const event = <T>(
      definition: EventDefinition<T>,
      { seq, payload, eventId = randomUUID(), ...said }: NewEvent<T>,
    ): string => {
      const { topic, type, version } = definition;
      const { key, payload: checked } = definition.checked(payload);
      const { occurredAt = new Date().toISOString(), requestId = this.#requestId() } = said;
      rows.push({
        kind: 'EVENT',
        topic: topic.name,
        key,
        seq,
        event_id: eventId,
        type,
        version,
        occurred_at: occurredAt,
        request_id: requestId,
        payload: [checked],
        ...(definition instanceof SnapshotDefinition && { snapshot: true }),
      });
      return eventId;
    };
    const job = <T>(
      { queue, kind, version }: JobDefinition<T>,
      { because, discriminator, payload, requestId = this.#requestId() }: NewJob<T>,
    ): string => {
      const id = uuidV5(because, discriminator === undefined ? kind : `${kind}\0${discriminator}`);
      if (!causes.includes(because) && !rows.some((row) => row.event_id === because))
        throw new Error(`a job names the event ${because}, but this transaction neither handles nor emits it`);
      rows.push({
        kind: 'JOB',
        topic: queue.name,
        key: id,
        seq: 1,
        event_id: because,
        type: kind,
        version,
        occurred_at: new Date().toISOString(),
        request_id: requestId,
        payload: [payload],
      });
      return id;
    };
    const emit = (
      definition: EventDefinition<unknown> | JobDefinition<unknown>,
      emitted: NewEvent<unknown> | NewJob<unknown>,
    ): string =>
      definition instanceof EventDefinition
        ? event(definition, emitted as NewEvent<unknown>)
        : job(definition, emitted as NewJob<unknown>);
    return emit as Emit;
  }
}
