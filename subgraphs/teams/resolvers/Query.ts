import { Args, Query, Resolver } from '@nestjs/graphql';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import type { QueryTeamArgs, QueryTeamsArgs, ResolversTypes } from '../generated/graphql.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver()
export class QueryResolver {
  constructor(private readonly teams: TeamsService) {}

  @Query()
  async team(@Args() { id }: QueryTeamArgs): Promise<Awaited<ResolversTypes['Team']> | null> {
    const teamId = fromGlobalId('Team', id);
    return teamId ? ((await this.teams.byIds([teamId])).get(teamId) ?? null) : null;
  }

  @Query('teams')
  list(@Args() args: QueryTeamsArgs): Promise<Awaited<ResolversTypes['TeamConnection']>> {
    return this.teams.page(args);
  }
}
