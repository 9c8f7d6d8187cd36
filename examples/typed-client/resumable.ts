import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type GraphQLFormattedError, print } from 'graphql';
import { type Client, createClient } from 'graphql-ws';

/**
 * The stream cannot go on: `code` says why, for example FORBIDDEN or NOT_FOUND. After RESYNC_REQUIRED the server does not have the events after the
 * cursor: load the page anew, and follow from its `lastSeq`.
 */
export class StreamEnded extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = 'StreamEnded';
    this.code = code;
  }
}

export interface LiveClientOptions {
  /** `ws://127.0.0.1:4000/graphql` */
  readonly url: string;
  /** Asked at each connection, so that a token that has expired is replaced. Absent: a guest. */
  readonly token?: () => Promise<string> | string;
  /** The longest pause before the second attempt, in milliseconds; doubles up to 30 s. Default 500. */
  readonly firstPauseMs?: number;
  /** Milliseconds between two pings; a connection on which one is not answered by half of that is lost. Default 10,000. */
  readonly pingMs?: number;
}

/** A graphql-ws client, for browsers and Node, that comes back after everything that passes: lost and silent connections, restarts, expired tokens. */
export function createLiveClient({ url, token, firstPauseMs = 500, pingMs = 10_000 }: LiveClientOptions): Client {
  let silent: ReturnType<typeof setTimeout> | undefined;
  const client: Client = createClient({
    url,
    connectionParams: async () => (token ? { authorization: `Bearer ${await token()}` } : {}),
    retryAttempts: Infinity,
    retryWait: (retries) => sleep(pauseMs(retries, firstPauseMs)),
    shouldRetry: passes,
    keepAlive: pingMs,
    on: {
      ping: (received) => {
        if (!received) silent = setTimeout(() => client.terminate(), pingMs / 2);
      },
      pong: (received) => {
        if (received) clearTimeout(silent);
      },
      closed: () => clearTimeout(silent),
    },
  });
  return client;
}

export interface ResumableOptions<R, V> {
  /** Of {@link createLiveClient}. */
  readonly client: Client;
  readonly document: TypedDocumentNode<R, V>;
  /** `afterSeq`: the last event that was seen; left out, the stream begins with the first. */
  readonly variables: V;
  /** The event's place in its stream. */
  readonly seqOf: (data: R) => number;
  readonly firstPauseMs?: number;
}

/**
 * The events of a live stream, each once and in order, across any number of interruptions; ends when the reader leaves the loop.
 * @throws StreamEnded when trying again is no use
 */
export async function* resumable<R, V extends { afterSeq?: number | null }>(options: ResumableOptions<R, V>): AsyncGenerator<R, void> {
  const { client, document, seqOf, firstPauseMs = 500 } = options;
  // graphql-ws writes the payload anew at each connection, so a cursor that moves in here is where the server goes on.
  const variables = { ...options.variables };
  const payload = { query: print(document), variables };
  for (let failures = 0; ; failures++) {
    try {
      for await (const { data, errors } of client.iterate<R>(payload)) {
        // What another subgraph could not add is null, and the event still counts.
        if (!data) throw errors;
        const seq = seqOf(data);
        // Received before the connection was lost, and again after it.
        if (seq <= (variables.afterSeq ?? 0)) continue;
        variables.afterSeq = seq;
        failures = 0;
        yield data;
      }
      return;
    } catch (error) {
      if (!isPassing(error)) throw ended(error);
    }
    await sleep(pauseMs(failures, firstPauseMs));
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Up to twice as long each time, and by chance, so that thousands of clients do not come back at once. */
const pauseMs = (failures: number, first: number): number => Math.random() * Math.min(30_000, first * 2 ** failures);

/** Close codes after which the same attempt fails again. 4403 is both: a refused token stays refused, an expired one is replaced. */
const FINAL = new Set([4400, 4401, 4406, 4409, 4429]);

function passes(event: unknown): boolean {
  const { code, reason } = event as { code?: number; reason?: string };
  if (code === 4403) return reason === 'Token expired';
  return code === undefined || !FINAL.has(code);
}

const isErrors = (error: unknown): error is readonly GraphQLFormattedError[] => Array.isArray(error);
/** Codes after which going on from the cursor helps: something on the way was lost, or this reader was too slow for a while. */
const PASSING = new Set<unknown>(['UNAVAILABLE', 'SLOW_CONSUMER']);
/** Whether these are errors (of GraphQL) after which the same operation may succeed. */
export const isPassing = (error: unknown): boolean => isErrors(error) && PASSING.has(error[0]?.extensions?.code);

function ended(error: unknown): unknown {
  if (isErrors(error)) return new StreamEnded(String(error[0]?.extensions?.code ?? 'INTERNAL'), error[0]?.message ?? '');
  const { code, reason } = (error ?? {}) as { code?: number; reason?: string };
  if (code === 4403 || code === 4401) return new StreamEnded('UNAUTHENTICATED', reason ?? '');
  return error;
}
