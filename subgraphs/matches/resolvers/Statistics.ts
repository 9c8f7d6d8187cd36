import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, referenceTo } from '../../../platform/graphql/global-id.ts';
import type {
  HeadToHeadMatchesArgs,
  PlayerStatisticsArgs,
  QueryHeadToHeadArgs,
  ResolversTypes,
  TeamStatisticsArgs,
} from '../generated/graphql.ts';
import type { HeadToHead, Match, Player, PlayerStatistics, Team, TeamStatistics } from '../mappers.ts';
import { NO_PLAYER_SUMS, NO_TEAM_SUMS, StatisticsService } from '../statistics.service.ts';

const DEFAULT_MATCHES = 20;

@Resolver('Team')
export class TeamStatisticsResolver {
  constructor(private readonly statisticsService: StatisticsService) {}

  @ResolveField()
  async statistics(
    @Parent() { id }: Team,
    @Args() season: TeamStatisticsArgs,
    @Context() context: GraphQLContext,
  ): Promise<TeamStatistics> {
    const teamId = fromGlobalId('Team', id);
    return (teamId && (await this.statisticsService.ofTeam(context, teamId, season))) || NO_TEAM_SUMS;
  }
}

@Resolver('Player')
export class PlayerStatisticsResolver {
  constructor(private readonly statisticsService: StatisticsService) {}

  @ResolveField()
  async statistics(
    @Parent() { id }: Player,
    @Args() season: PlayerStatisticsArgs,
    @Context() context: GraphQLContext,
  ): Promise<PlayerStatistics> {
    return (await this.statisticsService.ofPlayer(context, id, season)) ?? NO_PLAYER_SUMS;
  }
}

@Resolver('HeadToHead')
export class HeadToHeadResolver {
  constructor(private readonly statisticsService: StatisticsService) {}

  @Query()
  headToHead(@Args() { teamId, otherTeamId, sport }: QueryHeadToHeadArgs): Promise<HeadToHead | null> {
    return this.statisticsService.meetings(teamId, otherTeamId, sport);
  }

  @ResolveField()
  team(@Parent() { teamId }: HeadToHead): ResolversTypes['Team'] {
    return referenceTo('Team', teamId);
  }

  @ResolveField()
  otherTeam(@Parent() { otherTeamId }: HeadToHead): ResolversTypes['Team'] {
    return referenceTo('Team', otherTeamId);
  }

  @ResolveField()
  statistics(@Parent() { sums }: HeadToHead): TeamStatistics {
    return sums;
  }

  @ResolveField()
  matches(@Parent() meetings: HeadToHead, @Args() { first }: HeadToHeadMatchesArgs): Promise<Match[]> {
    return this.statisticsService.matchesOf(meetings, first ?? DEFAULT_MATCHES);
  }
}
