import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { fromGlobalIds, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { EventsService } from '../events.service.ts';
import type {
  QueryTournamentArgs,
  QueryTournamentAudienceArgs,
  QueryTournamentsArgs,
  QueryTournamentsAsFactsArgs,
  QueryTournamentsOfOrganizerArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { TournamentsService } from '../tournaments.service.ts';

@Resolver()
export class QueryResolver {
  constructor(
    private readonly service: TournamentsService,
    private readonly events: EventsService,
  ) {}

  @Query()
  tournament(
    @Args() { id }: QueryTournamentArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['Tournament'] | null> {
    return find(context, 'Tournament', id, this.service.byId);
  }

  @Query()
  tournaments(
    @Args() args: QueryTournamentsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['TournamentConnection']> {
    return this.service.page(principal, args);
  }

  @Query()
  tournamentAudience(
    @Args() { tournamentId }: QueryTournamentAudienceArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['Audience']> {
    return this.events.audience(principal, tournamentId);
  }

  @Query()
  tournamentsAsFacts(
    @Args() { ids }: QueryTournamentsAsFactsArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<(ResolversTypes['TournamentAsFacts'] | null)[]> {
    return this.service.facts(principal, ids);
  }

  @Query()
  async tournamentsOfOrganizer(
    @Args() { among }: QueryTournamentsOfOrganizerArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<string[]> {
    const organized = await this.service.organizedBy(principal, fromGlobalIds('Tournament', among));
    return [...organized.keys()].map((id) => toGlobalId('Tournament', id));
  }
}
