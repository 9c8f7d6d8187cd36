import { createHash, randomUUID } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Cache } from 'cache-manager';
import type { Counter } from 'prom-client';
import type { Metrics } from '../observability/metrics.ts';
import { answerWithin } from '../async/within.ts';

declare const made: unique symbol;
/** A key of the cache. Only {@link cacheKeys} makes such keys, so two uses of the cache cannot share a key. */
export type CacheKey = string & { readonly [made]: true };

const LONGEST_KEY = 200;
/**
 * How long the cache may take for one operation, in milliseconds. After that the operation counts as failed, because a
 * slower cache takes longer than most loads that it saves.
 */
const CACHE_TIMEOUT_MS = 250;
const GENERATION_TTL_MS = 24 * 3600 * 1000;
const LOG_INTERVAL_MS = 10_000;

const names = new Set<string>();

/**
 * Creates the function that makes the keys of one kind of cached value, for example
 * `const teamKey = cacheKeys('team', 2)`. Increase `version` when the shape of the value changes, so that a new release
 * does not read values of an old one.
 * @throws Error when the name is already used in this process, because two kinds would read each other's values
 */
export function cacheKeys(name: string, version: number): (...parts: readonly string[]) => CacheKey {
  if (names.has(name)) throw new Error(`cache keys named ${name} exist already`);
  names.add(name);
  return (...parts) => {
    // As JSON, different lists of parts give different texts. JSON also escapes invalid Unicode.
    const exact = JSON.stringify(parts);
    const id = exact.length <= LONGEST_KEY ? exact : createHash('sha256').update(exact).digest('base64url');
    return `${name}:${version}:${id}` as CacheKey;
  };
}

export interface CachedOptions {
  /** Whether null and undefined are cached too. Default false, because a missing object is often created next. */
  readonly keepMissing?: boolean;
}

interface Entry<T> {
  readonly generation: string;
  readonly value?: T;
}

/** The state of this process for a cache, besides its entries. */
interface Opened {
  readonly flights: Map<CacheKey, Promise<unknown>>;
  readonly reads: Counter<'cache' | 'outcome'>;
  readonly errors: Counter<'cache' | 'operation'>;
}

const opened = new WeakMap<Cache, Opened>();

/** Sets the metrics that count a cache's reads. Call it before the first use of the cache. */
export function countInto(metrics: Metrics, cache: Cache): void {
  opened.set(cache, {
    flights: new Map(),
    reads: metrics.counter(
      'prodvor_cache_reads_total',
      'Reads through the cache by what they met; joined: another read was loading the same',
      ['cache', 'outcome'],
    ),
    errors: metrics.counter('prodvor_cache_errors_total', 'Operations of the cache that failed or took too long', [
      'cache',
      'operation',
    ]),
  });
}

/**
 * Returns the value under `key`, or else the result of `load`, which is then cached for `ttlMs` milliseconds. Values
 * are plain objects, arrays, dates, strings, numbers and booleans. They are equal when read again, from memory and from
 * Redis. Null and undefined are cached only with `keepMissing`. Any other value is never cached, and counts as an
 * error.
 *
 * Concurrent reads of one key in one process share one load. The cache never makes a read fail, and delays it by at
 * most three times 250 ms. An error of `load` is thrown, and not cached.
 *
 * An entry is valid only while its generation equals the key's current one. A generation is a random id, stored next to
 * the entry. It is read (or created) before `load` starts, and an invalidation deletes it. So a load that began before
 * an invalidation stores its value under a generation that is never valid again, in this process or another, in any
 * order of the two writes.
 */
export function cached<T>(
  cache: Cache,
  key: CacheKey,
  ttlMs: number,
  load: () => Promise<T>,
  options: CachedOptions = {},
): Promise<T> {
  const { flights, reads } = openedOf(cache);
  const running = flights.get(key);
  if (running) {
    reads.inc({ cache: nameOf(key), outcome: 'joined' });
    return running as Promise<T>;
  }
  const flight = read(cache, key, ttlMs, load, options).finally(() => {
    if (flights.get(key) === flight) flights.delete(key);
  });
  flights.set(key, flight);
  return flight;
}

/**
 * After it resolves, no read that starts in this process gets a value that was loaded before the call. A read that
 * starts in another process can still join a load that is running there.
 * @throws {Error} when the cache does not confirm it. The caller decides whether to repeat it or to wait until the
 * entries expire.
 */
export async function invalidate(cache: Cache, ...keys: CacheKey[]): Promise<void> {
  const { flights } = openedOf(cache);
  // Flights are removed before the invalidation, so that no read joins an old load. They are removed again afterwards,
  // because a read may have started with the old generation meanwhile.
  for (const key of keys) flights.delete(key);
  await Promise.all(keys.map((key) => guarded(cache, key, 'invalidate', cache.mdel([generationKey(key), key]))));
  for (const key of keys) flights.delete(key);
}

/**
 * Stores a mark under each of these keys. A mark disappears after `ttlMs` milliseconds.
 * @throws {Error} when the cache does not confirm it
 */
export async function mark(cache: Cache, keys: readonly CacheKey[], ttlMs: number): Promise<void> {
  const [first] = keys;
  if (first === undefined) return;
  const entries = keys.map((key) => ({ key, value: 1, ttl: ttlMs }));
  await guarded(cache, first, 'write', storeOf(cache).setMany(entries));
}

/**
 * Whether each of these keys has a mark now. A cache in memory has a size limit and may have dropped marks early.
 * @throws {Error} when the cache does not answer
 */
export async function marked(cache: Cache, keys: readonly CacheKey[]): Promise<boolean[]> {
  const [first] = keys;
  if (first === undefined) return [];
  const found = await guarded(cache, first, 'read', storeOf(cache).getMany<number>([...keys]));
  return found.map((value) => value !== undefined && value !== null);
}

async function read<T>(
  cache: Cache,
  key: CacheKey,
  ttlMs: number,
  load: () => Promise<T>,
  { keepMissing = false }: CachedOptions,
): Promise<T> {
  const { reads } = openedOf(cache);
  const name = nameOf(key);
  const found = await tolerated(readEntry<T>(cache, key));
  if (!found) {
    reads.inc({ cache: name, outcome: 'error' });
    return load();
  }
  const { entry } = found;
  if (entry && entry.generation === found.generation) {
    reads.inc({ cache: name, outcome: 'hit' });
    return entry.value as T;
  }
  reads.inc({ cache: name, outcome: 'miss' });
  let generation = found.generation;
  if (generation === undefined) {
    generation = randomUUID();
    const kept = await tolerated(
      guarded(cache, key, 'write', cache.set(generationKey(key), generation, GENERATION_TTL_MS)),
    );
    if (kept === undefined) return load();
  }
  const value = await load();
  if (keepMissing || (value !== null && value !== undefined)) {
    await tolerated(guarded(cache, key, 'write', cache.set<Entry<T>>(key, { generation, value }, ttlMs)));
  }
  return value;
}

/**
 * Reads the generation and the entry in one round trip. cache-manager returns nothing for a failed read and only
 * notifies its listeners, so this function calls the store directly.
 */
async function readEntry<T>(
  cache: Cache,
  key: CacheKey,
): Promise<{ generation: string | undefined; entry: Entry<T> | undefined }> {
  const [generation, entry] = await guarded(
    cache,
    key,
    'read',
    storeOf(cache).getMany<unknown>([generationKey(key), key]),
  );
  return { generation: generation as string | undefined, entry: entry as Entry<T> | undefined };
}

function storeOf({ stores: [store] }: Cache): NonNullable<Cache['stores'][0]> {
  if (!store) throw new Error('The cache has no store');
  return store;
}

/** Limits the time of one operation of the cache, and counts failures. */
async function guarded<T>(
  cache: Cache,
  key: CacheKey,
  operation: 'read' | 'write' | 'invalidate',
  work: Promise<T>,
): Promise<T> {
  try {
    return await answerWithin(work, CACHE_TIMEOUT_MS);
  } catch (error) {
    openedOf(cache).errors.inc({ cache: nameOf(key), operation });
    logSometimes(
      `The cache failed to ${operation} ${nameOf(key)}: ${error instanceof Error ? error.message : String(error)}`,
    );
    throw error;
  }
}

async function tolerated<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch {
    return undefined;
  }
}

const log = new Logger('Cache');
let loggedAt = -Infinity;
let unlogged = 0;

/**
 * Every read fails while the cache is down. So this function logs at most one line in ten seconds, with the number of
 * lines that it left out.
 */
export function logSometimes(message: string): void {
  if (performance.now() - loggedAt < LOG_INTERVAL_MS) {
    unlogged++;
    return;
  }
  log.warn(unlogged > 0 ? `${message} (${unlogged} more like it before)` : message);
  loggedAt = performance.now();
  unlogged = 0;
}

function openedOf(cache: Cache): Opened {
  const found = opened.get(cache);
  if (!found) throw new Error('The cache was not opened by CacheModule, so nothing would count its reads');
  return found;
}

function generationKey(key: CacheKey): string {
  return `generation:${key}`;
}

function nameOf(key: CacheKey): string {
  return key.slice(0, key.indexOf(':'));
}
