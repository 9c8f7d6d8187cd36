import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { AwardsService } from '../awards.service.ts';
import { EntriesService } from '../entries.service.ts';
import type {
  ResolversTypes,
  TournamentEntriesArgs,
  TournamentOrganizersArgs,
  TournamentFairPlayArgs,
  TournamentStagesArgs,
  TournamentTopAssistsArgs,
  TournamentTopScorersArgs,
  TournamentScheduleRunsArgs,
  TournamentVenuesArgs,
} from '../generated/graphql.ts';
import type { Draw, Entry, Registration, ScheduleRun, Stage, Tournament, Venue } from '../mappers.ts';
import { PlanService, sizeOf } from '../plan.service.ts';
import { ScheduleRunsService } from '../schedule-runs.service.ts';
import { TournamentsService } from '../tournaments.service.ts';
import { VenuesService } from '../venues.service.ts';

@Resolver('Tournament')
export class TournamentResolver extends EntityResolver<Tournament> {
  constructor(
    private readonly tournaments: TournamentsService,
    private readonly teams: EntriesService,
    private readonly plan: PlanService,
    private readonly awards: AwardsService,
    private readonly grounds: VenuesService,
    private readonly runs: ScheduleRunsService,
  ) {
    super('Tournament', tournaments.byId);
  }

  @ResolveField()
  registration(@Parent() tournament: Tournament): Registration {
    return tournament;
  }

  @ResolveField()
  draw(@Parent() tournament: Tournament): Draw | null {
    return tournament.drawSeedHash === null ? null : tournament;
  }

  @ResolveField()
  async organizers(
    @Parent() { id }: Tournament,
    @Args() { first }: TournamentOrganizersArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['User'][]> {
    return ((await this.tournaments.organizersOf(context, id, first)) ?? []).map((user) => referenceTo('User', user));
  }

  @ResolveField()
  async entries(
    @Parent() { id }: Tournament,
    @Args() { state = null, ...args }: TournamentEntriesArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['EntryConnection']> {
    const page = await this.teams.page(context, id, args, state);
    const totalCount = async (): Promise<number> => (await this.teams.count(context, id, state)) ?? 0;
    return { ...(page ?? this.teams.none), totalCount };
  }

  @ResolveField()
  async topScorers(
    @Parent() { id }: Tournament,
    @Args() { first }: TournamentTopScorersArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['TopScorer'][]> {
    return (await this.awards.scorersOf(context, id, first ?? 20)) ?? [];
  }

  @ResolveField()
  async topAssists(
    @Parent() { id }: Tournament,
    @Args() { first }: TournamentTopAssistsArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['TopAssist'][]> {
    return (await this.awards.assistsOf(context, id, first ?? 20)) ?? [];
  }

  @ResolveField()
  async fairPlay(
    @Parent() { id }: Tournament,
    @Args() { first }: TournamentFairPlayArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['FairPlayRow'][]> {
    return (await this.awards.fairPlayOf(context, id, first ?? 20)) ?? [];
  }

  @ResolveField()
  async champion(@Parent() { championId }: Tournament, @Context() context: GraphQLContext): Promise<Entry | null> {
    return championId === null ? null : this.teams.byId(context, championId);
  }

  @ResolveField()
  bestPlayer(@Parent() { bestPlayerId }: Tournament): ResolversTypes['Player'] | null {
    return referenceTo('Player', bestPlayerId);
  }

  @ResolveField()
  async stages(
    @Parent() { id }: Tournament,
    @Args() { first }: TournamentStagesArgs,
    @Context() context: GraphQLContext,
  ): Promise<Stage[]> {
    return ((await this.plan.stagesOf(context, id)) ?? []).slice(0, sizeOf(first, 8, 16));
  }

  @ResolveField()
  async venues(
    @Parent() { id }: Tournament,
    @Args() { first }: TournamentVenuesArgs,
    @Context() context: GraphQLContext,
  ): Promise<Venue[]> {
    return ((await this.grounds.ofTournament(context, id)) ?? []).slice(0, sizeOf(first, 50, 50));
  }

  @ResolveField()
  async scheduleRuns(
    @Parent() { id }: Tournament,
    @Args() { first }: TournamentScheduleRunsArgs,
    @Context() context: GraphQLContext,
  ): Promise<ScheduleRun[]> {
    return ((await this.runs.ofTournament(context, id)) ?? []).slice(0, sizeOf(first, 5, 20));
  }
}

@Resolver('Registration')
export class RegistrationResolver {
  constructor(private readonly tournaments: TournamentsService) {}

  @ResolveField()
  mode(@Parent() { registration }: Registration): Registration['registration'] {
    return registration;
  }

  @ResolveField()
  closesAt(@Parent() { registrationClosesAt }: Registration): Date | null {
    return registrationClosesAt;
  }

  @ResolveField()
  async teamCount(@Parent() { id }: Registration, @Context() context: GraphQLContext): Promise<number> {
    return (await this.tournaments.teamCount(context, id)) ?? 0;
  }

  @ResolveField()
  city(@Parent() { entryCity }: Registration): string | null {
    return entryCity;
  }
}

@Resolver('Draw')
export class DrawResolver {
  @ResolveField()
  seedHash(@Parent() { drawSeedHash }: Draw): string {
    return drawSeedHash ?? '';
  }

  /**
   * The seed of the draw. Null until the draw, so that nobody can compute a draw by lot in advance, and after a draw by
   * hand.
   */
  @ResolveField()
  seed(@Parent() { drawSeed, drawMethod }: Draw): string | null {
    return drawMethod === 'BY_LOT' || drawMethod === 'BY_RATING' ? drawSeed : null;
  }

  @ResolveField()
  method(@Parent() { drawMethod }: Draw): Draw['drawMethod'] {
    return drawMethod;
  }
}
