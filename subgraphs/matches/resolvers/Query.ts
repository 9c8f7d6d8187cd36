import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type { QueryMatchArgs, QueryMatchesArgs, ResolversTypes } from '../generated/graphql.ts';
import { MatchesService } from '../matches.service.ts';

@Resolver()
export class QueryResolver {
  constructor(private readonly matchesService: MatchesService) {}

  @Query()
  match(@Args() { id }: QueryMatchArgs, @Context() context: GraphQLContext): Promise<ResolversTypes['Match'] | null> {
    return find(context, 'Match', id, this.matchesService.byId);
  }

  @Query()
  matches(@Args() args: QueryMatchesArgs): Promise<ResolversTypes['MatchConnection']> {
    return this.matchesService.page(args);
  }
}
