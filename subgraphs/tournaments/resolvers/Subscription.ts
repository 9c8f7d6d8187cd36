import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EventsService } from '../events.service.ts';
import type { SubscriptionTournamentEventsArgs } from '../generated/graphql.ts';
import type { TournamentEvent } from '../mappers.ts';

@Resolver()
export class SubscriptionResolver {
  constructor(private readonly events: EventsService) {}

  @Subscription('tournamentEvents', { resolve: (event: TournamentEvent) => event })
  tournamentEvents(
    @Args() { tournamentId, afterSeq }: SubscriptionTournamentEventsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<AsyncIterableIterator<TournamentEvent>> {
    return this.events.stream(principal, tournamentId, afterSeq ?? 0);
  }
}
