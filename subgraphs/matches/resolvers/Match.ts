import { Args, Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { MatchEventsArgs, ResolversTypes } from '../generated/graphql.ts';
import type { Match, MatchEvent } from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';

@Resolver('Match')
export class MatchResolver {
  constructor(
    private readonly matches: MatchesService,
    private readonly eventsOf: MatchEventsService,
  ) {}

  @ResolveReference()
  async reference(reference: { id: string }, context: GraphQLContext): Promise<Match | null> {
    const matchId = fromGlobalId('Match', reference.id);
    return matchId === null ? null : batch(context, 'match', (ids) => this.matches.byIds(ids)).load(matchId);
  }

  @ResolveField()
  id(@Parent() match: Match): string {
    return toGlobalId('Match', match.id);
  }

  @ResolveField()
  homeTeam(@Parent() match: Match): Awaited<ResolversTypes['Team']> {
    return { id: toGlobalId('Team', match.homeTeamId) };
  }

  @ResolveField()
  awayTeam(@Parent() match: Match): Awaited<ResolversTypes['Team']> {
    return { id: toGlobalId('Team', match.awayTeamId) };
  }

  @ResolveField()
  organizer(@Parent() match: Match): Awaited<ResolversTypes['User']> {
    return { id: toGlobalId('User', match.organizerId) };
  }

  @ResolveField()
  referee(@Parent() match: Match): Awaited<ResolversTypes['User']> | null {
    return match.refereeId === null ? null : { id: toGlobalId('User', match.refereeId) };
  }

  @ResolveField()
  async events(@Parent() match: Match, @Args() { first, afterSeq }: MatchEventsArgs, @Context() context: GraphQLContext): Promise<MatchEvent[]> {
    // One batch per stretch asked for: matches of a list ask for the same one.
    const events = await batch(context, ['events', first, afterSeq], (ids) => this.eventsOf.after(ids, afterSeq ?? 0, first)).load(match.id);
    return events ?? [];
  }
}
