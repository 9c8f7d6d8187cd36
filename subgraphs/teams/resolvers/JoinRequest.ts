import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { JoinRequest, Team } from '../generated/prisma/client.ts';
import { JoinRequestsService } from '../join-requests.service.ts';
import { TeamsService } from '../teams.service.ts';

@Resolver('JoinRequest')
export class JoinRequestResolver extends EntityResolver<JoinRequest> {
  constructor(
    private readonly teams: TeamsService,
    requests: JoinRequestsService,
  ) {
    super(
      'JoinRequest',
      batched((ids, viewer) => requests.byIds(viewer, ids)),
    );
  }

  @ResolveField()
  team(@Parent() request: JoinRequest, @Context() context: GraphQLContext): Promise<Team | null> {
    return this.teams.byId(context, request.teamId);
  }

  @ResolveField()
  user(@Parent() request: JoinRequest): { id: string } {
    return referenceTo('User', request.userId);
  }
}
