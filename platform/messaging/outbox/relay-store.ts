import type pg from 'pg';
import type { DomainEvent } from '../event-log/event-log.ts';
import type { Job } from '../job-queue/job-queue.ts';
import { qualified } from '../../postgres/transactions.ts';

export interface Failure {
  readonly id: string;
  readonly error: Error;
  /** Milliseconds until the next attempt. Absent when there are no more attempts: the row is parked. */
  readonly retryInMs?: number;
}

interface Row {
  readonly id: string;
  readonly kind: string;
  readonly topic: string;
  readonly key: string;
  readonly seq: number;
  readonly event_id: string;
  readonly type: string;
  readonly version: number;
  readonly occurred_at: Date;
  readonly request_id: string | null;
  readonly payload: unknown;
  readonly attempts: number;
  readonly behind_parked: boolean;
  readonly snapshot: boolean;
}

export interface Message {
  /** The id of the row: decimal digits. */
  readonly id: string;
  /** Messages of one lane are held back together when one of them cannot be published. */
  readonly lane: string;
  /** The topic or queue of the message. */
  readonly destination: string;
  readonly attempts: number;
  readonly occurredAt: Date;
  readonly event?: DomainEvent;
  readonly job?: Job;
}

/** The SQL of the relay on one service's outbox. */
export class RelayStore {
  readonly #pool: pg.Pool;
  readonly #outbox: string;
  readonly #lease: string;

  constructor(pool: pg.Pool, schema: string) {
    this.#pool = pool;
    this.#outbox = qualified(schema, 'outbox');
    this.#lease = qualified(schema, 'outbox_lease');
  }

  /** Acquires or renews the lease. False while another process holds it. */
  async acquire(holder: string, leaseMs: number): Promise<boolean> {
    const { rowCount } = await this.#pool.query(
      `INSERT INTO ${this.#lease} AS l (name, holder, expires_at) VALUES ('relay', $1, clock_timestamp() + $2 * interval '1 ms')
       ON CONFLICT (name) DO UPDATE SET holder = EXCLUDED.holder, expires_at = EXCLUDED.expires_at
       WHERE l.holder = EXCLUDED.holder OR l.expires_at < clock_timestamp()`,
      [holder, leaseMs],
    );
    return rowCount === 1;
  }

  async release(holder: string): Promise<void> {
    await this.#pool.query(`DELETE FROM ${this.#lease} WHERE name = 'relay' AND holder = $1`, [holder]);
  }

  /**
   * Returns the oldest unpublished rows that are due, by id. It skips each key that has an earlier row waiting for its
   * next attempt, and parks rows behind a parked row of their key. The query looks for unpublished rows and keeps no
   * high-water mark, because rows become visible in another order than their ids. Within a key the order is right,
   * because the change held the row lock of the aggregate.
   */
  async take(limit: number): Promise<readonly Message[]> {
    const { rows } = await this.#pool.query<Row>({
      name: `outbox-take-${this.#outbox}`,
      text: `
SELECT o.id, o.kind, o.topic, o.key, o.seq, o.event_id, o.type, o.version, o.occurred_at, o.request_id, o.payload, o.attempts, o.snapshot,
  EXISTS (SELECT FROM ${this.#outbox} p WHERE p.topic = o.topic AND p.key = o.key AND p.parked_at IS NOT NULL AND p.id < o.id) AS behind_parked
FROM ${this.#outbox} o
WHERE o.published_at IS NULL AND o.parked_at IS NULL AND (o.topic, o.key) NOT IN (
  SELECT w.topic, w.key FROM ${this.#outbox} w WHERE w.published_at IS NULL AND w.parked_at IS NULL AND w.next_attempt_at > clock_timestamp()
    AND w.attempts > 0
)
ORDER BY o.id LIMIT $1`,
      values: [limit],
    });
    const held = rows.filter((row) => row.behind_parked);
    if (held.length > 0) {
      // Parks the rows behind a parked row, but only if that row is still parked. An operator may have redriven or
      // dropped it since the query, and nobody would ever release rows that are parked after that.
      await this.#pool.query(
        `UPDATE ${this.#outbox} o SET parked_at = now() WHERE id = ANY($1) AND parked_at IS NULL
         AND EXISTS (SELECT FROM ${this.#outbox} p WHERE p.topic = o.topic AND p.key = o.key AND p.parked_at IS NOT NULL AND p.id < o.id)`,
        [held.map((row) => row.id)],
      );
    }
    const due = rows.filter((row) => !row.behind_parked).map(toMessage);
    return due.length === 0 && held.length > 0 ? this.take(limit) : due;
  }

  async markPublished(ids: readonly string[]): Promise<void> {
    await this.#pool.query({
      name: `outbox-published-${this.#outbox}`,
      text: `UPDATE ${this.#outbox} SET published_at = clock_timestamp(), last_error = NULL WHERE id = ANY($1::bigint[])`,
      values: [ids],
    });
  }

  async markFailed(failures: readonly Failure[]): Promise<void> {
    await this.#pool.query(
      `UPDATE ${this.#outbox} o SET attempts = o.attempts + 1, last_error = f.error,
         next_attempt_at = clock_timestamp() + COALESCE(f.retry_ms, 0) * interval '1 ms',
         parked_at = CASE WHEN f.retry_ms IS NULL THEN clock_timestamp() END
       FROM unnest($1::bigint[], $2::text[], $3::float8[]) AS f(id, error, retry_ms) WHERE o.id = f.id`,
      [
        failures.map(({ id }) => id),
        failures.map(({ error }) => error.message.slice(0, 1000)),
        failures.map(({ retryInMs }) => retryInMs ?? null),
      ],
    );
  }

  /** Unparks up to `limit` rows, oldest first; resolves to their number. */
  async redrive(limit: number): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `UPDATE ${this.#outbox} SET parked_at = NULL, attempts = 0, next_attempt_at = clock_timestamp()
       WHERE id IN (SELECT id FROM ${this.#outbox} WHERE parked_at IS NOT NULL ORDER BY id LIMIT $1)`,
      [limit],
    );
    return rowCount ?? 0;
  }

  /** The number of rows to publish: neither published nor parked. */
  async waiting(): Promise<number> {
    const { rows } = await this.#pool.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM ${this.#outbox} WHERE published_at IS NULL AND parked_at IS NULL`,
    );
    return rows[0]?.n ?? 0;
  }

  /** Deletes at most `limit` rows that were published more than a day ago; resolves to their number. */
  async prune(limit: number): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `DELETE FROM ${this.#outbox} WHERE id IN (
         SELECT id FROM ${this.#outbox} WHERE published_at IS NOT NULL AND published_at < now() - interval '1 day' ORDER BY published_at LIMIT $1)`,
      [limit],
    );
    return rowCount ?? 0;
  }
}

function toMessage(row: Row): Message {
  const { id, attempts, topic, key, type, version, payload } = row;
  const common = {
    id,
    attempts,
    occurredAt: row.occurred_at,
    lane: `${topic}\0${key}`,
    destination: `${row.kind} ${topic}`,
  };
  const requestId = row.request_id ?? undefined;
  if (row.kind === 'JOB') return { ...common, job: { id: key, queue: topic, kind: type, version, requestId, payload } };
  const { seq, event_id: eventId } = row;
  return {
    ...common,
    event: {
      topic,
      key,
      seq,
      eventId,
      type,
      version,
      occurredAt: row.occurred_at.toISOString(),
      requestId,
      payload,
      ...(row.snapshot && { snapshot: true }),
    },
  };
}
