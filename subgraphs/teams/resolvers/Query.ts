import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { QueryInvitationsArgs, QueryTeamArgs, QueryTeamsArgs, QueryTeamsOfViewerArgs, ResolversTypes } from '../generated/graphql.ts';
import { InvitationsService } from '../invitations.service.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver()
export class QueryResolver {
  constructor(
    private readonly teams: TeamsService,
    private readonly sent: InvitationsService,
  ) {}

  @Query()
  async team(@Args() { id }: QueryTeamArgs): Promise<Awaited<ResolversTypes['Team']> | null> {
    const teamId = fromGlobalId('Team', id);
    return teamId ? ((await this.teams.byIds([teamId])).get(teamId) ?? null) : null;
  }

  @Query('teams')
  list(@Args() args: QueryTeamsArgs): Promise<Awaited<ResolversTypes['TeamConnection']>> {
    return this.teams.page(args);
  }

  @Query()
  invitations(@Args() args: QueryInvitationsArgs, @Context() { principal }: GraphQLContext): Promise<Awaited<ResolversTypes['InvitationConnection']> | null> {
    return this.sent.page(principal, args);
  }

  @Query('teamsOfViewer')
  async ofViewer(@Args() { among }: QueryTeamsOfViewerArgs, @Context() { principal }: GraphQLContext): Promise<string[]> {
    const teamIds = among.map((id) => fromGlobalId('Team', id)).filter((id) => id !== null);
    return (await this.teams.ofViewer(principal, teamIds)).map((id) => toGlobalId('Team', id));
  }
}
