import type pg from 'pg';
import { qualified } from '../../postgres/transactions.ts';
import type { Drop, WaitingCount, ParkedMessage, Selection } from './parked-message.ts';

interface Row {
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
  readonly parked_at: Date | null;
  readonly last_error: string | null;
}

/** The condition for the selected messages. $1 is the id and $2 the type; null stands for all. */
const SELECTED = `($1::text IS NULL OR CASE kind WHEN 'JOB' THEN key ELSE event_id::text END = $1) AND ($2::text IS NULL OR type = $2)`;
const values = ({ id, type }: Selection): [string | null, string | null] => [id ?? null, type ?? null];

/**
 * The operator's view of a service's outbox: lists, redrives and drops rows that are not published, above all the
 * parked ones.
 */
export class ParkedOutbox {
  readonly #pool: pg.Pool;
  readonly #service: string;
  readonly #outbox: string;

  /** @param service also the name of the service's schema */
  constructor(pool: pg.Pool, service: string) {
    this.#pool = pool;
    this.#service = service;
    this.#outbox = qualified(service, 'outbox');
  }

  /** Counts the unpublished rows of each topic or queue. A topic or queue without such a row is left out. */
  async counts(): Promise<readonly WaitingCount[]> {
    const { rows } = await this.#pool.query<{
      topic: string;
      waiting: number;
      parked: number;
      behind: number;
      oldest: Date;
    }>(`
SELECT topic, count(*) FILTER (WHERE parked_at IS NULL)::int AS waiting, count(*) FILTER (WHERE parked_at IS NOT NULL AND last_error IS NOT NULL)::int AS parked,
  count(*) FILTER (WHERE parked_at IS NOT NULL AND last_error IS NULL)::int AS behind, min(occurred_at) AS oldest
FROM (
  SELECT topic, parked_at, last_error, occurred_at FROM ${this.#outbox} WHERE published_at IS NULL AND parked_at IS NULL
  UNION ALL SELECT topic, parked_at, last_error, occurred_at FROM ${this.#outbox} WHERE parked_at IS NOT NULL
) AS unpublished GROUP BY topic ORDER BY topic`);
    return rows.map(({ oldest, ...counts }) => ({
      place: 'outbox',
      service: this.#service,
      ...counts,
      oldest: oldest.toISOString(),
    }));
  }

  /** Parked rows, oldest first. */
  async list({ limit, ...selection }: Selection & { limit: number }): Promise<readonly ParkedMessage[]> {
    const { rows } = await this.#pool.query<Row>(
      `SELECT * FROM ${this.#outbox} WHERE parked_at IS NOT NULL AND ${SELECTED} ORDER BY id LIMIT $3`,
      [...values(selection), limit],
    );
    return rows.map((row) => this.#message(row));
  }

  /** The parked or waiting row with this id. */
  async find(id: string): Promise<ParkedMessage | undefined> {
    const {
      rows: [row],
    } = await this.#pool.query<Row>(
      `SELECT * FROM ${this.#outbox} WHERE published_at IS NULL AND parked_at IS NULL AND ${SELECTED}
       UNION ALL SELECT * FROM ${this.#outbox} WHERE parked_at IS NOT NULL AND ${SELECTED} LIMIT 1`,
      values({ id }),
    );
    return row && this.#message(row);
  }

  /**
   * Hands the parked rows of every key that has a selected row to the relay again, in order; resolves to their number.
   */
  async redrive(selection: Selection): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `UPDATE ${this.#outbox} SET parked_at = NULL, attempts = 0, last_error = NULL, next_attempt_at = clock_timestamp()
       WHERE parked_at IS NOT NULL AND (topic, key) IN (SELECT topic, key FROM ${this.#outbox} WHERE parked_at IS NOT NULL AND ${SELECTED})`,
      values(selection),
    );
    return rowCount ?? 0;
  }

  /** Deletes a row permanently if it is the first parked row of its key. The rows behind it go to the relay again. */
  async drop(id: string): Promise<Drop> {
    const {
      rows: [row],
    } = await this.#pool.query<{ dropped: boolean; first: string }>(
      `WITH wanted AS MATERIALIZED (
         SELECT id, topic, key FROM ${this.#outbox} WHERE parked_at IS NOT NULL AND ${SELECTED} FOR UPDATE
       ), first AS (
         SELECT DISTINCT ON (o.topic, o.key) o.id, CASE o.kind WHEN 'JOB' THEN o.key ELSE o.event_id::text END AS named
         FROM ${this.#outbox} o JOIN wanted w ON o.topic = w.topic AND o.key = w.key WHERE o.parked_at IS NOT NULL ORDER BY o.topic, o.key, o.id
       ), gone AS (
         DELETE FROM ${this.#outbox} o USING wanted w, first f WHERE o.id = w.id AND o.id = f.id RETURNING o.id
       ), freed AS (
         UPDATE ${this.#outbox} o SET parked_at = NULL, attempts = 0, next_attempt_at = clock_timestamp()
         FROM wanted w, gone g WHERE w.id = g.id AND o.topic = w.topic AND o.key = w.key AND o.id > w.id AND o.parked_at IS NOT NULL AND o.last_error IS NULL
       )
       SELECT EXISTS (SELECT FROM gone) AS dropped, f.named AS first FROM first f`,
      values({ id }),
    );
    if (!row) return { dropped: false };
    return row.dropped ? { dropped: true } : { dropped: false, behind: row.first };
  }

  #message({
    kind,
    topic,
    key,
    seq,
    event_id: eventId,
    type,
    version,
    occurred_at: occurredAt,
    request_id: requestId,
    payload,
    parked_at: parkedAt,
    last_error: error,
  }: Row): ParkedMessage {
    return {
      id: kind === 'JOB' ? key : eventId,
      place: 'outbox',
      service: this.#service,
      kind: kind === 'JOB' ? 'job' : 'event',
      topic,
      key,
      seq,
      type,
      version,
      state: parkedAt === null ? 'waiting' : error === null ? 'behind' : 'parked',
      occurredAt: occurredAt.toISOString(),
      ...(parkedAt && { parkedAt: parkedAt.toISOString() }),
      ...(error !== null && { error }),
      ...(requestId !== null && { requestId }),
      payload,
    };
  }
}
