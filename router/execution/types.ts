import type { GraphQLFormattedError } from 'graphql';

/** Who an operation runs for, as the subgraphs are told. Opaque to planning and execution. */
export interface Principal {
  /** The `sub` of the verified token; absent for an anonymous client. */
  readonly userId?: string;
  /** The verified claims as base64url JSON, ready to be a header. */
  readonly userinfo?: string;
  /** Instead of a user: everybody for whom a subgraph gave this key (`@audience`). */
  readonly audience?: { readonly subgraph: string; readonly key: string };
}

/** What accompanies one client operation from the listener to every subgraph call. */
export interface RequestContext {
  readonly requestId: string;
  readonly principal: Principal;
  /** Aborted when the client goes away or the operation's time is up. */
  readonly signal?: AbortSignal;
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

/** How the executor reaches subgraphs; `transport/` implements it with HTTP and graphql-transport-ws. */
export interface SubgraphTransport {
  /** @throws SubgraphUnavailable when there is no GraphQL response at all (refused, timed out, not JSON, too large). */
  fetch(subgraph: string, request: SubgraphRequest, context: RequestContext): Promise<SubgraphResult>;
  /**
   * Ends normally when the subgraph completes. `return()` unsubscribes upstream.
   * @throws from `next()`: SubgraphUnavailable when the upstream is lost, SlowConsumer when events are not taken fast enough.
   */
  subscribe(subgraph: string, request: SubgraphRequest, context: RequestContext): AsyncIterableIterator<SubgraphResult>;
}

/** No GraphQL response could be had from a subgraph. `code` is what a client sees in `extensions.code`. */
export class SubgraphUnavailable extends Error {
  readonly code = 'UNAVAILABLE';
  readonly subgraph: string;
  constructor(subgraph: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'SubgraphUnavailable';
    this.subgraph = subgraph;
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
