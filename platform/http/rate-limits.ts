import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { isLoopbackAddress } from './callers.ts';

/** At most `count` times within `seconds`, counted from the first time. A further time is refused with RATE_LIMITED. */
export interface RateLimitSetting {
  readonly count: number;
  readonly seconds: number;
}

/** A limit that the documentation lists. */
export interface RateLimit extends RateLimitSetting {
  /** What is counted together, for example `user`. */
  readonly by: string;
}

/** The limits of the platform. The manifest of a subgraph has its own. RATE_LIMITS changes both. */
export const PLATFORM_RATE_LIMITS = {
  // Clients on loopback have no privilege, because guessing passwords for many names needs no more.
  failedSignInByAddress: {
    count: 100,
    seconds: 3_600,
    by: 'the client’s network, at the local issuer; LOOPBACK_RATE_FACTOR does not apply',
  },
  // The limit of failed sign-ins by name also counts attempts for names that do not exist.
  failedSignInByName: { count: 20, seconds: 60, by: 'the name that was tried, at the local issuer' },
} as const satisfies Record<string, RateLimit>;

export interface RateLimitsOptions {
  readonly limits: Readonly<Record<string, RateLimitSetting>>;
  /** The limit for every other name. Absent: a call with another name throws. */
  readonly otherwise?: RateLimitSetting;
  /** Factor of the limits for clients on loopback. */
  readonly loopbackFactor: number;
  /**
   * The largest number of keys that each limit remembers. Beyond it, the least recently used key is dropped. Default
   * 10,000: 13 MB when six limits are full of long keys.
   */
  readonly maxKeys?: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

interface Window {
  count: number;
  readonly endsAt: number;
}

/**
 * The longest key that is stored as it is. A longer key is stored as a digest, so that clients who invent long names
 * cannot use more memory.
 */
const LONGEST_KEY = 64;

/**
 * Limits how often a user or network may do something in a window that starts with the first time. Counts are per
 * process, so several replicas allow several times as much. The methods are asynchronous so that a shared store could
 * replace this one. (rate-limiter-flexible counts in the same way and supports Redis, but its memory store is unbounded
 * and needs a timer for each key.)
 */
export class RateLimits<Name extends string = string> {
  readonly #options: Required<Omit<RateLimitsOptions, 'otherwise'>>;
  readonly #otherwise: RateLimitSetting | undefined;
  readonly #windows = new Map<string, LRUCache<string, Window>>();

  constructor(options: RateLimitsOptions) {
    this.#options = { maxKeys: 10_000, now: () => performance.now(), ...options };
    this.#otherwise = options.otherwise;
  }

  /**
   * Counts one use.
   * @param key the user's id, or the client's network
   * @param clientAddress the client's address, if clients on loopback may do more
   * @throws GraphQLError RATE_LIMITED with `extensions.retryAfter`, the seconds to wait, when the limit is reached.
   * Then nothing is counted.
   */
  async take(name: Name, key: string, clientAddress?: string): Promise<void> {
    // The check and the count are in one turn of the event loop. Otherwise concurrent calls could pass the same check
    // before one of them is counted.
    this.#check(name, key, clientAddress);
    this.#count(name, key);
  }

  /**
   * Checks without counting, for limits that count only failures. @throws GraphQLError RATE_LIMITED, as {@link take}
   */
  async check(name: Name, key: string, clientAddress?: string): Promise<void> {
    this.#check(name, key, clientAddress);
  }

  /** Counts one use without checking. */
  async count(name: Name, key: string): Promise<void> {
    this.#count(name, key);
  }

  #check(name: Name, key: string, clientAddress: string | undefined): void {
    const window = this.#current(name, key);
    const most = this.#settingOf(name).count * (isLoopbackAddress(clientAddress) ? this.#options.loopbackFactor : 1);
    if (window && window.count >= most)
      throw rateLimited(Math.max(1, Math.ceil((window.endsAt - this.#options.now()) / 1000)));
  }

  #count(name: Name, key: string): void {
    const window = this.#current(name, key);
    if (window) window.count++;
    else
      this.#windowsOf(name).set(short(key), {
        count: 1,
        endsAt: this.#options.now() + this.#settingOf(name).seconds * 1000,
      });
  }

  #settingOf(name: Name): RateLimitSetting {
    const setting =
      (Object.hasOwn(this.#options.limits, name) ? this.#options.limits[name] : undefined) ?? this.#otherwise;
    if (!setting) throw new Error(`there is no rate limit ${name}`);
    return setting;
  }

  #windowsOf(name: Name): LRUCache<string, Window> {
    const windows = this.#windows.get(name) ?? new LRUCache<string, Window>({ max: this.#options.maxKeys });
    this.#windows.set(name, windows);
    return windows;
  }

  #current(name: Name, key: string): Window | undefined {
    const window = this.#windows.get(name)?.get(short(key));
    return window && window.endsAt > this.#options.now() ? window : undefined;
  }
}

const short = (key: string): string =>
  key.length <= LONGEST_KEY ? key : createHash('sha256').update(key).digest('base64url');

/** Makes an error with code RATE_LIMITED, to throw. @param retryAfter in seconds */
export function rateLimited(retryAfter: number): GraphQLError {
  return new GraphQLError(`Too many attempts. Try again in ${retryAfter} s.`, {
    extensions: { code: 'RATE_LIMITED', retryAfter },
  });
}

/** The seconds to wait if the error is RATE_LIMITED; otherwise undefined. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof GraphQLError) || error.extensions['code'] !== 'RATE_LIMITED') return undefined;
  const { retryAfter } = error.extensions;
  return typeof retryAfter === 'number' ? retryAfter : undefined;
}
