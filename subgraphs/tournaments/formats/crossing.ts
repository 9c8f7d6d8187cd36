import { seedOrder } from './bracket.ts';
import { extendMatching, mayPairWhere } from './matching.ts';
import type { Source } from './plan.ts';

/**
 * The first places of all groups, in the order of seeds: all winners, then all runners-up, and so on. The order of
 * groups within a place is chosen so that entrants of one group meet as late as possible. With two places they are in
 * different halves, and with an even number of groups 1A meets 2B.
 */
export function crossed(stage: number, groups: number, places: number): Source[] {
  const total = groups * places;
  const order = seedOrder(total);
  const positionOf = new Int32Array(order.length);
  for (const [position, seed] of order.entries()) positionOf[seed] = position;
  /** The round in which two seeds meet if both win all earlier matches. */
  const meet = (a: number, b: number): number => 32 - Math.clz32(positionOf[a]! ^ positionOf[b]!);
  const last = Math.log2(order.length);
  /** The index of the group of each seed. */
  const groupOf: number[] = Array.from({ length: groups }, (_, group) => group);
  for (let place = 1; place < places; place++) {
    const first = place * groups;
    const earliest = Array.from({ length: groups }, (_, spot) => {
      const rounds = new Array<number>(groups).fill(last);
      for (const [at, group] of groupOf.entries()) rounds[group] = Math.min(rounds[group]!, meet(at, first + spot));
      return rounds;
    });
    for (let round = last; round > 0; round--) {
      const found = fill(groups, (spot, group) => earliest[spot]![group]! >= round, preferred(groupOf, first));
      if (!found) continue;
      groupOf.push(...found);
      break;
    }
  }
  return groupOf.map((group, seed) => ({
    kind: 'PLACE',
    stage,
    group: group + 1,
    place: Math.floor(seed / groups) + 1,
  }));

  /** The preferred group of a spot: the neighbour of the opponent's group. A and B are neighbours, C and D too. */
  function preferred(taken: readonly number[], first: number): (spot: number) => number {
    return (spot) => {
      const opponent = order.length - 1 - (first + spot);
      const group = taken[opponent] ?? groups - 1 - spot;
      const neighbour = group ^ 1;
      return neighbour < groups ? neighbour : group;
    };
  }
}

/**
 * Gives each spot a different group that it may have: the preferred one, unless then the other spots could not be
 * filled. Null if the spots cannot all be filled.
 */
function fill(
  size: number,
  may: (spot: number, group: number) => boolean,
  preferred: (spot: number) => number,
): number[] | null {
  const present = new Uint8Array(2 * size).fill(1);
  const edges = mayPairWhere(2 * size, (a, b) => a < size !== b < size && may(Math.min(a, b), Math.max(a, b) - size));
  const possible = (): boolean => extendMatching(new Int32Array(2 * size).fill(-1), present, edges) === 0;
  if (!possible()) return null;
  return Array.from({ length: size }, (_, spot) => {
    present[spot] = 0;
    const wish = preferred(spot);
    const candidates = [wish, ...Array.from({ length: size }, (__, group) => group).filter((group) => group !== wish)];
    return candidates.find((group) => {
      if (!present[size + group] || !may(spot, group)) return false;
      present[size + group] = 0;
      if (possible()) return true;
      present[size + group] = 1;
      return false;
    })!;
  });
}
