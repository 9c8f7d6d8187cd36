import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type { Group, Match, Round, Stage, Tournament } from '../mappers.ts';
import { type Place, PlanService } from '../plan.service.ts';
import { TournamentsService } from '../tournaments.service.ts';

/** Adds to a match where it belongs in a tournament. The subgraph matches owns the match itself. */
@Resolver('Match')
export class MatchResolver {
  constructor(
    private readonly plan: PlanService,
    private readonly tournaments: TournamentsService,
  ) {}

  @ResolveReference()
  reference({ id }: Match): Match {
    return { id };
  }

  @ResolveField()
  async tournament(@Parent() match: Match, @Context() context: GraphQLContext): Promise<Tournament | null> {
    const place = await this.#place(match, context);
    return place && this.tournaments.byId(context, place.tournamentId);
  }

  @ResolveField()
  async stage(@Parent() match: Match, @Context() context: GraphQLContext): Promise<Stage | null> {
    return (await this.#place(match, context))?.stage ?? null;
  }

  @ResolveField()
  async tournamentRound(@Parent() match: Match, @Context() context: GraphQLContext): Promise<Round | null> {
    return (await this.#place(match, context))?.round ?? null;
  }

  @ResolveField()
  async tournamentGroup(@Parent() match: Match, @Context() context: GraphQLContext): Promise<Group | null> {
    return (await this.#place(match, context))?.group ?? null;
  }

  #place({ id }: Match, context: GraphQLContext): Promise<Place | null> {
    return find(context, 'Match', id, this.plan.placeOf);
  }
}
