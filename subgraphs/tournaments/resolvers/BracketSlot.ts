import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { MatchScore } from '../../../schema/messages/matches.ts';
import { EntriesService } from '../entries.service.ts';
import type { ResolversTypes } from '../generated/graphql.ts';
import type { BracketSide, Entry, Pitch } from '../mappers.ts';
import { PlanService, type PlannedSlot } from '../plan.service.ts';
import { VenuesService } from '../venues.service.ts';

@Resolver('BracketSlot')
export class BracketSlotResolver extends EntityResolver<PlannedSlot> {
  constructor(
    private readonly plan: PlanService,
    private readonly venues: VenuesService,
  ) {
    super('BracketSlot', plan.slot);
  }

  @ResolveField()
  part(@Parent() { bracket }: PlannedSlot): PlannedSlot['bracket'] {
    return bracket;
  }

  @ResolveField()
  home(@Parent() slot: PlannedSlot): BracketSide {
    return { slot, side: 'home' };
  }

  @ResolveField()
  away(@Parent() slot: PlannedSlot): BracketSide {
    return { slot, side: 'away' };
  }

  @ResolveField()
  match(@Parent() { matchId }: PlannedSlot): ResolversTypes['Match'] | null {
    return referenceTo('Match', matchId);
  }

  @ResolveField()
  async pitch(@Parent() { pitchId }: PlannedSlot, @Context() context: GraphQLContext): Promise<Pitch | null> {
    return pitchId === null ? null : this.venues.pitchById(context, pitchId);
  }

  @ResolveField()
  referee(@Parent() { refereeId }: PlannedSlot): ResolversTypes['User'] | null {
    return referenceTo('User', refereeId);
  }

  @ResolveField()
  winnerTo(@Parent() { stageId, winnerTo }: PlannedSlot, @Context() context: GraphQLContext): Promise<string | null> {
    return this.#slot(context, stageId, winnerTo);
  }

  @ResolveField()
  loserTo(@Parent() { stageId, loserTo }: PlannedSlot, @Context() context: GraphQLContext): Promise<string | null> {
    return this.#slot(context, stageId, loserTo);
  }

  async #slot(context: GraphQLContext, stageId: string, key: string | null): Promise<string | null> {
    if (key === null) return null;
    const slot = (await this.plan.slotsOf(context, stageId))?.find((one) => one.key === key);
    return slot ? toGlobalId('BracketSlot', slot.id) : null;
  }
}

@Resolver('BracketSide')
export class BracketSideResolver {
  constructor(private readonly entries: EntriesService) {}

  @ResolveField()
  async entry(@Parent() side: BracketSide, @Context() context: GraphQLContext): Promise<Entry | null> {
    const id = side.slot[`${side.side}EntryId`];
    return id === null ? null : this.entries.byId(context, id);
  }

  @ResolveField()
  async team(@Parent() side: BracketSide, @Context() context: GraphQLContext): Promise<ResolversTypes['Team'] | null> {
    return referenceTo('Team', (await this.entry(side, context))?.teamId ?? null);
  }

  /** The label of the side. The column of the side's source has it in the same JSON: `slotRow` stores it there. */
  @ResolveField()
  label(@Parent() { slot, side }: BracketSide): string | null {
    return (slot[side] as { label?: string | null }).label ?? null;
  }

  @ResolveField()
  score(@Parent() { slot, side }: BracketSide): number | null {
    return scoreOf(slot, side)?.points ?? null;
  }

  @ResolveField()
  shootout(@Parent() { slot, side }: BracketSide): number | null {
    return scoreOf(slot, side)?.kicks ?? null;
  }

  @ResolveField()
  won(@Parent() { slot, side }: BracketSide): boolean | null {
    return slot.winner === null ? null : slot.winner === (side === 'home' ? 'HOME' : 'AWAY');
  }
}

/** The side's score in the slot's current match. The home side of the match can be the away side of the slot. */
function scoreOf(
  { results, matchId: current, homeEntryId }: PlannedSlot,
  side: BracketSide['side'],
): { points: number; kicks: number | null } | null {
  const result = results.find(({ matchId }) => matchId === current);
  const score = result?.score as MatchScore | null | undefined;
  if (!result || !score) return null;
  const own = (result.homeEntryId === homeEntryId) === (side === 'home') ? 'home' : 'away';
  return { points: score[own], kicks: score.shootout?.[own] ?? null };
}
