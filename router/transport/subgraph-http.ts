import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import { signRequest } from '../../platform/signature/signature.ts';
import type { SigningKey } from '../../platform/signature/signature.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type { RequestContext, SubgraphRequest, SubgraphResult } from '../execution/types.ts';
import type { Limits, LogPort } from '../config.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitState } from './circuit-breaker.ts';
import { DeadlineQueue } from './deadline.ts';
import type { Deadline, Expiring } from './deadline.ts';
import { isQuery, RetryPolicy } from './retry.ts';

export interface SubgraphHttp {
  /** @throws SubgraphUnavailable */
  fetch(request: SubgraphRequest, context: RequestContext): Promise<SubgraphResult>;
  readonly state: SubgraphState;
  close(): Promise<void>;
}

/** How a subgraph is doing. */
export interface SubgraphState {
  readonly circuit: CircuitState;
  /** Requests that were sent again, since the start. */
  readonly retries: number;
  /** Requests running and waiting. */
  readonly requests: number;
}

/** What the requests to one subgraph share. */
interface Shared {
  readonly subgraph: string;
  readonly limits: Limits;
  readonly circuit: CircuitBreaker;
  readonly retry: RetryPolicy;
  readonly deadlines: DeadlineQueue;
  dispatch(body: string, context: RequestContext, handler: Dispatcher.DispatchHandler): void;
}

/**
 * One subgraph over HTTP. `Pool.dispatch` with the documented handler: 0.82 of the CPU that `Pool.request` and `body.json()` take per
 * routed request.
 */
export function createSubgraphHttp(subgraph: string, url: URL, limits: Limits, key: SigningKey | undefined, log?: LogPort): SubgraphHttp {
  const pool = new Pool(url.origin, { connections: limits.subgraphConnections, connect: { timeout: Math.min(3_000, limits.subgraphMs) } });
  const path = url.pathname + url.search;
  const circuit = new CircuitBreaker({ openMs: limits.subgraphCircuitMs }, {
    onChange: (state) => log?.warn(`the circuit of subgraph ${subgraph} is ${state}`, { subgraph }),
  });
  const retry = new RetryPolicy({ retries: limits.subgraphRetries });
  const deadlines = new DeadlineQueue(limits.subgraphMs);
  const shared: Shared = {
    subgraph, limits, circuit, retry, deadlines,
    // Signed anew each time: a signature is for once.
    dispatch(body, context, handler) {
      pool.dispatch({ method: 'POST', path, headers: headersFor(body, context), body, headersTimeout: 0, bodyTimeout: 0 }, handler);
    },
  };
  let running = 0;

  function headersFor(body: string, { principal, requestId }: RequestContext): string[] {
    const headers = ['content-type', 'application/json', 'accept', 'application/json', 'x-request-id', requestId];
    if (principal.userId !== undefined) headers.push('x-authenticated-userid', principal.userId);
    if (principal.userinfo !== undefined) headers.push('x-userinfo', principal.userinfo);
    if (key) {
      const signed = signRequest(key, { method: 'POST', path: url.pathname, body, principal, requestId, target: subgraph });
      headers.push('content-digest', signed['content-digest'], 'signature-input', signed['signature-input'], 'signature', signed.signature);
    }
    return headers;
  }

  return {
    async fetch(request, context) {
      if (running >= limits.subgraphRequests) throw new SubgraphUnavailable(subgraph, `too many requests wait for subgraph ${subgraph}`);
      let body: string;
      try {
        body = JSON.stringify({ query: request.query, operationName: request.operationName, variables: request.variables });
      } catch (cause) { // nested deeper than the stack
        throw new SubgraphUnavailable(subgraph, `the variables for subgraph ${subgraph} cannot be written as JSON`, { cause });
      }
      running++;
      try {
        return await new Promise<SubgraphResult>((resolve, reject) => new Exchange(shared, body, isQuery(request.query), context, resolve, reject).send());
      } finally {
        running--;
      }
    },
    get state() {
      return { circuit: circuit.state, retries: retry.count, requests: running };
    },
    // destroy, not close: whoever closes has waited for what should finish
    async close() {
      deadlines.close();
      await pool.destroy();
    },
  };
}

/**
 * One request and its response, within its bounds of time and size; a query that got no answer is sent again. The deadline covers waiting for a
 * connection, headers, body and retries together.
 */
class Exchange implements Dispatcher.DispatchHandler, Expiring {
  readonly #shared: Shared;
  readonly #body: string;
  readonly #repeatable: boolean;
  readonly #context: RequestContext;
  readonly #resolve: (result: SubgraphResult) => void;
  readonly #reject: (error: SubgraphUnavailable) => void;
  readonly #deadline: Deadline;
  readonly #onAbort = (): void => {
    if (this.#settled) return;
    this.#shared.circuit.abandoned(this.#ticket);
    this.#fail(`the request to subgraph ${this.#shared.subgraph} was given up`);
  };
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #attempt = 0;
  #ticket = 0;
  #pause: NodeJS.Timeout | undefined;
  #status = 0;
  #retryAfter: string | undefined;
  #json = false;
  #bytes = 0;
  #chunks: Buffer[] = [];

  constructor(
    shared: Shared, body: string, repeatable: boolean, context: RequestContext,
    resolve: (result: SubgraphResult) => void, reject: (error: SubgraphUnavailable) => void,
  ) {
    this.#shared = shared;
    this.#body = body;
    this.#repeatable = repeatable;
    this.#context = context;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#deadline = shared.deadlines.add(this);
    shared.retry.began();
    context.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  send(): void {
    if (this.#context.signal?.aborted) return this.#onAbort();
    const { subgraph, circuit } = this.#shared;
    this.#ticket = circuit.allow();
    if (this.#ticket === 0) return this.#fail(`subgraph ${subgraph} is not asked, its circuit is ${circuit.state}`);
    this.#shared.dispatch(this.#body, this.#context, this);
  }

  expired(): void {
    const { subgraph, limits, circuit } = this.#shared;
    circuit.failed(this.#ticket);
    this.#fail(`subgraph ${subgraph} did not answer within ${limits.subgraphMs} ms`);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('given up'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Record<string, string | string[] | undefined>): void {
    this.#status = status;
    const { 'content-type': type, 'retry-after': retryAfter } = headers;
    this.#json = typeof type === 'string' && /^application\/(?:[\w.-]+\+)?json\b/i.test(type);
    if (typeof retryAfter === 'string') this.#retryAfter = retryAfter;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    const { subgraph, limits, circuit } = this.#shared;
    if (this.#bytes <= limits.subgraphResponseBytes) return void this.#chunks.push(chunk);
    circuit.succeeded(this.#ticket); // it is well, and a client may have asked for as much
    this.#fail(`the answer of subgraph ${subgraph} is larger than ${limits.subgraphResponseBytes} bytes`);
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    const { subgraph } = this.#shared;
    if (!this.#json) return this.#unusable(`subgraph ${subgraph} did not answer with JSON (status ${this.#status})`);
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    let result: unknown;
    try {
      result = JSON.parse(bytes.toString('utf8'));
    } catch (cause) {
      return this.#unusable(`the answer of subgraph ${subgraph} is not JSON (status ${this.#status})`, cause);
    }
    // An error status with a GraphQL response in the body is still a GraphQL response.
    if (!isResult(result)) return this.#unusable(`subgraph ${subgraph} did not answer with a GraphQL response (status ${this.#status})`);
    this.#shared.circuit.succeeded(this.#ticket);
    this.#finish();
    this.#resolve(result);
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#unusable(`subgraph ${this.#shared.subgraph} cannot be reached`, cause);
  }

  /** This attempt brought no GraphQL response. */
  #unusable(message: string, cause?: unknown): void {
    if (this.#settled) return;
    const { circuit, retry, deadlines } = this.#shared;
    // A refusal of this request (413, say, which a client may provoke) tells nothing about the others.
    const refused = this.#status >= 400 && this.#status < 500 && this.#status !== 429;
    if (refused) circuit.succeeded(this.#ticket);
    else circuit.failed(this.#ticket);
    const failure = { status: this.#status, retryAfter: this.#retryAfter, cause };
    const wait = this.#repeatable && circuit.state === 'closed' ? retry.mayRetry(failure, this.#attempt, deadlines.left(this.#deadline)) : undefined;
    if (wait === undefined) return this.#fail(message, cause);
    this.#attempt++;
    this.#ticket = 0;
    this.#status = 0;
    this.#retryAfter = undefined;
    this.#controller = undefined;
    this.#bytes = 0;
    this.#chunks = [];
    this.#pause = setTimeout(() => this.send(), wait);
  }

  #fail(message: string, cause?: unknown): void {
    if (this.#settled) return;
    this.#finish();
    this.#chunks = [];
    this.#controller?.abort(new Error(message));
    this.#reject(new SubgraphUnavailable(this.#shared.subgraph, message, { cause }));
  }

  #finish(): void {
    this.#settled = true;
    this.#deadline.cancel();
    clearTimeout(this.#pause);
    this.#context.signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** Whether this has the shape of a GraphQL response; what is in `data` is the executor's to check. */
export function isResult(value: unknown): value is SubgraphResult {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { data, errors } = value as { data?: unknown; errors?: unknown };
  if (data !== undefined && (typeof data !== 'object' || Array.isArray(data))) return false;
  if (errors !== undefined && errors !== null && !(Array.isArray(errors) && errors.every((e) => typeof e === 'object' && e !== null))) return false;
  return data !== undefined || Array.isArray(errors);
}
