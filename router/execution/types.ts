import type { GraphQLFormattedError } from 'graphql';

/** Who an operation runs for, as subgraphs see it. Planning and execution do not look into it. */
export interface Principal {
  /** The `sub` of the verified token. Absent for an anonymous client. */
  readonly userId?: string;
  /** The verified claims as base64url JSON. The router sends them to subgraphs in a header. */
  readonly userinfo?: string;
  /**
   * The listeners of a shared stream, as a group. Set instead of `userId`. `key` is the name that `subgraph` gave to
   * the group.
   */
  readonly audience?: { readonly subgraph: string; readonly key: string };
}

/** The context of one client operation. Every subgraph call gets it. */
export interface RequestContext {
  readonly requestId: string;
  readonly principal: Principal;
  /** The client's IP address. Set only for mutations, because subgraphs may count them by address. */
  readonly clientAddress?: string;
  /** Aborted when the client disconnects or the operation's time limit has passed. */
  readonly signal?: CancelSignal;
}

/** The part of AbortSignal that the router uses. The cheap signals of `server/` are no event targets. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What the transport must know about an operation for a subgraph. */
export interface FetchKind {
  /** Whether it is a query. A query may be retried, shared between requests and batched. */
  readonly repeatable: boolean;
  /**
   * A hash of the selected fields, without their aliases and arguments. Requests with the same value share one part of
   * the subgraph's connections.
   */
  readonly fields: string;
}

/** A GraphQL operation for a subgraph. */
export interface SubgraphRequest {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** A GraphQL response as a subgraph sent it (GraphQL specification, section 7.1). */
export interface SubgraphResult {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
  extensions?: Record<string, unknown>;
}

/** How the executor reaches subgraphs. `subgraphs/` implements it with HTTP and graphql-transport-ws. */
export interface SubgraphTransport {
  /**
   * Sends one operation and passes on the body of the response. In both, each character is one byte ("latin1"). Never
   * throws. It calls `done` once, perhaps before it returns. The error is a SubgraphUnavailable when there is no
   * GraphQL response (refused, timed out, not JSON, too large). Any other error is a defect of the router.
   */
  send(
    subgraph: string,
    body: string,
    kind: FetchKind,
    context: RequestContext,
    done: (error: Error | undefined, text: string) => void,
  ): void;
  /**
   * Subscribes at a subgraph. The iterator ends normally when the subgraph completes. `return()` unsubscribes.
   * @throws from `next()`: SubgraphUnavailable when the upstream is lost; SlowConsumer when events are not read fast
   *   enough
   */
  subscribe(subgraph: string, request: SubgraphRequest, context: RequestContext): AsyncIterableIterator<SubgraphResult>;
}

/** The error when a subgraph sent no GraphQL response. Clients see `code` in `extensions.code`. */
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
 * The error when the router did not send a request, because too many requests to the subgraph wait already: more than
 * could be answered in time, or more than may wait (see `FairShare`).
 */
export class SubgraphBusy extends SubgraphUnavailable {
  override readonly name = 'SubgraphBusy';
}

/**
 * The error that replaces a response which would lack the data of a busy subgraph. It is used only for queries, so
 * nothing was changed.
 */
export class Overloaded extends Error {
  readonly code = 'UNAVAILABLE';
  override readonly name = 'Overloaded';
  constructor() {
    super('A service is busy with requests like this one. Try again in a moment.');
  }
}

/**
 * The error when a subscription was ended because its events arrived faster than the client read them or the router
 * completed them. The client received the events before that.
 */
export class SlowConsumer extends Error {
  readonly code = 'SLOW_CONSUMER';
  override readonly name = 'SlowConsumer';
  constructor() {
    super(
      'The subscription fell behind: the client did not read its events fast enough. Subscribe again from the last event',
    );
  }
}

/** The response to a client (GraphQL specification, section 7.1), before serialisation. */
export interface ExecutionResponse {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
}
