// Code that single and double elimination share: positions of seeds, ties, and links between slots.
import { LIMITS } from './config.ts';
import { type BracketName, PlanRefused, type Slot, type Source, type Target } from './plan.ts';

/**
 * A side of a bracket. Null is a bye: the bracket is drawn for a power of two, but a slot with a bye is not created.
 */
export type Side = Source | null;

/**
 * The entrants in the order of the bracket: pairs of neighbours meet in the first round. The length is a power of two.
 * In the order SEEDS, if the better seed always wins, the seeds of the two opponents have the same sum in all matches
 * of a round. So the best seeds have the byes, seeds 1 and 2 are in different halves, and the first four in different
 * quarters.
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

/** The seeds, counted from 0, in the order of the bracket. Its length is `size`, rounded up to a power of two. */
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

/** A tie of two sides: one slot, or two slots for two legs. Other slots refer to the last one. */
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
 * Adds to each slot where its winner and loser go. If they go to a tie of two legs, the link names the first leg. No
 * link leads to a second final, because its players are those of the first one.
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
