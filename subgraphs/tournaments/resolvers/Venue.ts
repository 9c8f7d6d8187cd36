import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import type { ResolversTypes, VenuePitchesArgs } from '../generated/graphql.ts';
import type { Pitch, Venue } from '../mappers.ts';
import { sizeOf } from '../plan.service.ts';
import { hoursOf } from '../schedule-inputs.ts';
import { VenuesService } from '../venues.service.ts';

@Resolver('Venue')
export class VenueResolver extends EntityResolver<Venue> {
  constructor(private readonly venues: VenuesService) {
    super('Venue', venues.byId);
  }

  @ResolveField()
  async pitches(
    @Parent() { id }: Venue,
    @Args() { first }: VenuePitchesArgs,
    @Context() context: GraphQLContext,
  ): Promise<Pitch[]> {
    return ((await this.venues.pitchesOf(context, id)) ?? []).slice(0, sizeOf(first, 50, 50));
  }
}

@Resolver('Pitch')
export class PitchResolver extends EntityResolver<Pitch> {
  constructor(private readonly venues: VenuesService) {
    super('Pitch', venues.pitchById);
  }

  @ResolveField()
  venue(@Parent() { venueId }: Pitch, @Context() context: GraphQLContext): Promise<Venue | null> {
    return this.venues.byId(context, venueId);
  }

  @ResolveField()
  hours(@Parent() { hours }: Pitch): ResolversTypes['OpeningHours'][] {
    return hoursOf.parse(hours);
  }
}
