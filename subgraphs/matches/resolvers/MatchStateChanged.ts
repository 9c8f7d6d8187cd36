import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { MatchState } from '../generated/graphql.ts';
import type { MatchStateChanged } from '../mappers.ts';
import { EventReference } from './MatchEvent.ts';

@Resolver('MatchStateChanged')
export class MatchStateChangedResolver extends EventReference {
  @ResolveField()
  state(@Parent() { detail }: MatchStateChanged): MatchState {
    return detail.state;
  }
}
