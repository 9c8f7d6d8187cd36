import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type ExecutionResult, type GraphQLFormattedError, print } from 'graphql';
import { type Client, createClient, type Sink } from 'graphql-ws';

/**
 * The stream cannot go on: `code` says why, for example FORBIDDEN or NOT_FOUND. After RESYNC_REQUIRED the server does
 * not have the events after the cursor: load the page anew, and follow from its `lastSeq`.
 */
export class StreamEnded extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`${code}: ${message}`);
    this.name = 'StreamEnded';
    this.code = code;
  }
}

/**
 * How the message of an error begins with which `token` rejects for good: nobody is signed in any more. After any other
 * it is asked again.
 */
export const SIGN_IN_AGAIN = 'UNAUTHENTICATED: sign in again';

export interface LiveClientOptions {
  /** `ws://127.0.0.1:4000/graphql` */
  readonly url: string;
  /**
   * Asked at each connection, and when the router says that the token soon runs out: give one that is good for a
   * minute. It is renewed in place then, and the streams do not notice. Absent: a guest.
   */
  readonly token?: () => Promise<string> | string;
  /** The longest pause before the second attempt, in milliseconds; doubles up to 30 s. Default 500. */
  readonly firstPauseMs?: number;
  /**
   * Milliseconds between two pings; a connection on which one is not answered by half of that is lost. Default 10,000.
   */
  readonly pingMs?: number;
}

/** The router pings every 12 s: with less than this left the next ping could be the last. */
const RENEW_SECONDS = 30;

/**
 * A graphql-ws client, for browsers and Node, that comes back after everything that passes: lost and silent
 * connections, restarts, expired tokens.
 */
export function createLiveClient({ url, token, firstPauseMs = 500, pingMs = 10_000 }: LiveClientOptions): Client {
  let silent: ReturnType<typeof setTimeout> | undefined;
  let open: WebSocket | undefined;
  const renew = async (socket: WebSocket | undefined): Promise<void> => {
    const payload = { token: await token?.() };
    if (socket?.readyState === 1 /* OPEN */) socket.send(JSON.stringify({ type: 'ping', payload }));
  };
  const client: Client = createClient({
    url,
    connectionParams: async () => (token ? { authorization: `Bearer ${await token()}` } : {}),
    retryAttempts: Infinity,
    retryWait: (retries) => sleep(pauseMs(retries, firstPauseMs)),
    shouldRetry: passes,
    keepAlive: pingMs,
    on: {
      opened: (socket) => (open = socket as WebSocket),
      ping: (received, payload) => {
        if (!received) silent = setTimeout(() => client.terminate(), pingMs / 2);
        // Without a new token the router closes the socket with 4403, and the next connection asks again.
        else if (typeof payload?.expiresIn === 'number' && payload.expiresIn < RENEW_SECONDS)
          renew(open).catch(() => undefined);
      },
      pong: (received) => {
        if (received) clearTimeout(silent);
      },
      closed: () => clearTimeout(silent),
    },
  });
  return client;
}

/** An operation as it is sent. */
export interface LiveRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  /** `afterSeq`: the last event that was seen; left out, the stream begins with the first. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * What carries a subscription: the client of {@link createLiveClient}, another of graphql-ws, one of graphql-sse. Sinks
 * get events until an error or the end.
 */
export interface LiveTransport {
  subscribe(
    request: { query: string; operationName?: string | undefined; variables: Record<string, unknown> },
    sink: Sink<ExecutionResult<Record<string, unknown>, unknown>>,
  ): () => void;
}

export interface FollowOptions {
  /** The event's place in its stream. By default the `seq` of the one field of the subscription. */
  readonly seqOf?: ((data: Record<string, unknown>) => number) | undefined;
  readonly firstPauseMs?: number | undefined;
}

/**
 * Gives the sink the events of a live stream, each once and in order, across any number of interruptions. What the
 * stream ends with is a {@link StreamEnded}. The operation must have the variable `$afterSeq` and select `seq`.
 * @returns leaves the stream
 */
export function follow(
  transport: LiveTransport,
  request: LiveRequest,
  sink: Sink<ExecutionResult<Record<string, unknown>, unknown>>,
  options: FollowOptions = {},
): () => void {
  const { seqOf = seqIn, firstPauseMs = 500 } = options;
  const { query, operationName } = request;
  // graphql-ws writes the payload anew at each connection, so a cursor that moves in here is where the server goes on.
  const variables: Record<string, unknown> = { ...request.variables };
  let failures = 0;
  let leave = (): void => undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;

  const attempt = (): void => {
    let over = false;
    let dispose: (() => void) | undefined;
    leave = () => {
      over = true;
      dispose?.();
    };
    const fail = (error: unknown): void => {
      if (over) return;
      leave();
      if (isPassing(error) || passesInTransport(error)) pause = setTimeout(attempt, pauseMs(failures++, firstPauseMs));
      else sink.error(ended(error));
    };
    if (!/\$afterSeq\b/.test(query)) {
      return fail(
        new TypeError(
          'a live stream can resume only if its operation has a variable: subscription (…, $afterSeq: Int) { …(afterSeq: $afterSeq) { seq … } }',
        ),
      );
    }
    dispose = transport.subscribe(
      { query, operationName, variables },
      {
        next(result) {
          if (over) return;
          // What another subgraph could not add is null, and the event still counts.
          if (!result.data) return fail(result.errors ?? []);
          let seq: number;
          try {
            seq = seqOf(result.data);
          } catch (error) {
            return fail(error);
          }
          // Received before the connection was lost, and again after it.
          if (seq <= Number(variables.afterSeq ?? 0)) return;
          variables.afterSeq = seq;
          failures = 0;
          sink.next(result);
        },
        error: fail,
        complete() {
          if (over) return;
          leave();
          sink.complete();
        },
      },
    );
    // Ended before there was anything to dispose of.
    if (over) dispose();
  };
  attempt();
  return () => {
    clearTimeout(pause);
    leave();
  };
}

function seqIn(data: Record<string, unknown>): number {
  const seq = (Object.values(data)[0] as { seq?: unknown } | null)?.seq;
  if (typeof seq !== 'number')
    throw new TypeError(
      'the subscription does not select the `seq` of its events, so it cannot resume after a lost connection',
    );
  return seq;
}

export interface ResumableOptions<R, V> {
  /** Of {@link createLiveClient}. */
  readonly client: LiveTransport;
  readonly document: TypedDocumentNode<R, V>;
  /** `afterSeq`: the last event that was seen; left out, the stream begins with the first. */
  readonly variables: V;
  /** The event's place in its stream. */
  readonly seqOf: (data: R) => number;
  readonly firstPauseMs?: number;
}

/**
 * {@link follow} as a loop: the events of a live stream, each once and in order; ends when the reader leaves the loop.
 * @throws StreamEnded when trying again is no use
 */
export async function* resumable<R, V extends { afterSeq?: number | null }>(
  options: ResumableOptions<R, V>,
): AsyncGenerator<R, void> {
  const { client, document, variables, seqOf, firstPauseMs } = options;
  const waiting: R[] = [];
  let end: { error?: unknown } | undefined;
  let wake = (): void => undefined;
  const leave = follow(
    client,
    { query: print(document), variables },
    {
      next: ({ data }) => {
        waiting.push(data as R);
        wake();
      },
      error: (error) => {
        end = { error };
        wake();
      },
      complete: () => {
        end = {};
        wake();
      },
    },
    { seqOf: (data) => seqOf(data as R), firstPauseMs },
  );
  try {
    for (;;) {
      while (waiting.length > 0) yield waiting.shift() as R;
      if (end?.error) throw end.error;
      if (end) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    leave();
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Up to twice as long each time, and by chance, so that thousands of clients do not come back at once. */
const pauseMs = (failures: number, first: number): number => Math.random() * Math.min(30_000, first * 2 ** failures);

/**
 * Close codes after which the same attempt fails again. 4403 is both: a refused token stays refused, an expired one is
 * replaced.
 */
const FINAL = new Set([4400, 4401, 4406, 4409, 4429]);

/** Whether a lost connection (of graphql-ws: its close event, or an error without a code) may come back. */
function passes(event: unknown): boolean {
  const { code, reason, message } = event as { code?: number; reason?: string; message?: string };
  if (code === 4403) return reason === 'Token expired';
  // What `token` rejects with, and the close event (4005) that graphql-ws makes of it.
  if ((message ?? reason)?.startsWith(SIGN_IN_AGAIN)) return false;
  return code === undefined || !FINAL.has(code);
}

/**
 * What a transport that does not come back by itself says: close events; of graphql-sse NetworkErrors, which have a
 * response when there was one.
 */
function passesInTransport(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || isErrors(error)) return false;
  if (typeof (error as { code?: unknown }).code === 'number' && 'reason' in error) return passes(error);
  if (!(error instanceof Error && 'response' in error) || error.message.startsWith(SIGN_IN_AGAIN)) return false;
  const { status = 503 } = (error as { response?: { status?: number } }).response ?? {};
  return status === 429 || status >= 500;
}

const isErrors = (error: unknown): error is readonly GraphQLFormattedError[] => Array.isArray(error);
/**
 * Codes after which going on from the cursor helps: something on the way was lost or changed, or this reader was too
 * slow for a while.
 */
const PASSING = new Set<unknown>(['UNAVAILABLE', 'SLOW_CONSUMER', 'SUBSCRIPTION_RELOADED', 'TOKEN_EXPIRED']);
/** Whether these are errors (of GraphQL) after which the same operation may succeed. */
export const isPassing = (error: unknown): boolean => isErrors(error) && PASSING.has(error[0]?.extensions?.code);

function ended(error: unknown): unknown {
  if (isErrors(error))
    return new StreamEnded(String(error[0]?.extensions?.code ?? 'INTERNAL'), error[0]?.message ?? '');
  const { code, reason, message, response } = (error ?? {}) as {
    code?: number;
    reason?: string;
    message?: string;
    response?: { status?: number };
  };
  const words = reason ?? message ?? '';
  if (words.startsWith(SIGN_IN_AGAIN))
    return new StreamEnded('UNAUTHENTICATED', words.slice(SIGN_IN_AGAIN.indexOf('sign')));
  if (code === 4403 || code === 4401 || response?.status === 401) return new StreamEnded('UNAUTHENTICATED', words);
  return error;
}
