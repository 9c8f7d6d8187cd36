import { Args, Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import type {
  PlayerRatingArgs,
  PlayerRatingHistoryArgs,
  TeamRatingArgs,
  TeamRatingHistoryArgs,
} from '../generated/graphql.ts';
import type { Match, Player, Rating, RatingChange, Team } from '../mappers.ts';
import { MatchesService } from '../matches.service.ts';
import { ordinalOf } from '../rating.ts';
import { RatingsService } from '../ratings.service.ts';

const DEFAULT_HISTORY = 20;

/** The ratings of a team. The subgraph teams owns the team itself. */
@Resolver('Team')
export class TeamResolver {
  constructor(private readonly ratings: RatingsService) {}

  @ResolveReference()
  reference({ id }: Team): Team {
    return { id };
  }

  @ResolveField()
  async rating(
    @Parent() team: Team,
    @Args() { sport }: TeamRatingArgs,
    @Context() context: GraphQLContext,
  ): Promise<Rating | null> {
    return (await this.#history(context, team, sport, 1))[0] ?? null;
  }

  @ResolveField()
  ratingHistory(
    @Parent() team: Team,
    @Args() { sport, first }: TeamRatingHistoryArgs,
    @Context() context: GraphQLContext,
  ): Promise<RatingChange[]> {
    return this.#history(context, team, sport, first ?? DEFAULT_HISTORY);
  }

  async #history(context: GraphQLContext, { id }: Team, sport: string, first: number): Promise<RatingChange[]> {
    const teamId = fromGlobalId('Team', id);
    return (teamId && (await this.ratings.history(context, teamId, 'TEAM', sport, first))) || [];
  }
}

@Resolver('Player')
export class PlayerRatingResolver {
  constructor(private readonly ratings: RatingsService) {}

  @ResolveField()
  async rating(
    @Parent() { id }: Player,
    @Args() { sport }: PlayerRatingArgs,
    @Context() context: GraphQLContext,
  ): Promise<Rating | null> {
    return (await this.ratings.history(context, id, 'PLAYER', sport, 1))?.[0] ?? null;
  }

  @ResolveField()
  async ratingHistory(
    @Parent() { id }: Player,
    @Args() { sport, first }: PlayerRatingHistoryArgs,
    @Context() context: GraphQLContext,
  ): Promise<RatingChange[]> {
    return (await this.ratings.history(context, id, 'PLAYER', sport, first ?? DEFAULT_HISTORY)) ?? [];
  }
}

@Resolver('Rating')
export class RatingResolver {
  @ResolveField()
  ordinal(@Parent() rating: Rating): number {
    return ordinalOf(rating);
  }
}

@Resolver('RatingChange')
export class RatingChangeResolver {
  constructor(private readonly matches: MatchesService) {}

  @ResolveField()
  rating(@Parent() change: RatingChange): Rating {
    return change;
  }

  @ResolveField()
  match(@Parent() { matchId }: RatingChange, @Context() context: GraphQLContext): Promise<Match | null> {
    return this.matches.byId(context, matchId);
  }
}
