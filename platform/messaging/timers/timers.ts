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
 * When a timer is due: at a time, or this number of milliseconds from now by the database's clock. A timer for a time
 * in the past is due immediately.
 */
export type Due =
  { readonly at: Date; readonly after?: undefined } | { readonly after: number; readonly at?: undefined };

/** One setting of a timer: see {@link Timers.set}. */
export type TimerSetting<P> = { readonly key: string; readonly payload: P; readonly unlessSet?: boolean } & Due;

/** A thousand years in milliseconds. A longer delay is a mistake. */
const LONGEST_DELAY_MS = 1000 * 365 * 24 * 3_600_000;

/**
 * The timers of a service. A timer is a row of the service's own schema, written and deleted in the transaction of the
 * change. So the timer exists if and only if the change is committed, even if the process dies. A process without
 * handlers, or with `idle`, does not poll.
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
   * @param unlessSet leaves a timer of the key as it is, unless its handler has failed. So a change can ask for work
   * that a waiting timer will do for it too. The handler must lock the aggregate before it reads anything.
   * @throws RangeError for an invalid time; MessageRefused for a payload that does not match the definition
   */
  async set<P>(tx: RawTransaction, definition: TimerDefinition<P>, timer: TimerSetting<P>): Promise<void> {
    await this.setAll(tx, definition, [timer]);
  }

  /** Like {@link set}, for several timers in one statement. Each key may occur once. */
  async setAll<P>(
    tx: RawTransaction,
    definition: TimerDefinition<P>,
    timers: readonly TimerSetting<P>[],
  ): Promise<void> {
    if (timers.length === 0) return;
    const { name, version } = definition;
    const settings = timers.map(({ key, at, after, payload, unlessSet = false }) => {
      const isTime = at ? !Number.isNaN(at.getTime()) : after >= 0 && after <= LONGEST_DELAY_MS;
      if (!isTime) throw new RangeError(`${name} has no valid time`);
      return { key, at: at?.getTime() ?? null, after: after ?? null, payload: definition.checked(payload), unlessSet };
    });
    const ms = await this.#store.set(tx, { name, version, settings, requestId: this.#options.requestId?.() });
    if (ms === null) return;
    if (!this.#options.outbox.onceCommitted(tx, () => this.#runner?.expect(ms))) this.#runner?.expectUncommitted(ms);
  }

  /**
   * Cancels the timer of this key.
   * @returns true when there was a timer, which will not fire if this transaction commits. False when there was none,
   * for example because it has fired.
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
