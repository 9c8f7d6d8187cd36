import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { batch } from '../../../platform/graphql/loader.ts';
import type { Card, ResolversTypes } from '../generated/graphql.ts';
import type { CardShown, MatchPlayer } from '../mappers.ts';
import { MatchEventsService } from '../match-events.service.ts';
import { MatchesService } from '../matches.service.ts';
import { EventReference } from './MatchEvent.ts';

@Resolver('CardShown')
export class CardShownResolver extends EventReference {
  constructor(
    private readonly matches: MatchesService,
    events: MatchEventsService,
  ) {
    super(events);
  }

  @ResolveField()
  card(@Parent() { detail }: CardShown): Card {
    return detail.card;
  }

  @ResolveField()
  async team(@Parent() { matchId, detail }: CardShown, @Context() context: GraphQLContext): Promise<Awaited<ResolversTypes['Team']> | null> {
    const match = await batch(context, 'match', (ids) => this.matches.byIds(ids)).load(matchId);
    return match && { id: toGlobalId('Team', detail.side === 'HOME' ? match.homeTeamId : match.awayTeamId) };
  }

  @ResolveField()
  player(@Parent() { detail }: CardShown): MatchPlayer | null {
    return detail.player;
  }

  @ResolveField()
  clock(@Parent() { detail }: CardShown): Awaited<ResolversTypes['MatchClock']> | null {
    return detail.clock;
  }

  @ResolveField()
  async voided(@Parent() { matchId, seq }: CardShown, @Context() context: GraphQLContext): Promise<boolean> {
    return (await batch(context, 'voided', (events) => this.events.voided(events)).load(`${matchId}:${seq}`)) ?? false;
  }
}
