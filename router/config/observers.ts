export interface OperationInfo {
  readonly kind: 'query' | 'mutation' | 'subscription' | 'unknown';
  readonly name?: string;
  /** Of a subscription: until it ended. */
  readonly durationMs: number;
  /** Errors in the response; of a subscription: in all of its events. */
  readonly errors: number;
  /** `extensions.code` of the first error. */
  readonly code?: string;
  readonly requestId: string;
  readonly transport: 'http' | 'websocket' | 'sse' | 'multipart';
}

export interface SubgraphFetchInfo {
  readonly subgraph: string;
  readonly durationMs: number;
  /** False when there was no GraphQL response. */
  readonly ok: boolean;
  readonly requestId: string;
}

/** Where the router writes what an operator should see. Never called per request when all is well. */
export interface LogPort {
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
