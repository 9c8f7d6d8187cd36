import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { MatchEventsArgs, ResolversTypes } from '../generated/graphql.ts';
import type { Match, MatchEvent, Score } from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';

@Resolver('Match')
export class MatchResolver extends EntityResolver<Match> {
  private readonly stretches = batched((ids, _viewer, afterSeq: number, first: number | null | undefined) =>
    this.eventsOf.after(ids, afterSeq, first),
  );

  constructor(
    matches: MatchesService,
    private readonly eventsOf: MatchEventsService,
  ) {
    super('Match', matches.byId);
  }

  @ResolveField()
  homeTeam(@Parent() match: Match): ResolversTypes['Team'] {
    return referenceTo('Team', match.homeTeamId);
  }

  @ResolveField()
  awayTeam(@Parent() match: Match): ResolversTypes['Team'] {
    return referenceTo('Team', match.awayTeamId);
  }

  @ResolveField()
  organizer(@Parent() match: Match): ResolversTypes['User'] {
    return referenceTo('User', match.organizerId);
  }

  @ResolveField()
  referee(@Parent() match: Match): ResolversTypes['User'] | null {
    return referenceTo('User', match.refereeId);
  }

  @ResolveField()
  async events(
    @Parent() match: Match,
    @Args() { first, afterSeq }: MatchEventsArgs,
    @Context() context: GraphQLContext,
  ): Promise<MatchEvent[]> {
    return (await this.stretches(context, match.id, afterSeq ?? 0, first)) ?? [];
  }
}

@Resolver('Score')
export class ScoreResolver {
  @ResolveField()
  periods(@Parent() score: Score): ResolversTypes['PeriodScore'][] {
    return score.periods.map((points, index) => ({ period: index + 1, ...points }));
  }
}
