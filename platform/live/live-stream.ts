import { setTimeout as delay } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { LoggedEvent } from '../messaging/event-log/event-log.ts';
import { resyncRequired } from '../graphql/errors.ts';

/** Anything with a number within its key: 1, 2, 3 … without gaps. */
export interface Sequenced {
  readonly seq: number;
}

/** A row of an events table. */
export interface StoredEvent<E> extends Sequenced {
  /** The event of the row. @throws NewerVersion when a newer program wrote the row */
  event(): E;
}

/** The source of the events of one key. */
export interface LiveSource<E extends Sequenced> {
  /** The name of the topic, for example `matches.v1`. */
  readonly topic: string;
  /** The id of the aggregate whose events the stream has. */
  readonly key: string;
  /**
   * Reads at most `limit` committed events after `afterSeq` from the events table, in the order of `seq`, without
   * holes.
   */
  read(afterSeq: number, limit: number): Promise<readonly StoredEvent<E>[]>;
  /** The newest committed `seq` of the key; 0 before the first event. */
  newestSeq(): Promise<number>;
  /**
   * The event in a message of the log. Null when the event must be read from the table, for example because its version
   * is unknown. Pure.
   */
  fromLog(event: LoggedEvent): E | null;
}

/**
 * The largest number of events that are queued for a slow consumer. Further events are read from the table when the
 * consumer asks for them.
 */
export const QUEUE_LIMIT = 256;
export const PAGE_SIZE = 100;
/**
 * Delays in milliseconds between reads while an event that the log has announced is missing in the table. A read
 * replica may lag. If the event is still missing after the last delay, the stream fails with RESYNC_REQUIRED.
 */
const RETRIES_MS = [20, 100, 500, 2000];

/** What a stream needs from its {@link import('./live-events.ts').LiveEvents}. */
export interface StreamOwner {
  /** Resolves when the tail that feeds this stream is attached. */
  attach(stream: LiveStream<Sequenced>): Promise<void>;
  detach(stream: LiveStream<Sequenced>): void;
  track<T>(work: Promise<T>): Promise<T>;
  /** Called with the reason of an interruption. The consumer of the stream does not get the reason. */
  failed(error: unknown, stream: LiveStream<Sequenced>): void;
}

/**
 * One consumer's position in the events of a key. Its queue always holds consecutive events directly after the last
 * consumed one. An event that does not continue this run (because of a hole, or because the queue is full) only updates
 * `#newest`, and is read from the table later. This one rule ensures the order, no repeats, no holes, and bounded
 * memory.
 */
export class LiveStream<E extends Sequenced> implements AsyncIterableIterator<E, undefined> {
  readonly source: LiveSource<E>;
  readonly #owner: StreamOwner;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: E[] = [];
  readonly #lifetime = new AbortController();
  /** The `seq` of the last consumed event. */
  #cursor: number;
  /** Whether the event at the cursor is known to exist. A client may send a `seq` that never existed. */
  #known: boolean;
  /** The highest `seq` that is known to exist. */
  #newest = 0;
  /**
   * Whether the table may hold more events than the tail announced: at the start, after a full page or an event that
   * could not be read, and when the newest `seq` could not be read.
   */
  #stale = true;
  #attached = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(owner: StreamOwner, source: LiveSource<E>, afterSeq: number, signal?: AbortSignal) {
    this.#owner = owner;
    this.source = source;
    this.#cursor = afterSeq;
    this.#known = afterSeq === 0;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Overlapping calls are answered in order. */
  next(): Promise<IteratorResult<E, undefined>> {
    const result = this.#turn.then(() => this.#next());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Ends the stream immediately, even while a `next()` waits. */
  async return(): Promise<IteratorResult<E, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<E, undefined>> {
    this.end();
    throw error;
  }

  /** Hands an event of the log to the stream. `event` is null when the event exists but must be read from the table. */
  offer(seq: number, event: E | null): void {
    if (seq > this.#newest) this.#newest = seq;
    if (event && seq === this.#lastSeq() + 1 && this.#queue.length < QUEUE_LIMIT) this.#queue.push(event);
    this.#wake();
  }

  /** Makes the stream read the table, because events may have been missed. */
  recheck(): void {
    this.#stale = true;
    this.#wake();
  }

  /**
   * Ends the stream and frees its resources. A waiting `next()` rejects with `failure`, or resolves to the end if there
   * is none.
   */
  end(failure?: Error): void {
    if (this.#ended) return;
    this.#failure = failure;
    this.#lifetime.abort();
    this.#queue.length = 0;
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#owner.detach(this);
    this.#wake();
  }

  readonly #abort = (): void => this.end();

  async #next(): Promise<IteratorResult<E, undefined>> {
    try {
      if (!this.#attached && !this.#ended) await this.#attach();
      while (!this.#ended) {
        const event = this.#queue.shift();
        if (event) {
          this.#cursor = event.seq;
          return { done: false, value: event };
        }
        if (this.#stale || this.#newest > this.#cursor) await this.#owner.track(this.#readTable());
        else await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    } catch (error) {
      this.end();
      if (error instanceof GraphQLError) throw error;
      this.#owner.failed(error, this);
      throw interruptedError();
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
    return { done: true, value: undefined };
  }

  /**
   * Attaches before the first read of the table, so that the tail delivers everything that is committed after that
   * read.
   */
  async #attach(): Promise<void> {
    this.#attached = true;
    if (this.#signal?.aborted) return this.end();
    this.#signal?.addEventListener('abort', this.#abort);
    await this.#owner.attach(this);
  }

  async #readTable(): Promise<void> {
    for (const pause of [...RETRIES_MS, undefined]) {
      // The flag is cleared before the read. A change during the read sets it again, because the read may have missed
      // that change.
      this.#stale = false;
      const page = await this.source.read(this.#known ? this.#cursor : this.#cursor - 1, PAGE_SIZE);
      if (this.#ended) return;
      if (!this.#known) {
        // Old events may have been deleted, so the event at the cursor may be missing although it existed.
        if (page.length === 0 && Math.max(await this.source.newestSeq(), this.#newest) < this.#cursor)
          throw beyondError(this.#cursor);
        if (this.#ended) return;
        this.#known = true;
      }
      if (page.length === PAGE_SIZE) this.#stale = true;
      for (const stored of page) {
        const expected = this.#lastSeq() + 1;
        if (stored.seq > expected) throw gapError(expected);
        if (stored.seq === expected && !this.#enqueue(stored)) break;
      }
      if (this.#queue.length > 0 || this.#newest <= this.#cursor) return;
      if (pause === undefined) throw gapError(this.#cursor + 1);
      await delay(pause, undefined, { signal: this.#lifetime.signal }).catch(() => undefined);
      if (this.#ended) return;
    }
  }

  /**
   * Queues a stored event. An event that cannot be read ends the stream only after the events before it were delivered,
   * so a client that resumes continues there. @returns false when the event cannot be read yet
   */
  #enqueue(stored: StoredEvent<E>): boolean {
    try {
      this.#queue.push(stored.event());
      return true;
    } catch (error) {
      if (this.#queue.length === 0) throw error;
      this.#stale = true;
      return false;
    }
  }

  get #ended(): boolean {
    return this.#lifetime.signal.aborted;
  }

  #lastSeq(): number {
    return this.#queue.at(-1)?.seq ?? this.#cursor;
  }
}

/**
 * The error of an interrupted stream, with code UNAVAILABLE. A client that subscribes again after the last `seq`
 * continues where this stream ended. It has no `originalError`: that would make it an unexpected error, which clients
 * get as INTERNAL.
 */
export function interruptedError(): GraphQLError {
  return new GraphQLError('The stream was interrupted. Subscribe again from the last seq.', {
    extensions: { code: 'UNAVAILABLE' },
  });
}

/**
 * The error for missing events after the cursor, with code RESYNC_REQUIRED. The client must load the current state
 * again.
 */
function gapError(seq: number): GraphQLError {
  return resyncRequired(`The event with seq ${seq} is not available.`);
}

/**
 * The error for a `seq` beyond the newest event, with code RESYNC_REQUIRED. It happens, for example, when the database
 * was restored from an older backup.
 */
export function beyondError(seq: number): GraphQLError {
  return resyncRequired(`There is no event with seq ${seq} yet. Load the current state again.`);
}
