import { createHash } from 'node:crypto';

/**
 * Shuffles items by a seed: the algorithm of Fisher and Yates, from the end to the front. The random bytes are
 * SHA-256(seed, 0), SHA-256(seed, 1) …; the counter has four bytes, most significant first. Each four bytes are a
 * number, also most significant first. A number is used modulo the range. Numbers in the last, incomplete multiple of
 * the range are skipped, because they would make some orders more likely. docs/tournaments.md has the same algorithm as
 * a separate program, with which anybody can check a draw.
 * @param seed hexadecimal
 */
export function shuffled<T>(seed: string, items: readonly T[]): T[] {
  const below = numbersOf(Buffer.from(seed, 'hex'));
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = below(last + 1);
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

/**
 * Sorts rated items by their ratings, the highest first. Items without a rating follow. The shuffled order decides
 * between equal ratings, and between items without one.
 * @param ratingOf null for an item without a rating
 */
export function byRating<T>(seed: string, items: readonly T[], ratingOf: (item: T) => number | null): T[] {
  const drawn = shuffled(seed, items).map((item) => ({ item, rating: ratingOf(item) ?? -Infinity }));
  // Compares equal ratings first, because the difference of two unrated items would not be a number. The sort is
  // stable.
  return drawn.sort((a, b) => (a.rating === b.rating ? 0 : b.rating - a.rating)).map(({ item }) => item);
}

/**
 * Draws lots: {@link shuffled}, in an order that does not depend on the order of the entrants. So anybody who knows the
 * seed can repeat the draw.
 * @param seed hexadecimal
 * @returns the entrants, the best first
 */
export const drawLots = (seed: string, entrants: readonly string[]): string[] => shuffled(seed, entrants.toSorted());

/** The SHA-256 of the seed's bytes, in hexadecimal. It is published when registration closes, before the draw. */
export const hashOf = (seed: string): string => createHash('sha256').update(Buffer.from(seed, 'hex')).digest('hex');

/**
 * Returns a generator of random whole numbers from the seed. Its argument `range` must be positive: 0 to `range` - 1.
 */
function numbersOf(seed: Buffer): (range: number) => number {
  let block = Buffer.alloc(0);
  let counter = 0;
  return (range) => {
    for (;;) {
      if (block.length === 0) {
        const count = Buffer.alloc(4);
        count.writeUInt32BE(counter++);
        block = createHash('sha256').update(seed).update(count).digest();
      }
      const number = block.readUInt32BE();
      block = block.subarray(4);
      if (number < 2 ** 32 - (2 ** 32 % range)) return number % range;
    }
  };
}
