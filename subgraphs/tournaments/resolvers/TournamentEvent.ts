import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import {
  BracketCorrected,
  DrawSeedCommitted,
  EntryChanged,
  MatchForfeited,
  MatchPlanned,
  MatchReplanned,
  MatchUnplanned,
  OrganizersChanged,
  ScheduleRunChanged,
  StageChanged,
  TeamInvitedToTournament,
  TournamentCancelled,
  TournamentChanged,
  TournamentCompleted,
  TournamentCreated,
  TournamentDeleted,
  TournamentDrawn,
  TournamentPublished,
} from '../../../schema/messages/tournaments.ts';
import { EntriesService } from '../entries.service.ts';
import type {
  BracketCorrectedSlotsArgs,
  DrawMethod,
  EntryRating,
  EntryState,
  PlanChange,
  ResolversTypes,
  ScheduleRunState,
  TournamentState,
} from '../generated/graphql.ts';
import type { Entry, Stage, Tournament, TournamentEvent } from '../mappers.ts';
import { PlanService, type PlannedSlot, sizeOf } from '../plan.service.ts';
import { payloadOf } from '../record.ts';
import { TournamentsService } from '../tournaments.service.ts';

/** The GraphQL type of each event type of the topic. */
const TYPES: Readonly<Record<string, string>> = {
  [TournamentCreated.type]: 'TournamentUpdated',
  [TournamentPublished.type]: 'TournamentUpdated',
  [TournamentChanged.type]: 'TournamentUpdated',
  [OrganizersChanged.type]: 'TournamentUpdated',
  [TournamentDeleted.type]: 'TournamentDeleted',
  [EntryChanged.type]: 'EntryUpdated',
  [TeamInvitedToTournament.type]: 'TeamInvitedToTournament',
  [DrawSeedCommitted.type]: 'DrawSeedCommitted',
  [TournamentDrawn.type]: 'TournamentDrawn',
  [MatchPlanned.type]: 'TournamentMatchUpdated',
  [MatchReplanned.type]: 'TournamentMatchUpdated',
  [MatchUnplanned.type]: 'TournamentMatchUpdated',
  [MatchForfeited.type]: 'TournamentMatchUpdated',
  [StageChanged.type]: 'StageUpdated',
  [BracketCorrected.type]: 'BracketCorrected',
  [TournamentCancelled.type]: 'TournamentCancelled',
  [TournamentCompleted.type]: 'TournamentCompleted',
  [ScheduleRunChanged.type]: 'ScheduleRunUpdated',
};

/** The fields that all events have: the host uses an interface's resolvers for each of its types. */
@Resolver('TournamentEvent')
export class TournamentEventResolver {
  constructor(private readonly tournaments: TournamentsService) {}

  @ResolveField()
  __resolveType(event: TournamentEvent): string | undefined {
    return TYPES[event.type];
  }

  @ResolveField()
  tournament(
    @Parent() { tournamentId }: TournamentEvent,
    @Context() context: GraphQLContext,
  ): Promise<Tournament | null> {
    return this.tournaments.byId(context, tournamentId);
  }
}

@Resolver('TournamentUpdated')
export class TournamentUpdatedResolver {
  @ResolveField()
  state(@Parent() { payload }: TournamentEvent): TournamentState {
    return (payload as { state: TournamentState }).state;
  }
}

@Resolver('EntryUpdated')
export class EntryUpdatedResolver {
  constructor(private readonly entries: EntriesService) {}

  @ResolveField()
  entry(@Parent() event: TournamentEvent, @Context() context: GraphQLContext): Promise<Entry | null> {
    return this.entries.byId(context, payloadOf(EntryChanged, event).entryId);
  }

  @ResolveField()
  state(@Parent() event: TournamentEvent): EntryState {
    return payloadOf(EntryChanged, event).state;
  }
}

@Resolver('TeamInvitedToTournament')
export class TeamInvitedToTournamentResolver {
  @ResolveField()
  team(@Parent() event: TournamentEvent): ResolversTypes['Team'] {
    return referenceTo('Team', payloadOf(TeamInvitedToTournament, event).teamId);
  }
}

@Resolver('DrawSeedCommitted')
export class DrawSeedCommittedResolver {
  @ResolveField()
  seedHash(@Parent() event: TournamentEvent): string {
    return payloadOf(DrawSeedCommitted, event).seedHash;
  }
}

@Resolver('TournamentDrawn')
export class TournamentDrawnResolver {
  @ResolveField()
  seed(@Parent() event: TournamentEvent): string | null {
    return payloadOf(TournamentDrawn, event).seed;
  }

  @ResolveField()
  method(@Parent() event: TournamentEvent): DrawMethod | null {
    return payloadOf(TournamentDrawn, event).method ?? null;
  }

  @ResolveField()
  ratings(@Parent() event: TournamentEvent): EntryRating[] {
    const { ratings = [], entryIds } = payloadOf(TournamentDrawn, event);
    return ratings.map((ordinal, index) => ({ entryId: toGlobalId('Entry', entryIds[index] ?? ''), ordinal }));
  }
}

const CHANGES: Readonly<Record<string, PlanChange>> = {
  [MatchReplanned.type]: 'REPLANNED',
  [MatchUnplanned.type]: 'UNPLANNED',
  [MatchForfeited.type]: 'FORFEITED',
};

@Resolver('TournamentMatchUpdated')
export class TournamentMatchUpdatedResolver {
  @ResolveField()
  match(@Parent() { payload }: TournamentEvent): ResolversTypes['Match'] {
    return referenceTo('Match', (payload as { matchId: string }).matchId);
  }

  @ResolveField()
  change(@Parent() { type }: TournamentEvent): PlanChange {
    return CHANGES[type] ?? 'PLANNED';
  }
}

@Resolver('StageUpdated')
export class StageUpdatedResolver {
  constructor(private readonly plan: PlanService) {}

  @ResolveField()
  stage(@Parent() event: TournamentEvent, @Context() context: GraphQLContext): Promise<Stage | null> {
    return this.plan.stage(context, payloadOf(StageChanged, event).stageId);
  }
}

@Resolver('BracketCorrected')
export class BracketCorrectedResolver {
  constructor(private readonly plan: PlanService) {}

  @ResolveField()
  stage(@Parent() event: TournamentEvent, @Context() context: GraphQLContext): Promise<Stage | null> {
    return this.plan.stage(context, payloadOf(BracketCorrected, event).stageId);
  }

  @ResolveField()
  async slots(
    @Parent() event: TournamentEvent,
    @Args() { first }: BracketCorrectedSlotsArgs,
    @Context() context: GraphQLContext,
  ): Promise<PlannedSlot[]> {
    const ids = payloadOf(BracketCorrected, event).slotIds.slice(0, sizeOf(first, 256, 2048));
    return (await Promise.all(ids.map((id) => this.plan.slot(context, id)))).filter((slot) => slot !== null);
  }
}

@Resolver('TournamentCancelled')
export class TournamentCancelledResolver {
  @ResolveField()
  reason(@Parent() event: TournamentEvent): string | null {
    return payloadOf(TournamentCancelled, event).reason;
  }
}

@Resolver('TournamentCompleted')
export class TournamentCompletedResolver {
  @ResolveField()
  champion(@Parent() event: TournamentEvent): ResolversTypes['Team'] | null {
    return referenceTo('Team', payloadOf(TournamentCompleted, event).championTeamId);
  }
}

@Resolver('ScheduleRunUpdated')
export class ScheduleRunUpdatedResolver {
  @ResolveField()
  runId(@Parent() event: TournamentEvent): string {
    return toGlobalId('ScheduleRun', payloadOf(ScheduleRunChanged, event).runId);
  }

  @ResolveField()
  state(@Parent() event: TournamentEvent): ScheduleRunState {
    return payloadOf(ScheduleRunChanged, event).state;
  }

  @ResolveField()
  percent(@Parent() event: TournamentEvent): number {
    return payloadOf(ScheduleRunChanged, event).percent;
  }
}
