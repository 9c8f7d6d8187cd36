import { linked, loserOf, positions, type Side, tie, winnerOf } from './bracket.ts';
import type { FormatConfig } from './config.ts';
import { knockoutRounds } from './names.ts';
import type { Source, StagePlan } from './plan.ts';

/**
 * Two defeats and an entrant is out: n entrants play 2n-2 matches, or 2n-1 if the losers' side wins the first final.
 *
 * The bracket is drawn for a power of two. A bye takes its slot out, in the winners' bracket and so in the losers' too:
 * an entrant without an opponent is at once in the next slot.
 */
export function drawDoubleElimination(
  config: Extract<FormatConfig, { format: 'DOUBLE_ELIMINATION' }>,
  entrants: readonly Source[],
): StagePlan {
  let sides = positions(config.order, entrants);
  const rounds = Math.log2(sides.length);
  const slots: ReturnType<typeof tie> = [];
  /** Pairs up sides. Gives the winners, and the losers, by position. */
  const play = (bracket: 'WINNERS' | 'LOSERS', round: number, pairs: readonly (readonly [Side, Side])[]) => {
    const played = pairs.map(([home, away], index): { winner: Side; loser: Side } => {
      if (!home || !away) return { winner: home ?? away, loser: null };
      const key = `${bracket === 'WINNERS' ? 'W' : 'L'}${round}-${index + 1}`;
      slots.push(...tie({ key, bracket, round, position: index + 1 }, home, away));
      return { winner: winnerOf(key), loser: loserOf(key) };
    });
    return { winners: played.map(({ winner }) => winner), losers: played.map(({ loser }) => loser) };
  };

  /** The losers of each round of the winners' bracket, by position. */
  const losers: Side[][] = [];
  for (let round = 1; round <= rounds; round++) {
    const played = play('WINNERS', round, neighbours(sides));
    sides = played.winners;
    losers.push(played.losers);
  }
  // The losers' bracket has two rounds for each round of the winners' bracket except the first. Its own winners halve
  // their number, then they meet as many who have just lost. Rounds that byes have emptied are not numbered.
  let left = losers[0]!;
  let number = 0;
  const playLosers = (pairs: readonly (readonly [Side, Side])[]): void => {
    if (pairs.some(([home, away]) => home && away)) number++;
    left = play('LOSERS', number, pairs).winners;
  };
  for (let level = 1; level < rounds; level++) {
    playLosers(neighbours(left));
    const mask = dropMask(level, rounds - 1 - level);
    playLosers(left.map((side, index) => [losers[level]![index ^ mask]!, side]));
  }
  const final = { bracket: 'FINAL', position: 1 } as const;
  slots.push(...tie({ ...final, key: 'F1', round: 1 }, sides[0]!, left[0]!));
  const [second] = tie({ ...final, key: 'F2', round: 2 }, loserOf('F1'), winnerOf('F1'));
  slots.push({ ...second!, onlyIfNeeded: true });
  return { config, groups: [], rounds: knockoutRounds(slots, rounds, true), slots: linked(slots) };
}

const neighbours = (sides: readonly Side[]): [Side, Side][] =>
  Array.from({ length: sides.length / 2 }, (_, index) => [sides[2 * index]!, sides[2 * index + 1]!]);

/**
 * The loser of round level+1 of the winners' bracket at position t drops to position t XOR mask. The ways of two losers
 * who have met join the earlier, the more of the highest bits of their levels' masks agree. Level 0, the first losers,
 * has only zeros. So the mask is the level with its bits in reverse: 0, 1/2, 1/4, 3/4, 1/8 … of the width. Levels next to
 * each other differ in the highest bit, and their losers meet again in the last rounds only.
 */
function dropMask(level: number, bits: number): number {
  let mask = 0;
  for (let bit = 0; bit < bits; bit++) mask |= ((level >> bit) & 1) << (bits - 1 - bit);
  return mask;
}
