import type pg from 'pg';
import { asError } from '../../async/retry.ts';
import { within } from '../../async/within.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { qualified } from '../../postgres/transactions.ts';
import { HELD_BACK } from '../definitions.ts';
import { JobQueueError } from '../job-queue/envelope.ts';
import type { Backlog, JobQueue } from '../job-queue/job-queue.ts';

/** The counts are reused for this time, however often they are scraped. Milliseconds. */
const COUNTS_STAND_MS = 10_000;
/** A scrape waits this long for new counts, then shows the last ones. Milliseconds. */
const SCRAPE_WAITS_MS = 1000;
/** Counting stops at this number, so that a scrape does not cost more when more messages are parked. */
const MOST_COUNTED = 10_000;

export interface GaugesOptions {
  readonly metrics: Metrics;
  readonly pool: pg.Pool;
  /** Also the name of its schema. */
  readonly service: string;
  readonly jobs: Pick<JobQueue, 'backlog' | 'dead' | 'deadCount'>;
  readonly onError: (error: Error, doing: string) => void;
}

interface Parked {
  readonly count: number;
  readonly oldest: Date | null;
}

/**
 * Gauges of waiting messages: parked rows of the outbox, parked events by consumer, waiting and dead jobs by queue.
 */
export class ParkedGauges {
  readonly #options: GaugesOptions;
  readonly #queues = new Map<string, { count: number; oldest: number }>();
  readonly #backlogs = new Map<string, Backlog>();
  #counting: Promise<void> | undefined;
  #countedAt = -Infinity;
  #outbox: Parked = { count: 0, oldest: null };
  #inbox: readonly (Parked & { consumer: string; heldBack: number })[] = [];

  constructor(options: GaugesOptions) {
    this.#options = options;
    const { metrics } = options;
    const age = (at: Date | number | null): number => (at === null ? 0 : Math.max(0, (Date.now() - Number(at)) / 1000));
    // All gauges share the same counts. So one scrape reads them at most once, and not when they are new enough.
    metrics.gauge('outbox_parked', 'Rows of the outbox that wait for an operator, 10000 at most', [], async (gauge) => {
      await this.#count();
      gauge.set(this.#outbox.count);
    });
    metrics.gauge(
      'outbox_parked_oldest_seconds',
      'Seconds since the oldest parked row of the outbox was parked',
      [],
      async (gauge) => {
        await this.#count();
        gauge.set(age(this.#outbox.oldest));
      },
    );
    metrics.gauge(
      'inbox_parked',
      'Events that wait in the inbox for an operator, including the events behind them, 10000 at most',
      ['consumer'],
      async (gauge) => {
        await this.#count();
        gauge.reset();
        for (const { consumer, count } of this.#inbox) gauge.set({ consumer }, count);
      },
    );
    metrics.gauge(
      'inbox_parked_oldest_seconds',
      'Seconds since the oldest event in `inbox_parked` was parked',
      ['consumer'],
      async (gauge) => {
        await this.#count();
        gauge.reset();
        for (const { consumer, oldest } of this.#inbox) gauge.set({ consumer }, age(oldest));
      },
    );
    metrics.gauge(
      'inbox_held_back',
      'Events that wait in the inbox for a newer version of the program, including the events behind them; they continue without an operator',
      ['consumer'],
      async (gauge) => {
        await this.#count();
        gauge.reset();
        for (const { consumer, heldBack } of this.#inbox) gauge.set({ consumer }, heldBack);
      },
    );
    metrics.gauge('jobs_waiting', 'Jobs that a worker could take now', ['queue'], async (gauge) => {
      await this.#count();
      for (const [queue, { waiting }] of this.#backlogs) gauge.set({ queue }, waiting);
    });
    metrics.gauge(
      'jobs_waiting_oldest_seconds',
      'Seconds that the oldest waiting job has waited',
      ['queue'],
      async (gauge) => {
        await this.#count();
        for (const [queue, { oldestSeconds }] of this.#backlogs) gauge.set({ queue }, oldestSeconds);
      },
    );
    metrics.gauge('jobs_dead', 'Jobs that failed for good and wait for an operator', ['queue'], async (gauge) => {
      await this.#count();
      for (const [queue, { count }] of this.#queues) gauge.set({ queue }, count);
    });
    metrics.gauge('jobs_dead_oldest_seconds', 'Seconds since the oldest dead job died', ['queue'], async (gauge) => {
      await this.#count();
      for (const [queue, { count, oldest }] of this.#queues) gauge.set({ queue }, count === 0 ? 0 : age(oldest));
    });
  }

  /** Adds a queue whose waiting and dead jobs are counted from now on. */
  queue(name: string): void {
    if (!this.#queues.has(name)) this.#queues.set(name, { count: 0, oldest: 0 });
  }

  /** Stops counting. The gauges keep the last counts. */
  async close(): Promise<void> {
    this.#countedAt = Infinity;
    await this.#counting;
  }

  async #count(): Promise<void> {
    if (performance.now() - this.#countedAt < COUNTS_STAND_MS) return;
    this.#counting ??= this.#countAll().finally(() => (this.#counting = undefined));
    await within(this.#counting, SCRAPE_WAITS_MS, () => undefined);
  }

  async #countAll(): Promise<void> {
    const { service, onError } = this.#options;
    for (const [doing, counting] of [
      ['parked messages', () => this.#countRows()],
      ['waiting jobs', () => this.#countWaiting()],
      ['dead jobs', () => this.#countDead()],
    ] as const) {
      await counting().catch((error: unknown) => onError(asError(error), `${service}: counting ${doing}`));
    }
    if (this.#countedAt !== Infinity) this.#countedAt = performance.now();
  }

  async #countRows(): Promise<void> {
    const { pool, service } = this.#options;
    const ofOutbox = pool.query<Parked>({
      name: `outbox-parked-${service}`,
      text: `SELECT count(*)::int AS count, min(parked_at) AS oldest
        FROM (SELECT parked_at FROM ${qualified(service, 'outbox')} WHERE parked_at IS NOT NULL ORDER BY parked_at LIMIT ${MOST_COUNTED}) AS parked`,
    });
    const parked = qualified(service, 'inbox_parked');
    const ofInbox = pool.query<Parked & { consumer: string; heldBack: number }>({
      name: `inbox-parked-${service}`,
      text: `SELECT consumer, count(*) FILTER (WHERE NOT held)::int AS count, min(parked_at) FILTER (WHERE NOT held) AS oldest, count(*) FILTER (WHERE held)::int AS "heldBack"
        FROM (
          SELECT consumer, parked_at, EXISTS (
            SELECT FROM ${parked} h WHERE h.consumer = p.consumer AND h.topic = p.topic AND h.key = p.key AND h.seq <= p.seq AND h.error LIKE '${HELD_BACK}:%'
          ) AS held
          FROM ${parked} p ORDER BY parked_at LIMIT ${MOST_COUNTED}
        ) AS parked GROUP BY consumer`,
    });
    const [outbox, inbox] = await Promise.all([ofOutbox, ofInbox]);
    this.#outbox = outbox.rows[0] ?? this.#outbox;
    this.#inbox = inbox.rows;
  }

  async #countWaiting(): Promise<void> {
    for (const name of this.#queues.keys()) {
      const backlog = await this.#options.jobs.backlog(name).catch(noQueueYet);
      this.#backlogs.set(name, backlog ?? { waiting: 0, oldestSeconds: 0 });
    }
  }

  /**
   * Reading the dead jobs of RabbitMQ hides them from other readers for that moment. So the oldest one is read only
   * when the number has changed.
   */
  async #countDead(): Promise<void> {
    const { jobs } = this.#options;
    for (const [name, known] of this.#queues) {
      const count = (await jobs.deadCount(name).catch(noQueueYet)) ?? 0;
      if (count === known.count) continue;
      const [oldest] = count > 0 ? await jobs.dead(name, 1) : [];
      this.#queues.set(name, { count, oldest: oldest ? Date.parse(oldest.diedAt) : 0 });
    }
  }
}

/**
 * Ignores the error for a queue that does not exist yet. A queue is created when the product starts, which may be after
 * the first scrape. @throws every other error
 */
function noQueueYet(error: unknown): undefined {
  if (error instanceof JobQueueError && error.code === 'JOB_QUEUE_UNKNOWN') return undefined;
  throw error;
}
