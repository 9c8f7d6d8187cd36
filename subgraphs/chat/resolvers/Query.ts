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
  private readonly reached = batched((ids, viewer) => this.rooms.reachable(viewer, ids));
  /** However many fields of an operation ask, the owners are asked once. */
  private readonly anything = batched((ids, viewer) => this.things.byIds(viewer, ids));

  constructor(
    private readonly rooms: RoomsService,
    private readonly things: NodesService,
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
    return find(context, 'Room', id, this.reached);
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

  /** One that fails fails alone. */
  private async load(context: GraphQLContext, ids: readonly string[]): Promise<(Node | Error | null)[]> {
    return Promise.all(
      this.things.bounded(context, ids).map((id) => this.anything(context, id).catch((error: Error) => error)),
    );
  }
}
