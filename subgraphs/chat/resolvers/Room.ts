import { Args, Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { ResolversTypes, RoomMessagesArgs } from '../generated/graphql.ts';
import type { Room } from '../generated/prisma/client.ts';
import { MessagesService } from '../messages.service.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver('Room')
export class RoomResolver {
  constructor(
    private readonly rooms: RoomsService,
    private readonly messages: MessagesService,
  ) {}

  @ResolveReference()
  async reference(reference: { id: string }, context: GraphQLContext): Promise<Room | null> {
    const roomId = fromGlobalId('Room', reference.id);
    return roomId ? batch(context, 'room', (ids) => this.rooms.readable(context.principal, ids)).load(roomId) : null;
  }

  @ResolveField()
  id(@Parent() room: Room): string {
    return toGlobalId('Room', room.id);
  }

  @ResolveField()
  team(@Parent() room: Room): { id: string } | null {
    return room.kind === 'TEAM' ? { id: toGlobalId('Team', room.subjectId) } : null;
  }

  @ResolveField()
  match(@Parent() room: Room): { id: string } | null {
    return room.kind === 'MATCH' ? { id: toGlobalId('Match', room.subjectId) } : null;
  }

  @ResolveField('messages')
  async history(
    @Parent() room: Room,
    @Args() args: RoomMessagesArgs,
    @Context() context: GraphQLContext,
  ): Promise<Awaited<ResolversTypes['MessageConnection']>> {
    const page = await batch(context, ['messages', args.first, args.after, args.last, args.before], (ids) => this.messages.history(context.principal, ids, args)).load(room.id);
    return page ?? this.messages.noMessages;
  }
}
