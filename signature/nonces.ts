/** The furthest a signature's `created` may lie from the verifier's clock, either way. Seconds. */
export const CLOCK_WINDOW_SECONDS = 30;

/** Remembers nonces for at least as long as a signature with them could be accepted. */
export interface NonceCache {
  /** 'full': remembered nothing, because forgetting another one early would let that one be replayed. */
  remember(nonce: string): 'new' | 'seen' | 'full';
}

/**
 * Two generations, each at least twice the clock window long (`created` may lie the window ahead, and is accepted until
 * the window after). `maxPerGeneration` bounds memory at about 100 bytes each; the default serves 8,000 calls a second.
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
