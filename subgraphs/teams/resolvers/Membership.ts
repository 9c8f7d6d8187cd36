import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Membership } from '../generated/prisma/client.ts';

@Resolver('Membership')
export class MembershipResolver {
  @ResolveField()
  id(@Parent() membership: Membership): string {
    return toGlobalId('Membership', membership.id);
  }

  @ResolveField()
  user(@Parent() membership: Membership): { id: string } {
    return { id: toGlobalId('User', membership.userId) };
  }
}
