import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { isLoopbackAddress } from './callers.ts';

/** So many times within so many seconds, from the first time on. */
export interface RateLimitSetting {
  readonly count: number;
  readonly seconds: number;
}

/** A limit that the documentation lists. */
export interface RateLimit extends RateLimitSetting {
  /** What is counted together: `user`. */
  readonly by: string;
}

/** The platform's own; a subgraph's are in its manifest. RATE_LIMITS changes both. */
export const PLATFORM_RATE_LIMITS = {
  // Loopback has no privilege: spraying passwords needs no more.
  failedSignInByAddress: {
    count: 100,
    seconds: 3_600,
    by: 'the client’s network, at the local issuer; LOOPBACK_RATE_FACTOR does not apply',
  },
  // Whether somebody has the name or not.
  failedSignInByName: { count: 20, seconds: 60, by: 'the name that was tried, at the local issuer' },
} as const satisfies Record<string, RateLimit>;

export interface RateLimitsOptions {
  readonly limits: Readonly<Record<string, RateLimitSetting>>;
  /** Of every other name. Without it such a name is an error. */
  readonly otherwise?: RateLimitSetting;
  /** Clients on loopback may do this many times as much. */
  readonly loopbackFactor: number;
  /**
   * Keys that each limit remembers; then it forgets the key that was used the longest time ago. Default 10,000: 13 MB
   * when six limits are full of long keys.
   */
  readonly maxKeys?: number;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

interface Window {
  count: number;
  readonly endsAt: number;
}

/** Longer keys are kept as their digest: whoever invents names does not decide how much memory they take. */
const LONGEST_KEY = 64;

/**
 * How often somebody may do something: a number of times in a window that begins with the first time. Counted in this
 * process only, so several replicas allow several times as much; the methods are asynchronous because a shared store
 * would be. (rate-limiter-flexible counts alike and knows Redis, but its store in memory has neither a bound nor fewer
 * than one timer a key.)
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
   * Counts one more.
   * @param key who: a user's id, a client's network
   * @param clientAddress where they are, when those on loopback may do more
   * @throws GraphQLError RATE_LIMITED with `extensions.retryAfter`, the seconds to wait, when there were enough.
   *   Nothing is counted then.
   */
  async take(name: Name, key: string, clientAddress?: string): Promise<void> {
    // In one turn of the event loop: between two, others would pass the same check.
    this.#check(name, key, clientAddress);
    this.#count(name, key);
  }

  /** For what is counted only when it fails. @throws GraphQLError RATE_LIMITED, as {@link take} */
  async check(name: Name, key: string, clientAddress?: string): Promise<void> {
    this.#check(name, key, clientAddress);
  }

  /** Counts one more, however many there were. */
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

function rateLimited(retryAfter: number): GraphQLError {
  return new GraphQLError(`Too many attempts. Try again in ${retryAfter} s.`, {
    extensions: { code: 'RATE_LIMITED', retryAfter },
  });
}

/** The seconds to wait, when this is the refusal of a limit. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof GraphQLError) || error.extensions['code'] !== 'RATE_LIMITED') return undefined;
  const { retryAfter } = error.extensions;
  return typeof retryAfter === 'number' ? retryAfter : undefined;
}
