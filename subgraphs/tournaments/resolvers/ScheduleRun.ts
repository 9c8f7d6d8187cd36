import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import type { ResolversTypes, ScheduleConflictSlotsArgs, ScheduleRunMatchesArgs } from '../generated/graphql.ts';
import type { Pitch, ScheduleConflict, ScheduledMatch, ScheduleRun } from '../mappers.ts';
import { PlanService, type PlannedSlot, sizeOf } from '../plan.service.ts';
import { ScheduleRunsService } from '../schedule-runs.service.ts';
import { conflictsIn, placesIn, qualityIn } from '../schedule-result.ts';
import { VenuesService } from '../venues.service.ts';

@Resolver('ScheduleRun')
export class ScheduleRunResolver extends EntityResolver<ScheduleRun> {
  constructor(runs: ScheduleRunsService) {
    super('ScheduleRun', runs.byId);
  }

  @ResolveField()
  quality(@Parent() { quality }: ScheduleRun): ResolversTypes['ScheduleQuality'] | null {
    return qualityIn(quality);
  }

  @ResolveField()
  conflicts(@Parent() { conflicts }: ScheduleRun): ScheduleConflict[] {
    return conflictsIn(conflicts);
  }

  @ResolveField()
  matches(@Parent() { places }: ScheduleRun, @Args() { first }: ScheduleRunMatchesArgs): ScheduledMatch[] {
    return placesIn(places)
      .sort((a, b) => a.start - b.start)
      .slice(0, sizeOf(first, 100, 2000));
  }
}

@Resolver('ScheduleConflict')
export class ScheduleConflictResolver {
  constructor(private readonly plan: PlanService) {}

  @ResolveField()
  params(@Parent() { params }: ScheduleConflict): ResolversTypes['ScheduleConflictParam'][] {
    return Object.entries(params).map(([name, value]) => ({ name, value: String(value) }));
  }

  @ResolveField()
  async slots(
    @Parent() { matches }: ScheduleConflict,
    @Args() { first }: ScheduleConflictSlotsArgs,
    @Context() context: GraphQLContext,
  ): Promise<PlannedSlot[]> {
    const ids = matches.slice(0, sizeOf(first, 20, 20));
    return (await Promise.all(ids.map((id) => this.plan.slot(context, id)))).filter((slot) => slot !== null);
  }
}

@Resolver('ScheduledMatch')
export class ScheduledMatchResolver {
  constructor(
    private readonly plan: PlanService,
    private readonly venues: VenuesService,
  ) {}

  @ResolveField()
  slot(@Parent() { slotId }: ScheduledMatch, @Context() context: GraphQLContext): Promise<PlannedSlot | null> {
    return this.plan.slot(context, slotId);
  }

  @ResolveField()
  kickoffAt(@Parent() { start }: ScheduledMatch): Date {
    return new Date(start);
  }

  @ResolveField()
  async pitch(@Parent() { pitch }: ScheduledMatch, @Context() context: GraphQLContext): Promise<Pitch | null> {
    return pitch === null ? null : this.venues.pitchById(context, pitch);
  }

  @ResolveField()
  referee(@Parent() { referee }: ScheduledMatch): ResolversTypes['User'] | null {
    return referenceTo('User', referee);
  }
}
