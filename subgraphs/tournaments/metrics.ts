import { Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/observability/metrics.ts';
import { countsByState } from '../../platform/observability/state-gauge.ts';
import { PrismaClient } from './generated/prisma/client.ts';

/** States in which something is left to do. */
const OPEN = ['DRAFT', 'REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING'] as const;

/** What an operator sees of tournaments in `/metrics`. docs/observability.md lists it. */
@Injectable()
export class TournamentsMetrics {
  /** Counts stored results that began to count. A transaction that is repeated counts its results again. */
  readonly counted;
  readonly resultLag;
  readonly progress;
  readonly schedule;

  constructor(metrics: Metrics, prisma: PrismaClient) {
    countsByState(metrics, 'tournaments_open', 'Tournaments in which something is left to do', OPEN, (state, take) =>
      prisma.tournament.count({ where: { state }, take }),
    );
    this.counted = metrics.counter('tournaments_results_counted_total', 'Results of matches that began to count');
    this.resultLag = metrics.histogram(
      'tournaments_result_lag_seconds',
      'From the first of some results, in the service matches, to the tables and brackets that include them',
      [],
      [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
    );
    this.progress = metrics.histogram(
      'tournaments_progress_seconds',
      'The computation and storage of tables and brackets after results',
      [],
      [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    );
    this.schedule = metrics.histogram(
      'tournaments_schedule_seconds',
      'The computation of a schedule',
      ['outcome'],
      [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    );
  }
}
