import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { forbidden } from '../../../platform/graphql/errors.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Room, RoomEvent } from '../generated/prisma/client.ts';
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

/** The room of an event or a message. @throws FORBIDDEN when the viewer left between the event and its delivery */
export async function roomOf({ roomId }: RoomEvent, rooms: RoomsService, context: GraphQLContext): Promise<Room> {
  const room = await rooms.byId(context, roomId);
  if (!room) throw forbidden('you are not a member of this room any more');
  return room;
}

@Resolver('MessageSent')
export class MessageSentResolver {
  @ResolveField()
  message(@Parent() event: RoomEvent): RoomEvent {
    return event;
  }
}

@Resolver('MemberJoined')
export class MemberJoinedResolver {
  @ResolveField()
  user(@Parent() event: RoomEvent): { id: string } {
    return referenceTo('User', event.userId);
  }
}

@Resolver('MemberLeft')
export class MemberLeftResolver extends MemberJoinedResolver {}
