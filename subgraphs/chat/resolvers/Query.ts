import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { notFound } from '../../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { QueryNodeArgs, QueryNodesArgs, QueryRoomArgs, QueryRoomAudienceArgs, ResolversTypes } from '../generated/graphql.ts';
import type { Room } from '../generated/prisma/client.ts';
import { type Node, NodesService } from '../nodes.service.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver()
export class QueryResolver {
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
    const roomId = fromGlobalId('Room', id);
    return roomId ? batch<Room>(context, 'room reached', (ids) => this.rooms.reachable(context.principal, ids)).load(roomId) : null;
  }

  @Query('roomAudience')
  async audience(@Args() { roomId: id }: QueryRoomAudienceArgs, @Context() { principal }: GraphQLContext): Promise<Awaited<ResolversTypes['Audience']>> {
    const roomId = fromGlobalId('Room', id);
    if (!roomId) throw notFound('there is no such room');
    return this.rooms.audience(principal, roomId);
  }

  /** However many fields of an operation ask, the owners are asked once. */
  private load(context: GraphQLContext, ids: readonly string[]): Promise<(Node | Error | null)[]> {
    return batch<Node>(context, 'node', (all) => this.things.byIds(context.principal, all)).loadMany(this.things.bounded(context, ids));
  }
}
