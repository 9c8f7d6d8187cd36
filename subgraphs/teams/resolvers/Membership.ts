import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Membership } from '../generated/prisma/client.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver('Membership')
export class MembershipResolver {
  constructor(private readonly teams: TeamsService) {}

  @ResolveReference()
  async reference(reference: { id: string }, context: GraphQLContext): Promise<Membership | null> {
    const membershipId = fromGlobalId('Membership', reference.id);
    return membershipId ? batch(context, 'membership', (ids) => this.teams.memberships(ids)).load(membershipId) : null;
  }

  @ResolveField()
  id(@Parent() membership: Membership): string {
    return toGlobalId('Membership', membership.id);
  }

  @ResolveField()
  async user(@Parent() { teamId, userId }: Membership, @Context() context: GraphQLContext): Promise<{ id: string } | null> {
    const isHidden = await batch<true>(context, 'hidden', (ids) => this.teams.hiddenMembers(context.principal, ids)).load(`${teamId}:${userId}`);
    return isHidden ? null : { id: toGlobalId('User', userId) };
  }
}
