import type { Slot, StagePlan } from './plan.ts';
import { isOver, type Out, type Outside, type Resolved } from './resolve.ts';

/**
 * Why a stage has no champion.
 *
 * - ALL_OUT: nobody is left who could win. BOTH_LOST: the final was awarded to neither side.
 * - DISQUALIFIED: the winner is disqualified. TIED: several entrants share the first place of the table.
 * - NO_FINAL: the stage does not end with one winner, because it has several groups or several last matches.
 */
export type NoChampion = 'ALL_OUT' | 'BOTH_LOST' | 'DISQUALIFIED' | 'TIED' | 'NO_FINAL';

/**
 * The last matches: the finals of a double elimination, or the slots of a single elimination whose winner goes nowhere.
 */
const isFinal = ({ bracket, leg, winnerTo }: Slot): boolean =>
  bracket === 'FINAL' || (bracket === 'WINNERS' && leg !== 1 && winnerTo === null);

/**
 * The winner of the stage, or why there is none. Null until that is decided. An entrant who withdraws after winning the
 * last match still is the champion.
 *
 * @param stage the number of this stage, as in the sources that refer to it.
 * @param ended Whether nothing more is played. A Swiss stage ends before all rounds are paired if all but one entrant
 *   leave.
 */
export function champion(
  plan: StagePlan,
  resolved: Resolved,
  stage: number,
  { out, placeOf }: Outside,
  ended = false,
): { entrant: string } | { none: NoChampion } | null {
  if (plan.config.format === 'ROUND_ROBIN' || plan.config.format === 'SWISS') {
    const rounds = new Set(plan.slots.map(({ round }) => round));
    const isPaired = ended || plan.rounds.every(({ number }) => rounds.has(number));
    if (!isPaired || ![...resolved.values()].every(isOver)) return null;
    if (plan.groups.length > 1) return { none: 'NO_FINAL' };
    const first = placeOf({ kind: 'PLACE', stage, group: 1, place: 1 });
    if (first === 'TIED') return { none: 'TIED' };
    if (first === 'NOBODY') return { none: 'ALL_OUT' };
    return first && crowned(first.entrant, out);
  }
  const last = plan.slots.filter(isFinal);
  // A given bracket may also play for places, such as the fifth. Losers play in these matches, and not in the final.
  const finals = last.length > 1 && last[0]!.bracket !== 'FINAL' ? last.filter(isUnbeaten(plan)) : last;
  const played = finals.map(({ key }) => resolved.get(key)!);
  if (!played.every(isOver)) return null;
  if (finals.length === 0 || (finals.length > 1 && finals[0]!.bracket !== 'FINAL')) return { none: 'NO_FINAL' };
  const decisive = played.findLast(({ state }) => state !== 'NOT_NEEDED')!;
  if (decisive.winner !== null) return crowned(decisive.winner, out);
  return { none: decisive.state === 'DECIDED' ? 'BOTH_LOST' : 'ALL_OUT' };
}

/** Whether nobody plays in a slot who has lost in an earlier slot of the plan. */
function isUnbeaten({ slots }: StagePlan): (slot: Slot) => boolean {
  const byKey = new Map(slots.map((slot) => [slot.key, slot]));
  const unbeaten = ({ home, away }: Slot): boolean =>
    [home, away].every(
      (source) =>
        source.kind !== 'LOSER' &&
        (source.kind !== 'WINNER' || !byKey.has(source.slot) || unbeaten(byKey.get(source.slot)!)),
    );
  return unbeaten;
}

const crowned = (entrant: string, out: ReadonlyMap<string, Out>): { entrant: string } | { none: NoChampion } =>
  out.get(entrant) === 'DISQUALIFIED' ? { none: 'DISQUALIFIED' } : { entrant };
