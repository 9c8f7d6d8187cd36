import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type DocumentNode, type ExecutionResult, print } from 'graphql';
import type { Client } from 'graphql-ws';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import type { Answered } from '../typed-client/answered.ts';
import { createLiveClient, resumable, StreamEnded } from '../typed-client/resumable.ts';
import { createSession, refreshAt, type Tokens } from '../typed-client/session.ts';

/** The error when the command line is wrong. The message is one line, and the exit code is 2. */
export class UsageError extends Error {}
/** The error when the API refuses something or cannot be reached. The command's exit code is 1. */
export class ApiError extends Error {}

/** The API's address and the user's token, from the command's flags. */
export interface ApiOptions {
  /** `http://127.0.0.1:4000/graphql`; the path may be left out. */
  readonly url: string;
  /**
   * A bearer token, which is used until it expires. Without it and without `refreshToken`, the commands are the demo
   * organizer, whose tokens embedded mode issues to anybody on this machine.
   */
  readonly token?: string | undefined;
  /** A refresh token, from which access tokens are made in place of `token`. It works once, so use it nowhere else. */
  readonly refreshToken?: string | undefined;
  /** Where `refreshToken` is redeemed. Default: `/identity/token` of the API's origin, which is embedded mode's. */
  readonly tokenUrl?: string | undefined;
  /** Pauses in milliseconds between attempts while the API is unavailable. */
  readonly pausesMs?: readonly number[];
}

export const apiFlags = {
  url: { type: 'string' },
  token: { type: 'string' },
  'refresh-token': { type: 'string' },
  'token-url': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The text of {@link apiFlags} in a command's help. */
export const API_HELP = `  --url URL      the API (default http://127.0.0.1:4000)
  --token TOKEN  access token of an organizer, for a run of less than five minutes (default: the demo organizer's,
                 which the command renews)
  --refresh-token TOKEN
                 refresh token of an organizer, of the client prodvor-web; the command gets access tokens with it,
                 also when it runs for hours. A refresh token can be used once
  --token-url URL
                 the token endpoint of --refresh-token (default: /identity/token of the API; in full mode
                 <realm>/protocol/openid-connect/token)`;

/** The API of the flags. */
export const apiOf = (flags: {
  readonly url?: string | undefined;
  readonly token?: string | undefined;
  readonly 'refresh-token'?: string | undefined;
  readonly 'token-url'?: string | undefined;
}): Api =>
  new Api({
    url: flags.url ?? 'http://127.0.0.1:4000/graphql',
    token: flags.token,
    refreshToken: flags['refresh-token'],
    tokenUrl: flags['token-url'],
  });

/** Runs a command. When it fails, this prints the message on stderr, without a stack, and sets the exit code. */
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

/** The URL of an API, from the command line. @throws UsageError when the text cannot be the address of an API */
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
/** If the API asks for a longer pause, the request fails with the API's message. Milliseconds. */
const LONGEST_PAUSE_MS = 30_000;

/** Why a request failed. */
interface Refusal {
  readonly message: string;
  /** Whether the same request may work in a moment. */
  readonly isPassing: boolean;
  /**
   * The longest pause that `Retry-After` or an error's `retryAfter` asks for; 0 when there is neither. Milliseconds.
   */
  readonly askedForMs: number;
}

/**
 * A client of the public API: queries and mutations over HTTP, subscriptions over graphql-transport-ws. It renews the
 * token in time, unless it has only an access token.
 */
export class Api {
  readonly #url: string;
  readonly #pausesMs: readonly number[];
  readonly #token: () => Promise<string>;
  readonly #send: typeof fetch;
  readonly #socket: Client;

  constructor({ url, token, refreshToken, tokenUrl, pausesMs = PAUSES_MS }: ApiOptions) {
    this.#url = endpointOf(url);
    this.#pausesMs = pausesMs;
    if (token !== undefined && refreshToken === undefined) {
      this.#token = () => Promise.resolve(token);
      this.#send = (input, init) =>
        fetch(input, { ...init, headers: { ...(init?.headers as object), authorization: `Bearer ${token}` } });
    } else {
      const redeem = refreshAt(tokenUrl ?? new URL('/identity/token', this.#url).href);
      const session = createSession(
        // The session gets its first token when it is asked for one.
        { access_token: '', expires_in: 0, ...(refreshToken !== undefined && { refresh_token: refreshToken }) },
        refreshToken === undefined ? () => this.#demoTokens() : (newest) => this.#redeemed(redeem, newest),
      );
      this.#token = session.token;
      this.#send = session.fetch;
    }
    this.#socket = createLiveClient({ url: this.#url.replace(/^http/, 'ws'), token: this.#token });
  }

  /**
   * Sends a request. Repeats it after each of `pausesMs` while the API answers UNAVAILABLE or RATE_LIMITED, or HTTP 503
   * without a code. Every write of these commands is safe to repeat.
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
    const response = await this.#fetch(this.#url, this.#send, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
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

  async #redeemed(redeem: ReturnType<typeof refreshAt>, refreshToken: string | undefined): Promise<Tokens> {
    try {
      return await redeem(refreshToken);
    } catch (error) {
      // The socket stops when the message begins with SIGN_IN_AGAIN.
      throw new ApiError(`${(error as Error).message} (--refresh-token)`, { cause: error });
    }
  }

  async #demoTokens(): Promise<Tokens> {
    const url = new URL(`/identity/demo-token?user=${DEMO_ORGANIZER}`, this.#url).href;
    const response = await this.#fetch(url, fetch, { method: 'POST' });
    if (response.status >= 500) throw new ApiError(`the demo organizer cannot sign in now: HTTP ${response.status}`);
    if (!response.ok)
      throw new ApiError('there is no demo organizer here: give --refresh-token or --token of an organizer');
    return (await response.json()) as Tokens;
  }

  async #fetch(url: string, send: typeof fetch, init: RequestInit): Promise<Response> {
    try {
      return await send(url, init);
    } catch (error) {
      throw error instanceof ApiError
        ? error
        : new ApiError(`no ProDvor at ${this.#url} (start it with: npm start)`, { cause: error });
    }
  }
}

/** Returns the payload of a mutation that succeeded. @throws ApiError when the mutation was refused */
export function accepted<
  P extends { userErrors: readonly { code: string; message: string; field?: readonly string[] | null }[] },
>(what: string, payload: P): P {
  if (payload.userErrors.length === 0) return payload;
  throw new ApiError(
    `${what}: ${payload.userErrors.map(({ code, message, field }) => `${code}${field ? ` (${field.join('.')})` : ''}: ${message}`).join('; ')}`,
  );
}

/**
 * Runs `work` for each item, for at most `width` items at the same time. The results are in the items' order. Rejects
 * at the first failure; the works that are in progress are not stopped.
 */
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
