import { createHash } from 'node:crypto';

/**
 * Draws lots: the order of the SHA-256 of seed and entrant. Everybody who knows the seed can repeat it, and the order
 * in which the entrants are given does not matter.
 * @returns the entrants, the best first
 */
export function drawLots(seed: string, entrants: readonly string[]): string[] {
  const lotOf = (entrant: string): string => createHash('sha256').update(`${seed}:${entrant}`).digest('hex');
  return entrants
    .map((entrant) => ({ entrant, lot: lotOf(entrant) }))
    .sort((one, other) => (one.lot < other.lot ? -1 : 1))
    .map(({ entrant }) => entrant);
}
