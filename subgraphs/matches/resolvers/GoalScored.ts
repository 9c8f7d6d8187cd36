import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { GoalKind, ResolversTypes } from '../generated/graphql.ts';
import type { GoalScored, MatchPlayer } from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';
import { EventReference } from './MatchEvent.ts';

@Resolver('GoalScored')
export class GoalScoredResolver extends EventReference {
  constructor(
    private readonly matches: MatchesService,
    events: MatchEventsService,
  ) {
    super(events);
  }

  @ResolveField()
  kind(@Parent() { detail }: GoalScored): GoalKind {
    return detail.goal;
  }

  @ResolveField()
  async team(@Parent() { matchId, detail }: GoalScored, @Context() context: GraphQLContext): Promise<Awaited<ResolversTypes['Team']> | null> {
    const match = await batch(context, 'match', (ids) => this.matches.byIds(ids)).load(matchId);
    return match && { id: toGlobalId('Team', detail.side === 'HOME' ? match.homeTeamId : match.awayTeamId) };
  }

  @ResolveField()
  player(@Parent() { detail }: GoalScored): MatchPlayer | null {
    return detail.player;
  }

  @ResolveField()
  clock(@Parent() { detail }: GoalScored): Awaited<ResolversTypes['MatchClock']> | null {
    return detail.clock;
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
  async voided(@Parent() { matchId, seq }: GoalScored, @Context() context: GraphQLContext): Promise<boolean> {
    return (await batch(context, 'voided', (events) => this.events.voided(events)).load(`${matchId}:${seq}`)) ?? false;
  }
}
