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
  /** Whether this process leaves the firing of timers to other processes: `start` then does nothing. Default false. */
  readonly idle?: boolean;
  /** Milliseconds between polls. A timer that another replica set fires late by at most this time. Default 1000. */
  readonly pollMs?: number;
  /** How many handlers run at the same time at most, each with a connection of the service's pool. Default 4. */
  readonly concurrency?: number;
  /** How often a handler may fail before its timer is parked. Default 15, which takes about 50 minutes. */
  readonly maxAttempts?: number;
  /**
   * Milliseconds that a handler may take. Also the milliseconds of silence after which the database ends a handler's
   * transaction, so that another process can fire the timer. Default 30,000.
   */
  readonly silentMs?: number;
  readonly onFired?: (name: string) => void;
  readonly onFailed?: (timer: TimerRef, error: Error, parked: boolean) => void;
  readonly onLook?: (waiting: Waiting) => void;
  readonly onError?: (error: Error, doing: string) => void;
}

/** The largest number of timers that one poll returns. */
const BATCH = 400;
const FIRST_RETRY_MS = 1_000;
/**
 * The runner waits this many milliseconds for a timer that is due immediately, if the transaction that set it is not
 * one of the service's outbox. The timer can fire only after the commit, and nothing reports the commit of such a
 * transaction.
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
      throw new Error(`a timer has two handlers; all handlers: ${handlers.map(({ name }) => name).join(', ')}`);
  }

  /** Starts to fire due timers in the background. Does nothing with the option `idle`. */
  start(): void {
    if (!this.#options.idle) this.#running ??= this.#run();
  }

  /** Announces that a timer of this process is due in this number of milliseconds. Its transaction has committed. */
  expect(ms: number): void {
    this.#alarm.within(Math.max(ms, 0));
  }

  /**
   * Like {@link expect}, for a timer whose transaction still runs. If the transaction commits later than expected, the
   * next poll finds the timer.
   */
  expectUncommitted(ms: number): void {
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
      // If this process has fired none of the due timers, other replicas are firing all of them, so it waits for the
      // next poll.
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

  /** Fires timers that are due. @returns how many of the timers this process ended */
  async #fireAll(due: readonly TimerRef[], concurrency: number): Promise<number> {
    // Replicas read the same timers, so each starts at a random place.
    const batches = this.#batches(due);
    const from = Math.floor(Math.random() * batches.length);
    const left = [...batches.slice(from), ...batches.slice(0, from)].values();
    let ended = 0;
    const work = async (): Promise<void> => {
      for (const batch of left) {
        if (this.#closed) return;
        const many = batch.length > 1 ? await this.#fireMany(batch) : undefined;
        ended += many ?? 0;
        if (many === undefined) for (const ref of batch) await one(ref);
      }
    };
    const one = async (ref: TimerRef): Promise<void> => {
      // The id of the timer's own request is known only when the timer is taken.
      const context = { requestId: acceptRequestId(undefined), service: this.#outbox.schema };
      if (await runInContext(context, () => this.#fireOne(ref))) ended++;
    };
    const workers = await Promise.allSettled(Array.from({ length: concurrency }, work));
    const lost = workers.find((worker) => worker.status === 'rejected');
    if (lost) throw lost.reason;
    return ended;
  }

  /** The timers that one transaction fires together. */
  #batches(due: readonly TimerRef[]): readonly TimerRef[][] {
    return [...Map.groupBy(due, ({ name }) => name)].flatMap(([name, refs]) => {
      const most = this.#handlers.get(name)?.most ?? 1;
      return Array.from({ length: Math.ceil(refs.length / most) }, (_, n) => refs.slice(n * most, (n + 1) * most));
    });
  }

  /**
   * Fires timers of one name together.
   * @returns how many were fired; undefined if they must be fired one at a time, because together they failed, or
   * because one of them was cancelled or moved while the handler ran
   */
  async #fireMany(refs: readonly TimerRef[]): Promise<number | undefined> {
    const { silentMs = SILENT_MS, onFired } = this.#options;
    const { schema: service } = this.#outbox;
    const [{ name } = { name: '' }] = refs;
    const context = { requestId: acceptRequestId(undefined), service };
    let fired: readonly StoredTimer[] | undefined;
    try {
      await runInContext(context, () =>
        this.#outbox.transaction(
          this.#prisma,
          async (tx, emit) => {
            fired = undefined;
            const taken = await this.#store.takeAll(tx, this.#known, name, refs, silentMs);
            fired = taken;
            if (taken.length === 0) return;
            // The messages of each timer carry the id of the request that set it.
            const own = taken.map((timer) => ({
              ...timer,
              emit: ((definition, emitted) =>
                runInContext({ requestId: acceptRequestId(timer.requestId), service }, () =>
                  emit(definition, emitted),
                )) as Emit,
            }));
            await this.#handlers.get(name)?.fireAll?.(tx, own);
            const ended = await this.#store.endAll(tx, name, taken);
            for (const ref of taken)
              if (!ended.has(ref.id) && !(await this.#store.exists(this.#pool, ref)))
                throw new Superseded('cancelled or moved while its handler ran');
          },
          { timeout: silentMs },
          refs.map(({ id }) => id),
        ),
      );
    } catch (error) {
      if (fired === undefined) throw error;
      return undefined;
    }
    for (const one of fired ?? []) onFired?.(one.name);
    return fired?.length ?? 0;
  }

  /**
   * Fires one timer.
   * @returns true if its handler succeeded or failed in this process, or if the timer was cancelled or moved while the
   * handler ran. False if the timer could not be taken, because another process has it or it is gone.
   */
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
        { timeout: silentMs },
        [ref.id],
      );
    } catch (error) {
      if (error instanceof Superseded) return true;
      // The timer was not taken, so the error is not its handler's, and no failure of the timer is counted.
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

/** A sleep that another call can end early, even before it starts. */
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

  /** The delay is at most a few seconds (a poll, or a pause after an outage), far below the limit of setTimeout. */
  #arm(wake: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(wake, Math.max(0, this.#by - performance.now()));
  }
}
