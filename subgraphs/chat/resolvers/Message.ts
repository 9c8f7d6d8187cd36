import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { forbidden } from '../../../platform/graphql/errors.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Room, RoomEvent } from '../generated/prisma/client.ts';
import { MessagesService } from '../messages.service.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver('Message')
export class MessageResolver {
  constructor(
    private readonly rooms: RoomsService,
    private readonly messages: MessagesService,
  ) {}

  @ResolveReference()
  async reference(reference: { id: string }, context: GraphQLContext): Promise<RoomEvent | null> {
    const messageId = fromGlobalId('Message', reference.id);
    return messageId ? batch(context, 'message', (ids) => this.messages.byIds(context.principal, ids)).load(messageId) : null;
  }

  @ResolveField()
  id(@Parent() message: RoomEvent): string {
    return toGlobalId('Message', message.id);
  }

  @ResolveField()
  async room(@Parent() message: RoomEvent, @Context() context: GraphQLContext): Promise<Room> {
    const room = await batch(context, 'room', (ids) => this.rooms.readable(context.principal, ids)).load(message.roomId);
    // Who left between the message and its delivery.
    if (!room) throw forbidden('you are not a member of this room any more');
    return room;
  }

  @ResolveField()
  author(@Parent() message: RoomEvent): { id: string } {
    return { id: toGlobalId('User', message.userId) };
  }

  @ResolveField()
  sentAt(@Parent() message: RoomEvent): Date {
    return message.occurredAt;
  }
}
