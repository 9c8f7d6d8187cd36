import type pg from 'pg';
import type { Metrics } from '../../observability/metrics.ts';
import { openPool } from '../../postgres/pool.ts';
import type { JobQueue } from '../job-queue/job-queue.ts';
import { ParkedGauges } from './gauges.ts';
import { Redriver } from './redriver.ts';

export interface ParkedOptions {
  /** PostgreSQL URL of the service. */
  readonly url: string;
  readonly service: string;
  readonly metrics: Metrics;
  readonly jobs: Pick<JobQueue, 'backlog' | 'dead' | 'deadCount'>;
  readonly onError: (error: Error, doing: string) => void;
  /** Is called as {@link Redriver} describes. */
  readonly onKnown?: (consumer: string, keys: number) => void;
}

/** Parked messages of a running service: redelivers them on request, and counts them. */
export class Parked {
  readonly redriver: Redriver;
  readonly gauges: ParkedGauges;
  /** A small pool for rare queries about messages. */
  readonly pool: pg.Pool;

  constructor({ url, service, metrics, jobs, onError, onKnown }: ParkedOptions) {
    this.pool = openPool(url, `messages:${service}`, 2, onError);
    this.redriver = new Redriver({ pool: this.pool, service, onError, onKnown });
    this.gauges = new ParkedGauges({ metrics, pool: this.pool, service, jobs, onError });
  }

  /** Call it when nobody uses the pool any more. */
  async close(): Promise<void> {
    await this.redriver.close();
    await this.gauges.close();
    await this.pool.end();
  }
}
