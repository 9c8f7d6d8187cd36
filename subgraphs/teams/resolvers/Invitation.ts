import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { Invitation, Team } from '../generated/prisma/client.ts';
import type { InvitationState } from '../generated/prisma/enums.ts';
import { stateOf } from '../invitations.ts';
import { InvitationsService } from '../invitations.service.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver('Invitation')
export class InvitationResolver extends EntityResolver<Invitation> {
  constructor(
    private readonly teams: TeamsService,
    invitations: InvitationsService,
  ) {
    super(
      'Invitation',
      batched((ids, viewer) => invitations.byIds(viewer, ids)),
    );
  }

  @ResolveField()
  team(@Parent() invitation: Invitation, @Context() context: GraphQLContext): Promise<Team | null> {
    return this.teams.byId(context, invitation.teamId);
  }

  @ResolveField()
  state(@Parent() invitation: Invitation): InvitationState {
    return stateOf(invitation);
  }

  @ResolveField()
  inviter(@Parent() invitation: Invitation): { id: string } {
    return referenceTo('User', invitation.inviterId);
  }

  @ResolveField()
  invitee(@Parent() invitation: Invitation): { id: string } {
    return referenceTo('User', invitation.inviteeId);
  }
}
