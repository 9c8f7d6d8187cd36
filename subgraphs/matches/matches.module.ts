import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { MatchesEvents } from './events.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { MatchEventsService } from './match-events.service.ts';
import { MatchesService } from './matches.service.ts';
import { MatchConnectionResolver } from './resolvers/connections.ts';
import { CardShownResolver } from './resolvers/CardShown.ts';
import { GoalScoredResolver } from './resolvers/GoalScored.ts';
import { MatchResolver } from './resolvers/Match.ts';
import { MatchEventResolver } from './resolvers/MatchEvent.ts';
import { MatchEventVoidedResolver } from './resolvers/MatchEventVoided.ts';
import { MatchPlayerResolver } from './resolvers/MatchPlayer.ts';
import { MatchStateChangedResolver } from './resolvers/MatchStateChanged.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { PeriodStartedResolver } from './resolvers/PeriodStarted.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { ScoreResolver } from './resolvers/Score.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';

@Module({
  providers: [
    prismaProvider('matches', PrismaClient),
    KnownTeamsService,
    MatchesService,
    MatchEventsService,
    MatchesEvents,
    QueryResolver,
    MutationResolver,
    SubscriptionResolver,
    MatchResolver,
    MatchConnectionResolver,
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
