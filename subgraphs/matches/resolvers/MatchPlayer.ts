import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { ResolversTypes } from '../generated/graphql.ts';
import type { MatchPlayer } from '../mappers.ts';

@Resolver('MatchPlayer')
export class MatchPlayerResolver {
  @ResolveField()
  user(@Parent() player: MatchPlayer): Awaited<ResolversTypes['User']> | null {
    return player.userId === null ? null : { id: toGlobalId('User', player.userId) };
  }
}
