import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import type { SubscriptionGenerationEventsArgs } from '../generated/graphql.ts';
import type { GenerationEvent } from '../generated/prisma/client.ts';
import { GenerationsService } from '../generations.service.ts';

@Resolver()
export class SubscriptionResolver {
  constructor(private readonly generations: GenerationsService) {}

  @Subscription('generationEvents', { resolve: (event: GenerationEvent) => event })
  generationEvents(
    @Args() { clientId, afterSeq }: SubscriptionGenerationEventsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<AsyncIterableIterator<GenerationEvent>> {
    return this.generations.events(principal, clientId, afterSeq ?? 0);
  }
}
