import { Injectable } from '@nestjs/common';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { consume } from '../../platform/messaging/consumers/declare.ts';
import { MatchEventRecorded, MatchSnapshot } from '../../schema/messages/matches.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { updateRatings } from './ratings.ts';

/** The consumer group. Its positions say how far the ratings are. */
export const RATINGS_GROUP = 'matches-ratings';

/**
 * Keeps the ratings up to date. Behind the log, not within the change of a match: nobody waits for them, and a
 * correction may concern many later matches.
 */
@Injectable()
export class RatingsConsumer {
  constructor(consumers: Consumers, prisma: PrismaClient) {
    consumers.group(RATINGS_GROUP, prisma, [
      consume(MatchEventRecorded, async ({ matchId, detail: { kind } }, { tx }) => {
        if (kind === 'STATE' || kind === 'RESULT') await updateRatings(tx, matchId);
      }),
      consume(MatchSnapshot, ({ matchId }, { tx }) => updateRatings(tx, matchId)),
    ]);
  }
}
