import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Room } from '../generated/prisma/client.ts';
import { RoomsService, subjectOf } from '../rooms.service.ts';

@Resolver('Match')
export class MatchResolver {
  constructor(private readonly rooms: RoomsService) {}

  /** Whether there is such a match is its own subgraph's to say. */
  @ResolveReference()
  reference(reference: { id: string }): { id: string } {
    return { id: reference.id };
  }

  @ResolveField()
  async room(@Parent() match: { id: string }, @Context() context: GraphQLContext): Promise<Room | null> {
    const matchId = fromGlobalId('Match', match.id);
    return matchId ? batch<Room>(context, 'room of', (subjects) => this.rooms.of(context.principal, subjects)).load(subjectOf('MATCH', matchId)) : null;
  }
}
