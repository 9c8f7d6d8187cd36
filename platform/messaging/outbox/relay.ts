import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type pg from 'pg';
import type { EventLog } from '../event-log/event-log.ts';
import { PgListener } from '../../postgres/listener.ts';
import { openPool } from '../../postgres/pool.ts';
import { EventRejected } from '../event-log/record.ts';
import { asError, backoff, pause } from '../../async/retry.ts';
import type { Job, JobQueue } from '../job-queue/job-queue.ts';
import { RelayStore } from './relay-store.ts';
import type { Failure, Message } from './relay-store.ts';

export interface RelayOptions {
  /** PostgreSQL URL of the database that has the service's schema. */
  readonly url: string;
  readonly schema: string;
  readonly eventLog: Pick<EventLog, 'append'>;
  /**
   * The queue for the service's jobs. Absent when the service has no jobs. The relay then parks a job that is in its
   * outbox after the last attempt.
   */
  readonly jobQueue?: Pick<JobQueue, 'enqueue'>;
  /** Rows per round. Default 500. */
  readonly batch?: number;
  /** Milliseconds between polls when nobody wakes the relay. Default 500. */
  readonly pollMs?: number;
  /**
   * Milliseconds after which another process replaces a silent leader. The leader renews five times within this time.
   * Default 5000.
   */
  readonly leaseMs?: number;
  /**
   * Attempts before a message that cannot be published is parked. Default 10, which takes about a minute and a half.
   */
  readonly maxAttempts?: number;
  /** Called with the type of each event, and the kind of each job, that was published. */
  readonly onPublished?: (types: readonly string[]) => void;
  readonly onParked?: (count: number) => void;
  /** Called with the age of the oldest waiting row in seconds; 0 when none waits. */
  readonly onLag?: (seconds: number) => void;
  readonly onError?: (error: Error, doing: string) => void;
}

const PRUNE_EVERY_MS = 60_000;
const PRUNE_ROWS = 500;

/**
 * Publishes a service's outbox. Every process of the service runs one. The holder of the lease works, and the others
 * are on standby. Two leaders at the same time (one of them froze and woke up) do no harm: a message that both publish
 * has the same `seq`, and consumers drop the repeat.
 */
export class OutboxRelay {
  readonly #options: RelayOptions;
  readonly #pool: pg.Pool;
  readonly #store: RelayStore;
  readonly #channel: string;
  readonly #holder = randomUUID();
  readonly #listener: PgListener;
  readonly #closing = new AbortController();
  readonly #running: Promise<unknown>;
  #leaseUntil = 0;
  #nudge = Promise.withResolvers<void>();
  #nudged = false;
  #announcing: Promise<void> | undefined;
  #announceAgain = false;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#pool = openPool(options.url, `relay:${options.schema}`, 3, (error, doing) => this.#report(error, doing));
    this.#store = new RelayStore(this.#pool, options.schema);
    this.#channel = `outbox_${options.schema}`;
    this.#listener = new PgListener({
      url: options.url,
      channel: this.#channel,
      onNotification: () => this.#look(),
      onListening: () => this.#look(),
      onError: options.onError,
    });
    this.#running = Promise.all([this.#keepLease(), this.#relay(), this.#prune()]);
  }

  /** Call it after a commit: see {@link Outbox.onCommitted}. A relay that does not lead notifies the leader. */
  wake(): void {
    if (this.leads) this.#look();
    else this.#announce();
  }

  get leads(): boolean {
    return performance.now() < this.#leaseUntil;
  }

  /** Resolves when no row waits to be published by any process, or this relay closes. Parked rows do not count. */
  async settled(): Promise<void> {
    while ((await this.#store.waiting()) > 0 && !this.#closing.signal.aborted) {
      this.wake();
      await wait(10);
    }
  }

  /** Checks that the service's database answers. */
  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1');
  }

  /** Unparks up to `limit` rows; resolves to their number. */
  async redrive(limit: number): Promise<number> {
    const count = await this.#store.redrive(limit);
    this.wake();
    return count;
  }

  /**
   * Finishes the current round and releases the lease. Before that, the holder of the lease publishes what was
   * committed before the call, until the lease ends. Messages that cannot be published at the first attempt stay in the
   * outbox.
   */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#look();
    await this.#running;
    await this.#lastRounds();
    await this.#announcing;
    await this.#listener.close();
    await this.#store.release(this.#holder).catch((error: unknown) => this.#report(error, 'releasing the lease'));
    await this.#pool.end();
  }

  async #keepLease(): Promise<void> {
    const leaseMs = this.#options.leaseMs ?? 5000;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const began = performance.now();
      try {
        const led = this.leads;
        const acquired = await this.#store.acquire(this.#holder, leaseMs);
        this.#leaseUntil = acquired ? began + leaseMs : 0;
        if (acquired && !led) this.#look();
      } catch (error) {
        this.#report(error, 'renewing the lease');
      }
      await pause(leaseMs / 5, signal);
    }
  }

  async #relay(): Promise<void> {
    const { pollMs = 500, batch = 500 } = this.#options;
    const { signal } = this.#closing;
    let outages = 0;
    while (!signal.aborted) {
      if (this.leads) {
        try {
          const messages = await this.#store.take(batch);
          this.#reportLag(messages);
          const published = messages.length > 0 && (await this.#publish(messages));
          outages = messages.length === 0 || published ? 0 : outages + 1;
          if (published) continue;
        } catch (error) {
          outages++;
          this.#report(error, 'relaying');
        }
      }
      if (outages > 0) await pause(backoff(outages - 1, 100, 5000), signal);
      else await this.#nudgedWithin(pollMs);
    }
  }

  /**
   * Publishes within the current lease, which is not renewed any more. It stops at the first round that throws, because
   * another process will publish the rest.
   */
  async #lastRounds(): Promise<void> {
    const { batch = 500 } = this.#options;
    try {
      for (let more = true; more && this.leads;) {
        const messages = await this.#store.take(batch);
        more = messages.length > 0 && (await this.#publish(messages));
      }
    } catch (error) {
      this.#report(error, 'relaying before the end');
    }
  }

  /** Resolves to whether any row was published or marked, so that the next round is worth starting immediately. */
  async #publish(messages: readonly Message[]): Promise<boolean> {
    const failures = new Map<string, Error>();
    await Promise.all([this.#publishEvents(messages, failures), this.#publishJobs(messages, failures)]);
    const published = messages.filter((message) => !failures.has(message.id));
    if (published.length > 0) {
      await this.#store.markPublished(published.map((message) => message.id));
      this.#options.onPublished?.(published.map(({ event, job }) => event?.type ?? job?.kind ?? ''));
    }
    const failed = await this.#markFailed(messages, failures, new Set(published.map((message) => message.destination)));
    return published.length > 0 || failed;
  }

  async #publishEvents(messages: readonly Message[], failures: Map<string, Error>): Promise<void> {
    const withEvents = messages.flatMap(({ id, event }) => (event ? [{ id, event }] : []));
    if (withEvents.length === 0) return;
    try {
      const outcomes = await this.#options.eventLog.append(withEvents.map(({ event }) => event));
      withEvents.forEach(({ id }, index) => {
        const outcome = outcomes[index];
        if (outcome?.ok !== true) failures.set(id, outcome?.error ?? new Error('no outcome'));
      });
    } catch (error) {
      for (const { id } of withEvents) failures.set(id, asError(error));
    }
  }

  /**
   * Enqueues all jobs in one call. If that fails, enqueues them one by one to find the faulty job. After three failures
   * in a row all remaining jobs count as failed.
   */
  async #publishJobs(messages: readonly Message[], failures: Map<string, Error>): Promise<void> {
    const withJobs = messages.flatMap(({ id, job }) => (job ? [{ id, job }] : []));
    if (withJobs.length === 0 || (await this.#enqueue(withJobs.map(({ job }) => job))) === undefined) return;
    let error: Error | undefined;
    for (let index = 0, inARow = 0; index < withJobs.length; index++) {
      const { id, job } = withJobs[index] ?? {};
      if (id === undefined || job === undefined) break;
      if (inARow < 3) {
        error = await this.#enqueue([job]);
        inARow = error === undefined ? 0 : inARow + 1;
      }
      if (error !== undefined) failures.set(id, error);
    }
  }

  async #enqueue(jobs: readonly Job[]): Promise<Error | undefined> {
    try {
      if (this.#options.jobQueue === undefined) throw new EventRejected('this service has no job queue');
      await this.#options.jobQueue.enqueue(jobs);
      return undefined;
    } catch (error) {
      return asError(error);
    }
  }

  /**
   * Counts a failed attempt only against a message that is itself at fault: the log rejected it, or other messages of
   * its topic or queue were published in the same round. When none of them is published, the log or the queue is away,
   * and that must not park rows. Only the first message of a key counts; the messages behind it wait.
   */
  async #markFailed(
    messages: readonly Message[],
    failures: ReadonlyMap<string, Error>,
    open: ReadonlySet<string>,
  ): Promise<boolean> {
    const { maxAttempts = 10 } = this.#options;
    const marks: Failure[] = [];
    const seen = new Set<string>();
    for (const { id, lane, destination, attempts } of messages) {
      const error = failures.get(id);
      if (error === undefined || seen.has(lane)) continue;
      seen.add(lane);
      this.#report(error, `publishing outbox row ${id}`);
      if (!open.has(destination) && !(error instanceof EventRejected)) continue;
      marks.push({ id, error, retryInMs: attempts + 1 < maxAttempts ? backoff(attempts, 200, 60_000) : undefined });
    }
    if (marks.length === 0) return false;
    await this.#store.markFailed(marks);
    const parked = marks.filter((mark) => mark.retryInMs === undefined).length;
    if (parked > 0) this.#options.onParked?.(parked);
    return true;
  }

  async #prune(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await pause(PRUNE_EVERY_MS, signal);
      try {
        while (this.leads && !signal.aborted && (await this.#store.prune(PRUNE_ROWS)) === PRUNE_ROWS);
      } catch (error) {
        this.#report(error, 'pruning the outbox');
      }
    }
  }

  #reportLag(messages: readonly Message[]): void {
    const oldest = messages[0];
    this.#options.onLag?.(oldest === undefined ? 0 : Math.max(0, (Date.now() - oldest.occurredAt.getTime()) / 1000));
  }

  #look(): void {
    this.#nudged = true;
    this.#nudge.resolve();
  }

  async #nudgedWithin(ms: number): Promise<void> {
    if (!this.#nudged) {
      const late = new AbortController();
      await Promise.race([this.#nudge.promise, pause(ms, late.signal)]);
      late.abort();
    }
    this.#nudged = false;
    this.#nudge = Promise.withResolvers();
  }

  /**
   * Sends one NOTIFY at a time, in a transaction of its own. One more NOTIFY covers every call that arrives meanwhile.
   */
  #announce(): void {
    this.#announceAgain = true;
    if (this.#closing.signal.aborted) return;
    this.#announcing ??= this.#notify().finally(() => (this.#announcing = undefined));
  }

  async #notify(): Promise<void> {
    while (this.#announceAgain) {
      this.#announceAgain = false;
      try {
        await this.#pool.query('SELECT pg_notify($1, $2)', [this.#channel, '']);
      } catch (error) {
        this.#report(error, 'NOTIFY');
      }
    }
  }

  #report(error: unknown, doing: string): void {
    this.#options.onError?.(asError(error), `relay of ${this.#options.schema}: ${doing}`);
  }
}
