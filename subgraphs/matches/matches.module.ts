import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { MatchesAnnouncements } from './announcements.ts';
import { MatchesConsumers } from './consumers.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { MatchEventsService } from './match-events.service.ts';
import { MatchesService } from './matches.service.ts';
import { MatchResolver, ScoreResolver } from './resolvers/Match.ts';
import {
  CardShownResolver,
  GoalScoredResolver,
  MatchEventResolver,
  MatchEventVoidedResolver,
  MatchPlayerResolver,
  MatchStateChangedResolver,
  PeriodStartedResolver,
} from './resolvers/MatchEvent.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';

@Module({
  providers: [
    prismaProvider('matches', PrismaClient),
    KnownTeamsService,
    MatchesService,
    MatchesAnnouncements,
    MatchEventsService,
    MatchesConsumers,
    QueryResolver,
    MutationResolver,
    SubscriptionResolver,
    MatchResolver,
    MatchEventResolver,
    MatchStateChangedResolver,
    PeriodStartedResolver,
    GoalScoredResolver,
    CardShownResolver,
    MatchEventVoidedResolver,
    MatchPlayerResolver,
    ScoreResolver,
  ],
})
export class MatchesModule {}
