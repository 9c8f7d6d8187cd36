/**
 * The largest difference, in seconds and in either direction, between a signature's `created` and the verifier's clock.
 * A signature with a larger difference is refused as `stale`.
 */
export const CLOCK_WINDOW_SECONDS = 30;

/** Remembers each nonce for at least as long as a signature with it could be accepted. */
export interface NonceCache {
  /**
   * Returns 'full' when the cache is full and the nonce was not stored; the call is then refused. The cache does not
   * evict another nonce early instead, because the call with that nonce could then be replayed.
   */
  remember(nonce: string): 'new' | 'seen' | 'full';
}

/**
 * Creates a cache of two generations, each at least twice the clock window long: `created` may be one window in the
 * future, and is then accepted until one window after it.
 * @param maxPerGeneration bounds memory at about 100 bytes per nonce. The default is enough for 8,000 calls a second.
 * @param now the time in milliseconds since the epoch
 */
export function createNonceCache({
  maxPerGeneration = 500_000,
  now = Date.now,
}: { maxPerGeneration?: number; now?: () => number } = {}): NonceCache {
  const generationMs = 2 * CLOCK_WINDOW_SECONDS * 1000 + 1000;
  let current = new Set<string>();
  let previous = new Set<string>();
  let startedAt = now();
  return {
    remember(nonce) {
      const age = now() - startedAt;
      if (age >= generationMs) {
        previous = age >= 2 * generationMs ? new Set() : current;
        current = new Set();
        startedAt = now();
      }
      if (current.has(nonce) || previous.has(nonce)) return 'seen';
      if (current.size >= maxPerGeneration) return 'full';
      current.add(nonce);
      return 'new';
    },
  };
}
