import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import type { SubscriptionMediaEventsArgs } from '../generated/graphql.ts';
import type { MediaEvent } from '../generated/prisma/client.ts';
import { MediaService } from '../media.service.ts';

@Resolver()
export class SubscriptionResolver {
  constructor(private readonly media: MediaService) {}

  @Subscription('mediaEvents', { resolve: (event: MediaEvent) => event })
  mediaEvents(
    @Args() { afterSeq }: SubscriptionMediaEventsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<AsyncIterableIterator<MediaEvent>> {
    return this.media.events(principal, afterSeq ?? null);
  }
}
