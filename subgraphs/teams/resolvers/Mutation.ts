import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationAcceptInvitationArgs,
  MutationCreateTeamArgs,
  MutationInviteToTeamArgs,
  MutationLeaveTeamArgs,
  MutationRevokeInvitationArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { InvitationsService } from '../invitations.service.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly teams: TeamsService,
    private readonly invitations: InvitationsService,
  ) {}

  @Mutation()
  createTeam(
    @Args() { input }: MutationCreateTeamArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CreateTeamPayload']> {
    return orUserErrors(async () => ({ team: await this.teams.create(principal, input) }));
  }

  @Mutation()
  inviteToTeam(
    @Args() { input }: MutationInviteToTeamArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['InviteToTeamPayload']> {
    return orUserErrors(() => this.invitations.invite(principal, input));
  }

  @Mutation()
  acceptInvitation(
    @Args() { input }: MutationAcceptInvitationArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['AcceptInvitationPayload']> {
    return orUserErrors(async () => ({ team: await this.invitations.accept(principal, input) }));
  }

  @Mutation()
  leaveTeam(
    @Args() { input }: MutationLeaveTeamArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['LeaveTeamPayload']> {
    return orUserErrors(async () => ({ team: await this.teams.leave(principal, input) }));
  }

  @Mutation()
  revokeInvitation(
    @Args() { input }: MutationRevokeInvitationArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RevokeInvitationPayload']> {
    return orUserErrors(async () => ({ invitation: await this.invitations.revoke(principal, input) }));
  }
}
