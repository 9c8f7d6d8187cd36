import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { EntriesService } from '../entries.service.ts';
import type { BracketSlotsArgs, ResolversTypes, RoundMatchesArgs, StageGroupsArgs } from '../generated/graphql.ts';
import type { Bracket, Deduction, Entry, Group, Round, Stage, StandingRow, Tournament } from '../mappers.ts';
import { isIn, PlanService, type PlannedSlot, sizeOf } from '../plan.service.ts';
import { TournamentsService } from '../tournaments.service.ts';

@Resolver('Stage')
export class StageResolver extends EntityResolver<Stage> {
  constructor(
    private readonly plan: PlanService,
    private readonly tournaments: TournamentsService,
  ) {
    super('Stage', plan.stage);
  }

  @ResolveField()
  tournament(@Parent() { tournamentId }: Stage, @Context() context: GraphQLContext): Promise<Tournament | null> {
    return this.tournaments.byId(context, tournamentId);
  }

  @ResolveField()
  async groups(
    @Parent() { id }: Stage,
    @Args() { first }: StageGroupsArgs,
    @Context() context: GraphQLContext,
  ): Promise<Group[]> {
    return ((await this.plan.groupsOf(context, id)) ?? []).slice(0, sizeOf(first, 32, 256));
  }

  @ResolveField()
  async rounds(@Parent() { id }: Stage, @Context() context: GraphQLContext): Promise<Round[]> {
    return (await this.plan.roundsOf(context, id)) ?? [];
  }

  @ResolveField()
  bracket(@Parent() stage: Stage): Bracket | null {
    return stage.format === 'SINGLE_ELIMINATION' || stage.format === 'DOUBLE_ELIMINATION' ? stage : null;
  }
}

@Resolver('Group')
export class GroupResolver extends EntityResolver<Group> {
  constructor(private readonly plan: PlanService) {
    super('Group', plan.group);
  }

  @ResolveField()
  stage(@Parent() { stageId }: Group, @Context() context: GraphQLContext): Promise<Stage | null> {
    return this.plan.stage(context, stageId);
  }

  @ResolveField()
  async standings(@Parent() { id }: Group, @Context() context: GraphQLContext): Promise<StandingRow[]> {
    return (await this.plan.standingsOf(context, id)) ?? [];
  }
}

@Resolver('StandingRow')
export class StandingRowResolver {
  constructor(
    private readonly entries: EntriesService,
    private readonly plan: PlanService,
  ) {}

  @ResolveField()
  entry(@Parent() { entryId }: StandingRow, @Context() context: GraphQLContext): Promise<Entry | null> {
    return this.entries.byId(context, entryId);
  }

  @ResolveField()
  async team(
    @Parent() { entryId }: StandingRow,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['Team'] | null> {
    return referenceTo('Team', (await this.entries.byId(context, entryId))?.teamId ?? null);
  }

  @ResolveField()
  async deductions(
    @Parent() { entryId, groupId }: StandingRow,
    @Context() context: GraphQLContext,
  ): Promise<Deduction[]> {
    const group = await this.plan.group(context, groupId);
    const stage = group && (await this.plan.stage(context, group.stageId));
    if (!stage) return [];
    const all = (await this.plan.deductionsOf(context, stage.tournamentId)) ?? [];
    return all.filter((one) => one.entryId === entryId && (one.stage === null || one.stage === stage.number));
  }
}

@Resolver('Deduction')
export class DeductionResolver {
  @ResolveField()
  points(@Parent() { value }: Deduction): number {
    return value ?? 0;
  }
}

@Resolver('Round')
export class RoundResolver {
  constructor(private readonly plan: PlanService) {}

  @ResolveField()
  part(@Parent() { bracket }: Round): Round['bracket'] {
    return bracket;
  }

  @ResolveField()
  async group(@Parent() { stageId, group }: Round, @Context() context: GraphQLContext): Promise<Group | null> {
    if (group === null) return null;
    return ((await this.plan.groupsOf(context, stageId)) ?? []).find(({ number }) => number === group) ?? null;
  }

  @ResolveField()
  async matches(
    @Parent() round: Round,
    @Args() { first }: RoundMatchesArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['Match'][]> {
    const size = sizeOf(first, 64, 512);
    return (await this.#known(round, context)).slice(0, size).map((id) => referenceTo('Match', id));
  }

  @ResolveField()
  async matchCount(@Parent() round: Round, @Context() context: GraphQLContext): Promise<number> {
    return (await this.#known(round, context)).length;
  }

  /** The ids of the round's matches whose sides are known. */
  async #known(round: Round, context: GraphQLContext): Promise<string[]> {
    return ((await this.plan.slotsOf(context, round.stageId)) ?? []).flatMap((slot) =>
      isIn(round, slot) && slot.matchId ? [slot.matchId] : [],
    );
  }
}

@Resolver('Bracket')
export class BracketResolver {
  constructor(private readonly plan: PlanService) {}

  @ResolveField()
  async slotCount(@Parent() { id }: Bracket, @Context() context: GraphQLContext): Promise<number> {
    return (await this.plan.slotsOf(context, id))?.length ?? 0;
  }

  @ResolveField()
  async slots(
    @Parent() { id }: Bracket,
    @Args() { first }: BracketSlotsArgs,
    @Context() context: GraphQLContext,
  ): Promise<PlannedSlot[]> {
    return ((await this.plan.slotsOf(context, id)) ?? []).slice(0, sizeOf(first, 256, 2048));
  }
}
