import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type {
  QueryMatchArgs,
  QueryMatchesArgs,
  QueryMatchesAsFactsArgs,
  QueryMatchesAsViewerArgs,
  QuerySeasonsArgs,
  QueryTeamRatingsArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import { FactsService } from '../facts.service.ts';
import { MatchesService } from '../matches.service.ts';
import { RatingsService } from '../ratings.service.ts';
import { StatisticsService } from '../statistics.service.ts';

@Resolver()
export class QueryResolver {
  constructor(
    private readonly matchesService: MatchesService,
    private readonly ratings: RatingsService,
    private readonly facts: FactsService,
    private readonly statistics: StatisticsService,
  ) {}

  @Query()
  match(@Args() { id }: QueryMatchArgs, @Context() context: GraphQLContext): Promise<ResolversTypes['Match'] | null> {
    return find(context, 'Match', id, this.matchesService.byId);
  }

  @Query()
  matches(@Args() args: QueryMatchesArgs): Promise<ResolversTypes['MatchConnection']> {
    return this.matchesService.page(args);
  }

  @Query()
  teamRatings(@Args() { of }: QueryTeamRatingsArgs): Promise<(number | null)[]> {
    return this.ratings.ordinals(of.map(({ teamId, sport }) => ({ teamId: fromGlobalId('Team', teamId), sport })));
  }

  @Query()
  matchesAsFacts(@Args() { ids }: QueryMatchesAsFactsArgs): Promise<(ResolversTypes['MatchAsFacts'] | null)[]> {
    return this.facts.of(ids);
  }

  @Query()
  matchesAsViewer(
    @Args() { ids }: QueryMatchesAsViewerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<(ResolversTypes['MatchAsViewer'] | null)[]> {
    return this.matchesService.asViewer(principal, ids);
  }

  @Query()
  seasons(@Args() { of }: QuerySeasonsArgs): Promise<ResolversTypes['Season'][]> {
    return Promise.all(of.map(({ subjectId, ...season }) => this.statistics.seasonOf(subjectId, season)));
  }
}
