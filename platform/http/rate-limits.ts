import { createHash } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import { isLoopbackAddress } from './callers.ts';

/** So many times within so many seconds, from the first time on. */
export interface RateLimitSetting {
  readonly count: number;
  readonly seconds: number;
}

/** What RATE_LIMITS may change. */
export const DEFAULT_RATE_LIMITS = {
  /** Accounts, by the client's network. */
  register: { count: 20, seconds: 3_600 },
  /** By user, all rooms together. */
  sendMessage: { count: 300, seconds: 60 },
  /** By user. */
  createTeam: { count: 200, seconds: 3_600 },
  /** Invitations sent, by user. */
  inviteToTeam: { count: 200, seconds: 3_600 },
  /** Failed sign-ins at the local issuer, by the client's network; loopback has no privilege: spraying passwords needs no more. */
  failedSignInByAddress: { count: 100, seconds: 3_600 },
  /** The same by the name that was tried, whether somebody has it or not. */
  failedSignInByName: { count: 20, seconds: 60 },
} as const satisfies Record<string, RateLimitSetting>;

export type RateLimitName = keyof typeof DEFAULT_RATE_LIMITS;

export interface RateLimitsOptions {
  readonly limits: Readonly<Record<RateLimitName, RateLimitSetting>>;
  /** Clients on loopback may do this many times as much. */
  readonly loopbackFactor: number;
  /** Keys that each limit remembers; then it forgets the key that was used the longest time ago. Default 10,000: 13 MB when six limits are full of long keys. */
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
 * How often somebody may do something: a number of times in a window that begins with the first time. Counted in this process only, so
 * several replicas allow several times as much; the methods are asynchronous because a shared store would be. (rate-limiter-flexible counts
 * alike and knows Redis, but its store in memory has neither a bound nor fewer than one timer a key.)
 */
export class RateLimits {
  readonly #options: Required<RateLimitsOptions>;
  readonly #windows: ReadonlyMap<string, LRUCache<string, Window>>;

  constructor(options: RateLimitsOptions) {
    this.#options = { maxKeys: 10_000, now: () => performance.now(), ...options };
    this.#windows = new Map(Object.keys(options.limits).map((name) => [name, new LRUCache<string, Window>({ max: this.#options.maxKeys })]));
  }

  /**
   * Counts one more.
   * @param key who: a user's id, a client's network
   * @param clientAddress where they are, when those on loopback may do more
   * @throws GraphQLError RATE_LIMITED with `extensions.retryAfter`, the seconds to wait, when there were enough. Nothing is counted then.
   */
  async take(name: RateLimitName, key: string, clientAddress?: string): Promise<void> {
    // In one turn of the event loop: between two, others would pass the same check.
    this.#check(name, key, clientAddress);
    this.#count(name, key);
  }

  /** For what is counted only when it fails. @throws GraphQLError RATE_LIMITED, as {@link take} */
  async check(name: RateLimitName, key: string, clientAddress?: string): Promise<void> {
    this.#check(name, key, clientAddress);
  }

  /** Counts one more, however many there were. */
  async count(name: RateLimitName, key: string): Promise<void> {
    this.#count(name, key);
  }

  #check(name: RateLimitName, key: string, clientAddress: string | undefined): void {
    const { limits, loopbackFactor } = this.#options;
    const window = this.#current(name, key);
    const most = limits[name].count * (isLoopbackAddress(clientAddress) ? loopbackFactor : 1);
    if (window && window.count >= most) throw rateLimited(Math.max(1, Math.ceil((window.endsAt - this.#options.now()) / 1000)));
  }

  #count(name: RateLimitName, key: string): void {
    const window = this.#current(name, key);
    if (window) window.count++;
    else this.#windows.get(name)?.set(short(key), { count: 1, endsAt: this.#options.now() + this.#options.limits[name].seconds * 1000 });
  }

  #current(name: RateLimitName, key: string): Window | undefined {
    const window = this.#windows.get(name)?.get(short(key));
    return window && window.endsAt > this.#options.now() ? window : undefined;
  }
}

const short = (key: string): string => (key.length <= LONGEST_KEY ? key : createHash('sha256').update(key).digest('base64url'));

function rateLimited(retryAfter: number): GraphQLError {
  return new GraphQLError(`Too many attempts. Try again in ${retryAfter} s.`, { extensions: { code: 'RATE_LIMITED', retryAfter } });
}

/** The seconds to wait, when this is the refusal of a limit. */
export function retryAfterOf(error: unknown): number | undefined {
  if (!(error instanceof GraphQLError) || error.extensions['code'] !== 'RATE_LIMITED') return undefined;
  const { retryAfter } = error.extensions;
  return typeof retryAfter === 'number' ? retryAfter : undefined;
}
