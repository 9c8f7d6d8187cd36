import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { PgBoss } from 'pg-boss';
import type { ConstructorOptions, JobWithMetadata } from 'pg-boss';
import {
  JobQueueError,
  checkDefinition,
  checkJob,
  deadQueueOf,
  deliver,
  isPermanent,
  reasonOf,
  retryDelayMs,
} from '../envelope.ts';
import type { Backlog, DeadJob, Job, JobQueue, JobWorker, QueueDefinition, WorkOptions } from '../job-queue.ts';
import { RunningJobs } from '../running-jobs.ts';

const DAY_SECONDS = 86_400;
/** Seconds that the id of a finished job is remembered, so that a repeat is dropped. */
const REMEMBER_SECONDS = 7 * DAY_SECONDS;
/**
 * pg-boss deletes jobs that wait longer than this. A dead job must still be there when somebody looks, so this is ten
 * years. Seconds.
 */
const KEEP_SECONDS = 10 * 365 * DAY_SECONDS;
/** After this many seconds a job is delivered again, even if the heartbeat of its handler continues. */
const LONGEST_JOB_SECONDS = 3600;
const INSERT_BATCH = 500;
/** Waiting jobs are counted up to this number, so that a count does not become more expensive with more jobs. */
const MOST_COUNTED = 10_000;

export interface PostgresJobQueueOptions {
  /** A connection string, or a pool that its owner closes. */
  readonly database: string | Pool;
  readonly schema?: string;
  /**
   * Whether to create the schema if it is missing. This needs the right to create one even if the schema exists.
   * Default true.
   */
  readonly createSchema?: boolean;
  /**
   * Whether this program creates and maintains the tables. Default true. False for a program that only reads and moves
   * jobs, next to the product.
   */
  readonly maintains?: boolean;
  /**
   * Milliseconds between polls for jobs of other processes. Jobs enqueued in this process wake its workers immediately.
   */
  readonly pollMs?: number;
  /** Seconds after which the job of a dead process is delivered again, at least 10 (the limit of pg-boss). */
  readonly heartbeatSeconds?: number;
  /** Milliseconds that `close` waits for handlers before their jobs return to the queue. */
  readonly closeGraceMs?: number;
  readonly settleTimeoutMs?: number;
}

/** Wakes idle workers of the same process, for jobs enqueued through any instance. Other processes poll. */
const wakeups = new EventEmitter().setMaxListeners(0);

/**
 * Work queues on pg-boss, in a schema of their own.
 *
 * This class fetches, completes and fails jobs itself instead of using the workers of pg-boss: those fetch one job per
 * poll and wait between polls. So a backlog is worked off without pauses, and delays are not rounded to whole seconds.
 * Every settlement names its attempt, so a handler that lost its claim changes nothing. Enqueueing sends no NOTIFY,
 * which would serialise commits.
 */
export class PostgresJobQueue implements JobQueue {
  readonly #boss: PgBoss;
  readonly #schema: string;
  readonly #options: Required<Omit<PostgresJobQueueOptions, 'database' | 'schema' | 'createSchema' | 'maintains'>>;
  readonly #log = new Logger('JobQueue');
  readonly #definitions = new Map<string, QueueDefinition>();
  readonly #workers = new Set<PostgresWorker>();

  private constructor(options: PostgresJobQueueOptions) {
    this.#schema = options.schema ?? 'job_queue';
    this.#options = {
      pollMs: options.pollMs ?? 500,
      heartbeatSeconds: Math.max(10, options.heartbeatSeconds ?? 30),
      closeGraceMs: options.closeGraceMs ?? 30_000,
      settleTimeoutMs: options.settleTimeoutMs ?? 60_000,
    };
    this.#boss = new PgBoss({
      ...connection(options.database),
      schema: this.#schema,
      createSchema: options.createSchema ?? true,
      migrate: options.maintains ?? true,
      supervise: options.maintains ?? true,
      schedule: false,
      registerInstance: false,
      superviseIntervalSeconds: 5,
      monitorIntervalSeconds: 5,
      flowIntervalSeconds: DAY_SECONDS,
    });
    this.#boss.on('error', (error) => this.#log.error(`Job queue: ${error.message}`));
    this.#boss.on('warning', (warning) => this.#log.warn(`Job queue: ${warning.message}`));
  }

  /**
   * Creates the schema if it is missing, unless `createSchema` is false. Several processes may do so at the same time,
   * because pg-boss takes an advisory lock.
   * @throws the database's error when it cannot be reached
   */
  static async open(options: PostgresJobQueueOptions): Promise<PostgresJobQueue> {
    const queue = new PostgresJobQueue(options);
    try {
      await queue.#boss.start();
    } catch (error) {
      await queue.#boss.stop({ graceful: false }).catch(() => undefined);
      throw error;
    }
    return queue;
  }

  async ensureQueues(queues: readonly QueueDefinition[]): Promise<void> {
    for (const definition of queues.map(checkDefinition)) {
      const deadLetter = deadQueueOf(definition.name);
      const kept = { retentionSeconds: KEEP_SECONDS, deleteAfterSeconds: REMEMBER_SECONDS };
      const retried = {
        ...kept,
        deadLetter,
        // pg-boss gives a job back whose worker was lost. After the last delivery it does so once more: then the job is
        // not run again, but its owner is informed.
        retryLimit: definition.maxDeliveries,
        retryDelay: Math.ceil(definition.retryDelayMs / 1000),
        retryBackoff: true,
        retryDelayMax: 60,
        expireInSeconds: LONGEST_JOB_SECONDS,
        heartbeatSeconds: this.#options.heartbeatSeconds,
      };
      await this.#boss.createQueue(deadLetter, kept);
      await this.#boss.createQueue(definition.name, retried);
      await this.#boss.updateQueue(definition.name, retried);
      this.#definitions.set(definition.name, definition);
    }
  }

  /**
   * Adds jobs. A repeated id is dropped while its job waits or runs, and for seven days after the job finished or died.
   */
  async enqueue(jobs: readonly Job[]): Promise<void> {
    const byQueue = Map.groupBy(
      new Map(jobs.map((job) => [`${job.queue} ${job.id}`, checkJob(job)])).values(),
      (job) => job.queue,
    );
    for (const [queue, ofQueue] of byQueue) {
      for (let start = 0; start < ofQueue.length; start += INSERT_BATCH) {
        await this.#insert(queue, ofQueue.slice(start, start + INSERT_BATCH));
      }
      wakeups.emit(queue);
    }
  }

  async #insert(queue: string, jobs: readonly Job[]): Promise<void> {
    await this.#known(queue, () =>
      this.#boss.insert(
        queue,
        jobs.map((job) => ({ id: job.id, data: job })),
      ),
    );
  }

  async work(queue: string, options: WorkOptions): Promise<JobWorker> {
    const definition = this.#definitions.get(queue);
    if (!definition) throw unknownQueue(queue);
    const worker = new PostgresWorker(
      this.#boss,
      this.#schema,
      definition,
      { ...options, ...this.#options },
      this.#log,
    );
    this.#workers.add(worker);
    return {
      close: async () => {
        await worker.close();
        this.#workers.delete(worker);
      },
    };
  }

  async dead(queue: string, limit: number, id?: string): Promise<readonly DeadJob[]> {
    const only = id === undefined ? {} : { data: { id } };
    const jobs = await this.#known(queue, () =>
      this.#boss.findJobs(deadQueueOf(queue), { queued: true, limit, ...only }),
    );
    return jobs.map((row) => ({
      ...(row.data as Job),
      reason: reasonIn(row.sourceOutput),
      diedAt: row.createdOn.toISOString(),
    }));
  }

  async deadCount(queue: string): Promise<number> {
    const { rows } = await this.#boss
      .getDb()
      .executeSql(
        `SELECT q.name, (SELECT count(*)::int FROM ${this.#schema}.job j WHERE j.name = q.name AND j.state < 'active') AS dead FROM ${this.#schema}.queue q WHERE q.name = $1`,
        [deadQueueOf(queue)],
      );
    const [found] = rows as { dead: number }[];
    if (!found) throw unknownQueue(queue);
    return found.dead;
  }

  async backlog(queue: string): Promise<Backlog> {
    const { rows } = await this.#boss.getDb().executeSql(
      `SELECT q.name, w.waiting, w.oldest FROM ${this.#schema}.queue q CROSS JOIN LATERAL (
        SELECT count(*)::int AS waiting, extract(epoch FROM now() - min(due.since))::float8 AS oldest FROM (
          SELECT greatest(created_on, start_after) AS since FROM ${this.#schema}.job j
          WHERE j.name = q.name AND j.state < 'active' AND j.start_after <= now() LIMIT ${MOST_COUNTED}
        ) due
      ) w WHERE q.name = $1`,
      [queue],
    );
    const [found] = rows as { waiting: number; oldest: number | null }[];
    if (!found) throw unknownQueue(queue);
    return { waiting: found.waiting, oldestSeconds: Math.max(0, found.oldest ?? 0) };
  }

  async redrive(queue: string, limit: number, id?: string): Promise<number> {
    const moved = await this.#known(queue, () =>
      this.#boss.redrive(deadQueueOf(queue), { limit, ...(id === undefined ? {} : { data: { id } }) }),
    );
    wakeups.emit(queue);
    return moved;
  }

  async drop(queue: string, id: string): Promise<number> {
    const dead = deadQueueOf(queue);
    const found = await this.#known(queue, () => this.#boss.findJobs(dead, { queued: true, data: { id } }));
    if (found.length > 0)
      await this.#boss.deleteJob(
        dead,
        found.map((row) => row.id),
      );
    return found.length;
  }

  async #known<T>(queue: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error && error.message.includes('does not exist')) throw unknownQueue(queue, error);
      throw error;
    }
  }

  async settled(queues: readonly string[]): Promise<void> {
    const until = Date.now() + this.#options.settleTimeoutMs;
    for (let pause = 10; ; pause = Math.min(pause * 2, 200)) {
      const { rows } = await this.#boss
        .getDb()
        .executeSql(
          `SELECT name, count(*)::int AS open FROM ${this.#schema}.job WHERE name = ANY($1) AND state < 'completed' GROUP BY name`,
          [queues],
        );
      if (rows.length === 0) return;
      if (Date.now() > until) {
        const open = rows.map((row: { name: string; open: number }) => `${row.name} ${row.open}`).join(', ');
        throw new JobQueueError(
          'JOB_QUEUE_NOT_SETTLED',
          `Still unfinished after ${this.#options.settleTimeoutMs} ms: ${open}`,
        );
      }
      await sleep(pause);
    }
  }

  async ping(): Promise<void> {
    await this.#boss.getDb().executeSql('SELECT 1', []);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.close()));
    this.#workers.clear();
    await this.#boss.stop({ graceful: false });
  }
}

interface WorkerOptions extends WorkOptions {
  readonly pollMs: number;
  readonly heartbeatSeconds: number;
  readonly closeGraceMs: number;
}

class PostgresWorker {
  readonly #boss: PgBoss;
  readonly #schema: string;
  readonly #queue: QueueDefinition;
  readonly #options: WorkerOptions;
  readonly #log: Logger;
  readonly #running: RunningJobs<JobWithMetadata<unknown>>;
  readonly #stop = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #loop: Promise<void>;
  readonly #wake = () => this.#woken.abort();
  #woken = new AbortController();
  #full = false;

  constructor(boss: PgBoss, schema: string, queue: QueueDefinition, options: WorkerOptions, log: Logger) {
    this.#boss = boss;
    this.#schema = schema;
    this.#queue = queue;
    this.#options = options;
    this.#log = log;
    this.#running = new RunningJobs(() => {
      if (this.#full) this.#wake();
    });
    wakeups.on(queue.name, this.#wake);
    this.#heartbeat = setInterval(() => void this.#touch(), (options.heartbeatSeconds * 1000) / 3);
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    wakeups.off(this.#queue.name, this.#wake);
    await this.#loop;
    const unfinished = await this.#running.drain(this.#options.closeGraceMs);
    clearInterval(this.#heartbeat);
    for (const row of unfinished) await this.#settle(row, () => this.#giveBack(row, 'The worker was closed', 0));
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#woken = new AbortController();
      const free = this.#options.concurrency - this.#running.size;
      const fetched = free > 0 ? await this.#fetch(free) : [];
      for (const row of fetched) this.#running.add(row, this.#deliver(row));
      this.#full = this.#running.size >= this.#options.concurrency;
      if (this.#full || fetched.length < free) {
        await sleep(this.#options.pollMs, undefined, { signal: this.#woken.signal }).catch(() => undefined);
      }
    }
  }

  async #fetch(batchSize: number): Promise<JobWithMetadata<unknown>[]> {
    try {
      return await this.#boss.fetch<unknown>(this.#queue.name, { batchSize, includeMetadata: true });
    } catch (error) {
      this.#log.error(`Cannot fetch from ${this.#queue.name}: ${reasonOf(error)}`);
      return [];
    }
  }

  async #deliver(row: JobWithMetadata<unknown>): Promise<void> {
    let failure: { error: unknown } | undefined;
    try {
      await deliver(this.#queue, this.#options, { ...checkJob(row.data), attempt: row.retryCount + 1 });
    } catch (error) {
      failure = { error };
    }
    await this.#settle(row, () =>
      failure ? this.#fail(row, failure.error) : this.#boss.complete(this.#queue.name, row),
    );
  }

  /** Writes how a job ended. If that fails, it is only logged: the heartbeat ends, and the job is delivered again. */
  async #settle(row: JobWithMetadata<unknown>, settlement: () => Promise<unknown>): Promise<void> {
    try {
      await settlement();
    } catch (error) {
      this.#log.error(`Cannot settle job ${row.id} of ${this.#queue.name}: ${reasonOf(error)}`);
    }
  }

  async #fail(row: JobWithMetadata<unknown>, error: unknown): Promise<void> {
    const attempt = row.retryCount + 1;
    const { name, maxDeliveries } = this.#queue;
    const dies = isPermanent(error) || attempt >= maxDeliveries || row.retryCount >= row.retryLimit;
    const what = `Job ${row.id} of ${name}, delivery ${attempt} of ${maxDeliveries}`;
    this.#log.warn(`${what}${dies ? ', goes to the dead queue' : ''}: ${reasonOf(error)}`);
    if (dies && row.retryCount < row.retryLimit) {
      await this.#boss
        .getDb()
        .executeSql(
          `UPDATE ${this.#schema}.job SET retry_limit = retry_count WHERE name = $1 AND id = $2 AND state = 'active' AND retry_count = $3`,
          [this.#queue.name, row.id, row.retryCount],
        );
    }
    await this.#giveBack(row, reasonOf(error), retryDelayMs(this.#queue, attempt));
  }

  /**
   * Fails a job and sets when it is delivered again. `fail` of pg-boss delays by whole seconds and at random, so a
   * second statement sets the exact delay. If that statement fails, the delay of pg-boss applies.
   */
  async #giveBack(row: JobWithMetadata<unknown>, reason: string, delayMs: number): Promise<void> {
    await this.#boss.fail(this.#queue.name, row, { message: reason });
    await this.#boss.update(this.#queue.name, undefined, { id: row.id, startAfter: delayMs / 1000 });
    if (!this.#stop.signal.aborted) setTimeout(this.#wake, delayMs + 5).unref();
  }

  async #touch(): Promise<void> {
    const rows = this.#running.keys();
    if (rows.length === 0) return;
    await this.#boss.touch(this.#queue.name, rows).catch((error: unknown) => {
      this.#log.error(`Cannot refresh the claims on ${this.#queue.name}: ${reasonOf(error)}`);
    });
  }
}

function connection(database: string | Pool): ConstructorOptions {
  if (typeof database === 'string') return { connectionString: database, max: 4, application_name: 'job-queue' };
  return { db: { executeSql: (text, values) => database.query(text, values as unknown[]) } };
}

function unknownQueue(queue: string, cause?: unknown): JobQueueError {
  return new JobQueueError('JOB_QUEUE_UNKNOWN', `Queue "${queue}" was not created: ensureQueues comes first`, {
    cause,
  });
}

function reasonIn(output: object | null): string {
  const outer = output as { message?: unknown; value?: { message?: unknown } } | null;
  return String(outer?.message ?? outer?.value?.message ?? 'unknown');
}
