import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';
import { updateRatings } from './ratings.ts';
import { updateStatistics } from './statistics.ts';

/** The consumer group. Its positions say how far ratings and statistics are. */
export const RATINGS_GROUP = 'matches-ratings';

/**
 * Keeps ratings and statistics up to date. Behind the log, not within the change of a match: nobody waits for them, and a
 * correction may concern many later matches.
 */
@Injectable()
export class RatingsConsumer {
  constructor(consumers: Consumers, prisma: PrismaClient) {
    consumers.group(RATINGS_GROUP, prisma, [
      consume(MatchEventRecorded, async ({ matchId, detail: { kind } }, { tx }) => {
        if (kind === 'STATE' || kind === 'RESULT' || kind === 'PLAN') await update(tx, matchId);
      }),
      consume(MatchSnapshot, ({ matchId }, { tx }) => update(tx, matchId)),
    ]);
  }
}

async function update(tx: Prisma.TransactionClient, matchId: string): Promise<void> {
  await updateStatistics(tx, matchId);
  await updateRatings(tx, matchId);
}
