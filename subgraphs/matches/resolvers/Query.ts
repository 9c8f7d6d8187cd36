import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type { QueryMatchArgs, QueryMatchesArgs, ResolversTypes } from '../generated/graphql.ts';
import { MatchesService } from '../matches.service.ts';

@Resolver()
export class QueryResolver {
  constructor(private readonly matches: MatchesService) {}

  @Query()
  match(@Args() { id }: QueryMatchArgs, @Context() context: GraphQLContext): Promise<ResolversTypes['Match'] | null> {
    return find(context, 'Match', id, this.matches.byId);
  }

  @Query('matches')
  list(@Args() args: QueryMatchesArgs): Promise<ResolversTypes['MatchConnection']> {
    return this.matches.page(args);
  }
}
