import { Injectable } from '@nestjs/common';
import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { forbidden } from '../../../platform/graphql/errors.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { Room, RoomEvent } from '../generated/prisma/client.ts';
import { MessagesService } from '../messages.service.ts';
import { typeOfEvent } from '../room-event-types.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver('RoomEvent')
export class RoomEventResolver {
  constructor(private readonly rooms: RoomsService) {}

  @ResolveField()
  __resolveType(event: RoomEvent): string {
    return typeOfEvent(event);
  }

  @ResolveField()
  id(@Parent() event: RoomEvent): string {
    return toGlobalId('RoomEvent', event.id);
  }

  @ResolveField()
  room(@Parent() event: RoomEvent, @Context() context: GraphQLContext): Promise<Room> {
    return roomOf(event, this.rooms, context);
  }
}

/** The room of an event or a message. @throws FORBIDDEN if the viewer may not read it any more */
export async function roomOf({ roomId }: RoomEvent, rooms: RoomsService, context: GraphQLContext): Promise<Room> {
  const room = await rooms.byId(context, roomId);
  if (!room) throw forbidden('you are not a member of this room any more');
  return room;
}

/** The reference resolver of every kind of event: finds an event by its id. */
@Injectable()
class EventReference {
  private readonly byId = batched((ids, viewer) => this.messages.eventsByIds(viewer, ids));

  constructor(private readonly messages: MessagesService) {}

  /** Null for an event of another kind than the requested one. */
  @ResolveReference()
  async reference(
    { __typename: type, id }: { __typename: string; id: string },
    context: GraphQLContext,
  ): Promise<RoomEvent | null> {
    const event = await find(context, 'RoomEvent', id, this.byId);
    return event && typeOfEvent(event) === type ? event : null;
  }
}

@Resolver('MessageSent')
export class MessageSentResolver extends EventReference {
  @ResolveField()
  message(@Parent() event: RoomEvent): RoomEvent {
    return event;
  }
}

@Resolver('MemberJoined')
export class MemberJoinedResolver extends EventReference {
  @ResolveField()
  user(@Parent() event: RoomEvent): { id: string } {
    return referenceTo('User', event.userId);
  }
}

@Resolver('MemberLeft')
export class MemberLeftResolver extends MemberJoinedResolver {}
