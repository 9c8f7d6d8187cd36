/**
 * Backpressure signals to a producer that can slow down. The queue calls each at the end of the push or pull that
 * caused it.
 */
export interface Flow {
  /** More than half of `max` events wait in the queue. The queue does not call this again before `drained`. */
  filled(): void;
  /** Called after `filled`, when less than a quarter of `max` events wait. */
  drained(): void;
  /** The consumer has taken all events and waits for the next. */
  caughtUp(): void;
}

/**
 * A queue of events between a producer and a consumer that pulls. It holds at most `max` events. One more event fails
 * the queue: the consumer first gets the waiting events and then the error. So no event is lost silently, and the
 * consumer can resume from the last event that it saw.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #max: number;
  readonly #onReturn: () => void;
  readonly #overflow: () => Error;
  readonly #flow: Flow | undefined;
  #filled = false;
  #items: T[] = [];
  #head = 0;
  #waiting: { resolve(result: IteratorResult<T>): void; reject(error: Error): void }[] = [];
  #end: { readonly error?: Error } | undefined;

  /**
   * @param onReturn runs once, when the consumer leaves or the queue overflows. It does not run when the producer ends
   *   the queue.
   */
  constructor(max: number, onReturn: () => void, overflow: () => Error, flow?: Flow) {
    this.#max = max;
    this.#onReturn = onReturn;
    this.#overflow = overflow;
    this.#flow = flow;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    if (this.#end) return;
    const consumer = this.#waiting.shift();
    if (consumer) return consumer.resolve({ value: item, done: false });
    if (this.length >= this.#max) {
      this.#end = { error: this.#overflow() };
      this.#onReturn();
      return;
    }
    this.#items.push(item);
    if (this.#filled || this.length * 2 <= this.#max) return;
    this.#filled = true;
    this.#flow?.filled();
  }

  /** Ends the queue. The consumer still gets the waiting events and then, once, the error. */
  end(error?: Error): void {
    if (this.#end) return;
    this.#end = error ? { error } : {};
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    if (first && error) {
      this.#end = {};
      first.reject(error);
    } else first?.resolve({ value: undefined, done: true });
    for (const consumer of others) consumer.resolve({ value: undefined, done: true });
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#head < this.#items.length) {
      const value = this.#items[this.#head] as T;
      this.#items[this.#head++] = undefined as T;
      if (this.#head > 64 && this.#head * 2 > this.#items.length) {
        this.#items = this.#items.slice(this.#head);
        this.#head = 0;
      }
      if (this.#filled && this.length * 4 < this.#max) {
        this.#filled = false;
        this.#flow?.drained();
      }
      return Promise.resolve({ value, done: false });
    }
    if (this.#end) {
      const { error } = this.#end;
      this.#end = {};
      return error ? Promise.reject(error) : Promise.resolve({ value: undefined, done: true });
    }
    this.#flow?.caughtUp();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.#items = [];
    this.#head = 0;
    if (!this.#end) {
      this.end();
      this.#onReturn();
    } else this.#end = {};
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
