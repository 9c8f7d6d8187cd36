import type { RawTransaction } from '../../postgres/transactions.ts';
import { checked, type Json, Message, MessageRefused, type Versioned } from '../definitions.ts';
import type { Emit } from '../outbox/outbox.ts';

export interface TimerOptions<T> extends Versioned<T> {
  /** The name in the database. Do not change it: waiting timers would lose their handler. */
  readonly name: string;
}

/**
 * A kind of timer. A process fires timers of its own version and of older ones. Newer ones wait for a process that
 * knows them.
 */
export class TimerDefinition<T> extends Message<T> {
  readonly name: string;
  readonly label: string;

  constructor({ name, ...rest }: TimerOptions<T>) {
    super(rest);
    this.name = name;
    this.label = `timer ${name}`;
    this.complete();
  }

  /** Checks the payload and returns only the fields that the definition names. @throws MessageRefused */
  checked(payload: T): T {
    return checked(this.payload, payload, this.label, MessageRefused);
  }
}

/** Defines a kind of timer: a deadline, a reminder, or anything else that must happen after a delay. */
export const defineTimer = <T extends Json>(options: TimerOptions<T>): TimerDefinition<T> =>
  new TimerDefinition(options);

/** A timer that is due, inside the transaction that ends it. */
export interface Fired<Tx, P> {
  /** The client of the service's own models. Setting a timer of the same name and key here sets a new timer. */
  readonly tx: Tx;
  readonly emit: Emit;
  /** A new id each time the timer is set. A job that has no event may use it as `because`. */
  readonly id: string;
  readonly key: string;
  readonly payload: P;
  /** When the timer was due. It fires at that time or later, never earlier. */
  readonly dueAt: Date;
}

/** The row of a timer. */
export interface StoredTimer {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly version: number;
  readonly dueAt: Date;
  readonly requestId: string | undefined;
  readonly payload: unknown;
  /** How often its handler failed. */
  readonly attempts: number;
}

export interface TimerHandler<Tx> {
  readonly name: string;
  readonly version: number;
  fire(tx: Tx, emit: Emit, timer: StoredTimer): Promise<unknown>;
  /** How many timers one transaction may fire together. Absent: one. */
  readonly most?: number;
  /** Fires several timers together, each with its own `emit`. */
  fireAll?(tx: Tx, timers: readonly (StoredTimer & { readonly emit: Emit })[]): Promise<unknown>;
}

/**
 * Declares the handler of a timer. The handler must first lock the aggregate as a change would, and then check its
 * state, which may have changed since the timer was set. The handler has 30 s. Its changes and emitted messages commit
 * together with the end of the timer. If the timer is cancelled or moved before that, all of it is rolled back.
 * A handler that throws is called again after a growing delay, until its attempts are used up and the timer is parked.
 * An error with `permanent: true` parks the timer immediately.
 */
export function handle<Tx extends RawTransaction, P>(
  timer: TimerDefinition<P>,
  handler: (fired: Fired<Tx, P>) => Promise<unknown>,
): TimerHandler<Tx> {
  return {
    name: timer.name,
    version: timer.version,
    fire: (tx, emit, { id, key, dueAt, version, payload }) =>
      handler({ tx, emit, id, key, dueAt, payload: timer.read(version, payload, key) }),
  };
}

/**
 * Like {@link handle}, for a handler that gets up to `most` timers together, in one transaction. If it throws, it is
 * called again with each of them alone, so only the timers that it cannot handle fail.
 */
export function handleAll<Tx extends RawTransaction, P>(
  timer: TimerDefinition<P>,
  most: number,
  handler: (tx: Tx, fired: readonly Omit<Fired<Tx, P>, 'tx'>[]) => Promise<unknown>,
): TimerHandler<Tx> {
  const read = (stored: StoredTimer, emit: Emit): Omit<Fired<Tx, P>, 'tx'> => {
    const { id, key, dueAt, version, payload } = stored;
    return { emit, id, key, dueAt, payload: timer.read(version, payload, key) };
  };
  return {
    name: timer.name,
    version: timer.version,
    most,
    fire: (tx, emit, stored) => handler(tx, [read(stored, emit)]),
    fireAll: (tx, timers) =>
      handler(
        tx,
        timers.map((stored) => read(stored, stored.emit)),
      ),
  };
}
