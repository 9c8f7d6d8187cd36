import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationAcceptInvitationArgs,
  MutationAcceptJoinRequestArgs,
  MutationChangeMemberRoleArgs,
  MutationCreateTeamArgs,
  MutationDeclineInvitationArgs,
  MutationDeclineJoinRequestArgs,
  MutationInviteToTeamArgs,
  MutationDisbandTeamArgs,
  MutationLeaveTeamArgs,
  MutationRemoveMemberArgs,
  MutationRequestToJoinArgs,
  MutationRevokeInvitationArgs,
  MutationTransferOwnershipArgs,
  MutationWithdrawJoinRequestArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { InvitationsService } from '../invitations.service.ts';
import { JoinRequestsService } from '../join-requests.service.ts';
import { MembersService } from '../members.service.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly teams: TeamsService,
    private readonly invitations: InvitationsService,
    private readonly joinRequests: JoinRequestsService,
    private readonly members: MembersService,
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
  declineInvitation(
    @Args() { input }: MutationDeclineInvitationArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DeclineInvitationPayload']> {
    return orUserErrors(async () => ({ invitation: await this.invitations.decline(principal, input) }));
  }

  @Mutation()
  revokeInvitation(
    @Args() { input }: MutationRevokeInvitationArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RevokeInvitationPayload']> {
    return orUserErrors(async () => ({ invitation: await this.invitations.revoke(principal, input) }));
  }

  @Mutation()
  requestToJoin(
    @Args() { input }: MutationRequestToJoinArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RequestToJoinPayload']> {
    return orUserErrors(async () => ({ joinRequest: await this.joinRequests.request(principal, input) }));
  }

  @Mutation()
  acceptJoinRequest(
    @Args() { input }: MutationAcceptJoinRequestArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['AcceptJoinRequestPayload']> {
    return orUserErrors(async () => ({ joinRequest: await this.joinRequests.accept(principal, input) }));
  }

  @Mutation()
  declineJoinRequest(
    @Args() { input }: MutationDeclineJoinRequestArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DeclineJoinRequestPayload']> {
    return orUserErrors(async () => ({ joinRequest: await this.joinRequests.decline(principal, input) }));
  }

  @Mutation()
  withdrawJoinRequest(
    @Args() { input }: MutationWithdrawJoinRequestArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['WithdrawJoinRequestPayload']> {
    return orUserErrors(async () => ({ joinRequest: await this.joinRequests.withdraw(principal, input) }));
  }

  @Mutation()
  changeMemberRole(
    @Args() { input }: MutationChangeMemberRoleArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['ChangeMemberRolePayload']> {
    return orUserErrors(async () => ({ membership: await this.members.changeRole(principal, input) }));
  }

  @Mutation()
  transferOwnership(
    @Args() { input }: MutationTransferOwnershipArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['TransferOwnershipPayload']> {
    return orUserErrors(async () => ({ team: await this.members.transfer(principal, input) }));
  }

  @Mutation()
  removeMember(
    @Args() { input }: MutationRemoveMemberArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RemoveMemberPayload']> {
    return orUserErrors(async () => ({ team: await this.members.remove(principal, input) }));
  }

  @Mutation()
  disbandTeam(
    @Args() { input }: MutationDisbandTeamArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DisbandTeamPayload']> {
    return orUserErrors(async () => ({ team: await this.members.disband(principal, input) }));
  }

  @Mutation()
  leaveTeam(
    @Args() { input }: MutationLeaveTeamArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['LeaveTeamPayload']> {
    return orUserErrors(async () => ({ team: await this.members.leave(principal, input) }));
  }
}
