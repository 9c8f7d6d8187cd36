import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { notFound } from '../../../platform/graphql/errors.ts';
import { fromGlobalId, fromGlobalIds, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type {
  QueryAttachmentsReadableArgs,
  QueryMessageTextsOfViewerArgs,
  QueryRoomArgs,
  QueryRoomAudienceArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import type { Room } from '../generated/prisma/client.ts';
import { MessagesService } from '../messages.service.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver()
export class QueryResolver {
  private readonly loadRoom = batched((ids, viewer) => this.rooms.reachable(viewer, ids));

  constructor(
    private readonly rooms: RoomsService,
    private readonly messages: MessagesService,
  ) {}

  @Query()
  async room(@Args() { id }: QueryRoomArgs, @Context() context: GraphQLContext): Promise<Room | null> {
    return find(context, 'Room', id, this.loadRoom);
  }

  @Query()
  async attachmentsReadable(
    @Args() { among }: QueryAttachmentsReadableArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<string[]> {
    const readable = await this.messages.attachmentsReadable(principal, fromGlobalIds('MediaFile', among));
    return readable.map((id) => toGlobalId('MediaFile', id));
  }

  @Query()
  async roomAudience(
    @Args() { roomId: id }: QueryRoomAudienceArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['Audience']> {
    const roomId = fromGlobalId('Room', id);
    if (!roomId) throw notFound('there is no such room');
    return this.rooms.audience(principal, roomId);
  }

  @Query()
  messageTextsOfViewer(
    @Args() { ids }: QueryMessageTextsOfViewerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<(string | null)[]> {
    return this.messages.texts(principal, ids);
  }
}
