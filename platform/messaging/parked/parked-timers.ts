import type pg from 'pg';
import { qualified } from '../../postgres/transactions.ts';
import type { Drop, WaitingCount, ParkedMessage, Selection } from './parked-message.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly version: number;
  readonly due_at: Date;
  readonly request_id: string | null;
  readonly payload: unknown;
  readonly parked_at: Date | null;
  readonly last_error: string | null;
}

/** The condition for the selected timers. $1 is the id and $2 the name; null stands for all. */
const SELECTED = '($1::text IS NULL OR id::text = $1) AND ($2::text IS NULL OR name = $2)';
const values = ({ id, type }: Selection): [string | null, string | null] => [id ?? null, type ?? null];

/**
 * The operator's view of a service's timers: lists, redrives and drops timers that are due and have not fired, above
 * all the parked ones.
 */
export class ParkedTimers {
  readonly #pool: pg.Pool;
  readonly #service: string;
  readonly #timers: string;

  /** @param service also the name of the service's schema */
  constructor(pool: pg.Pool, service: string) {
    this.#pool = pool;
    this.#service = service;
    this.#timers = qualified(service, 'timers');
  }

  /** Whether the service has a timers table. */
  async exist(): Promise<boolean> {
    return (
      (await this.#pool.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [this.#timers]))
        .rows[0]?.there === true
    );
  }

  /** Counts by name, without the names that have none. Timers that are not due yet do not count. */
  async counts(): Promise<readonly WaitingCount[]> {
    const { rows } = await this.#pool.query<{ topic: string; waiting: number; parked: number; oldest: Date }>(`
SELECT name AS topic, count(*) FILTER (WHERE parked_at IS NULL)::int AS waiting, count(parked_at)::int AS parked, min(due_at) AS oldest
FROM ${this.#timers} WHERE due_at <= now() OR parked_at IS NOT NULL GROUP BY name ORDER BY name`);
    return rows.map(({ oldest, ...counts }) => ({
      place: 'timers',
      service: this.#service,
      ...counts,
      behind: 0,
      oldest: oldest.toISOString(),
    }));
  }

  /** Parked timers, oldest first. */
  async list({ limit, ...selection }: Selection & { limit: number }): Promise<readonly ParkedMessage[]> {
    const { rows } = await this.#pool.query<Row>(
      `SELECT * FROM ${this.#timers} WHERE parked_at IS NOT NULL AND ${SELECTED} ORDER BY parked_at, name, key LIMIT $3`,
      [...values(selection), limit],
    );
    return rows.map((row) => this.#message(row));
  }

  /** The timer with this id, parked or not. */
  async find(id: string): Promise<ParkedMessage | undefined> {
    const {
      rows: [row],
    } = await this.#pool.query<Row>(`SELECT * FROM ${this.#timers} WHERE ${SELECTED}`, values({ id }));
    return row && this.#message(row);
  }

  /** Makes parked timers due again, with all their attempts; resolves to their number. */
  async redrive(selection: Selection): Promise<number> {
    const { rowCount } = await this.#pool.query(
      `UPDATE ${this.#timers} SET parked_at = NULL, attempts = 0, next_attempt_at = NULL WHERE parked_at IS NOT NULL AND ${SELECTED}`,
      values(selection),
    );
    return rowCount ?? 0;
  }

  /** Deletes a parked timer permanently. */
  async drop(id: string): Promise<Drop> {
    const { rowCount } = await this.#pool.query(
      `DELETE FROM ${this.#timers} WHERE parked_at IS NOT NULL AND ${SELECTED}`,
      values({ id }),
    );
    return rowCount === 1 ? { dropped: true } : { dropped: false };
  }

  #message({
    id,
    name,
    key,
    version,
    due_at: dueAt,
    request_id: requestId,
    payload,
    parked_at: parkedAt,
    last_error: error,
  }: Row): ParkedMessage {
    return {
      id,
      place: 'timers',
      service: this.#service,
      kind: 'timer',
      topic: 'timers',
      key,
      seq: 0,
      type: name,
      version,
      state: parkedAt === null ? 'waiting' : 'parked',
      occurredAt: dueAt.toISOString(),
      ...(parkedAt && { parkedAt: parkedAt.toISOString() }),
      ...(error !== null && { error }),
      ...(requestId !== null && { requestId }),
      payload,
    };
  }
}
