import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { Membership } from '../generated/prisma/client.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver('Membership')
export class MembershipResolver extends EntityResolver<Membership> {
  private readonly hidden = batched((memberships, viewer) => this.teams.hiddenMembers(viewer, memberships));

  constructor(private readonly teams: TeamsService) {
    super(
      'Membership',
      batched((ids) => teams.memberships(ids)),
    );
  }

  @ResolveField()
  async user(
    @Parent() { teamId, userId }: Membership,
    @Context() context: GraphQLContext,
  ): Promise<{ id: string } | null> {
    return (await this.hidden(context, `${teamId}:${userId}`)) ? null : referenceTo('User', userId);
  }
}
