import type { Slot, StagePlan } from './plan.ts';
import { isOver, type Out, type Outside, type Resolved } from './resolve.ts';

/**
 * - ALL_OUT: everybody who was left withdrew or is disqualified. BOTH_LOST: the final was awarded to neither.
 * - DISQUALIFIED: the winner is disqualified. TIED: the table has several first places.
 * - NO_FINAL: the stage does not end in one place, such as several groups or a qualifying round.
 */
export type NoChampion = 'ALL_OUT' | 'BOTH_LOST' | 'DISQUALIFIED' | 'TIED' | 'NO_FINAL';

/** A slot whose winner goes nowhere: the final, or one of the two finals of a double elimination. */
const isFinal = ({ bracket, leg, winnerTo }: Slot): boolean =>
  bracket === 'FINAL' || (bracket === 'WINNERS' && leg !== 1 && winnerTo === null);

/**
 * The winner of the stage, or why there is none; null while that is open. An entrant who withdraws after winning the last
 * match is the champion all the same.
 *
 * @param stage the number of this stage, as in the sources that refer to it.
 */
export function champion(
  plan: StagePlan,
  resolved: Resolved,
  stage: number,
  { out, placeOf }: Outside,
): { entrant: string } | { none: NoChampion } | null {
  if (plan.config.format === 'ROUND_ROBIN' || plan.config.format === 'SWISS') {
    const rounds = new Set(plan.slots.map(({ round }) => round));
    if (![...resolved.values()].every(isOver) || plan.rounds.some(({ number }) => !rounds.has(number))) return null;
    if (plan.groups.length > 1) return { none: 'NO_FINAL' };
    const first = placeOf({ kind: 'PLACE', stage, group: 1, place: 1 });
    if (first === 'TIED') return { none: 'TIED' };
    if (first === 'NOBODY') return { none: 'ALL_OUT' };
    return first && crowned(first.entrant, out);
  }
  const finals = plan.slots.filter(isFinal);
  const played = finals.map(({ key }) => resolved.get(key)!);
  if (!played.every(isOver)) return null;
  if (finals.length > 1 && finals[0]!.bracket !== 'FINAL') return { none: 'NO_FINAL' };
  const last = played.findLast(({ state }) => state !== 'NOT_NEEDED')!;
  if (last.winner !== null) return crowned(last.winner, out);
  return { none: last.state === 'DECIDED' ? 'BOTH_LOST' : 'ALL_OUT' };
}

const crowned = (entrant: string, out: ReadonlyMap<string, Out>): { entrant: string } | { none: NoChampion } =>
  out.get(entrant) === 'DISQUALIFIED' ? { none: 'DISQUALIFIED' } : { entrant };
