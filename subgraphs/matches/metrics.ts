import { Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/observability/metrics.ts';
import { countsByState } from '../../platform/observability/state-gauge.ts';
import { PrismaClient } from './generated/prisma/client.ts';

/**
 * The states that the metric counts: those in which something is left to do, without SCHEDULED, which most matches
 * have.
 */
const OPEN = ['LINEUPS', 'LIVE', 'BREAK', 'SUSPENDED', 'FINISHED', 'POSTPONED', 'ABANDONED'] as const;

/** What an operator sees of matches in `/metrics`. docs/observability.md lists it. */
@Injectable()
export class MatchesMetrics {
  constructor(metrics: Metrics, prisma: PrismaClient) {
    countsByState(metrics, 'matches_open', 'Matches that are played or wait for a result', OPEN, (state, take) =>
      prisma.match.count({ where: { state }, take }),
    );
  }
}
