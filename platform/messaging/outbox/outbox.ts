import { randomUUID } from 'node:crypto';
import type { DomainEvent } from '../event-log/event-log.ts';
import type { Job } from '../job-queue/job-queue.ts';
import { qualified } from '../../postgres/transactions.ts';
import type { RawTransaction, Transactional, TransactionOptions } from '../../postgres/transactions.ts';
import { uuidV5 } from './uuid.ts';

/** An event to be told; `eventId`, `occurredAt` and `requestId` are filled in where absent. */
export type NewEvent = Omit<DomainEvent, 'eventId' | 'occurredAt'> & Partial<Pick<DomainEvent, 'eventId' | 'occurredAt'>>;

/** Work to be done because of an event of the same transaction. */
export interface NewJob extends Omit<Job, 'id'> {
  /** What `emit.event` gave back. */
  readonly because: string;
  /** Tells jobs of one kind for one event apart, for example the recipient. */
  readonly discriminator?: string;
}

export interface Emit {
  /** Returns the event's id; it is told when the transaction has committed. `seq` is the aggregate's, bumped under its row lock. */
  event(event: NewEvent): string;
  /** Returns the job's id: UUID version 5 of the event's id, the kind and the discriminator. */
  job(job: NewJob): string;
}

export interface OutboxOptions {
  /** The service's PostgreSQL schema, where its `outbox` table is. */
  readonly schema: string;
  /** The request that is being served, for events and jobs that name none. */
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
  /** In an array, because a bare JSON null would become an SQL one. */
  readonly payload: readonly [unknown];
}

/** The service's side of the outbox: what is emitted in a transaction is told if and only if the transaction commits. */
export class Outbox {
  readonly schema: string;
  readonly #requestId: () => string | undefined;
  readonly #insert: string;
  readonly #listeners = new Set<() => void>();

  constructor({ schema, requestId = () => undefined }: OutboxOptions) {
    this.schema = schema;
    this.#requestId = requestId;
    // One parameter and one statement, however many rows; ids follow the order of emitting.
    this.#insert = `
INSERT INTO ${qualified(schema, 'outbox')} (kind, topic, key, seq, event_id, type, version, occurred_at, request_id, payload)
SELECT r.kind, r.topic, r.key, r.seq, r.event_id, r.type, r.version, r.occurred_at, r.request_id, r.payload->0
FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (
  kind text, topic text, key text, seq int, event_id uuid, type text, version int, occurred_at timestamptz, request_id text, payload jsonb
)) WITH ORDINALITY AS r
ORDER BY r.ordinality`;
  }

  /**
   * Runs `work` in an interactive transaction and writes what it emitted last, so that the new rows' locks are held shortest. Errors are the
   * transaction's own (serialisation failures and unique conflicts included) and nothing is told then. A `seq` that was used before is a
   * unique conflict on (topic, key, seq).
   */
  async transaction<Tx extends RawTransaction, R>(
    prisma: Transactional<Tx>,
    work: (tx: Tx, emit: Emit) => Promise<R>,
    options?: TransactionOptions,
  ): Promise<R> {
    let emitted = false;
    const result = await prisma.$transaction(async (tx) => {
      const rows: Row[] = [];
      const done = await work(tx, this.#collect(rows));
      emitted = rows.length > 0;
      if (emitted) await tx.$executeRawUnsafe(this.#insert, JSON.stringify(rows));
      return done;
    }, options);
    if (emitted) for (const wake of this.#listeners) wake();
    return result;
  }

  /** Calls `wake` after each commit that emitted something; returns how to stop that. The relay of the same process listens here. */
  onCommitted(wake: () => void): () => void {
    this.#listeners.add(wake);
    return () => this.#listeners.delete(wake);
  }

  #collect(rows: Row[]): Emit {
    return {
      event: (event) => {
        const eventId = event.eventId ?? randomUUID();
        rows.push({
          kind: 'EVENT',
          topic: event.topic,
          key: event.key,
          seq: event.seq,
          event_id: eventId,
          type: event.type,
          version: event.version,
          occurred_at: event.occurredAt ?? new Date().toISOString(),
          request_id: event.requestId ?? this.#requestId(),
          payload: [event.payload],
        });
        return eventId;
      },
      job: ({ because, discriminator, queue, kind, version, payload, requestId }) => {
        const id = uuidV5(because, discriminator === undefined ? kind : `${kind}\0${discriminator}`);
        if (!rows.some((row) => row.event_id === because)) throw new Error(`no event ${because} in this transaction to make a job of`);
        rows.push({
          kind: 'JOB',
          topic: queue,
          key: id,
          seq: 1,
          event_id: because,
          type: kind,
          version,
          occurred_at: new Date().toISOString(),
          request_id: requestId ?? this.#requestId(),
          payload: [payload],
        });
        return id;
      },
    };
  }
}
