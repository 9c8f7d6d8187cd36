import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import type { QueryRoomArgs } from '../generated/graphql.ts';
import type { Room } from '../generated/prisma/client.ts';
import { RoomsService } from '../rooms.service.ts';

@Resolver()
export class QueryResolver {
  constructor(private readonly rooms: RoomsService) {}

  @Query()
  async room(@Args() { id }: QueryRoomArgs, @Context() { principal }: GraphQLContext): Promise<Room | null> {
    const roomId = fromGlobalId('Room', id);
    return roomId ? ((await this.rooms.readable(principal, [roomId])).get(roomId) ?? null) : null;
  }
}
