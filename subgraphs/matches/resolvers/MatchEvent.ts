import { Injectable } from '@nestjs/common';
import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Card, GoalKind, MatchState, ResolversTypes } from '../generated/graphql.ts';
import type {
  CardShown,
  GoalScored,
  Match,
  MatchEvent,
  MatchEventVoided,
  MatchPlayer,
  MatchStateChanged,
  PeriodStarted,
} from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';

const TYPES = {
  STATE: 'MatchStateChanged',
  PERIOD: 'PeriodStarted',
  GOAL: 'GoalScored',
  CARD: 'CardShown',
  VOID: 'MatchEventVoided',
} as const;

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
    return this.matches.byId(context, event.matchId);
  }
}

/** What every kind of event has beside its own fields: it is found by its id. */
@Injectable()
class EventReference {
  constructor(
    protected readonly events: MatchEventsService,
    protected readonly matches: MatchesService,
  ) {}

  /** Null for an event of another kind than is asked for. */
  @ResolveReference()
  async reference(
    { __typename: type, id }: { __typename: string; id: string },
    context: GraphQLContext,
  ): Promise<MatchEvent | null> {
    const event = await find(context, 'MatchEvent', id, this.events.byId);
    return event && TYPES[event.detail.kind] === type ? event : null;
  }
}

@Resolver('MatchStateChanged')
export class MatchStateChangedResolver extends EventReference {
  @ResolveField()
  state(@Parent() { detail }: MatchStateChanged): MatchState {
    return detail.state;
  }
}

@Resolver('PeriodStarted')
export class PeriodStartedResolver extends EventReference {
  @ResolveField()
  period(@Parent() { detail }: PeriodStarted): number | null {
    return detail.period;
  }
}

/** What somebody in one of the teams did. */
class DeedResolver extends EventReference {
  @ResolveField()
  async team(
    @Parent() { matchId, detail }: GoalScored | CardShown,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['Team'] | null> {
    const match = await this.matches.byId(context, matchId);
    return match && referenceTo('Team', detail.side === 'HOME' ? match.homeTeamId : match.awayTeamId);
  }

  @ResolveField()
  player(@Parent() { detail }: GoalScored | CardShown): MatchPlayer | null {
    return detail.player;
  }

  @ResolveField()
  clock(@Parent() { detail }: GoalScored | CardShown): ResolversTypes['MatchClock'] | null {
    return detail.clock;
  }

  @ResolveField()
  async voided(
    @Parent() { matchId, seq }: GoalScored | CardShown,
    @Context() context: GraphQLContext,
  ): Promise<boolean> {
    return (await this.events.isVoided(context, `${matchId}:${seq}`)) ?? false;
  }
}

@Resolver('GoalScored')
export class GoalScoredResolver extends DeedResolver {
  @ResolveField()
  kind(@Parent() { detail }: GoalScored): GoalKind {
    return detail.goal;
  }

  @ResolveField()
  period(@Parent() { detail }: GoalScored): number | null {
    return detail.period;
  }

  @ResolveField()
  points(@Parent() { detail }: GoalScored): number {
    return detail.points;
  }
}

@Resolver('CardShown')
export class CardShownResolver extends DeedResolver {
  @ResolveField()
  card(@Parent() { detail }: CardShown): Card {
    return detail.card;
  }
}

@Resolver('MatchEventVoided')
export class MatchEventVoidedResolver extends EventReference {
  @ResolveField()
  voids(@Parent() { detail }: MatchEventVoided): number {
    return detail.voids;
  }

  @ResolveField()
  voidedEvent(
    @Parent() { matchId, detail }: MatchEventVoided,
    @Context() context: GraphQLContext,
  ): Promise<MatchEvent | null> {
    return this.events.bySeq(context, `${matchId}:${detail.voids}`);
  }

  @ResolveField()
  reason(@Parent() { detail }: MatchEventVoided): string | null {
    return detail.reason;
  }
}

@Resolver('MatchPlayer')
export class MatchPlayerResolver {
  @ResolveField()
  user(@Parent() player: MatchPlayer): ResolversTypes['User'] | null {
    return referenceTo('User', player.userId);
  }
}
