import type pg from 'pg';
import { asError, backoff, pause } from '../../async/retry.ts';
import { type EventDefinition, NewerVersion } from '../definitions.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { type InboxKey, ParkedInbox } from './parked-inbox.ts';

/** How often the redriver looks for requests, in milliseconds. */
const LOOK_EVERY_MS = 1000;
/**
 * Milliseconds between two searches for events that were held back and that this program knows. One search at the start
 * is not enough: during a deploy an older process may hold an event back after the newer one has searched.
 */
const LOOK_FOR_KNOWN_EVERY_MS = 10_000;
/**
 * How often a parked event is delivered again until it counts as failed. One attempt is not enough: it may fail because
 * of a passing error such as a deadlock, and nobody would request the event again. After a permanent error, or for a
 * version that is not known here, there is no further attempt.
 */
const TRIES = 3;
const FIRST_RETRY_MS = 100;
/** The largest number of keys per poll. The next polls handle the others. */
const MOST_KEYS = 100;

export interface RedriverOptions {
  readonly pool: pg.Pool;
  /** Also the name of its schema. */
  readonly service: string;
  readonly onError: (error: Error, doing: string) => void;
  /** Called when a consumer resumes this number of keys that waited for this version of the program. */
  readonly onKnown?: (consumer: string, keys: number) => void;
  /** Milliseconds between two searches for held-back keys whose versions this program knows. Default 10,000. */
  readonly lookForKnownEveryMs?: number;
}

interface Served {
  readonly handler: (event: LoggedEvent) => Promise<unknown>;
  /** The events that the consumer can read. */
  readonly known: readonly EventDefinition<unknown>[];
}

/**
 * Redelivers parked events to the service's consumers: on request ({@link ParkedInbox.askForRedrive}), and when an
 * event was held back for a version that the consumer knows by now. The events of each key are delivered in order until
 * one fails again. The request is a row in the database, so an operator need not reach this process, and the request
 * survives a restart. Several replicas may redrive at the same time: the inbox handles an event once, under the lock of
 * its key.
 */
export class Redriver {
  readonly #options: RedriverOptions;
  readonly #inbox: ParkedInbox;
  readonly #served = new Map<string, Served>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RedriverOptions) {
    this.#options = options;
    this.#inbox = new ParkedInbox(options.pool, options.service);
  }

  /** From now on, redelivers parked events to this consumer, on request or when it can read them. */
  serve(
    consumer: string,
    handler: (event: LoggedEvent) => Promise<unknown>,
    known: readonly EventDefinition<unknown>[] = [],
  ): void {
    this.#served.set(consumer, { handler, known });
    this.#running ??= this.#run();
  }

  /** Resolves when the current event is handled. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { lookForKnownEveryMs = LOOK_FOR_KNOWN_EVERY_MS } = this.#options;
    // When each consumer was searched last.
    const looked = new Map<string, number>();
    while (!signal.aborted) {
      try {
        for (const [consumer, { known }] of this.#served) {
          if (performance.now() - (looked.get(consumer) ?? -Infinity) < lookForKnownEveryMs) continue;
          const keys = await this.#inbox.askForKnown(consumer, known, MOST_KEYS);
          if (keys > 0) this.#options.onKnown?.(consumer, keys);
          // A full result means that there may be more keys, so the next poll searches again.
          if (keys < MOST_KEYS) looked.set(consumer, performance.now());
        }
        for (const key of await this.#inbox.asked([...this.#served.keys()], MOST_KEYS))
          if (!signal.aborted) await this.#redrive(key);
      } catch (error) {
        this.#options.onError(asError(error), `redriving parked events of ${this.#options.service}`);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  /** @throws the error of the last try */
  async #hand(handler: Served['handler'], event: LoggedEvent): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 1; ; failures++) {
      try {
        await handler(event);
        return;
      } catch (error) {
        if (
          failures === TRIES ||
          signal.aborted ||
          error instanceof NewerVersion ||
          (error as { permanent?: unknown }).permanent === true
        )
          throw error;
        await pause(backoff(failures - 1, FIRST_RETRY_MS, 1000), signal);
      }
    }
  }

  async #redrive(key: InboxKey): Promise<void> {
    const handler = this.#served.get(key.consumer)?.handler;
    if (!handler) return;
    while (!this.#closing.signal.aborted) {
      const event = await this.#inbox.first(key);
      if (!event) return this.#inbox.done(key);
      try {
        await this.#hand(handler, { ...event, redriven: true });
      } catch (error) {
        if (this.#closing.signal.aborted) return; // the next start continues
        // An event that is held back again is not a fault, and its text says which version it waits for.
        if (!(error instanceof NewerVersion))
          this.#options.onError(asError(error), `${key.consumer}, ${key.topic}/${key.key}#${event.seq}, redriven`);
        return this.#inbox.failed(key, event.seq, asError(error));
      }
      // A handler that does not consume this event any more has not called its inbox. The event is then still parked,
      // and this removes it.
      await this.#inbox.passed(key, event.seq);
    }
  }
}
