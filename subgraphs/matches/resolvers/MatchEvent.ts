import { Injectable } from '@nestjs/common';
import { Context, Parent, ResolveField, ResolveReference, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { Card, GoalKind, MatchState, ResolversTypes, ResultKind, Side } from '../generated/graphql.ts';
import type {
  CardShown,
  GoalScored,
  Lineup,
  LineupGiven,
  Match,
  MatchEvent,
  MatchEventVoided,
  MatchPlanned,
  MatchPlayer,
  MatchStateChanged,
  PeriodStarted,
  Player,
  PlayerSubstituted,
  ReplayOrdered,
  ResultConfirmed,
  ResultProtested,
  ResultSet,
} from '../mappers.ts';
import { MatchEventsService, teamOf } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';
import { onSheet } from '../played.ts';
import { keyOf, PlayersService } from '../players.service.ts';
import { sideOf } from './Match.ts';

type Deed = GoalScored | CardShown | PlayerSubstituted;
type Reference = ResolversTypes['Team'];

const TYPES = {
  STATE: 'MatchStateChanged',
  PERIOD: 'PeriodStarted',
  GOAL: 'GoalScored',
  CARD: 'CardShown',
  SUBSTITUTION: 'PlayerSubstituted',
  VOID: 'MatchEventVoided',
  LINEUP: 'LineupGiven',
  PLAN: 'MatchPlanned',
  RESULT: 'ResultSet',
  CONFIRMATION: 'ResultConfirmed',
  PROTEST: 'ResultProtested',
  REPLAY: 'ReplayOrdered',
} as const;

/** The fields that all events have: the host uses an interface's resolvers for each of its types. */
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

/** The reference resolver of every kind of event: finds an event by its id. */
@Injectable()
class EventReference {
  constructor(
    protected readonly events: MatchEventsService,
    protected readonly matches: MatchesService,
    protected readonly players: PlayersService,
  ) {}

  /** Finds the event by its id. Null for an event of another kind than the requested one. */
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

  @ResolveField()
  reason(@Parent() { detail }: MatchStateChanged): string | null {
    return detail.reason;
  }
}

@Resolver('PeriodStarted')
export class PeriodStartedResolver extends EventReference {
  @ResolveField()
  period(@Parent() { detail }: PeriodStarted): number | null {
    return detail.period;
  }
}

/** Fields of events with a player of one of the teams. */
class DeedResolver extends EventReference {
  @ResolveField()
  async team(@Parent() { matchId, detail }: Deed, @Context() context: GraphQLContext): Promise<Reference | null> {
    const match = await this.matches.byId(context, matchId);
    return match && referenceTo('Team', teamOf(match, detail.side));
  }

  @ResolveField()
  async player(@Parent() event: Deed, @Context() context: GraphQLContext): Promise<MatchPlayer | null> {
    const { detail, sheet, matchId } = event;
    if (sheet) return onSheet(await this.matches.byId(context, matchId), event);
    return this.playerOf(context, detail.kind === 'SUBSTITUTION' ? detail.in : detail.player);
  }

  protected async playerOf(context: GraphQLContext, id: string | null): Promise<Player | null> {
    return id === null ? null : this.players.byId(context, id);
  }

  @ResolveField()
  clock(@Parent() { detail }: Deed): ResolversTypes['MatchClock'] | null {
    return detail.clock;
  }

  @ResolveField()
  async voided(@Parent() { matchId, seq }: Deed, @Context() context: GraphQLContext): Promise<boolean> {
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

  @ResolveField()
  assist(@Parent() { detail }: GoalScored, @Context() context: GraphQLContext): Promise<MatchPlayer | null> {
    return this.playerOf(context, detail.assist);
  }
}

@Resolver('CardShown')
export class CardShownResolver extends DeedResolver {
  @ResolveField()
  card(@Parent() { detail }: CardShown): Card {
    return detail.card;
  }
}

@Resolver('PlayerSubstituted')
export class PlayerSubstitutedResolver extends DeedResolver {
  @ResolveField()
  replaced(@Parent() { detail }: PlayerSubstituted, @Context() context: GraphQLContext): Promise<MatchPlayer | null> {
    return this.playerOf(context, detail.out);
  }

  @ResolveField()
  period(@Parent() { detail }: PlayerSubstituted): number | null {
    return detail.period;
  }
}

@Resolver('LineupGiven')
export class LineupGivenResolver extends EventReference {
  @ResolveField()
  side(@Parent() { detail }: LineupGiven): Side {
    return detail.side;
  }

  @ResolveField()
  lineup(@Parent() { detail }: LineupGiven): Lineup {
    return detail;
  }
}

@Resolver('MatchPlanned')
export class MatchPlannedResolver extends EventReference {
  @ResolveField()
  kickoffAt(@Parent() { detail }: MatchPlanned): Date {
    return new Date(detail.kickoffAt);
  }

  @ResolveField()
  kickoffIsEstimate(@Parent() { detail }: MatchPlanned): boolean {
    return detail.kickoffIsEstimate;
  }

  @ResolveField()
  venue(@Parent() { detail }: MatchPlanned): string | null {
    return detail.venue;
  }
}

@Resolver('ResultSet')
export class ResultSetResolver extends EventReference {
  @ResolveField()
  how(@Parent() { detail }: ResultSet): ResultKind {
    return detail.how;
  }

  @ResolveField()
  winner(@Parent() { detail }: ResultSet): Side | null {
    return sideOf(detail.winner);
  }

  @ResolveField()
  reason(@Parent() { detail }: ResultSet): string | null {
    return detail.reason;
  }
}

@Resolver('ResultConfirmed')
export class ResultConfirmedResolver extends EventReference {
  @ResolveField()
  side(@Parent() { detail }: ResultConfirmed): Side {
    return detail.side;
  }
}

@Resolver('ResultProtested')
export class ResultProtestedResolver extends EventReference {
  @ResolveField()
  side(@Parent() { detail }: ResultProtested): Side {
    return detail.side;
  }
}

@Resolver('ReplayOrdered')
export class ReplayOrderedResolver extends EventReference {
  @ResolveField()
  reason(@Parent() { detail }: ReplayOrdered): string | null {
    return detail.reason;
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
  constructor(private readonly players: PlayersService) {}

  @ResolveField()
  user(@Parent() player: MatchPlayer): ResolversTypes['User'] | null {
    return referenceTo('User', player.userId);
  }

  @ResolveField()
  async person(@Parent() player: MatchPlayer, @Context() context: GraphQLContext): Promise<Player | null> {
    return 'id' in player ? player : this.players.bySheet(context, keyOf(player));
  }
}
