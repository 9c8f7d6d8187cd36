import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Invitation, Team } from '../generated/prisma/client.ts';
import type { InvitationState } from '../generated/prisma/enums.ts';
import { stateOf } from '../invitations.ts';
import { InvitationsService } from '../invitations.service.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver('Invitation')
export class InvitationResolver {
  constructor(
    private readonly teams: TeamsService,
    private readonly invitations: InvitationsService,
  ) {}

  @ResolveReference()
  async reference(reference: { id: string }, context: GraphQLContext): Promise<Invitation | null> {
    const invitationId = fromGlobalId('Invitation', reference.id);
    return invitationId ? batch(context, 'invitation', (ids) => this.invitations.byIds(context.principal, ids)).load(invitationId) : null;
  }

  @ResolveField()
  id(@Parent() invitation: Invitation): string {
    return toGlobalId('Invitation', invitation.id);
  }

  @ResolveField()
  team(@Parent() invitation: Invitation, @Context() context: GraphQLContext): Promise<Team | null> {
    return batch(context, 'team', (ids) => this.teams.byIds(ids)).load(invitation.teamId);
  }

  @ResolveField()
  state(@Parent() invitation: Invitation): InvitationState {
    return stateOf(invitation);
  }

  @ResolveField()
  inviter(@Parent() invitation: Invitation): { id: string } {
    return { id: toGlobalId('User', invitation.inviterId) };
  }

  @ResolveField()
  invitee(@Parent() invitation: Invitation): { id: string } {
    return { id: toGlobalId('User', invitation.inviteeId) };
  }
}
