import type { Slot, StagePlan } from './plan.ts';
import { isOver, type Resolved } from './resolve.ts';

export interface KnockoutPlace {
  readonly entrant: string;
  /** The place, counted from 1. Entrants who went out in the same round share a place. */
  readonly place: number;
}

/**
 * The final places of a knock-out, the best first. Null while a slot is open. The latest slot that an entrant reached
 * decides: the final, then the match for the third place, then the rounds back to the first. All rounds of a losers'
 * bracket rank above those of the winners' bracket.
 */
export function knockoutRanking(plan: StagePlan, resolved: Resolved): KnockoutPlace[] | null {
  if (![...resolved.values()].every(isOver)) return null;
  const last = Math.max(...plan.slots.map((slot) => depth(slot)));
  const reached = new Map<string, number>();
  for (const slot of plan.slots) {
    const { home, away, state, winner } = resolved.get(slot.key)!;
    if (state === 'NOT_NEEDED' || slot.leg === 1) continue;
    for (const side of [home, away])
      if (side.kind === 'ENTRANT') {
        // In a match from which the winner goes nowhere, the winner ranks above the loser, within the same round.
        const won = side.entrant === winner && (slot.bracket === 'THIRD_PLACE' || slot.winnerTo === null);
        const value = (slot.bracket === 'THIRD_PLACE' ? last - 0.5 : depth(slot)) + (won ? 0.25 : 0);
        reached.set(side.entrant, Math.max(value, reached.get(side.entrant) ?? -Infinity));
      }
  }
  const order = [...reached].sort(([, a], [, b]) => b - a);
  return order.map(([entrant, value]) => ({ entrant, place: 1 + order.findIndex(([, other]) => other === value) }));
}

/**
 * A number that is higher for later rounds. The losers' bracket is above the winners' bracket, and finals above both.
 */
function depth({ bracket, round }: Slot): number {
  if (bracket === 'FINAL') return 3_000 + round;
  return bracket === 'LOSERS' ? 1_000 + round : round;
}
