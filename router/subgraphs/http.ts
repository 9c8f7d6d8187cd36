import { signRequest } from '../../signature/signature.ts';
import type { SigningKey, SignedPrincipal } from '../../signature/signature.ts';
import type { Limits } from '../config/limits.ts';
import type { LogPort } from '../config/observers.ts';
import { any } from '../execution/splice/scanning.ts';
import { SubgraphBusy, SubgraphUnavailable } from '../execution/types.ts';
import type { FetchKind, RequestContext } from '../execution/types.ts';
import { HttpClient } from '../http1/client.ts';
import { DECODABLE } from '../http1/encoding.ts';
import { DeadlineQueue } from '../time/deadline.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitState } from './circuit-breaker.ts';
import { Exchange } from './exchange.ts';
import type { Done, Shared } from './exchange.ts';
import { FairShare } from './fair-share.ts';
import { identityFor } from './identity.ts';
import { RetryPolicy } from './retry.ts';

export interface SubgraphHttp {
  /**
   * Sends one GraphQL request and passes on the body of its response. In both, each character is one byte ("latin1").
   */
  send(body: string, kind: FetchKind, context: RequestContext, done: Done): void;
  readonly state: SubgraphState;
  close(): Promise<void>;
}

/** The state of a subgraph. */
export interface SubgraphState {
  readonly circuit: CircuitState;
  /** How many retries there have been since the start. */
  readonly retries: number;
  /** How many operations run or wait. */
  readonly requests: number;
}

export interface SubgraphHttpOptions {
  readonly limits: Limits;
  readonly signingKey: SigningKey | undefined;
  readonly log?: LogPort | undefined;
  /** Whether equal queries of the same principal share one request while it is in flight. */
  readonly share: boolean;
  /** Whether the subgraph may compress its responses. */
  readonly compression: boolean;
}

/** An operation in flight. It has several callers if they share it. */
interface Flight {
  readonly body: string;
  readonly kind: FetchKind;
  readonly context: RequestContext;
  /** The key under which callers find it while it can be shared. */
  readonly key: string | undefined;
  readonly callers: Caller[];
  /** Cancels the request when no caller waits for it any more. */
  abort: (() => void) | undefined;
}

interface Caller {
  readonly context: RequestContext;
  readonly done: Done;
  readonly onAbort: () => void;
}

/** The HTTP client of one subgraph. It passes bodies on without parsing or serialising them. */
export function createSubgraphHttp(
  subgraph: string,
  url: URL,
  { limits, signingKey: key, log, share, compression }: SubgraphHttpOptions,
): SubgraphHttp {
  const client = new HttpClient(url, {
    connections: limits.subgraphConnections,
    waiting: limits.subgraphRequests,
    connectMs: Math.min(3_000, limits.subgraphMs),
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(compression && { 'accept-encoding': DECODABLE }),
    },
  });
  const batch = limits.subgraphBatch;
  const circuit = new CircuitBreaker(
    { openMs: limits.subgraphCircuitMs },
    { onChange: (state) => log?.warn(`the circuit of subgraph ${subgraph} is ${state}`, { subgraph }) },
  );
  const retry = new RetryPolicy({ retries: limits.subgraphRetries });
  const deadlines = new DeadlineQueue(limits.subgraphMs);
  const fairShare = new FairShare({ slots: limits.subgraphConnections, waiting: limits.subgraphRequests });
  const shared: Shared = {
    subgraph,
    limits,
    circuit,
    retry,
    deadlines,
    share: fairShare,
    // Each attempt gets a new signature, because a signature can be used only once.
    dispatch: (body, context, handler, fresh) => client.post(headersFor(body, context), body, handler, fresh),
  };
  let running = 0;
  const inFlight = new Map<string, Flight>();
  /** Operations that will be sent at the end of this turn of the event loop, by principal and batching key. */
  const waiting = new Map<string, Flight[]>();

  function headersFor(body: string, { principal, requestId, clientAddress }: RequestContext): string[] {
    const headers = ['x-request-id', requestId];
    const who = identityFor(principal, subgraph);
    const { userId, userinfo, audience } = who;
    if (userId !== undefined) headers.push('x-authenticated-userid', userId);
    if (userinfo !== undefined) headers.push('x-userinfo', userinfo);
    if (audience !== undefined) headers.push('x-audience', audience);
    if (clientAddress !== undefined) headers.push('x-client-address', clientAddress);
    if (key) {
      const signed = signRequest(key, {
        method: 'POST',
        path: url.pathname,
        body: Buffer.from(body, 'latin1'),
        principal: clientAddress === undefined ? who : { ...who, clientAddress },
        requestId,
        target: subgraph,
      });
      headers.push(
        'content-digest',
        signed['content-digest'],
        'signature-input',
        signed['signature-input'],
        'signature',
        signed.signature,
      );
    }
    return headers;
  }

  function removeFlight(flight: Flight): void {
    running--;
    if (flight.key !== undefined && inFlight.get(flight.key) === flight) inFlight.delete(flight.key);
  }

  function finish(flight: Flight, error: SubgraphUnavailable | undefined, text: string): void {
    if (flight.callers.length === 0) return; // All callers have cancelled.
    removeFlight(flight);
    for (const { context, onAbort, done } of flight.callers.splice(0)) {
      context.signal?.removeEventListener('abort', onAbort);
      done(error, text);
    }
  }

  function addCaller(flight: Flight, context: RequestContext, done: Done): void {
    const onAbort = (): void => {
      const index = flight.callers.indexOf(caller);
      if (index < 0) return;
      flight.callers.splice(index, 1);
      if (flight.callers.length === 0) {
        removeFlight(flight);
        flight.abort?.();
      }
      done(new SubgraphUnavailable(subgraph, `the request to subgraph ${subgraph} was cancelled`), '');
    };
    const caller: Caller = { context, done, onAbort };
    flight.callers.push(caller);
    context.signal?.addEventListener('abort', onAbort, { once: true });
  }

  /** Sends an operation that is neither shared nor batched, and needs no Flight. */
  function sendDirectly(body: string, kind: FetchKind, context: RequestContext, done: Done): void {
    const { signal } = context;
    const exchange = new Exchange(shared, body, kind, context, (error, text) => {
      running--;
      signal?.removeEventListener('abort', exchange.abort);
      done(error, text);
    });
    signal?.addEventListener('abort', exchange.abort);
    exchange.send();
  }

  function sendAlone(flight: Flight): void {
    const exchange = new Exchange(shared, flight.body, flight.kind, flight.context, (error, text) =>
      finish(flight, error, text),
    );
    flight.abort = exchange.abort;
    exchange.send();
  }

  /** Sends several operations as one request: a JSON array, which many servers accept. */
  function sendBatch(flights: readonly Flight[]): void {
    const [first] = flights;
    if (first === undefined) return;
    if (flights.length === 1) return sendAlone(first);
    let left = flights.length;
    const exchange = new Exchange(
      shared,
      `[${flights.map(({ body }) => body).join()}]`,
      first.kind,
      first.context,
      (error, text) => {
        const parts = error === undefined ? splitArray(text, flights.length) : undefined;
        const problem =
          error ??
          (parts === undefined
            ? new SubgraphUnavailable(
                subgraph,
                `subgraph ${subgraph} did not answer ${flights.length} operations with as many responses`,
              )
            : undefined);
        flights.forEach((flight, index) => finish(flight, problem, parts?.[index] ?? ''));
      },
    );
    for (const flight of flights) {
      flight.abort = () => {
        if (--left === 0) exchange.abort();
      };
    }
    exchange.send();
  }

  function flush(): void {
    for (const flights of waiting.values()) {
      const wanted = flights.filter(({ callers }) => callers.length > 0);
      for (let from = 0; from < wanted.length; from += batch) sendBatch(wanted.slice(from, from + batch));
    }
    waiting.clear();
  }

  return {
    send(body, kind, context, done) {
      if (context.signal?.aborted === true)
        return done(new SubgraphUnavailable(subgraph, `the request to subgraph ${subgraph} was cancelled`), '');
      const alone = !kind.repeatable || (!share && batch <= 1);
      const who = alone ? '' : principalKey(identityFor(context.principal, subgraph));
      const flightKey = !alone && share ? `${who}\n${body}` : undefined;
      const same = flightKey === undefined ? undefined : inFlight.get(flightKey);
      if (same !== undefined) return addCaller(same, context, done);
      if (running >= limits.subgraphRequests)
        return done(new SubgraphBusy(subgraph, `too many requests wait for subgraph ${subgraph}`), '');
      running++;
      if (alone) return sendDirectly(body, kind, context, done);
      const flight: Flight = { body, kind, context, key: flightKey, callers: [], abort: undefined };
      if (flightKey !== undefined) inFlight.set(flightKey, flight);
      addCaller(flight, context, done);
      if (batch <= 1) return sendAlone(flight);
      if (waiting.size === 0) setImmediate(flush);
      const group = `${who}\n${fairShare.batchKey(kind.fields)}`;
      const together = waiting.get(group);
      if (together === undefined) waiting.set(group, [flight]);
      else together.push(flight);
    },
    get state() {
      return { circuit: circuit.state, retries: retry.count, requests: running };
    },
    // Closes immediately. The caller must have waited for requests that should finish.
    async close() {
      deadlines.close();
      client.close();
    },
  };
}

function principalKey({ userId = '', userinfo = '', audience }: SignedPrincipal): string {
  return audience === undefined ? `${userId}\n${userinfo}` : `\n\n${audience}`;
}

/** The texts of the `count` items of a JSON array without whitespace. Undefined when the text is something else. */
function splitArray(text: string, count: number): string[] | undefined {
  if (text.charCodeAt(0) !== 91) return undefined;
  const items: string[] = [];
  let at = 1;
  for (;;) {
    const end = any(text, at);
    if (end === 0 || items.length === count) return undefined;
    items.push(text.slice(at, end));
    const next = text.charCodeAt(end);
    if (next === 44) at = end + 1;
    else if (next === 93) return items.length === count ? items : undefined;
    else return undefined;
  }
}
