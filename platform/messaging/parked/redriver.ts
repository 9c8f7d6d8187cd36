import type pg from 'pg';
import { asError, backoff, pause } from '../../async/retry.ts';
import { type EventDefinition, NewerVersion } from '../definitions.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { type InboxKey, ParkedInbox } from './parked-inbox.ts';

/** Between looks. Milliseconds. */
const LOOK_EVERY_MS = 1000;
/**
 * Between looks for what was held back and is known here. Once at the start is not enough: during a deploy an older
 * process may hold an event back after the newer one has looked. Milliseconds.
 */
const LOOK_FOR_KNOWN_EVERY_MS = 10_000;
/**
 * Times that an event is handed over before it counts as failed: what was held back has nobody who would ask again
 * because of a deadlock.
 */
const TRIES = 3;
const FIRST_RETRY_MS = 100;
/** Of keys, per look. */
const MOST_KEYS = 100;

export interface RedriverOptions {
  readonly pool: pg.Pool;
  /** Also the name of its schema. */
  readonly service: string;
  readonly onError: (error: Error, doing: string) => void;
  /** A consumer goes on with so many keys that waited for this version of the program. */
  readonly onKnown?: (consumer: string, keys: number) => void;
  /** Default 10000. */
  readonly lookForKnownEveryMs?: number;
}

interface Served {
  readonly handler: (event: LoggedEvent) => Promise<unknown>;
  /** What the consumer can read. */
  readonly known: readonly EventDefinition<unknown>[];
}

/**
 * Hands parked events to the service's consumers again, when somebody asked for it ({@link ParkedInbox.askForRedrive}),
 * and what was held back for a version that the consumer knows by now: of each key in order, until one fails again. The
 * request is in the database, so whoever asks need not reach this process, and it is kept until the next start. Several
 * replicas may do it at once: the inbox takes an event under the lock of its key, once.
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

  /**
   * From now on parked events of this consumer are handled again, when that is asked for, and those that it can read by
   * now.
   */
  serve(
    consumer: string,
    handler: (event: LoggedEvent) => Promise<unknown>,
    known: readonly EventDefinition<unknown>[] = [],
  ): void {
    this.#served.set(consumer, { handler, known });
    this.#running ??= this.#run();
  }

  /** Resolves when the event that is handled now is done with. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { lookForKnownEveryMs = LOOK_FOR_KNOWN_EVERY_MS } = this.#options;
    // When each consumer's turn was.
    const looked = new Map<string, number>();
    while (!signal.aborted) {
      try {
        for (const [consumer, { known }] of this.#served) {
          if (performance.now() - (looked.get(consumer) ?? -Infinity) < lookForKnownEveryMs) continue;
          const keys = await this.#inbox.askForKnown(consumer, known, MOST_KEYS);
          if (keys > 0) this.#options.onKnown?.(consumer, keys);
          // As many as there may be at once: there may be more, which need not wait.
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

  /** @throws what the last try threw */
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
        if (this.#closing.signal.aborted) return; // the next start goes on
        // One that is held back again is no fault, and its text says what it waits for.
        if (!(error instanceof NewerVersion))
          this.#options.onError(asError(error), `${key.consumer}, ${key.topic}/${key.key}#${event.seq}, redriven`);
        return this.#inbox.failed(key, event.seq, asError(error));
      }
      // A handler that passes the event over by now has not asked its inbox.
      await this.#inbox.passed(key, event.seq);
    }
  }
}
