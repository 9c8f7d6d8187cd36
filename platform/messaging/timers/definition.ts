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

/** Defines a deadline, a reminder, or anything else that must happen after a delay. */
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
}

/**
 * Declares the handler of a timer. First lock the aggregate as a change would, and then check its state: it may have
 * changed since the timer was set. The handler has the time of a transaction (5 s). Its changes and emitted messages
 * commit together with the end of the timer. If the timer is cancelled or moved before that, all of it is rolled back.
 * A handler that throws is called again after a growing delay.
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
