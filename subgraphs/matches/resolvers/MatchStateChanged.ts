import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { MatchState } from '../generated/graphql.ts';
import type { MatchStateChanged } from '../mappers.ts';

@Resolver('MatchStateChanged')
export class MatchStateChangedResolver {
  @ResolveField()
  state(@Parent() { detail }: MatchStateChanged): MatchState {
    return detail.state;
  }
}
