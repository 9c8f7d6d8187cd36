export interface RetryOptions {
  /** The largest number of retries of one request. */
  readonly retries: number;
  /**
   * The longest wait before the first retry, in ms. It doubles with each retry. The actual wait is a random part of it,
   * so that retries of many callers do not coincide. The wait is added to the time that `Retry-After` asks for.
   */
  readonly backoffMs: number;
  /**
   * The largest value that `backoffMs` grows to, in ms. It is also the longest `Retry-After` that the router accepts:
   * if the subgraph asks for more, there is no retry.
   */
  readonly maxWaitMs: number;
  /** How much each request adds to the retry budget. Each retry takes 1. */
  readonly share: number;
  /** The size of the budget. It starts full. */
  readonly reserve: number;
}

const RETRY: RetryOptions = { retries: 2, backoffMs: 50, maxWaitMs: 2_000, share: 0.1, reserve: 10 };

/** Why an attempt got no GraphQL response. */
export interface Failure {
  /** 0 when no status line arrived. */
  readonly status: number;
  /** The value of the response's `Retry-After` header. */
  readonly retryAfter?: string | undefined;
  /** The error of the connection, when there was no response. */
  readonly cause?: unknown;
}

/** Errors after which another connection may succeed (codes of node:net and of `HttpClient`). */
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
 * Decides which queries to a subgraph are retried. All retries together stay below a share of the requests (a tenth by
 * default), plus a small reserve. So retries hardly add to the load of a subgraph that already fails.
 */
export class RetryPolicy {
  readonly #options: RetryOptions;
  readonly #random: () => number;
  readonly #now: () => number;
  #budget: number;
  #count = 0;

  /**
   * @param now milliseconds since the epoch, for dates in `Retry-After`
   * @param random like Math.random
   */
  constructor(
    options: Partial<RetryOptions> = {},
    { random = Math.random, now = Date.now }: { readonly random?: () => number; readonly now?: () => number } = {},
  ) {
    this.#options = { ...RETRY, ...options };
    this.#budget = this.#options.reserve;
    this.#random = random;
    this.#now = now;
  }

  /** How many retries there have been. */
  get count(): number {
    return this.#count;
  }

  /** Adds the share of one request to the retry budget. Call it once for each request, but not for its retries. */
  requestStarted(): void {
    if (this.#budget < this.#options.reserve)
      this.#budget = Math.min(this.#options.reserve, this.#budget + this.#options.share);
  }

  /**
   * How many ms to wait before a query is retried, or undefined when it must not be retried. Call it only for queries.
   * @param attempt 0 after the first attempt, 1 after the first retry
   * @param leftMs until the request's deadline
   */
  retryDelay(failure: Failure, attempt: number, leftMs: number): number | undefined {
    const { retries, backoffMs, maxWaitMs } = this.#options;
    if (attempt >= retries || this.#budget < 1) return undefined;
    const asked = this.#requestedDelay(failure);
    if (asked === undefined) return undefined;
    const wait = asked + this.#random() * Math.min(maxWaitMs, backoffMs * 2 ** attempt);
    if (asked > maxWaitMs || wait >= leftMs) return undefined;
    this.#budget--;
    this.#count++;
    return wait;
  }

  /**
   * The wait in ms that the subgraph asks for, or 0 when the connection failed. Undefined when the failure must not be
   * retried, for example a 503 without `Retry-After`.
   */
  #requestedDelay({ status, retryAfter, cause }: Failure): number | undefined {
    if (status === 0) return CONNECTION.has(codeOf(cause)) ? 0 : undefined;
    if ((status !== 502 && status !== 503 && status !== 504) || retryAfter === undefined) return undefined;
    const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - this.#now();
    return Number.isNaN(ms) ? undefined : Math.max(0, ms);
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
