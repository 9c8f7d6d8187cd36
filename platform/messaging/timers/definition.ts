import type { RawTransaction } from '../../postgres/transactions.ts';
import { checked, type Json, Message, MessageRefused, type Versioned } from '../definitions.ts';
import type { Emit } from '../outbox/outbox.ts';

export interface TimerOptions<T> extends Versioned<T> {
  /** What is stored under: it stays, or the timers that wait have no handler. */
  readonly name: string;
}

/**
 * A kind of timer. Processes fire timers of their own version and of older ones; newer ones wait for a process that
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

  /** The payload without anything that its definition does not name. @throws MessageRefused */
  checked(payload: T): T {
    return checked(this.payload, payload, this.label, MessageRefused);
  }
}

/** A deadline, a reminder, something that is to happen after a delay. */
export const defineTimer = <T extends Json>(options: TimerOptions<T>): TimerDefinition<T> =>
  new TimerDefinition(options);

/** A timer that is due, within the transaction that ends it. */
export interface Fired<Tx, P> {
  /** The service's own models. A timer of the same name and key that is set here is a new one. */
  readonly tx: Tx;
  readonly emit: Emit;
  /** One for each time that a timer was set; `because` of jobs that have no event. */
  readonly id: string;
  readonly key: string;
  readonly payload: P;
  /** When it was to fire; it never fires earlier, and may fire later. */
  readonly dueAt: Date;
}

/** What a timer says in its row. */
export interface StoredTimer {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly version: number;
  readonly dueAt: Date;
  readonly requestId: string | undefined;
  readonly payload: unknown;
  /** Times that its handler failed. */
  readonly attempts: number;
}

export interface TimerHandler<Tx> {
  readonly name: string;
  readonly version: number;
  fire(tx: Tx, emit: Emit, timer: StoredTimer): Promise<unknown>;
}

/**
 * What happens when a timer is due. The handler looks at the state first, under the lock that changes of it take: the
 * state may have changed since. It has the time of a transaction (5 s), and what it writes and emits is committed
 * together with the end of the timer, or not at all when the timer is cancelled or moved before that. When it throws it
 * is called again, later each time.
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
