import type { OnModuleDestroy } from '@nestjs/common';
import type pg from 'pg';
import { asError } from '../../async/retry.ts';
import type { History } from '../event-log/history.ts';
import { isPermanent } from '../job-queue/envelope.ts';
import { perform } from './perform.ts';
import type { Projection, RebuildJob } from './projection.ts';
import { RebuildRuns } from './runs.ts';

/** The code of a run whose worker was killed at each delivery of its job. */
const WORKERS_LOST = 'WORKERS_LOST';

export interface RebuildsOptions {
  /** A pool of the service's database. Its owner closes it. */
  readonly pool: pg.Pool;
  /** PostgreSQL URL of the service. */
  readonly url: string;
  /** Also the name of its schema. */
  readonly service: string;
  readonly history: History;
}

/**
 * Rebuilds a service's projections, as jobs. If the process dies, the queue delivers the job again, and the rebuild
 * begins again. Rows that it has not replaced are as before.
 */
export class Rebuilds implements OnModuleDestroy {
  readonly #options: RebuildsOptions;
  readonly #runs: RebuildRuns;
  readonly #closing = new AbortController();

  constructor(options: RebuildsOptions) {
    this.#options = options;
    this.#runs = new RebuildRuns(options.pool, options.service);
  }

  /** Called by Nest. A rebuild that runs stops soon, and its job returns to the queue. */
  onModuleDestroy(): void {
    this.#closing.abort(new Error('The worker was stopped'));
  }

  /**
   * Handles a delivery of the service's job.
   * @param projections by their names in `npm run rebuild`
   * @throws what the projection throws. Then the queue delivers the job again
   */
  async run(
    job: RebuildJob,
    projections: Readonly<Record<string, Projection>>,
    { runId }: { readonly runId: string },
    { attempt }: { readonly attempt: number },
  ): Promise<void> {
    const { url, history } = this.#options;
    const { signal } = this.#closing;
    const known = await this.#runs.byId(runId);
    if (!known) return;
    try {
      const projection = Object.hasOwn(projections, known.name) ? projections[known.name] : undefined;
      if (!projection) throw Object.assign(new Error(`there is no projection ${known.name}`), { permanent: true });
      // If the queue has delivered the job a second time while a first delivery still runs, this one waits for it.
      const lock = await this.#runs.lock(url, known.name, true, signal);
      if (!lock) return;
      try {
        if (!(await this.#runs.begin(runId, attempt))) return;
        await perform({ runs: this.#runs, runId, projection, lock, history, url, signal });
      } finally {
        await lock.release();
      }
    } catch (error) {
      await this.#runs.failed(runId, asError(error), isPermanent(error) || attempt >= job.queue.maxDeliveries);
      throw error;
    }
  }

  /**
   * Ends the run of a job whose workers were lost at each delivery. Does nothing while a process still works on it: with
   * RabbitMQ a job that takes hours is delivered again and again meanwhile.
   */
  async lost({ runId }: { readonly runId: string }): Promise<void> {
    const known = await this.#runs.byId(runId);
    const lock = known && (await this.#runs.lock(this.#options.url, known.name, false, this.#closing.signal));
    if (!lock) return;
    try {
      await this.#runs.failed(runId, new Error(`${WORKERS_LOST}: its worker was lost at each delivery`), true);
    } finally {
      await lock.release();
    }
  }
}
