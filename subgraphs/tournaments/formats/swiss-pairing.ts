// Pairs the players for the next round of a Swiss stage.
import { extendMatching, type Mates, type MayPair, mayPairWhere } from './matching.ts';

export interface Player {
  readonly name: string;
  /** A smaller number is better. */
  readonly seed: number;
  score: number;
  /** The number of earlier matches against each opponent, by name. */
  readonly met: Map<string, number>;
  /** For each match that the player has played: 1 at home, -1 away. The newest match is last. */
  readonly sides: (1 | -1)[];
  byes: number;
  /** For each round: 1 if the opponent had more points (the player floated up), -1 if fewer (down), 0 otherwise. */
  readonly floats: number[];
}

/**
 * For this many rounds, a player who floated up (or down) should not do so again, unless more important rules need it.
 */
const FLOATS_REMEMBERED = 2;

/**
 * Pairs as [home, away]. The bye, if there is one, is the last pair: [name, null]. The rules, the most important first:
 *
 * 1. The bye goes to a player with the fewest byes.
 * 2. As few pairs as possible have met before. If several players may get the bye, the lowest one for whom this number
 *    is smallest gets it.
 * 3. If a pairing exists in which no player's home and away matches differ by more than 2, such a pairing is used.
 * 4. From the top down, each player gets the best opponent with whom the rules above can still be kept for all others.
 *    Within a score group, the best opponent is half a group lower. A player who is left over floats down to the next
 *    group. After that, repeated floats are avoided, and then pairs of players who both want the same side.
 *
 * A maximum matching of the players who are not paired yet is kept at each step, so no step has to be undone. To repair
 * it costs at most two augmenting paths for each candidate.
 */
export function pairUp(players: readonly Player[]): [string, string | null][] {
  if (players.length < 2) return [];
  const table = new Ranked(players);
  const size = players.length;
  const present = new Uint8Array(size).fill(1);
  const fresh = mayPairWhere(size, (a, b) => table.met(a, b) === 0);
  const bye = size % 2 === 1 ? chooseBye(table, present, fresh) : null;
  if (bye !== null) present[bye] = 0;

  let mayPair = mayPairWhere(size, (a, b) => fresh[a]![b] === 1 && !table.clash(a, b, 2));
  let mate = nobody(size);
  let alone = extendMatching(mate, present, mayPair);
  if (alone > 0) {
    mayPair = fresh;
    mate = nobody(size);
    alone = extendMatching(mate, present, mayPair);
  }
  const pairs: [string, string | null][] = [];
  for (let top = 0; top < size; top++) {
    if (!present[top]) continue;
    for (const candidate of table.inOrder(present, top)) {
      // A pair that has met before is allowed only for two players who would otherwise both stay unpaired.
      const allowed = mayPair[top]![candidate] ? alone : alone - 2;
      if (allowed < 0) continue;
      const next = without(mate, top, candidate);
      present[top] = present[candidate] = 0;
      const left = mate[top] === candidate ? alone : extendMatching(next, present, mayPair);
      if (left <= allowed) {
        pairs.push(table.sides(top, candidate, pairs.length));
        [mate, alone] = [next, left];
        break;
      }
      present[top] = present[candidate] = 1;
    }
  }
  if (bye !== null) pairs.push([table.players[bye]!.name, null]);
  return pairs;
}

const nobody = (size: number): Mates => new Int32Array(size).fill(-1);

/**
 * The player who gets the bye: one with the fewest byes, without whom the fewest others lack a new opponent. The lowest
 * of several.
 */
function chooseBye({ players }: Ranked, present: Uint8Array, fresh: MayPair): number {
  const fewest = Math.min(...players.map(({ byes }) => byes));
  let best = { index: -1, alone: Infinity };
  for (let index = players.length - 1; index >= 0 && best.alone > 0; index--) {
    if (players[index]!.byes !== fewest) continue;
    present[index] = 0;
    const alone = extendMatching(nobody(players.length), present, fresh);
    present[index] = 1;
    if (alone < best.alone) best = { index, alone };
  }
  return best.index;
}

function without(mate: Mates, a: number, b: number): Mates {
  const next = mate.slice();
  for (const gone of [a, b]) {
    if (next[gone] !== -1) next[next[gone]!] = -1;
    next[gone] = -1;
  }
  return next;
}

/** The players by score and seed, the best first. Its methods take the indexes of this order. */
class Ranked {
  readonly players: readonly Player[];
  /** Matches at home minus matches away. */
  readonly #balance: readonly number[];
  readonly #downs: readonly number[];
  readonly #ups: readonly number[];

  constructor(players: readonly Player[]) {
    this.players = players.toSorted((a, b) => b.score - a.score || a.seed - b.seed);
    this.#balance = this.players.map(({ sides }) => sides.reduce<number>((sum, side) => sum + side, 0));
    const recent = (way: 1 | -1): number[] =>
      this.players.map(({ floats }) => floats.slice(-FLOATS_REMEMBERED).filter((float) => float === way).length);
    this.#downs = recent(-1);
    this.#ups = recent(1);
  }

  met(a: number, b: number): number {
    return this.players[a]!.met.get(this.players[b]!.name) ?? 0;
  }

  /**
   * Whether both players had the same side at least `many` times more often than the other side. If they met, one of
   * them would get that side again.
   */
  clash(a: number, b: number, many: number): boolean {
    const [one, other] = [this.#balance[a]!, this.#balance[b]!];
    return Math.min(Math.abs(one), Math.abs(other)) >= many && Math.sign(one) === Math.sign(other);
  }

  /** The possible opponents of `top`: the unpaired players below, the best opponent first. */
  inOrder(present: Uint8Array, top: number): number[] {
    const { score } = this.players[top]!;
    const left: number[] = [];
    for (let index = top + 1; index < present.length; index++) if (present[index]) left.push(index);
    const group = left.filter((index) => this.players[index]!.score === score);
    const lower = left.slice(group.length);
    // If the group is even without `top`, it is odd with it. Then one player floats down: of the players who floated
    // down least often, the lowest one.
    if (group.length > 0 && group.length % 2 === 0) {
      const least = Math.min(...group.map((index) => this.#downs[index]!));
      group.push(
        ...group.splice(
          group.findLastIndex((index) => this.#downs[index] === least),
          1,
        ),
      );
    }
    // The list has the group without `top`, which is its first player.
    const half = Math.max(0, Math.floor((group.length + 1) / 2) - 1);
    const order = [...group.slice(half), ...group.slice(0, half).reverse(), ...lower];
    // One number per opponent, compared by rematches, then by groups down, repeated floats, sides, and place in
    // `order`.
    let groups = 0;
    let last = order[0] === undefined ? score : this.players[order[0]]!.score;
    const keys = order.map((index, place) => {
      const other = this.players[index]!.score;
      if (other !== last) groups++;
      last = other;
      const floats = other === score ? 0 : this.#downs[top]! + this.#ups[index]!;
      const sides = this.clash(top, index, 1) ? 1 : 0;
      return (((this.met(top, index) * 1_024 + groups) * 8 + floats) * 2 + sides) * 1_024 + place;
    });
    return keys.sort((a, b) => a - b).map((key) => order[key % 1_024]!);
  }

  /**
   * Home and away of a pair. The player with fewer home matches (minus away matches) is at home; if equal, the one who
   * was away in the newest round in which their sides differed. If there is none, the boards alternate.
   */
  sides(higher: number, lower: number, board: number): [string, string] {
    const [a, b] = [this.players[higher]!, this.players[lower]!];
    const difference = this.#balance[higher]! - this.#balance[lower]! || newest(a, b) || (board % 2 === 0 ? -1 : 1);
    return difference < 0 ? [a.name, b.name] : [b.name, a.name];
  }
}

/**
 * The newest round in which the sides of the two differed. Positive: the first was at home. 0: there is no such round.
 */
function newest(a: Player, b: Player): number {
  for (let back = 1; back <= Math.min(a.sides.length, b.sides.length); back++) {
    const difference = a.sides.at(-back)! - b.sides.at(-back)!;
    if (difference !== 0) return difference;
  }
  return 0;
}
