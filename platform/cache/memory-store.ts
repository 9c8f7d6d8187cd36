import { Keyv } from 'keyv';
import { LRUCache } from 'lru-cache';
import { fromJson, toJson } from './json.ts';

export interface MemoryBounds {
  readonly maxEntries?: number;
  /** The largest number of characters of serialised values and keys, over all entries. Default 32 Mi. */
  readonly maxSize?: number;
}

/** A Keyv store that evicts the least recently used entries. Keyv's own map has no limit. */
export function memoryStore({ maxEntries = 20_000, maxSize = 32 * 1024 * 1024 }: MemoryBounds = {}): Keyv {
  const entries = new LRUCache<string, string>({
    max: maxEntries,
    maxSize,
    sizeCalculation: (value, key) => value.length + key.length,
  });
  return new Keyv({
    store: {
      get: (key: string) => entries.get(key),
      set: (key: string, value: string, ttl?: number) => {
        entries.set(key, value, ttl === undefined ? {} : { ttl });
      },
      delete: (key: string) => entries.delete(key),
      has: (key: string) => entries.has(key),
      clear: () => entries.clear(),
    },
    serialize: toJson,
    deserialize: fromJson,
    throwOnErrors: true,
  });
}
