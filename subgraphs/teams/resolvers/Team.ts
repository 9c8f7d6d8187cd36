import { Args, Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { ResolversTypes, TeamMembersArgs } from '../generated/graphql.ts';
import type { Team } from '../generated/prisma/client.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver('Team')
export class TeamResolver {
  constructor(private readonly teams: TeamsService) {}

  @ResolveReference()
  async reference(reference: { id: string }, context: GraphQLContext): Promise<Team | null> {
    const teamId = fromGlobalId('Team', reference.id);
    return teamId ? batch(context, 'team', (ids) => this.teams.byIds(ids)).load(teamId) : null;
  }

  @ResolveField()
  id(@Parent() team: Team): string {
    return toGlobalId('Team', team.id);
  }

  @ResolveField()
  async memberCount(@Parent() team: Team, @Context() context: GraphQLContext): Promise<number> {
    return (await batch(context, 'memberCount', (ids) => this.teams.memberCounts(ids)).load(team.id)) ?? 0;
  }

  @ResolveField()
  async members(
    @Parent() team: Team,
    @Args() args: TeamMembersArgs,
    @Context() context: GraphQLContext,
  ): Promise<Awaited<ResolversTypes['MembershipConnection']>> {
    // One batch per page asked for: teams of a list ask for the same one.
    const page = await batch(context, ['members', args.first, args.after, args.last, args.before], (ids) => this.teams.members(ids, args)).load(team.id);
    return { ...(page ?? this.teams.noMembers), count: () => this.memberCount(team, context) };
  }
}
