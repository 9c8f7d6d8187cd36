import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { MatchesAnnouncements } from './announcements.ts';
import { MatchesComputations, MatchesConsumers } from './consumers.ts';
import { FactsService } from './facts.service.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { KnownTeamsService } from './known-teams.service.ts';
import { LineupsService } from './lineups.service.ts';
import { MatchEventsService } from './match-events.service.ts';
import { MatchMovesService } from './match-moves.service.ts';
import { MatchesMetrics } from './metrics.ts';
import { MatchesService } from './matches.service.ts';
import { PlayersService } from './players.service.ts';
import { ProtestsService } from './protests.service.ts';
import { RatingsService } from './ratings.service.ts';
import {
  MatchProtestResolver,
  MatchResolver,
  MatchResultResolver,
  PlayerResolver,
  ScoreResolver,
  SquadMemberResolver,
} from './resolvers/Match.ts';
import {
  CardShownResolver,
  GoalScoredResolver,
  LineupGivenResolver,
  MatchEventResolver,
  MatchEventVoidedResolver,
  MatchPlannedResolver,
  MatchPlayerResolver,
  MatchStateChangedResolver,
  PeriodStartedResolver,
  PlayerSubstitutedResolver,
  ReplayOrderedResolver,
  ResultConfirmedResolver,
  ResultProtestedResolver,
  ResultSetResolver,
} from './resolvers/MatchEvent.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import { PlayerRatingResolver, RatingChangeResolver, RatingResolver, TeamResolver } from './resolvers/Rating.ts';
import { HeadToHeadResolver, PlayerStatisticsResolver, TeamStatisticsResolver } from './resolvers/Statistics.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';
import { ResultsService } from './results.service.ts';
import { StatisticsService } from './statistics.service.ts';
import { MatchesTimers } from './timers.ts';
import { TournamentMatchesService } from './tournament-matches.service.ts';

@Module({
  providers: [
    prismaProvider('matches', PrismaClient),
    KnownTeamsService,
    MatchesService,
    MatchesAnnouncements,
    MatchesComputations,
    MatchEventsService,
    PlayersService,
    LineupsService,
    MatchMovesService,
    ResultsService,
    ProtestsService,
    MatchesTimers,
    TournamentMatchesService,
    RatingsService,
    StatisticsService,
    FactsService,
    MatchesConsumers,
    MatchesMetrics,
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
    PlayerSubstitutedResolver,
    LineupGivenResolver,
    MatchPlannedResolver,
    ResultSetResolver,
    ResultConfirmedResolver,
    ResultProtestedResolver,
    ReplayOrderedResolver,
    ScoreResolver,
    MatchResultResolver,
    MatchProtestResolver,
    SquadMemberResolver,
    PlayerResolver,
    TeamResolver,
    PlayerRatingResolver,
    RatingResolver,
    RatingChangeResolver,
    TeamStatisticsResolver,
    PlayerStatisticsResolver,
    HeadToHeadResolver,
  ],
})
export class MatchesModule {}
