import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { pageSize } from '../../../platform/graphql/connection.ts';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { EntriesService } from '../entries.service.ts';
import type { EntryPlayersArgs, ResolversTypes } from '../generated/graphql.ts';
import type { Entry, Tournament } from '../mappers.ts';
import { TournamentsService } from '../tournaments.service.ts';

@Resolver('Entry')
export class EntryResolver extends EntityResolver<Entry> {
  constructor(
    entries: EntriesService,
    private readonly tournaments: TournamentsService,
  ) {
    super('Entry', entries.byId);
  }

  @ResolveField()
  team(@Parent() { teamId }: Entry): ResolversTypes['Team'] {
    return referenceTo('Team', teamId);
  }

  @ResolveField()
  async players(
    @Parent() { tournamentId, playerIds }: Entry,
    @Args() { first }: EntryPlayersArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['User'][]> {
    const size = pageSize(first ?? 20);
    if (playerIds.length === 0 || !(await this.tournaments.isOrganizer(context, tournamentId))) return [];
    return playerIds.slice(0, size).map((userId) => referenceTo('User', userId));
  }

  @ResolveField()
  tournament(@Parent() { tournamentId }: Entry, @Context() context: GraphQLContext): Promise<Tournament | null> {
    return this.tournaments.byId(context, tournamentId);
  }
}
