import { linked, loserOf, positions, type Side, tie, winnerOf } from './bracket.ts';
import type { FormatConfig } from './config.ts';
import { knockoutRounds } from './names.ts';
import type { Source, StagePlan } from './plan.ts';

/**
 * An entrant with two defeats is out. n entrants play 2n-2 matches, or 2n-1 if the losers' side wins the first final.
 *
 * The bracket is drawn for a power of two. A bye removes its slot in the winners' bracket, and so a slot in the losers'
 * bracket: an entrant without an opponent goes directly to the next slot.
 */
export function drawDoubleElimination(
  config: Extract<FormatConfig, { format: 'DOUBLE_ELIMINATION' }>,
  entrants: readonly Source[],
): StagePlan {
  let sides = positions(config.order, entrants);
  const rounds = Math.log2(sides.length);
  const slots: ReturnType<typeof tie> = [];
  /** Adds a slot for each pair of two entrants. @returns the sources of the winners and of the losers, by position */
  const play = (bracket: 'WINNERS' | 'LOSERS', round: number, pairs: readonly (readonly [Side, Side])[]) => {
    const played = pairs.map(([home, away], index): { winner: Side; loser: Side } => {
      if (!home || !away) return { winner: home ?? away, loser: null };
      const key = `${bracket === 'WINNERS' ? 'W' : 'L'}${round}-${index + 1}`;
      slots.push(...tie({ key, bracket, round, position: index + 1 }, home, away));
      return { winner: winnerOf(key), loser: loserOf(key) };
    });
    return { winners: played.map(({ winner }) => winner), losers: played.map(({ loser }) => loser) };
  };

  /** For each round of the winners' bracket: the sources of its losers, by position. */
  const losers: Side[][] = [];
  for (let round = 1; round <= rounds; round++) {
    const played = play('WINNERS', round, neighbours(sides));
    sides = played.winners;
    losers.push(played.losers);
  }
  // The losers' bracket has two rounds for each round of the winners' bracket except the first. In one round, its own
  // entrants play each other. In the next, the winners play the entrants who have just dropped. Rounds without a match,
  // because of byes, get no number.
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
 * Places losers so that rematches come late. The loser at position t of round level+1 of the winners' bracket drops to
 * position t XOR mask. Two losers who have met before can meet again the earlier, the more highest bits of their
 * levels' masks agree. The mask is the level with its bits reversed (0, 1/2, 1/4, 3/4, 1/8 … of the width). So
 * consecutive levels differ in the highest bit, and their losers can meet again only in the last rounds.
 */
function dropMask(level: number, bits: number): number {
  let mask = 0;
  for (let bit = 0; bit < bits; bit++) mask |= ((level >> bit) & 1) << (bits - 1 - bit);
  return mask;
}
