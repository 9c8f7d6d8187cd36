import type { Slot, StagePlan } from './plan.ts';
import { isOver, type Resolved } from './resolve.ts';

export interface KnockoutPlace {
  readonly entrant: string;
  /** From 1. Entrants who went out in the same round share theirs. */
  readonly place: number;
}

/**
 * The final places of a knock-out, best first; null while a slot is open. The order is that of the last slot that each
 * was in: the final, the third place, then the rounds back to the first, the losers' bracket before the winners'.
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
        // The winner of a match that nobody wins further from is half a step above its loser.
        const won = side.entrant === winner && (slot.bracket === 'THIRD_PLACE' || slot.winnerTo === null);
        const value = (slot.bracket === 'THIRD_PLACE' ? last - 0.5 : depth(slot)) + (won ? 0.25 : 0);
        reached.set(side.entrant, Math.max(value, reached.get(side.entrant) ?? -Infinity));
      }
  }
  const order = [...reached].sort(([, a], [, b]) => b - a);
  return order.map(([entrant, value]) => ({ entrant, place: 1 + order.findIndex(([, other]) => other === value) }));
}

/** The later one can go out, the more. Rounds of the winners' bracket of a double elimination are below all others. */
function depth({ bracket, round }: Slot): number {
  if (bracket === 'FINAL') return 3_000 + round;
  return bracket === 'LOSERS' ? 1_000 + round : round;
}
