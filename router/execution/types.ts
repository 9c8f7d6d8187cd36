import type { GraphQLFormattedError } from 'graphql';

/** Who an operation runs for, as the subgraphs are told. Opaque to planning and execution. */
export interface Principal {
  /** The `sub` of the verified token; absent for an anonymous client. */
  readonly userId?: string;
  /** The verified claims as base64url JSON, ready to be a header. */
  readonly userinfo?: string;
  /** Instead of a user: the listeners of a shared stream, by the key that `subgraph` knows them by. */
  readonly audience?: { readonly subgraph: string; readonly key: string };
}

/** What accompanies one client operation from the listener to every subgraph call. */
export interface RequestContext {
  readonly requestId: string;
  readonly principal: Principal;
  /** The client's IP address; only of mutations, whose subgraphs may count by it. */
  readonly clientAddress?: string;
  /** Aborted when the client goes away or the operation's time is up. */
  readonly signal?: CancelSignal;
}

/** What of an AbortSignal is used here; the cheap ones of `server/` are no event targets. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What the transport has to know of an operation for a subgraph. */
export interface FetchKind {
  /** Whether it is a query: it may be sent again, shared, and sent together with others. */
  readonly repeatable: boolean;
  /**
   * Stands for the fields that it asks for, whatever they are called in it and whatever their arguments: what asks for
   * the same shares what it may hold of the subgraph.
   */
  readonly fields: string;
}

/** One GraphQL operation for a subgraph. */
export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A GraphQL response as it came from a subgraph (GraphQL specification, section 7.1). */
export interface SubgraphResult {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
}

/** How the executor reaches subgraphs; `subgraphs/` implements it with HTTP and graphql-transport-ws. */
export interface SubgraphTransport {
  /**
   * Sends one operation and hands on the body of the response, both as bytes ("latin1"). Never throws; `done` is called
   * once, perhaps before it returns, and with a SubgraphUnavailable when there is no GraphQL response at all (refused,
   * timed out, not JSON, too large); any other error is a fault of the router.
   */
  send(
    subgraph: string,
    body: string,
    kind: FetchKind,
    context: RequestContext,
    done: (error: Error | undefined, text: string) => void,
  ): void;
  /**
   * Ends normally when the subgraph completes. `return()` unsubscribes upstream.
   * @throws from `next()`: SubgraphUnavailable when the upstream is lost, SlowConsumer when events are not taken fast
   *   enough.
   */
  subscribe(subgraph: string, request: SubgraphRequest, context: RequestContext): AsyncIterableIterator<SubgraphResult>;
}

/** No GraphQL response could be had from a subgraph. `code` is what a client sees in `extensions.code`. */
export class SubgraphUnavailable extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name: string = 'SubgraphUnavailable';
  readonly subgraph: string;
  constructor(subgraph: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.subgraph = subgraph;
  }
}

/**
 * The subgraph was not asked: what asks for the same fields has all that it may have of it, and as many wait as can be
 * answered in time.
 */
export class SubgraphBusy extends SubgraphUnavailable {
  override readonly name = 'SubgraphBusy';
}

/** In place of an answer that would be without what a busy subgraph gives. Nothing was changed by it. */
export class Overloaded extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name = 'Overloaded';
  constructor() {
    super('A service is busy with requests like this one. Try again in a moment.');
  }
}

/** A subscription was ended because its events came faster than they were taken; those before it were delivered. */
export class SlowConsumer extends Error {
  readonly code = 'SLOW_CONSUMER';
  override readonly name = 'SlowConsumer';
  constructor() {
    super('The subscription fell behind: its events were not taken fast enough. Subscribe again from the last event');
  }
}

/** The response to a client (GraphQL specification, section 7.1), before serialisation. */
export interface ExecutionResponse {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
}
