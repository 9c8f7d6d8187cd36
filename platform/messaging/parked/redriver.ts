import type pg from 'pg';
import { asError, pause } from '../../async/retry.ts';
import type { LoggedEvent } from '../event-log/event-log.ts';
import { type InboxKey, ParkedInbox } from './parked-inbox.ts';

/** Between looks. Milliseconds. */
const LOOK_EVERY_MS = 1000;
/** Of keys, per look. */
const MOST_KEYS = 100;

export interface RedriverOptions {
  readonly pool: pg.Pool;
  /** Also the name of its schema. */
  readonly service: string;
  readonly onError: (error: Error, doing: string) => void;
}

/**
 * Hands parked events to the service's consumers again, when somebody asked for it ({@link ParkedInbox.askForRedrive}): of each key in order,
 * until one fails again. The request is in the database, so whoever asks need not reach this process, and it is kept until the next start.
 * Several replicas may do it at once: the inbox takes an event under the lock of its key, once.
 */
export class Redriver {
  readonly #options: RedriverOptions;
  readonly #inbox: ParkedInbox;
  readonly #handlers = new Map<string, (event: LoggedEvent) => Promise<unknown>>();
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: RedriverOptions) {
    this.#options = options;
    this.#inbox = new ParkedInbox(options.pool, options.service);
  }

  /** From now on parked events of this consumer are handled again, when that is asked for. */
  serve(consumer: string, handler: (event: LoggedEvent) => Promise<unknown>): void {
    this.#handlers.set(consumer, handler);
    this.#running ??= this.#run();
  }

  /** Resolves when the event that is handled now is done with. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for (const key of await this.#inbox.asked([...this.#handlers.keys()], MOST_KEYS)) if (!signal.aborted) await this.#redrive(key);
      } catch (error) {
        this.#options.onError(asError(error), `redriving parked events of ${this.#options.service}`);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  async #redrive(key: InboxKey): Promise<void> {
    const handler = this.#handlers.get(key.consumer);
    if (!handler) return;
    while (!this.#closing.signal.aborted) {
      const event = await this.#inbox.first(key);
      if (!event) return this.#inbox.done(key);
      try {
        await handler({ ...event, redriven: true });
      } catch (error) {
        this.#options.onError(asError(error), `${key.consumer}, ${key.topic}/${key.key}#${event.seq}, redriven`);
        return this.#inbox.failed(key, event.seq, asError(error));
      }
      // A handler that passes the event over by now has not asked its inbox.
      await this.#inbox.passed(key, event.seq);
    }
  }
}
