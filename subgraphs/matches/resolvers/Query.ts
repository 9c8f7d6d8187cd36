import { Args, Query, Resolver } from '@nestjs/graphql';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import type { QueryMatchArgs, QueryMatchesArgs, ResolversTypes } from '../generated/graphql.ts';
import { MatchesService } from '../matches.service.ts';

@Resolver()
export class QueryResolver {
  constructor(private readonly matches: MatchesService) {}

  @Query()
  async match(@Args() { id }: QueryMatchArgs): Promise<Awaited<ResolversTypes['Match']> | null> {
    const matchId = fromGlobalId('Match', id);
    return matchId === null ? null : ((await this.matches.byIds([matchId])).get(matchId) ?? null);
  }

  @Query('matches')
  list(@Args() args: QueryMatchesArgs): Promise<Awaited<ResolversTypes['MatchConnection']>> {
    return this.matches.page(args);
  }
}
