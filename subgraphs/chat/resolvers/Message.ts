import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { Room, RoomEvent } from '../generated/prisma/client.ts';
import { MessagesService } from '../messages.service.ts';
import { RoomsService } from '../rooms.service.ts';
import { roomOf } from './RoomEvent.ts';

@Resolver('Message')
export class MessageResolver extends EntityResolver<RoomEvent> {
  constructor(
    private readonly rooms: RoomsService,
    messages: MessagesService,
  ) {
    super(
      'Message',
      batched((ids, viewer) => messages.byIds(viewer, ids)),
    );
  }

  @ResolveField()
  room(@Parent() message: RoomEvent, @Context() context: GraphQLContext): Promise<Room> {
    return roomOf(message, this.rooms, context);
  }

  @ResolveField()
  author(@Parent() message: RoomEvent): { id: string } {
    return referenceTo('User', message.userId);
  }

  @ResolveField()
  sentAt(@Parent() message: RoomEvent): Date {
    return message.occurredAt;
  }
}
