// Shared by single and double elimination: the positions of seeds, ties, and the links between slots.
import { LIMITS } from './config.ts';
import { type BracketName, PlanRefused, type Slot, type Source, type Target } from './plan.ts';

/** Nobody: a bye. A bracket is drawn for a power of two, and a slot that has nobody on a side is never made. */
export type Side = Source | null;

/**
 * The entrants in the order of the bracket: two neighbours meet first. The length is a power of two. By seeds, the
 * numbers of any two opponents have the same sum throughout a round if the better seed always wins. So the best have the
 * byes, seeds 1 and 2 are in different halves, and the first four in different quarters.
 */
export function positions(order: 'SEEDS' | 'PAIRS', entrants: readonly Source[]): Side[] {
  const sides = entrants.map((source) => (source.kind === 'BYE' ? null : source));
  const present = sides.filter((side) => side !== null).length;
  if (present < 2)
    throw new PlanRefused('TOO_FEW_ENTRANTS', 'entrants', `A knock-out needs at least 2 entrants, not ${present}`, {
      entrants: present,
      least: 2,
    });
  if (entrants.length > LIMITS.knockout)
    throw new PlanRefused(
      'TOO_MANY_ENTRANTS',
      'entrants',
      `A knock-out has at most ${LIMITS.knockout} entrants, not ${entrants.length}`,
      { entrants: entrants.length, most: LIMITS.knockout },
    );
  const size = 2 ** Math.ceil(Math.log2(entrants.length));
  if (order === 'PAIRS') {
    if (size !== entrants.length)
      throw new PlanRefused(
        'NOT_A_POWER_OF_TWO',
        'entrants',
        `A bracket by pairs needs ${size} places, byes included, not ${entrants.length}`,
        { entrants: entrants.length, places: size },
      );
    return sides;
  }
  return seedOrder(size).map((seed) => sides[seed] ?? null);
}

/** Seeds from 0 in the order of the bracket, which has the next power of two of `size` positions. */
export function seedOrder(size: number): number[] {
  let seeds = [0];
  while (seeds.length < size) {
    const sum = 2 * seeds.length - 1;
    seeds = seeds.flatMap((seed) => [seed, sum - seed]);
  }
  return seeds;
}

/** A slot before its links are known. */
type Unlinked = Omit<Slot, 'winnerTo' | 'loserTo'>;

export const winnerOf = (slot: string): Source => ({ kind: 'WINNER', slot });
export const loserOf = (slot: string): Source => ({ kind: 'LOSER', slot });

/** A slot between two, as one match or as two legs; the last is what others refer to. */
export function tie(
  at: { key: string; bracket: BracketName; round: number; position: number },
  home: Source,
  away: Source,
  legs = 1,
): Unlinked[] {
  const slot = { ...at, group: null, leg: null, home, away, needsWinner: true, onlyIfNeeded: false };
  if (legs === 1) return [slot];
  return [
    { ...slot, key: `${at.key}-A`, leg: 1, needsWinner: false },
    { ...slot, leg: 2, home: away, away: home, needsWinner: false },
  ];
}

/**
 * Adds where winner and loser go: the other end of each WINNER and LOSER. If they go to two legs, the link is to the
 * side in the first leg. No link leads to a second final: the players of the first one are in it.
 */
export function linked(slots: readonly Unlinked[]): Slot[] {
  const targets = new Map<string, Target>();
  for (const slot of slots)
    if (slot.leg !== 2 && !slot.onlyIfNeeded)
      for (const side of ['HOME', 'AWAY'] as const) {
        const source = side === 'HOME' ? slot.home : slot.away;
        if (source.kind === 'WINNER' || source.kind === 'LOSER')
          targets.set(`${source.kind} ${source.slot}`, { slot: slot.key, side });
      }
  return slots.map((slot) => ({
    ...slot,
    winnerTo: targets.get(`WINNER ${slot.key}`) ?? null,
    loserTo: targets.get(`LOSER ${slot.key}`) ?? null,
  }));
}
