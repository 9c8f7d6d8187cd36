import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { notFound } from '../../../platform/graphql/errors.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import type { NoAnswer } from '../../../platform/questions/questions.ts';
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
  async node(@Args() { id }: QueryNodeArgs, @Context() { principal }: GraphQLContext): Promise<Node | NoAnswer | null> {
    return (await this.things.byIds(principal, [id]))[0] ?? null;
  }

  @Query()
  nodes(@Args() { ids }: QueryNodesArgs, @Context() { principal }: GraphQLContext): Promise<(Node | NoAnswer | null)[]> {
    return this.things.byIds(principal, ids);
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
}
