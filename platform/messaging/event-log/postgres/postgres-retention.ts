import type pg from 'pg';
import { CLAIM_PRUNING, DELETE_EVENTS, PRUNE, SUPERSEDED } from './postgres-sql.ts';
import { asError, pause } from '../../../async/retry.ts';

/** The number of rows that one statement deletes. So a statement holds its locks for only a few milliseconds. */
const BITE = 1000;
const PAUSE_MS = 20;
/**
 * The largest number of statements per partition and round: together a million rows. The next round deletes the rest.
 */
const MOST_BITES = 1000;
/** The largest number of rows that a round deletes from a compacted partition. The next round deletes the rest. */
const MOST_SUPERSEDED = 100_000;
const FIRST_AFTER_MS = 5000;

export interface RetentionOptions {
  readonly pool: pg.Pool;
  /** Milliseconds between two rounds of a topic, by any process. */
  readonly everyMs: number;
  readonly onError: (error: Error, doing: string) => void;
}

/**
 * Deletes events after the retention of their topic; from a compacted topic, only superseded ones. Every process has
 * one of these. When a topic is due, the process that marks it first does the work, so it needs no lock during the
 * work. If that process dies, the next turn deletes what it left.
 */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Starts to delete old events at intervals. A second call changes nothing. */
  start(): void {
    this.#timer ??= this.#in(Math.min(FIRST_AFTER_MS, this.#options.everyMs));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  #in(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#round = this.#prune()
        .catch((error: unknown) => this.#options.onError(asError(error), 'pruning'))
        .finally(() => {
          if (!this.#closing.signal.aborted) this.#timer = this.#in(this.#options.everyMs);
        });
    }, ms).unref();
  }

  async #prune(): Promise<void> {
    const { pool, everyMs } = this.#options;
    // The interval in the statement is a little shorter. Otherwise a timer that fires a moment early would skip a
    // round.
    const { rows } = await pool.query<{ partition_id: number; retention_hours: number; compacted: boolean }>(
      CLAIM_PRUNING,
      [(everyMs / 1000) * 0.9],
    );
    for (const { partition_id: id, retention_hours: hours, compacted } of rows)
      await (compacted ? this.#compactPartition(id, hours) : this.#prunePartition(id, hours));
  }

  async #prunePartition(id: number, hours: number): Promise<void> {
    for (let bite = 0; bite < MOST_BITES && !this.#closing.signal.aborted; bite++) {
      const { rowCount } = await this.#options.pool.query(PRUNE, [id, hours, BITE]);
      if ((rowCount ?? 0) < BITE) return;
      await pause(PAUSE_MS, this.#closing.signal);
    }
  }

  /** Deletes superseded events. The newest event of each key stays, however old it is. */
  async #compactPartition(id: number, hours: number): Promise<void> {
    const { pool } = this.#options;
    const { rows } = await pool.query<{ offset: string }>(SUPERSEDED, [id, hours, MOST_SUPERSEDED]);
    for (let start = 0; start < rows.length && !this.#closing.signal.aborted; start += BITE) {
      await pool.query(DELETE_EVENTS, [id, rows.slice(start, start + BITE).map(({ offset }) => offset)]);
      await pause(PAUSE_MS, this.#closing.signal);
    }
  }
}
