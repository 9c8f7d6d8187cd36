import { Injectable } from '@nestjs/common';
import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import type { Room } from '../generated/prisma/client.ts';
import { RoomsService, subjectOf } from '../rooms.service.ts';

/**
 * Resolves the field `room` of a team or a match. The reference accepts all ids, because only the subgraph that owns
 * the team or match knows whether it exists.
 */
@Injectable()
abstract class SubjectResolver {
  constructor(protected readonly rooms: RoomsService) {}

  @ResolveReference()
  reference({ id }: { id: string }): { id: string } {
    return { id };
  }
}

@Resolver('Team')
export class TeamResolver extends SubjectResolver {
  @ResolveField()
  room(@Parent() team: { id: string }, @Context() context: GraphQLContext): Promise<Room | null> {
    return find(context, 'Team', team.id, (_context, teamId) =>
      this.rooms.bySubject(context, subjectOf('TEAM', teamId)),
    );
  }
}

@Resolver('Match')
export class MatchResolver extends SubjectResolver {
  @ResolveField()
  room(@Parent() match: { id: string }, @Context() context: GraphQLContext): Promise<Room | null> {
    return find(context, 'Match', match.id, (_context, matchId) =>
      this.rooms.bySubject(context, subjectOf('MATCH', matchId)),
    );
  }
}
