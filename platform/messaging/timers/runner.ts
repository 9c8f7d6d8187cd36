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
  /** Milliseconds between looks; a timer that another replica set is late by this at most. Default 1000. */
  readonly pollMs?: number;
  /** Handlers at once, each with a connection of the service's pool. Default 4. */
  readonly concurrency?: number;
  /** Times a handler may fail before its timer is parked. Default 15, which takes more than an hour. */
  readonly maxAttempts?: number;
  /** After so many milliseconds of silence the database takes a timer back from whoever fires it. Default 30,000. */
  readonly silentMs?: number;
  readonly onFired?: (name: string) => void;
  readonly onFailed?: (timer: TimerRef, error: Error, parked: boolean) => void;
  readonly onLook?: (waiting: Waiting) => void;
  readonly onError?: (error: Error, doing: string) => void;
}

/** Timers that one look at the table finds at most. */
const BATCH = 100;
const FIRST_RETRY_MS = 1_000;
/** A timer that is due when it is set has its transaction to wait for. Milliseconds. */
const COMMIT_MS = 25;

/** Fires one service's timers that are due. Every replica has one; a timer belongs to the first that locks it. */
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

  /** @throws Error when two handlers are for one timer */
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

  /** Begins to fire what is due, in the background. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** A timer of this process is due in so many milliseconds. */
  expect(ms: number): void {
    this.#alarm.within(Math.max(ms, COMMIT_MS));
  }

  /**
   * Fires all that is due now. Failing handlers do not reject it; a database that is away does. @returns milliseconds
   * until there is something to do
   */
  async fireDue(): Promise<number> {
    const { pollMs = 1000, concurrency = 4, onLook } = this.#options;
    for (;;) {
      const waiting = await this.#store.look(this.#pool, this.#known, BATCH);
      onLook?.(waiting);
      if (waiting.due.length === 0 || this.#closed) return Math.min(pollMs, waiting.nextInMs ?? pollMs);
      const ended = await this.#fireAll(waiting.due, concurrency);
      // All that is due is with other replicas.
      if (ended === 0) return pollMs;
    }
  }

  /** Handlers that run finish, and no other begins. */
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

  /** @returns how many of them this process has seen the end of */
  async #fireAll(due: readonly TimerRef[], concurrency: number): Promise<number> {
    // Replicas look at the same timers: they begin in different places.
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

  /** @returns whether it was this process that fired it, failed to, or found that it is not to be fired any more */
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
          // Handlers may set the timer they are called for again: then this transaction itself has changed the row, and
          // others see the old one still.
          if (!(await this.#store.end(tx, ref)) && !(await this.#store.exists(this.#pool, ref)))
            throw new Superseded('cancelled or moved while its handler ran');
        },
        undefined,
        [ref.id],
      );
    } catch (error) {
      if (error instanceof Superseded) return true;
      // Not by the handler: there is nothing to count it against.
      if (taken === undefined) throw error;
      await this.#failed(taken, error);
      return true;
    }
    if (taken !== undefined) onFired?.(ref.name);
    return taken !== undefined;
  }

  async #handle(timer: StoredTimer, tx: Tx, emit: Emit): Promise<void> {
    const handler = this.#handlers.get(timer.name);
    // Under the request that set it: statements, events and jobs carry its id.
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

/** Sleep that can be cut short, also before it begins. */
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

  /** Never longer than the poll, so a delay is far from what setTimeout can count. */
  #arm(wake: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(wake, Math.max(0, this.#by - performance.now()));
  }
}
