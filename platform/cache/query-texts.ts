import type { Keyv } from 'keyv';

/**
 * Texts of persisted queries, by hash, for all routers of a product together. Methods reject when the cache is away.
 */
export interface QueryTexts {
  get(hash: string): Promise<string | undefined>;
  set(hash: string, query: string): Promise<void>;
  close(): Promise<void>;
}

export interface QueryTextBounds {
  /** How long a text is kept, in milliseconds. */
  readonly keptMs: number;
  /** Texts, and bytes of texts, that one process adds within that time. */
  readonly entries: number;
  readonly bytes: number;
}

// A product has hundreds of queries. Who makes up more fills 40 MB per router at most: two times of `keptMs` overlap.
const BOUNDS: QueryTextBounds = { keptMs: 24 * 3_600_000, entries: 10_000, bytes: 20_000_000 };

/**
 * Bounded by what each process adds, because the cache is shared with other data and counts nothing for us. What is
 * beyond is not added: then clients send the text to each router once, which costs one more round trip.
 */
export function queryTexts(keyv: Keyv, { keptMs, entries, bytes }: QueryTextBounds = BOUNDS): QueryTexts {
  const key = (hash: string): string => `query:1:${hash}`;
  let [since, added, addedBytes] = [performance.now(), 0, 0];
  return {
    async get(hash) {
      const query: unknown = await keyv.get(key(hash));
      return typeof query === 'string' ? query : undefined;
    },
    async set(hash, query) {
      const size = Buffer.byteLength(query);
      if (performance.now() - since >= keptMs) [since, added, addedBytes] = [performance.now(), 0, 0];
      if (added >= entries || addedBytes + size > bytes) return;
      added++;
      addedBytes += size;
      await keyv.set(key(hash), query, keptMs);
    },
    close: () => keyv.disconnect(),
  };
}
