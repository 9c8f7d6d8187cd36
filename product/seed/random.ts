/** A generator of pseudo-random numbers. The same seed and the same calls give the same numbers. */
export class Random {
  #state: number;

  /** @param seed any text */
  constructor(seed: string) {
    let state = 0x811c9dc5;
    for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193);
    this.#state = state;
  }

  /** A number from 0 to below 1, by the algorithm mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `least` to `most`, both included. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const one = from[Math.floor(this.next() * from.length)];
    if (one === undefined) throw new Error('there is nothing to pick from');
    return one;
  }

  /** One of the values. The chance of a value is its weight divided by the sum of all weights. */
  weighted<T>(from: readonly (readonly [T, number])[]): T {
    let left = this.next() * from.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [one, weight] of from) if ((left -= weight) < 0) return one;
    return this.pick(from)[0];
  }

  shuffled<T>(from: readonly T[]): T[] {
    const all = [...from];
    for (let last = all.length - 1; last > 0; last--) {
      const other = this.int(0, last);
      [all[last], all[other]] = [all[other] as T, all[last] as T];
    }
    return all;
  }

  /** A number with the Poisson distribution: how often an event happens that happens `mean` times on average. */
  poisson(mean: number): number {
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > limit; product *= this.next()) count++;
    return count;
  }

  /**
   * A number with about the normal distribution, mean 0 and deviation 1: the sum of twelve uniform numbers, minus 6.
   */
  normal(): number {
    return Array.from({ length: 12 }, () => this.next()).reduce((sum, one) => sum + one, -6);
  }

  bytes(size: number): Buffer {
    const bytes = Buffer.alloc(Math.ceil(size / 4) * 4);
    for (let at = 0; at < size; at += 4) bytes.writeUInt32LE(Math.floor(this.next() * 2 ** 32), at);
    return bytes.subarray(0, size);
  }
}
