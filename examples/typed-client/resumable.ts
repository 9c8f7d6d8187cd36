import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type ExecutionResult, type GraphQLFormattedError, print } from 'graphql';
import { type Client, createClient, type Sink } from 'graphql-ws';

/**
 * The error when the stream has ended for good. `code` is the reason, for example FORBIDDEN or NOT_FOUND. After
 * RESYNC_REQUIRED the server does not have the events after the cursor: reload the page, and follow from its `lastSeq`.
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
 * If `token` rejects with an error whose message begins with this text, nobody is signed in any more, and the client
 * stops. After any other error, the client reconnects and calls `token` again.
 */
export const SIGN_IN_AGAIN = 'UNAUTHENTICATED: sign in again';

export interface LiveClientOptions {
  /** `ws://127.0.0.1:4000/graphql` */
  readonly url: string;
  /**
   * Returns an access token that is valid for at least a minute. Called at each connection, and when the router
   * announces that the token expires soon. The new token replaces the old one on the open connection, without a break
   * in the streams. Absent: the client is a guest.
   */
  readonly token?: () => Promise<string> | string;
  /**
   * The longest pause before the second attempt, in milliseconds. The longest pause doubles with each further attempt,
   * up to 30 s. Default 500.
   */
  readonly firstPauseMs?: number;
  /**
   * Milliseconds between two pings. A connection counts as lost when a ping gets no answer within half of this time.
   * Default 10,000.
   */
  readonly pingMs?: number;
}

/**
 * The client renews a token that is valid for fewer seconds than this. The router announces the time that is left in
 * its pings, every 12 s, so the next ping could be the last one before the expiry.
 */
const RENEW_SECONDS = 30;

/**
 * A graphql-ws client for browsers and Node. It reconnects after every temporary failure: lost and silent connections,
 * restarts, expired tokens.
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
        // If `token` fails, the router closes the socket with 4403 at the expiry, and the next connection calls `token`
        // again.
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

/** An operation to send. */
export interface LiveRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  /** `afterSeq`: the last event that the client has; if absent, the stream begins with the first. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/**
 * A client for subscriptions: of {@link createLiveClient}, of graphql-ws or of graphql-sse. The sink receives events
 * until an error or completion.
 */
export interface LiveTransport {
  subscribe(
    request: { query: string; operationName?: string | undefined; variables: Record<string, unknown> },
    sink: Sink<ExecutionResult<Record<string, unknown>, unknown>>,
  ): () => void;
}

export interface FollowOptions {
  /** The event's position in its stream. Default: the `seq` of the subscription's only field. */
  readonly seqOf?: ((data: Record<string, unknown>) => number) | undefined;
  readonly firstPauseMs?: number | undefined;
}

/**
 * Passes the events of a live stream to the sink, each once and in order, across any number of interruptions. When
 * another attempt cannot help, the sink gets a {@link StreamEnded}. The operation must have the variable `$afterSeq`
 * and select `seq`.
 * @returns a function that unsubscribes
 */
export function follow(
  transport: LiveTransport,
  request: LiveRequest,
  sink: Sink<ExecutionResult<Record<string, unknown>, unknown>>,
  options: FollowOptions = {},
): () => void {
  const { seqOf = seqIn, firstPauseMs = 500 } = options;
  const { query, operationName } = request;
  // graphql-ws serializes the payload at each connection. So when this cursor advances, the server continues after it.
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
          // An event counts even if some of its fields are null because another subgraph failed to resolve them.
          if (!result.data) return fail(result.errors ?? []);
          let seq: number;
          try {
            seq = seqOf(result.data);
          } catch (error) {
            return fail(error);
          }
          // The client has received this event already, before the connection was lost.
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
    // The stream ended before `subscribe` returned.
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
  /** A client of {@link createLiveClient}. */
  readonly client: LiveTransport;
  readonly document: TypedDocumentNode<R, V>;
  /** `afterSeq`: the last event that the client has; if absent, the stream begins with the first. */
  readonly variables: V;
  /** The event's position in its stream. */
  readonly seqOf: (data: R) => number;
  readonly firstPauseMs?: number;
}

/**
 * {@link follow} as an async generator: the events of a live stream, each once and in order, until the consumer leaves
 * the loop.
 * @throws StreamEnded when another attempt cannot help
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

/**
 * A random pause, so that thousands of clients do not reconnect at the same moment. Its upper limit doubles with each
 * failure, up to 30 s.
 */
const pauseMs = (failures: number, first: number): number => Math.random() * Math.min(30_000, first * 2 ** failures);

/**
 * Close codes after which another attempt would fail too. 4403 is not here, because its reason decides: a refused token
 * stays refused, but an expired one can be replaced.
 */
const FINAL = new Set([4400, 4401, 4406, 4409, 4429]);

/** Whether to reconnect after this: a close event of graphql-ws, or an error without a code. */
function passes(event: unknown): boolean {
  const { code, reason, message } = event as { code?: number; reason?: string; message?: string };
  if (code === 4403) return reason === 'Token expired';
  // This is an error of `token`, or the close event (4005) that graphql-ws makes of such an error.
  if ((message ?? reason)?.startsWith(SIGN_IN_AGAIN)) return false;
  return code === undefined || !FINAL.has(code);
}

/**
 * Whether to reconnect over a transport that does not reconnect itself. Such a transport reports a close event, or a
 * NetworkError of graphql-sse, whose `response` is absent when there was no answer.
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
 * Codes after which the client can continue from its cursor: a service failed or changed, or this client was too slow
 * for a while.
 */
const PASSING = new Set<unknown>(['UNAVAILABLE', 'SLOW_CONSUMER', 'SUBSCRIPTION_RELOADED', 'TOKEN_EXPIRED']);
/**
 * Whether the value is a list of GraphQL errors, and the same operation may succeed after the first of these errors.
 */
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
