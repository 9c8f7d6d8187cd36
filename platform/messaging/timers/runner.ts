import type pg from 'pg';
import { asError, backoff } from '../../async/retry.ts';
import { acceptRequestId } from '../../http/request-id.ts';
import { runInContext } from '../../observability/request-context.ts';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';
import type { Emit, Outbox } from '../outbox/outbox.ts';
import type { StoredTimer, TimerHandler } from './definition.ts';
import {
  type Known,
  LONGEST_RETRY_MS,
  SILENT_MS,
  type TimerRef,
  type TimerStore,
  type Waiting,
} from './timer-store.ts';

export interface RunnerOptions {
  /** Milliseconds between polls. A timer that another replica set fires late by at most this time. Default 1000. */
  readonly pollMs?: number;
  /** Number of handlers that run at once, each with a connection of the service's pool. Default 4. */
  readonly concurrency?: number;
  /** How often a handler may fail before its timer is parked. Default 15, which takes more than an hour. */
  readonly maxAttempts?: number;
  /**
   * Milliseconds of silence after which the database ends a handler's transaction, so that another process can fire the
   * timer. Default 30,000.
   */
  readonly silentMs?: number;
  readonly onFired?: (name: string) => void;
  readonly onFailed?: (timer: TimerRef, error: Error, parked: boolean) => void;
  readonly onLook?: (waiting: Waiting) => void;
  readonly onError?: (error: Error, doing: string) => void;
}

/** Most timers that one poll returns. */
const BATCH = 100;
const FIRST_RETRY_MS = 1_000;
/**
 * A timer that is due at once fires only after the transaction that set it has committed. Milliseconds to wait for
 * that.
 */
const COMMIT_MS = 25;

/** Fires one service's due timers. Every replica runs one. The first replica that locks a timer fires it. */
export class TimerRunner<Tx extends RawTransaction = RawTransaction> {
  readonly #options: RunnerOptions;
  readonly #pool: pg.Pool;
  readonly #store: TimerStore;
  readonly #outbox: Outbox;
  readonly #prisma: Transactional<Tx>;
  readonly #handlers: ReadonlyMap<string, TimerHandler<Tx>>;
  readonly #known: Known;
  readonly #alarm = new Alarm();
  #running: Promise<void> | undefined;
  #closed = false;

  /** @throws Error when one timer has two handlers */
  constructor(
    pool: pg.Pool,
    store: TimerStore,
    outbox: Outbox,
    prisma: Transactional<Tx>,
    handlers: readonly TimerHandler<Tx>[],
    options: RunnerOptions = {},
  ) {
    this.#pool = pool;
    this.#store = store;
    this.#outbox = outbox;
    this.#prisma = prisma;
    this.#options = options;
    this.#handlers = new Map(handlers.map((handler) => [handler.name, handler]));
    this.#known = handlers.map(({ name, version }) => ({ name, version }));
    if (this.#handlers.size < handlers.length)
      throw new Error(`two handlers for one timer: ${handlers.map(({ name }) => name).join(', ')}`);
  }

  /** Starts to fire due timers in the background. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Announces that a timer of this process is due in this number of milliseconds. */
  expect(ms: number): void {
    this.#alarm.within(Math.max(ms, COMMIT_MS));
  }

  /**
   * Fires everything that is due now. It rejects when the database is away, but not when a handler fails. @returns
   * milliseconds until the next timer or poll
   */
  async fireDue(): Promise<number> {
    const { pollMs = 1000, concurrency = 4, onLook } = this.#options;
    for (;;) {
      const waiting = await this.#store.look(this.#pool, this.#known, BATCH);
      onLook?.(waiting);
      if (waiting.due.length === 0 || this.#closed) return Math.min(pollMs, waiting.nextInMs ?? pollMs);
      const ended = await this.#fireAll(waiting.due, concurrency);
      // If this process fired none of them, other replicas are firing all that is due.
      if (ended === 0) return pollMs;
    }
  }

  /** Resolves when the running handlers have finished; no other handler starts. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#alarm.within(0);
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let outages = 0; !this.#closed;) {
      let ms: number;
      this.#alarm.reset();
      try {
        ms = await this.fireDue();
        outages = 0;
      } catch (error) {
        ms = backoff(outages++, 100, 5_000);
        this.#options.onError?.(asError(error), 'firing timers');
      }
      if (!this.#closed) await this.#alarm.sleep(ms);
    }
  }

  /** @returns how many of them this process ended */
  async #fireAll(due: readonly TimerRef[], concurrency: number): Promise<number> {
    // Replicas read the same timers, so each starts at a random place.
    const from = Math.floor(Math.random() * due.length);
    const left = [...due.slice(from), ...due.slice(0, from)].values();
    let ended = 0;
    const work = async (): Promise<void> => {
      for (const ref of left) {
        if (this.#closed) return;
        if (await this.#fireOne(ref)) ended++;
      }
    };
    const workers = await Promise.allSettled(Array.from({ length: concurrency }, work));
    const lost = workers.find((worker) => worker.status === 'rejected');
    if (lost) throw lost.reason;
    return ended;
  }

  /** @returns whether this process fired it, failed to fire it, or found that it must not fire any more */
  async #fireOne(ref: TimerRef): Promise<boolean> {
    const { silentMs = SILENT_MS, onFired } = this.#options;
    let taken: StoredTimer | undefined;
    try {
      await this.#outbox.transaction(
        this.#prisma,
        async (tx, emit) => {
          taken = await this.#store.take(tx, this.#known, ref, silentMs);
          if (taken === undefined) return;
          await this.#handle(taken, tx, emit);
          // A handler may set its own timer again. Then this transaction itself has changed the row, while others still
          // see the old one.
          if (!(await this.#store.end(tx, ref)) && !(await this.#store.exists(this.#pool, ref)))
            throw new Superseded('cancelled or moved while its handler ran');
        },
        undefined,
        [ref.id],
      );
    } catch (error) {
      if (error instanceof Superseded) return true;
      // The error is not the handler's, so no timer can count it.
      if (taken === undefined) throw error;
      await this.#failed(taken, error);
      return true;
    }
    if (taken !== undefined) onFired?.(ref.name);
    return taken !== undefined;
  }

  async #handle(timer: StoredTimer, tx: Tx, emit: Emit): Promise<void> {
    const handler = this.#handlers.get(timer.name);
    // Runs in the context of the request that set the timer, so statements, events and jobs carry its id.
    await runInContext({ requestId: acceptRequestId(timer.requestId), service: this.#outbox.schema }, () =>
      handler?.fire(tx, emit, timer),
    );
  }

  async #failed(timer: StoredTimer, thrown: unknown): Promise<void> {
    const { maxAttempts = 15, onFailed } = this.#options;
    const error = asError(thrown);
    const last = timer.attempts + 1 >= maxAttempts || (thrown as { permanent?: unknown }).permanent === true;
    const counted = await this.#store.failed(
      this.#pool,
      timer,
      error,
      last ? undefined : backoff(timer.attempts, FIRST_RETRY_MS, LONGEST_RETRY_MS),
    );
    if (counted) onFailed?.(timer, error, last);
  }
}

class Superseded extends Error {}

/** A sleep that can be cut short, even before it starts. */
class Alarm {
  #by = Infinity;
  #wake: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  reset(): void {
    this.#by = Infinity;
  }

  within(ms: number): void {
    const by = performance.now() + ms;
    if (by >= this.#by) return;
    this.#by = by;
    if (this.#wake) this.#arm(this.#wake);
  }

  async sleep(ms: number): Promise<void> {
    this.#by = Math.min(this.#by, performance.now() + ms);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#arm(resolve);
    });
    clearTimeout(this.#timer);
    this.#wake = undefined;
  }

  /** The delay is never longer than the poll, so it is far below the limit of setTimeout. */
  #arm(wake: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(wake, Math.max(0, this.#by - performance.now()));
  }
}
