import type pg from 'pg';
import { qualified, type RawTransaction } from '../../postgres/transactions.ts';
import type { StoredTimer, TimerHandler } from './definition.ts';

/** The known timers by name, each with its highest known version. */
export type Known = readonly Pick<TimerHandler<never>, 'name' | 'version'>[];

export interface TimersToSet {
  readonly name: string;
  readonly version: number;
  readonly requestId: string | undefined;
  readonly settings: readonly {
    readonly key: string;
    /** Milliseconds since the epoch. Null: see `after`. */
    readonly at: number | null;
    /** Milliseconds from now by the database's clock. */
    readonly after: number | null;
    readonly payload: unknown;
    /** Whether a timer that is set already, and has not failed, stays unchanged. */
    readonly unlessSet: boolean;
  }[];
}

/** One setting of a timer: setting it again gives another id. */
export type TimerRef = Pick<StoredTimer, 'name' | 'key' | 'id'>;

/** The result of one poll. */
export interface Waiting {
  /** Timers to fire now, oldest first, up to the requested number. */
  readonly due: readonly TimerRef[];
  /** Milliseconds until the next timer is due; null when none is set. Retries are not counted. */
  readonly nextInMs: number | null;
  /** Seconds by which the oldest due timer is late, even if its name is unknown here; 0 when none is due. */
  readonly lagSeconds: number;
  readonly parked: number;
  /** Seconds since the oldest parked timer was parked; 0 when none is. */
  readonly parkedSeconds: number;
}

interface Row {
  readonly version: number;
  readonly due_ms: number;
  readonly request_id: string | null;
  readonly payload: unknown;
  readonly attempts: number;
}

/**
 * Milliseconds of silence in a handler's transaction after which the server ends the connection. Its process is then
 * taken for dead.
 */
export const SILENT_MS = 30_000;
/** The longest delay between two attempts. Milliseconds. */
export const LONGEST_RETRY_MS = 600_000;

/**
 * The SQL on one service's timers. "Now" is the database's clock, which all replicas share, or the test's clock. Every
 * statement reads it again, so an error of the clock lasts no longer than the wrong clock.
 */
export class TimerStore {
  readonly #timers: string;
  readonly #clock: () => number | null;

  constructor(schema: string, clock?: () => number) {
    this.#timers = qualified(schema, 'timers');
    this.#clock = clock ?? (() => null);
  }

  /**
   * Sets timers, in the order of their keys. So two transactions that set the same timers do not deadlock.
   * @returns milliseconds until the first of them is due; null when none was changed (`unlessSet`)
   */
  async set(tx: RawTransaction, { name, version, requestId, settings }: TimersToSet): Promise<number | null> {
    const rows = await tx.$queryRawUnsafe<{ ms: number }[]>(
      `INSERT INTO ${this.#timers} AS t (name, key, id, version, due_at, request_id, payload)
       SELECT $2, s.key, gen_random_uuid(), $3::int, COALESCE(to_timestamp(s.at / 1000), ${NOW} + s.after * interval '1 ms'), $4, s.payload->0
       FROM jsonb_to_recordset($5::jsonb) AS s(key text, at float8, after float8, payload jsonb) ORDER BY s.key
       ON CONFLICT (name, key) DO UPDATE SET id = EXCLUDED.id, version = EXCLUDED.version, due_at = EXCLUDED.due_at, request_id = EXCLUDED.request_id,
         payload = EXCLUDED.payload, attempts = 0, next_attempt_at = NULL, parked_at = NULL, last_error = NULL
         WHERE NOT t.key = ANY ($6::text[]) OR t.attempts > 0
       RETURNING extract(epoch FROM t.due_at - ${NOW})::float8 * 1000 AS ms`,
      this.#clock(),
      name,
      version,
      requestId ?? null,
      JSON.stringify(settings.map(({ payload, ...setting }) => ({ ...setting, payload: [payload] }))),
      settings.filter(({ unlessSet }) => unlessSet).map(({ key }) => key),
    );
    if (rows.length === 0 && settings.some(({ unlessSet }) => !unlessSet)) throw new Error('an upsert returned no row');
    return rows.length === 0 ? null : Math.min(...rows.map(({ ms }) => ms));
  }

  /** @returns whether there was a timer */
  async cancel(tx: RawTransaction, name: string, key: string): Promise<boolean> {
    return (await tx.$executeRawUnsafe(`DELETE FROM ${this.#timers} WHERE name = $1 AND key = $2`, name, key)) > 0;
  }

  /**
   * Takes the timer if it is due and no other process has it. Taking is an advisory lock of this transaction and not a
   * lock of the row. So a change that has locked its aggregate can still cancel or move the timer while the handler
   * waits for that aggregate. The lock ends with the transaction or the connection. A process that froze, or whose
   * machine is lost, keeps its transaction open; the server ends it after `silentMs`.
   */
  async take(
    tx: RawTransaction,
    known: Known,
    { name, key, id }: TimerRef,
    silentMs: number,
  ): Promise<StoredTimer | undefined> {
    const [row] = await tx.$queryRawUnsafe<Row[]>(
      `SELECT t.id, t.name, t.key, t.version, extract(epoch FROM t.due_at)::float8 * 1000 AS due_ms, t.request_id, t.payload, t.attempts,
         set_config('idle_in_transaction_session_timeout', $6, true)
       FROM ${this.#timers} t ${KNOWN}
       WHERE ${IS_DUE} AND t.name = $3 AND t.key = $4 AND t.id = $5::uuid AND pg_try_advisory_xact_lock(hashtextextended(t.id::text, 0))`,
      this.#clock(),
      JSON.stringify(known),
      name,
      key,
      id,
      String(silentMs),
    );
    if (row === undefined) return undefined;
    return {
      id,
      name,
      key,
      version: row.version,
      payload: row.payload,
      attempts: row.attempts,
      dueAt: new Date(row.due_ms),
      requestId: row.request_id ?? undefined,
    };
  }

  /**
   * Deletes a taken timer. @returns false when it was cancelled or moved since, in this transaction or in a committed
   * one
   */
  async end(tx: RawTransaction, { name, key, id }: TimerRef): Promise<boolean> {
    return (
      (await tx.$executeRawUnsafe(
        `DELETE FROM ${this.#timers} WHERE name = $1 AND key = $2 AND id = $3::uuid`,
        name,
        key,
        id,
      )) > 0
    );
  }

  /** Like {@link take}, for several timers of one name. */
  async takeAll(
    tx: RawTransaction,
    known: Known,
    name: string,
    refs: readonly TimerRef[],
    silentMs: number,
  ): Promise<StoredTimer[]> {
    const rows = await tx.$queryRawUnsafe<(Row & Pick<StoredTimer, 'id' | 'key'>)[]>(
      `SELECT t.id, t.key, t.version, extract(epoch FROM t.due_at)::float8 * 1000 AS due_ms, t.request_id, t.payload, t.attempts,
         set_config('idle_in_transaction_session_timeout', $5, true)
       FROM (
         SELECT t.* FROM jsonb_to_recordset($4::jsonb) AS r(key text, id uuid)
         JOIN ${this.#timers} t ON t.name = $3 AND t.key = r.key AND t.id = r.id ${KNOWN}
         WHERE ${IS_DUE} OFFSET 0
       ) t WHERE pg_try_advisory_xact_lock(hashtextextended(t.id::text, 0))`,
      this.#clock(),
      JSON.stringify(known),
      name,
      JSON.stringify(refs.map(({ key, id }) => ({ key, id }))),
      String(silentMs),
    );
    return rows.map(({ id, key, version, payload, attempts, due_ms, request_id }) => ({
      ...{ id, name, key, version, payload, attempts },
      dueAt: new Date(due_ms),
      requestId: request_id ?? undefined,
    }));
  }

  /** Like {@link end}, for several timers of one name. @returns the ids of the timers that were deleted */
  async endAll(tx: RawTransaction, name: string, refs: readonly TimerRef[]): Promise<ReadonlySet<string>> {
    const rows = await tx.$queryRawUnsafe<{ id: string }[]>(
      `DELETE FROM ${this.#timers} t USING jsonb_to_recordset($2::jsonb) AS r(key text, id uuid)
       WHERE t.name = $1 AND t.key = r.key AND t.id = r.id RETURNING t.id`,
      name,
      JSON.stringify(refs.map(({ key, id }) => ({ key, id }))),
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Whether other transactions see the timer. */
  async exists(pool: pg.Pool, { name, key, id }: TimerRef): Promise<boolean> {
    return (
      (await pool.query(`SELECT FROM ${this.#timers} WHERE name = $1 AND key = $2 AND id = $3::uuid`, [name, key, id]))
        .rowCount === 1
    );
  }

  async look(pool: pg.Pool, known: Known, most: number): Promise<Waiting> {
    const {
      rows: [row],
    } = await pool.query<{
      due: TimerRef[];
      next_ms: number | null;
      lag_s: number | null;
      parked: number;
      parked_s: number | null;
    }>({
      name: `timers-look-${this.#timers}`,
      text: `SELECT
        (SELECT coalesce(jsonb_agg(due), '[]') FROM (
           SELECT t.name, t.key, t.id FROM ${this.#timers} t ${KNOWN} WHERE ${IS_DUE} ORDER BY t.due_at LIMIT $3::int) due) AS due,
        (SELECT extract(epoch FROM t.due_at - ${NOW})::float8 * 1000 FROM ${this.#timers} t ${KNOWN}
         WHERE t.parked_at IS NULL AND t.due_at > ${NOW} ORDER BY t.due_at LIMIT 1) AS next_ms,
        (SELECT greatest(0, extract(epoch FROM ${NOW} - min(due_at)))::float8 FROM ${this.#timers} WHERE parked_at IS NULL) AS lag_s,
        (SELECT count(*)::int FROM ${this.#timers} WHERE parked_at IS NOT NULL) AS parked,
        (SELECT greatest(0, extract(epoch FROM ${NOW} - min(parked_at)))::float8 FROM ${this.#timers} WHERE parked_at IS NOT NULL) AS parked_s`,
      values: [this.#clock(), JSON.stringify(known), most],
    });
    return {
      due: row?.due ?? [],
      nextInMs: row?.next_ms ?? null,
      lagSeconds: row?.lag_s ?? 0,
      parked: row?.parked ?? 0,
      parkedSeconds: row?.parked_s ?? 0,
    };
  }

  /**
   * Counts a failure of the timer. It counts nothing when the timer was set again or cancelled meanwhile, or when
   * another process has counted.
   * @param retryInMs absent: there are no more attempts, and the timer is parked
   * @returns whether it was counted
   */
  async failed(
    pool: pg.Pool,
    { name, key, id, attempts }: TimerRef & Pick<StoredTimer, 'attempts'>,
    error: Error,
    retryInMs: number | undefined,
  ): Promise<boolean> {
    const { rowCount } = await pool.query(
      `UPDATE ${this.#timers} SET attempts = attempts + 1, last_error = $2, next_attempt_at = ${NOW} + COALESCE($3::float8, 0) * interval '1 ms',
         parked_at = CASE WHEN $3::float8 IS NULL THEN ${NOW} END
       WHERE name = $4 AND key = $5 AND id = $6::uuid AND attempts = $7::int AND parked_at IS NULL`,
      [this.#clock(), error.message.slice(0, 1000), retryInMs ?? null, name, key, id, attempts],
    );
    return rowCount === 1;
  }
}

/** The time of the statement, which lets PostgreSQL use an index. A test's clock replaces it. */
const NOW = 'COALESCE(to_timestamp($1::float8 / 1000), statement_timestamp())';
const KNOWN =
  'JOIN jsonb_to_recordset($2::jsonb) AS k(name text, version int) ON k.name = t.name AND t.version <= k.version';
/** If the next attempt is further away than the longest delay, the clock has gone back since, and the timer is due. */
const IS_DUE = `t.parked_at IS NULL AND t.due_at <= ${NOW}
  AND (t.next_attempt_at IS NULL OR t.next_attempt_at <= ${NOW} OR t.next_attempt_at > ${NOW} + ${LONGEST_RETRY_MS} * interval '1 ms')`;
