import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { MatchEvent, MatchEventVoided } from '../mappers.ts';
import { EventReference } from './MatchEvent.ts';

@Resolver('MatchEventVoided')
export class MatchEventVoidedResolver extends EventReference {
  @ResolveField()
  voids(@Parent() { detail }: MatchEventVoided): number {
    return detail.voids;
  }

  @ResolveField()
  voidedEvent(@Parent() { matchId, detail }: MatchEventVoided, @Context() context: GraphQLContext): Promise<MatchEvent | null> {
    return batch(context, 'event', (events) => this.events.bySeqs(events)).load(`${matchId}:${detail.voids}`);
  }

  @ResolveField()
  reason(@Parent() { detail }: MatchEventVoided): string | null {
    return detail.reason;
  }
}
