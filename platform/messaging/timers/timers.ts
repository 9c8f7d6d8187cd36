import type pg from 'pg';
import { openPool } from '../../postgres/pool.ts';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { TimerDefinition, TimerHandler } from './definition.ts';
import { type RunnerOptions, TimerRunner } from './runner.ts';
import { TimerStore } from './timer-store.ts';

export interface TimersOptions extends RunnerOptions {
  /** PostgreSQL URL of the database with the service's schema. */
  readonly url: string;
  /** By which handlers emit; its schema has the `timers` table. */
  readonly outbox: Outbox;
  /** The request that is being served. */
  readonly requestId?: () => string | undefined;
  /** A test's clock: milliseconds since the epoch. Default: the database's, which is the same for every replica. */
  readonly clock?: () => number;
}

/**
 * When a timer is due: a time, or so many milliseconds from now on by the database's clock. What is past is due at
 * once.
 */
export type Due =
  { readonly at: Date; readonly after?: undefined } | { readonly after: number; readonly at?: undefined };

/** A thousand years, in milliseconds: what is further away is a mistake. */
const LONGEST_DELAY_MS = 1000 * 365 * 24 * 3_600_000;

/**
 * What a service wants to happen later. A timer is a row of its own schema, written and cancelled in the transaction of
 * the change, so there is one if and only if the change is committed, whatever becomes of the process. A service that
 * declares no handler looks at nothing.
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
   * Sets the timer of this key; one that is there is moved, and its payload replaced, also when it is parked. Lock the
   * aggregate first: handlers do.
   * @param key what it is for, one timer of a kind for each: an aggregate's id
   * @throws RangeError for a time that is none; MessageRefused
   */
  async set<P>(
    tx: RawTransaction,
    definition: TimerDefinition<P>,
    timer: { readonly key: string; readonly payload: P } & Due,
  ): Promise<void> {
    const { name, version } = definition;
    const due = timer.at ? { at: timer.at.getTime() } : { after: timer.after };
    const isTime = 'at' in due ? !Number.isNaN(due.at) : due.after >= 0 && due.after <= LONGEST_DELAY_MS;
    if (!isTime) throw new RangeError(`${name} is set for no time`);
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
   * @returns whether there was one: then it will not fire if this transaction commits. Otherwise there was none, or it
   * has fired
   */
  async cancel(tx: RawTransaction, { name }: { readonly name: string }, key: string): Promise<boolean> {
    return this.#store.cancel(tx, name, key);
  }

  /**
   * What fires this service's timers by these handlers, from its `start` until {@link close}. @throws Error when there
   * is one already
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

  /** Handlers that run finish, and no other begins. */
  async close(): Promise<void> {
    await this.#runner?.close();
    await this.#pool?.end();
    this.#pool = undefined;
  }

  /** Beside the service's own: what is looked at every second, and what failed, waits for no handler. */
  #connections(): pg.Pool {
    const {
      url,
      outbox: { schema },
      onError,
    } = this.#options;
    return (this.#pool ??= openPool(url, `timers:${schema}`, 2, (error, doing) => onError?.(error, doing)));
  }
}
