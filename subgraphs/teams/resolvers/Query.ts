import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { fromGlobalId, fromGlobalIds, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type {
  MembershipRole,
  QueryInvitationsArgs,
  QueryJoinRequestsArgs,
  QueryMembersAmongArgs,
  QueryMyInvitationsArgs,
  QueryMyJoinRequestsArgs,
  QueryRolesOfViewerArgs,
  QueryTeamArgs,
  QueryTeamsAsViewerArgs,
  QueryTeamsArgs,
  QueryTeamsOfViewerArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { InvitationsService } from '../invitations.service.ts';
import { JoinRequestsService } from '../join-requests.service.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver()
export class QueryResolver {
  constructor(
    private readonly teamsService: TeamsService,
    private readonly invitationsService: InvitationsService,
    private readonly joinRequestsService: JoinRequestsService,
  ) {}

  @Query()
  team(@Args() { id }: QueryTeamArgs, @Context() context: GraphQLContext): Promise<ResolversTypes['Team'] | null> {
    return find(context, 'Team', id, this.teamsService.byId);
  }

  @Query()
  teams(@Args() args: QueryTeamsArgs): Promise<ResolversTypes['TeamConnection']> {
    return this.teamsService.page(args);
  }

  @Query()
  invitations(
    @Args() args: QueryInvitationsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['InvitationConnection'] | null> {
    return this.invitationsService.page(principal, args);
  }

  @Query()
  myInvitations(
    @Args() args: QueryMyInvitationsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['InvitationConnection'] | null> {
    return this.invitationsService.pageOfViewer(principal, args);
  }

  @Query()
  joinRequests(
    @Args() args: QueryJoinRequestsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['JoinRequestConnection'] | null> {
    return this.joinRequestsService.page(principal, args);
  }

  @Query()
  myJoinRequests(
    @Args() args: QueryMyJoinRequestsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['JoinRequestConnection'] | null> {
    return this.joinRequestsService.pageOfViewer(principal, args);
  }

  @Query()
  async teamsOfViewer(
    @Args() { among }: QueryTeamsOfViewerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<string[]> {
    return (await this.teamsService.teamsOfViewer(principal, fromGlobalIds('Team', among))).map((id) =>
      toGlobalId('Team', id),
    );
  }

  @Query()
  async rolesOfViewer(
    @Args() args: QueryRolesOfViewerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<(MembershipRole | null)[]> {
    const ids = args.in.map((id) => fromGlobalId('Team', id));
    const roles = await this.teamsService.rolesOfViewer(
      principal,
      ids.filter((id) => id !== null),
    );
    return ids.map((id) => (id === null ? null : (roles.get(id) ?? null)));
  }

  @Query()
  async membersAmong(@Args() { of }: QueryMembersAmongArgs): Promise<boolean[]> {
    return this.teamsService.membersAmong(
      of.map(({ teamId, userId }) => ({ teamId: fromGlobalId('Team', teamId), userId: fromGlobalId('User', userId) })),
    );
  }

  @Query()
  async teamsAsViewer(
    @Args() { ids }: QueryTeamsAsViewerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<(ResolversTypes['TeamAsViewer'] | null)[]> {
    const teams = await this.teamsService.asViewer(principal, fromGlobalIds('Team', ids));
    return ids.map((id) => teams.get(fromGlobalId('Team', id) ?? '') ?? null);
  }
}
