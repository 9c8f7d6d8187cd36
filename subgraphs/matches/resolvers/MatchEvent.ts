import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Match, MatchEvent } from '../mappers.ts';
import { MatchesService } from '../matches.service.ts';

const TYPES = { STATE: 'MatchStateChanged', PERIOD: 'PeriodStarted', GOAL: 'GoalScored', CARD: 'CardShown', VOID: 'MatchEventVoided' } as const;

/** Its fields serve every kind of event: the host hands an interface's resolvers down to its types. */
@Resolver('MatchEvent')
export class MatchEventResolver {
  constructor(private readonly matches: MatchesService) {}

  @ResolveField()
  __resolveType(event: MatchEvent): string {
    return TYPES[event.detail.kind];
  }

  @ResolveField()
  id(@Parent() event: MatchEvent): string {
    return toGlobalId('MatchEvent', event.id);
  }

  @ResolveField()
  match(@Parent() event: MatchEvent, @Context() context: GraphQLContext): Promise<Match | null> {
    return batch(context, 'match', (ids) => this.matches.byIds(ids)).load(event.matchId);
  }
}
