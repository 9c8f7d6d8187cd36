export interface OperationInfo {
  readonly kind: 'query' | 'mutation' | 'subscription' | 'unknown';
  readonly name?: string;
  /** Duration in milliseconds. For a subscription: until it ended. */
  readonly durationMs: number;
  /** The number of errors in the response. For a subscription: in all of its events together. */
  readonly errors: number;
  /** The `extensions.code` of the first error. */
  readonly code?: string;
  readonly requestId: string;
  readonly transport: 'http' | 'websocket' | 'sse' | 'multipart';
}

export interface SubgraphFetchInfo {
  readonly subgraph: string;
  readonly durationMs: number;
  /** Whether the subgraph sent a GraphQL response. */
  readonly ok: boolean;
  readonly requestId: string;
}

/** Receives what an operator should see. The router writes nothing for a request that succeeds. */
export interface LogPort {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
