import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Room } from '../generated/prisma/client.ts';
import { RoomsService, subjectOf } from '../rooms.service.ts';

@Resolver('Team')
export class TeamResolver {
  constructor(private readonly rooms: RoomsService) {}

  /** Whether there is such a team is its own subgraph's to say. */
  @ResolveReference()
  reference(reference: { id: string }): { id: string } {
    return { id: reference.id };
  }

  @ResolveField()
  async room(@Parent() team: { id: string }, @Context() context: GraphQLContext): Promise<Room | null> {
    const teamId = fromGlobalId('Team', team.id);
    return teamId ? batch<Room>(context, 'room of', (subjects) => this.rooms.of(context.principal, subjects)).load(subjectOf('TEAM', teamId)) : null;
  }
}
