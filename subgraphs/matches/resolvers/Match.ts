import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type { MatchEventsArgs, ProtestDecision, ResolversTypes, ResultKind, Side } from '../generated/graphql.ts';
import { LineupsService } from '../lineups.service.ts';
import type { Lineup, Match, MatchEvent, MatchProtest, MatchResult, Player, Score, SquadMember } from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';
import { PlayersService } from '../players.service.ts';
import { ProtestsService } from '../protests.service.ts';
import { progressOf } from '../record.ts';
import { confirmedSides } from '../results.service.ts';
import { hasEnded, resultCounts, winnerOf } from '../score.ts';

@Resolver('Match')
export class MatchResolver extends EntityResolver<Match> {
  private readonly stretches = batched((ids, _viewer, afterSeq: number, first: number | null | undefined) =>
    this.eventsOf.after(ids, afterSeq, first),
  );

  constructor(
    matches: MatchesService,
    private readonly eventsOf: MatchEventsService,
    private readonly lineups: LineupsService,
    private readonly protests: ProtestsService,
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
  result(@Parent() match: Match): MatchResult | null {
    return hasEnded(match.state) ? match : null;
  }

  @ResolveField()
  confirmations(@Parent() match: Match): Side[] {
    return confirmedSides(match);
  }

  @ResolveField()
  async protest(@Parent() match: Match, @Context() context: GraphQLContext): Promise<MatchProtest | null> {
    const protest = await this.protests.ofMatch(context, match.id);
    return protest && { ...protest, match };
  }

  @ResolveField()
  homeLineup(@Parent() { id }: Match, @Context() context: GraphQLContext): Promise<Lineup | null> {
    return this.lineups.bySide(context, `${id}:HOME`);
  }

  @ResolveField()
  awayLineup(@Parent() { id }: Match, @Context() context: GraphQLContext): Promise<Lineup | null> {
    return this.lineups.bySide(context, `${id}:AWAY`);
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

@Resolver('MatchResult')
export class MatchResultResolver {
  @ResolveField()
  how(@Parent() match: MatchResult): ResultKind {
    return progressOf(match).how;
  }

  @ResolveField()
  winner(@Parent() match: MatchResult): Side | null {
    return sideOf(winnerOf(progressOf(match)));
  }

  @ResolveField()
  counts(@Parent() { state }: MatchResult): boolean {
    return resultCounts(state);
  }
}

/** The winner as a side. NONE (both lost) is not a side, so it becomes null. */
export const sideOf = (winner: Side | 'NONE' | null): Side | null => (winner === 'NONE' ? null : winner);

@Resolver('MatchProtest')
export class MatchProtestResolver {
  constructor(private readonly protests: ProtestsService) {}

  @ResolveField()
  side(@Parent() { side }: MatchProtest): Side {
    return side as Side;
  }

  @ResolveField()
  reason(@Parent() protest: MatchProtest, @Context() { principal }: GraphQLContext): Promise<string | null> {
    return this.protests.reason(principal, protest);
  }

  @ResolveField()
  decision(@Parent() { decision }: MatchProtest): ProtestDecision | null {
    return decision as ProtestDecision | null;
  }
}

@Resolver('SquadMember')
export class SquadMemberResolver {
  constructor(private readonly players: PlayersService) {}

  @ResolveField()
  async player(@Parent() { player: id }: SquadMember, @Context() context: GraphQLContext): Promise<Player> {
    const player = await this.players.byId(context, id);
    if (!player) throw new Error(`there is no player ${id}`);
    return player;
  }
}

@Resolver('Player')
export class PlayerResolver extends EntityResolver<Player> {
  constructor(players: PlayersService) {
    super('Player', players.byId);
  }

  @ResolveField()
  user(@Parent() { userId }: Player): ResolversTypes['User'] | null {
    return referenceTo('User', userId);
  }

  @ResolveField()
  team(@Parent() { teamId }: Player): ResolversTypes['Team'] {
    return referenceTo('Team', teamId);
  }
}
