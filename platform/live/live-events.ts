import { setImmediate as turn } from 'node:timers/promises';
import type { Consumer, EventLog, LoggedEvent } from '../messaging/event-log/event-log.ts';
import { asError } from '../async/retry.ts';
import { badUserInput } from '../graphql/errors.ts';
import { type LiveSource, LiveStream, type Sequenced, type StreamOwner, interruptedError } from './live-stream.ts';

export type { LiveSource, Sequenced, StoredEvent } from './live-stream.ts';

/** At most this many keys are asked for their newest `seq` at the same time, after the tail was interrupted. */
const CHECKS_AT_ONCE = 4;

interface Topic {
  readonly tail: Promise<Consumer>;
  readonly keys: Map<string, Set<LiveStream<Sequenced>>>;
}

/**
 * The live streams of a process. One tail per topic feeds all streams of the topic, and the first of these streams
 * attaches it. The events table provides what the tail cannot: past events, holes, and events that a slow consumer
 * could not take.
 */
export class LiveEvents {
  readonly #log: EventLog;
  readonly #topics = new Map<string, Topic>();
  /**
   * Keys whose newest `seq` must be read. A key is removed when its read starts, so another interruption during the
   * read adds it again.
   */
  readonly #unchecked = new Set<Set<LiveStream<Sequenced>>>();
  readonly #work = new Set<Promise<unknown>>();
  readonly #owner: StreamOwner = {
    attach: (stream) => this.#attach(stream),
    detach: (stream) => this.#detach(stream),
    track: (work) => this.#track(work),
    failed: (error, { source }) => this.#onError(asError(error), `stream of ${source.topic} ${source.key}`),
  };
  readonly #onError: (error: Error, doing: string) => void;
  #checking = 0;
  #closed = false;

  /** @param onError called with the reason when a stream is interrupted */
  constructor(
    log: EventLog,
    { onError = () => undefined }: { readonly onError?: (error: Error, doing: string) => void } = {},
  ) {
    this.#log = log;
    this.#onError = onError;
  }

  /**
   * The key's events `afterSeq + 1`, `afterSeq + 2` … each once and in order: past events first, then live ones,
   * without an end. The stream holds nothing before the first `next()`, and nothing after `return()` or an abort of the
   * signal.
   *
   * The stream fails with UNAVAILABLE when it is interrupted: the database cannot be read, the process stops, or this
   * program does not know the version of the next event. It fails with RESYNC_REQUIRED when the table has a hole, or
   * when `afterSeq` is beyond the newest event.
   * @throws BAD_USER_INPUT when `afterSeq` is not a whole number from 0
   */
  stream<E extends Sequenced>(
    options: LiveSource<E> & { afterSeq: number; signal?: AbortSignal },
  ): AsyncIterableIterator<E> {
    const { afterSeq, signal, ...source } = options;
    if (!Number.isSafeInteger(afterSeq) || afterSeq < 0) throw badUserInput('afterSeq must be a whole number from 0');
    return new LiveStream(this.#owner, source, afterSeq, signal);
  }

  /** Resolves when everything appended before the call has reached every stream whose consumer waits. */
  async settled(): Promise<void> {
    await this.#log.settled();
    await turn();
    while (this.#work.size > 0) {
      await Promise.allSettled(this.#work);
      await turn();
    }
  }

  /** Ends every stream with UNAVAILABLE and closes the tails. */
  async close(): Promise<void> {
    this.#closed = true;
    const topics = [...this.#topics.values()];
    for (const { keys } of topics) {
      for (const streams of [...keys.values()]) for (const stream of [...streams]) stream.end(interruptedError());
    }
    const tails = await Promise.allSettled(topics.map(({ tail }) => tail));
    await Promise.all(tails.map((tail) => (tail.status === 'fulfilled' ? tail.value.close() : undefined)));
  }

  /** Nest calls this when the service stops. */
  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  async #attach(stream: LiveStream<Sequenced>): Promise<void> {
    if (this.#closed) throw interruptedError();
    const { topic: name, key } = stream.source;
    let topic = this.#topics.get(name);
    if (!topic) this.#topics.set(name, (topic = this.#tail(name)));
    const streams = topic.keys.get(key);
    if (streams) streams.add(stream);
    else topic.keys.set(key, new Set([stream]));
    await topic.tail;
  }

  #detach(stream: LiveStream<Sequenced>): void {
    const { topic, key } = stream.source;
    const keys = this.#topics.get(topic)?.keys;
    const streams = keys?.get(key);
    if (!keys || !streams?.delete(stream) || streams.size > 0) return;
    keys.delete(key);
    this.#unchecked.delete(streams);
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    try {
      return await work;
    } finally {
      this.#work.delete(work);
    }
  }

  #tail(name: string): Topic {
    const keys: Topic['keys'] = new Map();
    const tail = this.#log.tail({
      topics: [name],
      handler: (event) => this.#deliver(keys.get(event.key), event),
      onInterrupted: () => this.#interrupted(keys),
    });
    const topic = { tail, keys };
    // A tail that could not attach fails the streams that wait for it. The next stream tries again.
    tail.catch(() => this.#topics.get(name) === topic && this.#topics.delete(name));
    return topic;
  }

  #deliver(streams: Set<LiveStream<Sequenced>> | undefined, logged: LoggedEvent): void {
    if (!streams) return;
    const [first] = streams;
    const event = first ? first.source.fromLog(logged) : null;
    for (const stream of streams) stream.offer(logged.seq, event);
  }

  #interrupted(keys: Topic['keys']): void {
    for (const streams of keys.values()) this.#unchecked.add(streams);
    while (this.#checking < CHECKS_AT_ONCE && this.#unchecked.size > 0) void this.#track(this.#check());
  }

  async #check(): Promise<void> {
    this.#checking++;
    for (const streams of this.#unchecked) {
      this.#unchecked.delete(streams);
      const [first] = streams;
      try {
        const newest = await first?.source.newestSeq();
        for (const stream of streams) stream.offer(newest ?? 0, null);
      } catch {
        // Each stream then reads the table itself, and fails itself if the table cannot be read.
        for (const stream of streams) stream.recheck();
      }
    }
    this.#checking--;
  }
}
