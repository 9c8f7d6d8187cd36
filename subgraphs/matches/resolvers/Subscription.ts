import { Args, Resolver, Subscription } from '@nestjs/graphql';
import type { SubscriptionMatchEventsArgs } from '../generated/graphql.ts';
import type { MatchEvent } from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';

@Resolver()
export class SubscriptionResolver {
  constructor(private readonly events: MatchEventsService) {}

  @Subscription('matchEvents', { resolve: (event: MatchEvent) => event })
  matchEvents(@Args() { matchId, afterSeq }: SubscriptionMatchEventsArgs): Promise<AsyncIterableIterator<MatchEvent>> {
    return this.events.stream(matchId, afterSeq ?? 0);
  }
}
