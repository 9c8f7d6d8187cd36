import { createHash } from 'node:crypto';

/**
 * Shuffles items by a seed: the algorithm of Fisher and Yates, from the end to the front. Its random numbers are the
 * bytes of SHA-256(seed, 0), SHA-256(seed, 1) …, where the counter has four bytes, most significant first. Four bytes,
 * most significant first, are a number. A number at or above the greatest multiple of the range is skipped, so that
 * every order is equally likely. docs/tournaments.md has the same algorithm as a program of its own.
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

/** The SHA-256 of the seed's bytes, in hexadecimal: what is published before the draw. */
export const hashOf = (seed: string): string => createHash('sha256').update(Buffer.from(seed, 'hex')).digest('hex');

/** A function that returns the next random whole number from 0 to below its argument. */
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
