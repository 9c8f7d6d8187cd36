import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { MessageAttachmentsArgs } from '../generated/graphql.ts';
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
  attachmentIds(@Parent() message: RoomEvent): string[] {
    return message.attachmentIds.map((id) => toGlobalId('MediaFile', id));
  }

  @ResolveField()
  attachments(@Parent() message: RoomEvent, @Args() { first }: MessageAttachmentsArgs): { id: string }[] {
    return message.attachmentIds.slice(0, Math.max(first ?? 10, 0)).map((id) => referenceTo('MediaFile', id));
  }

  @ResolveField()
  sentAt(@Parent() message: RoomEvent): Date {
    return message.occurredAt;
  }
}
