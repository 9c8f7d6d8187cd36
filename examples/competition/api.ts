import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type DocumentNode, type ExecutionResult, print } from 'graphql';
import type { Client } from 'graphql-ws';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Answered } from '../typed-client/answered.ts';
import { createLiveClient, resumable, StreamEnded } from '../typed-client/resumable.ts';

/** The command line is wrong: one line, exit code 2. */
export class UsageError extends Error {}
/** The API refused something or cannot be reached: one line, exit code 1. */
export class ApiError extends Error {}

/** The API's address and the user's token, from the command's flags. */
export interface ApiOptions {
  /** `http://127.0.0.1:4000/graphql`; the path may be left out. */
  readonly url: string;
  /** A bearer token. By default a token of the demo organizer, which embedded mode issues to anybody. */
  readonly token?: string;
  /** Pauses in milliseconds between attempts while the API is unavailable. */
  readonly pausesMs?: readonly number[];
}

export const apiFlags = {
  url: { type: 'string' },
  token: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Runs a command. Its errors are printed as one line on stderr, without a stack, and set the exit code. */
export async function command(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const usage = error instanceof UsageError || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
    console.error(error.message);
    process.exitCode = usage ? 2 : 1;
  }
}

/** {@link parseArgs} of node:util with `--help`. With that flag it prints the help and returns null. */
export function flags<T extends NonNullable<Parameters<typeof parseArgs>[0]>>(
  config: T,
  help: string,
): ReturnType<typeof parseArgs<T>> | null {
  const parsed = parseArgs(config);
  if (!(parsed.values as { help?: boolean }).help) return parsed;
  console.log(help);
  return null;
}

/** @throws UsageError when the text cannot be the address of an API */
function endpointOf(given: string): string {
  // Without a scheme, `localhost:4000` parses as a URL with the scheme `localhost`.
  if (!URL.canParse(given) || !/^https?:/i.test(given))
    throw new UsageError(`--url ${given} is not a URL such as http://127.0.0.1:4000`);
  const url = new URL(given);
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

const DEMO_ORGANIZER = 'olga';
/** Pauses between attempts while the API is unavailable: 16 s in total. */
const PAUSES_MS = [250, 500, 1000, 2000, 4000, 8000];
/** If the API asks for a longer pause, the request fails with that message instead. */
const LONGEST_PAUSE_MS = 30_000;

/** Why a request failed. */
interface Refusal {
  readonly message: string;
  /** Whether the same request may work in a moment. */
  readonly isPassing: boolean;
  /** From `Retry-After`, or an error's `retryAfter`; 0 when there is neither. */
  readonly askedForMs: number;
}

/**
 * A client of the public API: queries and mutations over HTTP, subscriptions over graphql-transport-ws. It renews the
 * token in time.
 */
export class Api {
  readonly #url: string;
  readonly #given: string | undefined;
  readonly #pausesMs: readonly number[];
  #token: { value: Promise<string>; until: number } | undefined;
  readonly #socket: Client;

  constructor({ url, token, pausesMs = PAUSES_MS }: ApiOptions) {
    this.#url = endpointOf(url);
    this.#given = token;
    this.#pausesMs = pausesMs;
    this.#socket = createLiveClient({ url: this.#url.replace(/^http/, 'ws'), token: () => this.#bearer() });
  }

  /**
   * Repeats the request a bounded number of times while the API answers UNAVAILABLE, RATE_LIMITED or HTTP 503. Every
   * write of these commands is safe to repeat.
   * @throws ApiError when the API cannot be reached or answers with errors.
   */
  async request<R, V>(document: TypedDocumentNode<R, V>, variables: V): Promise<Answered<R>> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#ask(document, variables);
      if ('data' in answer) return answer.data;
      const wait = answer.isPassing ? Math.max(this.#pausesMs[attempt] ?? Infinity, answer.askedForMs) : Infinity;
      if (wait > LONGEST_PAUSE_MS) throw new ApiError(answer.message);
      await sleep(wait);
    }
  }

  async #ask<R, V>(document: TypedDocumentNode<R, V>, variables: V): Promise<{ data: Answered<R> } | Refusal> {
    const response = await this.#fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await this.#bearer()}` },
      body: JSON.stringify({ query: print(document as DocumentNode), variables }),
    });
    const { data, errors = [] } = ((await response.json().catch(() => null)) ?? {}) as ExecutionResult<Answered<R>>;
    if (data && errors.length === 0) return { data };
    const codes = errors.map(({ extensions }) => String(extensions?.code ?? response.status));
    const asked = [response.headers.get('retry-after'), ...errors.map(({ extensions }) => extensions?.retryAfter)];
    return {
      message:
        errors.map(({ message }, index) => `${codes[index]}: ${message}`).join('\n') ||
        `HTTP ${response.status} at ${this.#url}: is that the API?`,
      isPassing:
        codes.length > 0
          ? codes.every((code) => code === 'UNAVAILABLE' || code === 'RATE_LIMITED')
          : response.status === 503,
      askedForMs: Math.max(0, ...asked.map((seconds) => Number(seconds ?? 0) * 1000 || 0)),
    };
  }

  /** The events of a live stream, each once and in order, until the consumer leaves the loop. @throws ApiError */
  async *follow<R, V extends { afterSeq?: number | null }>(
    document: TypedDocumentNode<R, V>,
    variables: V,
    seqOf: (data: R) => number,
  ): AsyncGenerator<R, void> {
    try {
      yield* resumable({ client: this.#socket, document, variables, seqOf });
    } catch (error) {
      throw error instanceof StreamEnded ? new ApiError(error.message) : error;
    }
  }

  async close(): Promise<void> {
    await this.#socket.dispose();
  }

  #bearer(): Promise<string> {
    if (this.#given) return Promise.resolve(this.#given);
    if (!this.#token || this.#token.until < Date.now()) {
      // Demo tokens are valid for five minutes; a replay may take longer.
      this.#token = { value: this.#demoToken(), until: Date.now() + 120_000 };
    }
    return this.#token.value;
  }

  async #demoToken(): Promise<string> {
    const response = await this.#fetch(new URL(`/identity/demo-token?user=${DEMO_ORGANIZER}`, this.#url).href, {
      method: 'POST',
    });
    if (!response.ok) throw new ApiError('there is no demo organizer here: give a token of an organizer with --token');
    return ((await response.json()) as { access_token: string }).access_token;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      throw new ApiError(`no ProDvor at ${this.#url} (start it with: npm start)`, { cause: error });
    }
  }
}

/** @throws ApiError when the mutation was refused. */
export function accepted<
  P extends { userErrors: readonly { code: string; message: string; field?: readonly string[] | null }[] },
>(what: string, payload: P): P {
  if (payload.userErrors.length === 0) return payload;
  throw new ApiError(
    `${what}: ${payload.userErrors.map(({ code, message, field }) => `${code}${field ? ` (${field.join('.')})` : ''}: ${message}`).join('; ')}`,
  );
}

/** Runs `work` over the items, `width` at a time, with results in the items' order. Stops at the first failure. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++)
      results[index] = await work(items[index] as T, index);
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  return results;
}
