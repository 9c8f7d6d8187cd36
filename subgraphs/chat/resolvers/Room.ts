import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { PageArgs } from '../../../platform/graphql/connection.ts';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { ResolversTypes, RoomMessagesArgs } from '../generated/graphql.ts';
import type { Room } from '../generated/prisma/client.ts';
import { MessagesService } from '../messages.service.ts';
import { ReadMarksService } from '../read-marks.service.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver('Room')
export class RoomResolver extends EntityResolver<Room> {
  private readonly pages = batched((ids, viewer, args: PageArgs) => this.messagesService.history(viewer, ids, args));

  private readonly marks = batched((ids, viewer) => this.readMarks.of(viewer, ids));

  constructor(
    rooms: RoomsService,
    private readonly messagesService: MessagesService,
    private readonly readMarks: ReadMarksService,
  ) {
    // `node` finds the room of a team that the viewer has just joined, as `room` does.
    super(
      'Room',
      batched((ids, viewer) => rooms.reachable(viewer, ids)),
    );
  }

  @ResolveField()
  team(@Parent() room: Room): { id: string } | null {
    return room.kind === 'TEAM' ? referenceTo('Team', room.subjectId) : null;
  }

  @ResolveField()
  match(@Parent() room: Room): { id: string } | null {
    return room.kind === 'MATCH' ? referenceTo('Match', room.subjectId) : null;
  }

  @ResolveField()
  async readSeq(@Parent() room: Room, @Context() context: GraphQLContext): Promise<number | null> {
    return (await this.marks(context, room.id))?.readSeq ?? null;
  }

  @ResolveField()
  async unreadCount(@Parent() room: Room, @Context() context: GraphQLContext): Promise<number | null> {
    return (await this.marks(context, room.id))?.unreadCount ?? null;
  }

  @ResolveField()
  async messages(
    @Parent() room: Room,
    @Args() args: RoomMessagesArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['MessageConnection']> {
    return (await this.pages(context, room.id, args)) ?? this.messagesService.noMessages;
  }
}
