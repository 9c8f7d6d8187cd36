import { setTimeout as delay } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import type { LoggedEvent } from '../messaging/event-log/event-log.ts';
import { resyncRequired } from '../graphql/errors.ts';

/** Anything with a place in a dense order: 1, 2, 3 … within its key. */
export interface Sequenced {
  readonly seq: number;
}

/** A row of an events table. */
export interface StoredEvent<E> extends Sequenced {
  /** @throws NewerVersion when a newer program wrote the row */
  event(): E;
}

/** Where the events of one key come from. */
export interface LiveSource<E extends Sequenced> {
  /** For example `matches.v1`. */
  readonly topic: string;
  /** The aggregate's id. */
  readonly key: string;
  /** At most `limit` committed events after `afterSeq` from the events table, in the order of `seq`, without holes. */
  read(afterSeq: number, limit: number): Promise<readonly StoredEvent<E>[]>;
  /** The newest committed `seq` of the key; 0 before the first event. */
  newestSeq(): Promise<number>;
  /**
   * The event as the log carries it; null when it has to be read from the table, also because its version is not known.
   * Pure.
   */
  fromLog(event: LoggedEvent): E | null;
}

/** Events that wait for a slow consumer; more stay in the table until they are asked for. */
export const QUEUE_LIMIT = 256;
export const PAGE_SIZE = 100;
/** How long an event that the log announced may be missing in the table (a read replica that lags), in milliseconds. */
const RETRIES_MS = [20, 100, 500, 2000];

/** What a stream needs from the {@link import('./live-events.ts').LiveEvents} it belongs to. */
export interface StreamOwner {
  /** Resolves when the tail that feeds this stream is attached. */
  attach(stream: LiveStream<Sequenced>): Promise<void>;
  detach(stream: LiveStream<Sequenced>): void;
  track<T>(work: Promise<T>): Promise<T>;
  /** Told why a stream is interrupted, which its consumer is not told. */
  failed(error: unknown, stream: LiveStream<Sequenced>): void;
}

/**
 * One consumer's way through the events of a key. Its queue is always the unbroken run that follows what was consumed:
 * an event that does not continue the run (a hole before it, or the queue is full) is only remembered as `#newest`, and
 * read from the table when its turn comes. Order, no repeats, no holes and bounded memory all follow from that one
 * rule.
 */
export class LiveStream<E extends Sequenced> implements AsyncIterableIterator<E, undefined> {
  readonly source: LiveSource<E>;
  readonly #owner: StreamOwner;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: E[] = [];
  readonly #lifetime = new AbortController();
  /** The last `seq` consumed. */
  #cursor: number;
  /** Whether the event at the cursor is known to exist: a client may name one that was never there. */
  #known: boolean;
  /** The highest `seq` heard of. */
  #newest = 0;
  /**
   * The table may hold events that nobody told us of: at the beginning, and when the newest `seq` could not be learned.
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

  /** Calls may overlap; they are answered one after the other. */
  next(): Promise<IteratorResult<E, undefined>> {
    const result = this.#turn.then(() => this.#next());
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Ends the stream at once, also while an event is waited for. */
  async return(): Promise<IteratorResult<E, undefined>> {
    this.end();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<E, undefined>> {
    this.end();
    throw error;
  }

  /** `event` null: known to exist, to be read from the table. */
  offer(seq: number, event: E | null): void {
    if (seq > this.#newest) this.#newest = seq;
    if (event && seq === this.#tip() + 1 && this.#queue.length < QUEUE_LIMIT) this.#queue.push(event);
    this.#wake();
  }

  /** Makes the stream look into the table: there may be more than it was told of. */
  suspect(): void {
    this.#stale = true;
    this.#wake();
  }

  /** Frees everything. With an error, whoever waits for the next event gets that error, else the end. */
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
      throw interrupted();
    }
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
    return { done: true, value: undefined };
  }

  /** Before the first read: what is committed after that read is then heard of through the tail. */
  async #attach(): Promise<void> {
    this.#attached = true;
    if (this.#signal?.aborted) return this.end();
    this.#signal?.addEventListener('abort', this.#abort);
    await this.#owner.attach(this);
  }

  async #readTable(): Promise<void> {
    for (const pause of [...RETRIES_MS, undefined]) {
      // Cleared first: who sets it during the read knows of something that the read may not have seen.
      this.#stale = false;
      const page = await this.source.read(this.#known ? this.#cursor : this.#cursor - 1, PAGE_SIZE);
      if (this.#ended) return;
      if (!this.#known) {
        // Where old events are deleted, the one at the cursor may be gone although it was there.
        if (page.length === 0 && Math.max(await this.source.newestSeq(), this.#newest) < this.#cursor)
          throw beyond(this.#cursor);
        if (this.#ended) return;
        this.#known = true;
      }
      if (page.length === PAGE_SIZE) this.#stale = true;
      for (const stored of page) {
        const expected = this.#tip() + 1;
        if (stored.seq > expected) throw gap(expected);
        if (stored.seq === expected && !this.#takeIn(stored)) break;
      }
      if (this.#queue.length > 0 || this.#newest <= this.#cursor) return;
      if (pause === undefined) throw gap(this.#cursor + 1);
      await delay(pause, undefined, { signal: this.#lifetime.signal }).catch(() => undefined);
      if (this.#ended) return;
    }
  }

  /**
   * What cannot be read ends the stream in its turn: what is before it is delivered, and whoever comes back goes on
   * there.
   */
  #takeIn(stored: StoredEvent<E>): boolean {
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

  #tip(): number {
    return this.#queue.at(-1)?.seq ?? this.#cursor;
  }
}

/**
 * `extensions.code` UNAVAILABLE: subscribing again from the last `seq` seen goes on where this stream ended. Without an
 * `originalError`, which would make it an unexpected error, INTERNAL to the client.
 */
export function interrupted(): GraphQLError {
  return new GraphQLError('The stream was interrupted. Subscribe again from the last seq.', {
    extensions: { code: 'UNAVAILABLE' },
  });
}

/**
 * `extensions.code` RESYNC_REQUIRED: the events after the cursor are not there any more; the client has to load the
 * present state anew.
 */
function gap(seq: number): GraphQLError {
  return resyncRequired(`The event with seq ${seq} is not available.`);
}

/**
 * RESYNC_REQUIRED: the client knows of events that are not there, for example because the database is an older copy.
 */
export function beyond(seq: number): GraphQLError {
  return resyncRequired(`There is no event with seq ${seq} yet: load the present state anew.`);
}
