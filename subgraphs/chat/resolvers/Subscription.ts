import { Args, Context, Resolver, Subscription } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { badUserInput, notFound } from '../../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import type { SubscriptionMessageEventsArgs } from '../generated/graphql.ts';
import type { RoomEvent } from '../generated/prisma/client.ts';
import { MessagesService } from '../messages.service.ts';

@Resolver()
export class SubscriptionResolver {
  constructor(private readonly messages: MessagesService) {}

  @Subscription('messageEvents', { resolve: (event: RoomEvent) => event })
  messageEvents(
    @Args() { roomId: id, afterSeq }: SubscriptionMessageEventsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<AsyncIterableIterator<RoomEvent>> {
    const roomId = fromGlobalId('Room', id);
    if (!roomId) throw notFound('there is no such room');
    if ((afterSeq ?? 0) < 0) throw badUserInput('afterSeq must not be negative');
    return this.messages.events(principal, roomId, afterSeq ?? 0);
  }
}
