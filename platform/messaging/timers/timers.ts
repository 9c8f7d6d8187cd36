import type pg from 'pg';
import { openPool } from '../../postgres/pool.ts';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { TimerDefinition, TimerHandler } from './definition.ts';
import { type RunnerOptions, TimerRunner } from './runner.ts';
import { TimerStore } from './timer-store.ts';

export interface TimersOptions extends RunnerOptions {
  /** PostgreSQL URL of the database that has the service's schema. */
  readonly url: string;
  /** The outbox for the handlers' messages. Its schema has the `timers` table. */
  readonly outbox: Outbox;
  /** The id of the current request. */
  readonly requestId?: () => string | undefined;
  /**
   * The clock of a test: milliseconds since the epoch. Default: the clock of the database, which all replicas share.
   */
  readonly clock?: () => number;
}

/**
 * When a timer is due: at a time, or this number of milliseconds from now by the database's clock. A time in the past
 * is due at once.
 */
export type Due =
  { readonly at: Date; readonly after?: undefined } | { readonly after: number; readonly at?: undefined };

/** A thousand years in milliseconds. A longer delay is a mistake. */
const LONGEST_DELAY_MS = 1000 * 365 * 24 * 3_600_000;

/**
 * The timers of a service. A timer is a row of the service's own schema, written and deleted in the transaction of the
 * change. So the timer exists if and only if the change is committed, even if the process dies. A service without
 * handlers does not poll.
 */
export class Timers {
  readonly #options: TimersOptions;
  readonly #store: TimerStore;
  #pool: pg.Pool | undefined;
  #runner: TimerRunner<never> | undefined;

  constructor(options: TimersOptions) {
    this.#options = options;
    this.#store = new TimerStore(options.outbox.schema, options.clock);
  }

  /**
   * Sets the timer of this key. An existing timer of the key is moved and gets the new payload, even if it is parked.
   * Lock the aggregate first, because handlers do so too.
   * @param key an aggregate's id; each name has one timer for each key
   * @throws RangeError for an invalid time; MessageRefused
   */
  async set<P>(
    tx: RawTransaction,
    definition: TimerDefinition<P>,
    timer: { readonly key: string; readonly payload: P } & Due,
  ): Promise<void> {
    const { name, version } = definition;
    const due = timer.at ? { at: timer.at.getTime() } : { after: timer.after };
    const isTime = 'at' in due ? !Number.isNaN(due.at) : due.after >= 0 && due.after <= LONGEST_DELAY_MS;
    if (!isTime) throw new RangeError(`${name} has no valid time`);
    const payload = definition.checked(timer.payload);
    this.#runner?.expect(
      await this.#store.set(tx, {
        name,
        version,
        key: timer.key,
        due,
        payload,
        requestId: this.#options.requestId?.(),
      }),
    );
  }

  /**
   * @returns true when there was a timer: it will not fire if this transaction commits. False when there was none, or
   * when it has fired.
   */
  async cancel(tx: RawTransaction, { name }: { readonly name: string }, key: string): Promise<boolean> {
    return this.#store.cancel(tx, name, key);
  }

  /**
   * Creates the runner that fires this service's timers with these handlers, from its `start` until {@link close}.
   * @throws Error when there is one already
   */
  runner<Tx extends RawTransaction>(prisma: Transactional<Tx>, handlers: readonly TimerHandler<Tx>[]): TimerRunner<Tx> {
    if (this.#runner) throw new Error('the timers of a service have their handlers in one place');
    const runner = new TimerRunner(
      this.#connections(),
      this.#store,
      this.#options.outbox,
      prisma,
      handlers,
      this.#options,
    );
    this.#runner = runner as unknown as TimerRunner<never>;
    return runner;
  }

  /** Resolves when the running handlers have finished; no other handler starts. */
  async close(): Promise<void> {
    await this.#runner?.close();
    await this.#pool?.end();
    this.#pool = undefined;
  }

  /** A pool in addition to the service's own, so that polls and failure counts do not wait for handlers. */
  #connections(): pg.Pool {
    const {
      url,
      outbox: { schema },
      onError,
    } = this.#options;
    return (this.#pool ??= openPool(url, `timers:${schema}`, 2, (error, doing) => onError?.(error, doing)));
  }
}
