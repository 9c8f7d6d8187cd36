export interface RetryOptions {
  /** Retries of one request. */
  readonly retries: number;
  /**
   * What the first retry may wait for at most, in ms; it doubles with each. The wait is random below it, so that
   * callers spread.
   */
  readonly backoffMs: number;
  /** No retry waits for longer, also when the subgraph asks for more: then there is none. */
  readonly maxWaitMs: number;
  /** What each request adds to the budget, from which each retry takes 1. */
  readonly share: number;
  /** What the budget holds, and begins with. */
  readonly reserve: number;
}

const RETRY: RetryOptions = { retries: 2, backoffMs: 50, maxWaitMs: 2_000, share: 0.1, reserve: 10 };

/** Why an attempt brought no GraphQL response. */
export interface Failure {
  /** 0 when no status line had come. */
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter?: string | undefined;
  /** What the connection ended with, when there was no response. */
  readonly cause?: unknown;
}

/**
 * The request has not been answered, and another connection may have more luck (codes of node:net and of `HttpClient`).
 */
const CONNECTION = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/**
 * Decides which queries to a subgraph are sent again. All retries together stay below a share of the requests (and a
 * small reserve), so a subgraph that fails is not asked more than a tenth more often than one that is well.
 */
export class RetryPolicy {
  readonly #options: RetryOptions;
  readonly #random: () => number;
  readonly #now: () => number;
  #budget: number;
  #count = 0;

  /** `now` in ms since the epoch, for dates in `Retry-After`; `random` as Math.random. */
  constructor(
    options: Partial<RetryOptions> = {},
    { random = Math.random, now = Date.now }: { readonly random?: () => number; readonly now?: () => number } = {},
  ) {
    this.#options = { ...RETRY, ...options };
    this.#budget = this.#options.reserve;
    this.#random = random;
    this.#now = now;
  }

  /** Retries so far. */
  get count(): number {
    return this.#count;
  }

  /** For each request, not for its retries. */
  began(): void {
    if (this.#budget < this.#options.reserve)
      this.#budget = Math.min(this.#options.reserve, this.#budget + this.#options.share);
  }

  /**
   * How many ms to wait before a query is sent again; undefined when it must not be. For queries only.
   * @param attempt 0 after the first, 1 after the first retry
   * @param leftMs until the request's time is up
   */
  mayRetry(failure: Failure, attempt: number, leftMs: number): number | undefined {
    const { retries, backoffMs, maxWaitMs } = this.#options;
    if (attempt >= retries || this.#budget < 1) return undefined;
    const asked = this.#askedFor(failure);
    if (asked === undefined) return undefined;
    const wait = asked + this.#random() * Math.min(maxWaitMs, backoffMs * 2 ** attempt);
    if (asked > maxWaitMs || wait >= leftMs) return undefined;
    this.#budget--;
    this.#count++;
    return wait;
  }

  /** The ms that the subgraph asks for, 0 when it asks for none; undefined when this is no failure to repeat. */
  #askedFor({ status, retryAfter, cause }: Failure): number | undefined {
    if (status === 0) return CONNECTION.has(codeOf(cause)) ? 0 : undefined;
    if ((status !== 502 && status !== 503 && status !== 504) || retryAfter === undefined) return undefined;
    const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - this.#now();
    return Number.isNaN(ms) ? undefined : Math.max(0, ms);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
