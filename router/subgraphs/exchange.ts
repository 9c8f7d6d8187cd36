import type { Limits } from '../config/limits.ts';
import { isResult } from '../execution/result.ts';
import { SubgraphBusy, SubgraphUnavailable } from '../execution/types.ts';
import type { FetchKind, RequestContext } from '../execution/types.ts';
import { ConnectionLost } from '../http1/connection.ts';
import type { RequestController, ResponseHandler } from '../http1/connection.ts';
import { decode } from '../http1/encoding.ts';
import type { ResponseHeaders } from '../http1/parser.ts';
import type { Deadline, DeadlineQueue, Expiring } from '../time/deadline.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { SlotRequest } from './fair-share.ts';
import type { FairShare } from './fair-share.ts';
import type { RetryPolicy } from './retry.ts';

/** The objects that all requests to one subgraph share. */
export interface Shared {
  readonly subgraph: string;
  readonly limits: Limits;
  readonly circuit: CircuitBreaker;
  readonly retry: RetryPolicy;
  readonly deadlines: DeadlineQueue;
  readonly share: FairShare;
  /** Sends the request. @param fresh whether to send it over a new connection */
  dispatch(body: string, context: RequestContext, handler: ResponseHandler, fresh: boolean): void;
}

/**
 * Called once with the body of a GraphQL response, each character one byte ("latin1"), or with an error and an empty
 * text.
 */
export type Done = (error: SubgraphUnavailable | undefined, text: string) => void;

/**
 * One request and its response, with limits on time and size. Retries a query that got no response. The deadline covers
 * waiting, headers, body and retries together.
 */
export class Exchange extends SlotRequest implements ResponseHandler, Expiring {
  readonly #shared: Shared;
  readonly #body: string;
  readonly #kind: FetchKind;
  readonly #context: RequestContext;
  readonly #done: Done;
  readonly #deadline: Deadline;
  #controller: RequestController | undefined;
  #settled = false;
  #attempt = 0;
  #ticket = 0;
  #pause: NodeJS.Timeout | undefined;
  #status = 0;
  #retryAfter: string | undefined;
  #encoding: string | undefined;
  #json = false;
  #text = '';
  #fresh = false;

  /**
   * @param context the context of the first caller, which gives the identity and the request id. Its signal is not
   * used: the callers cancel with `abort`.
   */
  constructor(shared: Shared, body: string, kind: FetchKind, context: RequestContext, done: Done) {
    super();
    this.#shared = shared;
    this.#body = body;
    this.#kind = kind;
    this.#context = context;
    this.#done = done;
    this.#deadline = shared.deadlines.add(this);
    shared.retry.requestStarted();
  }

  send(): void {
    if (!this.#shared.share.enter(this, this.#kind.fields)) this.refuse();
  }

  get msLeft(): number {
    return this.#shared.deadlines.msLeft(this.#deadline);
  }

  refuse(): void {
    const { subgraph } = this.#shared;
    this.#fail(
      `too many requests wait for subgraph ${subgraph}`,
      undefined,
      new SubgraphBusy(subgraph, `too many requests wait for subgraph ${subgraph}`),
    );
  }

  start(): void {
    const { subgraph, circuit } = this.#shared;
    this.#ticket = circuit.allow();
    if (this.#ticket === 0)
      return this.#fail(`subgraph ${subgraph} gets no requests: its circuit breaker is ${circuit.state}`);
    this.#shared.dispatch(this.#body, this.#context, this, false);
  }

  /** Cancels the request because nobody needs the response any more. */
  readonly abort = (): void => {
    if (this.#settled) return;
    this.#shared.circuit.cancelled(this.#ticket);
    this.#fail(`the request to subgraph ${this.#shared.subgraph} was cancelled`);
  };

  expired(): void {
    const { subgraph, limits, circuit, share } = this.#shared;
    if (this.since < 0) return this.refuse(); // The request was never sent.
    // If the subgraph has answered requests for other fields meanwhile, only this field is slow. That is no reason to
    // stop sending requests for the others, so the circuit breaker does not count it as a failure.
    if (share.othersAnswered(this)) circuit.cancelled(this.#ticket);
    else circuit.failed(this.#ticket);
    this.#fail(`subgraph ${subgraph} did not answer within ${limits.subgraphMs} ms`);
  }

  onRequestStart(controller: RequestController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('given up'));
  }

  onResponseStart(_controller: RequestController, status: number, headers: ResponseHeaders): void {
    this.#status = status;
    const type = headers['content-type'];
    this.#json =
      type === 'application/json' || (type !== undefined && /^application\/(?:[\w.-]+\+)?json\b/i.test(type));
    if (status === 200 && headers['content-encoding'] === undefined) return;
    const { 'retry-after': retryAfter, 'content-encoding': encoding } = headers;
    this.#retryAfter = retryAfter;
    if (encoding !== 'identity') this.#encoding = encoding;
  }

  onResponseData(_controller: RequestController, text: string): void {
    this.#text += text;
    if (this.#text.length > this.#shared.limits.subgraphResponseBytes) this.#tooLarge();
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    const { subgraph, limits } = this.#shared;
    if (!this.#json)
      return this.#attemptFailed(`subgraph ${subgraph} did not answer with JSON (status ${this.#status})`);
    const text = this.#text;
    this.#text = '';
    if (this.#encoding === undefined) return this.#accept(text);
    decode(this.#encoding, Buffer.from(text, 'latin1'), limits.subgraphResponseBytes).then(
      (decoded) => this.#accept(decoded.toString('latin1')),
      (cause: unknown) => this.#attemptFailed(`the answer of subgraph ${subgraph} cannot be decoded`, cause),
    );
  }

  onResponseError(_controller: RequestController, cause: Error): void {
    // Sends the request again over a new connection, which does not count as a retry: after a quiet period all idle
    // connections may be stale. The request gets a new signature, so a subgraph that has seen the first one accepts the
    // second.
    if (cause instanceof ConnectionLost && cause.stale && this.#kind.repeatable && !this.#fresh && !this.#settled) {
      this.#fresh = true;
      return this.#shared.dispatch(this.#body, this.#context, this, true);
    }
    this.#attemptFailed(`subgraph ${this.#shared.subgraph} cannot be reached`, cause);
  }

  #accept(text: string): void {
    if (this.#settled) return;
    // An error status with a GraphQL response in the body is still a GraphQL response. A text that starts like one is
    // checked later, by the code that parses it.
    if (!text.startsWith('{"data":') && !text.startsWith('[{"data":')) {
      const { subgraph } = this.#shared;
      let result: unknown;
      try {
        result = JSON.parse(text);
      } catch (cause) {
        return this.#attemptFailed(`the answer of subgraph ${subgraph} is not JSON (status ${this.#status})`, cause);
      }
      if (!isResult(result) && !(Array.isArray(result) && result.every(isResult))) {
        return this.#attemptFailed(
          `subgraph ${subgraph} did not answer with a GraphQL response (status ${this.#status})`,
        );
      }
    }
    this.#shared.circuit.succeeded(this.#ticket);
    this.#finish(true);
    this.#done(undefined, text);
  }

  #tooLarge(): void {
    const { subgraph, limits, circuit } = this.#shared;
    circuit.succeeded(this.#ticket); // The subgraph is healthy. A client may have asked for that much data.
    this.#fail(`the answer of subgraph ${subgraph} is larger than ${limits.subgraphResponseBytes} bytes`);
  }

  /** Handles an attempt that got no GraphQL response: retries the request if possible, otherwise fails it. */
  #attemptFailed(message: string, cause?: unknown): void {
    if (this.#settled) return;
    const { circuit, retry, deadlines } = this.#shared;
    // A status from 400 to 499, except 429, refuses this request only, and a client can provoke it. So it does not
    // count as a failure of the subgraph.
    const refused = this.#status >= 400 && this.#status < 500 && this.#status !== 429;
    if (refused) circuit.succeeded(this.#ticket);
    else circuit.failed(this.#ticket);
    const failure = { status: this.#status, retryAfter: this.#retryAfter, cause };
    const wait =
      this.#kind.repeatable && circuit.state === 'closed'
        ? retry.retryDelay(failure, this.#attempt, deadlines.msLeft(this.#deadline))
        : undefined;
    if (wait === undefined) return this.#fail(message, cause);
    this.#attempt++;
    this.#ticket = 0;
    this.#status = 0;
    this.#retryAfter = undefined;
    this.#encoding = undefined;
    this.#controller = undefined;
    this.#text = '';
    this.#fresh = false;
    this.#shared.share.exit(this, false);
    this.#pause = setTimeout(() => this.send(), wait);
  }

  #fail(
    message: string,
    cause?: unknown,
    error = new SubgraphUnavailable(this.#shared.subgraph, message, { cause }),
  ): void {
    if (this.#settled) return;
    this.#text = '';
    this.#controller?.abort(new Error(message)); // The connection must be closed before another request gets the slot.
    this.#finish(false);
    this.#done(error, '');
  }

  #finish(answered: boolean): void {
    this.#settled = true;
    this.#shared.share.exit(this, answered);
    this.#deadline.cancel();
    clearTimeout(this.#pause);
  }
}
