import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { PageArgs } from '../../../platform/graphql/connection.ts';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { ResolversTypes, TeamMembersArgs } from '../generated/graphql.ts';
import type { Team } from '../generated/prisma/client.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver('Team')
export class TeamResolver extends EntityResolver<Team> {
  private readonly counts = batched((ids) => this.teams.memberCounts(ids));
  private readonly pages = batched((ids, _viewer, args: PageArgs) => this.teams.members(ids, args));

  constructor(private readonly teams: TeamsService) {
    super('Team', teams.byId);
  }

  @ResolveField()
  async memberCount(@Parent() team: Team, @Context() context: GraphQLContext): Promise<number> {
    return (await this.counts(context, team.id)) ?? 0;
  }

  @ResolveField()
  async members(
    @Parent() team: Team,
    @Args() args: TeamMembersArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['MembershipConnection']> {
    const page = await this.pages(context, team.id, args);
    return { ...(page ?? this.teams.noMembers), totalCount: () => this.memberCount(team, context) };
  }
}
