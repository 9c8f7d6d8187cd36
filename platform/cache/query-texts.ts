import type { Keyv } from 'keyv';

/**
 * Texts of persisted queries by hash, shared by all routers of a product. The methods reject when the cache is away.
 */
export interface QueryTexts {
  get(hash: string): Promise<string | undefined>;
  set(hash: string, query: string): Promise<void>;
  close(): Promise<void>;
}

export interface QueryTextBounds {
  /** Lifetime of a text in milliseconds. */
  readonly keptMs: number;
  /** The largest number of texts, and of their bytes in total, that one process adds within that time. */
  readonly entries: number;
  readonly bytes: number;
}

// A product has hundreds of queries. A client that invents more fills at most 40 MB per router, because two periods of
// `keptMs` overlap.
const BOUNDS: QueryTextBounds = { keptMs: 24 * 3_600_000, entries: 10_000, bytes: 20_000_000 };

/**
 * Limits what each process adds, because other data shares the cache, and the cache has no separate limit for these
 * texts. A text beyond the limit is not added. Clients then send it to each router once, which costs one more round
 * trip.
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
