import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { notFound } from '../../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type {
  QueryNodeArgs,
  QueryNodesArgs,
  QueryRoomArgs,
  QueryRoomAudienceArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import type { Room } from '../generated/prisma/client.ts';
import { type Node, NodesService } from '../nodes.service.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver()
export class QueryResolver {
  private readonly loadRoom = batched((ids, viewer) => this.rooms.reachable(viewer, ids));
  /** Asks each owner once for all fields of an operation. */
  private readonly loadNode = batched((ids, viewer) => this.nodesService.byIds(viewer, ids));

  constructor(
    private readonly rooms: RoomsService,
    private readonly nodesService: NodesService,
  ) {}

  @Query()
  async node(@Args() { id }: QueryNodeArgs, @Context() context: GraphQLContext): Promise<Node | Error | null> {
    return (await this.load(context, [id]))[0] ?? null;
  }

  @Query()
  async nodes(@Args() { ids }: QueryNodesArgs, @Context() context: GraphQLContext): Promise<(Node | Error | null)[]> {
    return this.load(context, ids);
  }

  @Query()
  async room(@Args() { id }: QueryRoomArgs, @Context() context: GraphQLContext): Promise<Room | null> {
    return find(context, 'Room', id, this.loadRoom);
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

  /** An id that fails does not fail the others. */
  private async load(context: GraphQLContext, ids: readonly string[]): Promise<(Node | Error | null)[]> {
    return Promise.all(
      this.nodesService.checkLimit(context, ids).map((id) => this.loadNode(context, id).catch((error: Error) => error)),
    );
  }
}
