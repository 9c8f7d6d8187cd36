import type { AskedSlot } from '../../../schema/questions/tournaments.ts';
import type { BracketSide, Stage, Tie } from './content.ts';

type AskedSide = AskedSlot['home'];

/** The states of slots that need no match and have no team: a report leaves them out. */
const LEFT_OUT = new Set(['EMPTY', 'NOT_NEEDED']);

/** The ties of a bracket. Two slots that are the legs of one tie become one element. */
export function tiesOf(
  slots: readonly AskedSlot[],
  nameOf: (team: { readonly id: string } | null) => string | null,
): Tie[] {
  const keyOf = ({ part, round, position }: AskedSlot): string => `${part} ${round} ${position}`;
  const keys = new Map(slots.map((slot) => [slot.id, keyOf(slot)]));
  return [...Map.groupBy(slots, keyOf)].flatMap(([key, of]) => {
    const legs = of.toSorted((a, b) => (a.leg ?? 1) - (b.leg ?? 1));
    const [first] = legs;
    const last = legs.at(-1);
    if (!first || !last || legs.every(({ state }) => LEFT_OUT.has(state))) return [];
    // The second leg has home and away exchanged, so the sides are matched by their entries.
    const inLeg = (leg: AskedSlot, side: 'home' | 'away'): AskedSide => {
      const isTurned =
        leg !== first &&
        (first.home.entry === null || leg.home.entry === null || leg.home.entry.id !== first.home.entry.id);
      return isTurned ? leg[side === 'home' ? 'away' : 'home'] : leg[side];
    };
    const sideOf = (side: 'home' | 'away'): BracketSide => ({
      team: nameOf(first[side].team),
      seed: first[side].entry?.seed ?? null,
      label: first[side].label,
      scores: legs.map((leg) => inLeg(leg, side).score),
      shootout: inLeg(last, side).shootout,
      won: inLeg(last, side).won === true,
    });
    const { part, round, position } = first;
    return [
      {
        key,
        part,
        round,
        position,
        winnerTo: last.winnerTo === null ? null : (keys.get(last.winnerTo) ?? null),
        home: sideOf('home'),
        away: sideOf('away'),
      },
    ];
  });
}

/**
 * The winner of the last stage: of its final, or of its only table. Null if nobody has won the final yet, if the stage
 * has several tables, or if several teams share the first place.
 */
export function championOf(stages: readonly Stage[]): string | null {
  const stage = stages.at(-1);
  if (!stage) return null;
  if (stage.ties.length === 0) {
    const [group, other] = stage.groups;
    const [best] = group?.rows ?? [];
    return other || !best || best.tied ? null : best.team;
  }
  const finals = stage.ties.filter(({ part }) => part === 'FINAL');
  const ties = finals.length > 0 ? finals : stage.ties.filter(({ part }) => part === 'WINNERS');
  const last = ties.toSorted((a, b) => a.round - b.round).at(-1);
  return (last?.home.won ? last.home.team : last?.away.won ? last.away.team : null) ?? null;
}
