import { Injectable } from '@nestjs/common';
import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { fromGlobalId, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Match, MatchEvent } from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';
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

/** What every kind of event has beside its own fields: it is found by its id. */
@Injectable()
export class EventReference {
  constructor(protected readonly events: MatchEventsService) {}

  /** Null for an event of another kind than is asked for. */
  @ResolveReference()
  async reference({ __typename: type, id }: { __typename: string; id: string }, context: GraphQLContext): Promise<MatchEvent | null> {
    const eventId = fromGlobalId('MatchEvent', id);
    const event = eventId && (await batch(context, 'event by id', (ids) => this.events.byIds(ids)).load(eventId));
    return event && TYPES[event.detail.kind] === type ? event : null;
  }
}
