import { Module } from '@nestjs/common';
import { prismaProvider } from '../../platform/postgres/prisma.ts';
import { TournamentsAnnouncements } from './announcements.ts';
import { EnteringService } from './entering.service.ts';
import { AwardsService } from './awards.service.ts';
import { EntriesService } from './entries.service.ts';
import { EventsService } from './events.service.ts';
import { DisbandedTeamsService } from './disbanded-teams.service.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { LifeService } from './life.service.ts';
import { OrganizersService } from './organizers.service.ts';
import { KickoffsService } from './kickoffs.service.ts';
import { TournamentsMetrics } from './metrics.ts';
import { PlanService } from './plan.service.ts';
import { ScheduleRunsService } from './schedule-runs.service.ts';
import { ScheduleWork } from './schedule-work.ts';
import { VenuesService } from './venues.service.ts';
import { ScheduleConflictResolver, ScheduledMatchResolver, ScheduleRunResolver } from './resolvers/ScheduleRun.ts';
import { PitchResolver, VenueResolver } from './resolvers/Venue.ts';
import { BracketSideResolver, BracketSlotResolver } from './resolvers/BracketSlot.ts';
import { FairPlayRowResolver, TopAssistResolver, TopScorerResolver } from './resolvers/awards.ts';
import { EntryResolver } from './resolvers/Entry.ts';
import { MatchResolver } from './resolvers/Match.ts';
import { MutationResolver } from './resolvers/Mutation.ts';
import { QueryResolver } from './resolvers/Query.ts';
import {
  BracketResolver,
  DeductionResolver,
  GroupResolver,
  RoundResolver,
  StageResolver,
  StandingRowResolver,
} from './resolvers/Stage.ts';
import { SubscriptionResolver } from './resolvers/Subscription.ts';
import { DrawResolver, RegistrationResolver, TournamentResolver } from './resolvers/Tournament.ts';
import {
  BracketCorrectedResolver,
  ScheduleRunUpdatedResolver,
  DrawSeedCommittedResolver,
  EntryUpdatedResolver,
  StageUpdatedResolver,
  TeamInvitedToTournamentResolver,
  TournamentCancelledResolver,
  TournamentCompletedResolver,
  TournamentDrawnResolver,
  TournamentEventResolver,
  TournamentMatchUpdatedResolver,
  TournamentUpdatedResolver,
} from './resolvers/TournamentEvent.ts';
import { ResultsService } from './results.service.ts';
import { RulingsService } from './rulings.service.ts';
import { StagesService } from './stages.service.ts';
import { TournamentsComputations, TournamentsConsumers } from './consumers.ts';
import { TournamentsService } from './tournaments.service.ts';

@Module({
  providers: [
    prismaProvider('tournaments', PrismaClient),
    TournamentsMetrics,
    TournamentsService,
    EntriesService,
    PlanService,
    AwardsService,
    StagesService,
    RulingsService,
    ResultsService,
    DisbandedTeamsService,
    TournamentsConsumers,
    TournamentsComputations,
    LifeService,
    OrganizersService,
    EnteringService,
    EventsService,
    VenuesService,
    ScheduleRunsService,
    ScheduleWork,
    KickoffsService,
    TournamentsAnnouncements,
    QueryResolver,
    MutationResolver,
    SubscriptionResolver,
    TournamentResolver,
    RegistrationResolver,
    DrawResolver,
    EntryResolver,
    StageResolver,
    GroupResolver,
    StandingRowResolver,
    DeductionResolver,
    RoundResolver,
    BracketResolver,
    BracketSlotResolver,
    BracketSideResolver,
    MatchResolver,
    TopScorerResolver,
    TopAssistResolver,
    FairPlayRowResolver,
    TournamentEventResolver,
    TournamentUpdatedResolver,
    EntryUpdatedResolver,
    TeamInvitedToTournamentResolver,
    DrawSeedCommittedResolver,
    TournamentDrawnResolver,
    TournamentMatchUpdatedResolver,
    StageUpdatedResolver,
    BracketCorrectedResolver,
    TournamentCancelledResolver,
    TournamentCompletedResolver,
    ScheduleRunUpdatedResolver,
    ScheduleRunResolver,
    ScheduleConflictResolver,
    ScheduledMatchResolver,
    VenueResolver,
    PitchResolver,
  ],
})
export class TournamentsModule {}
