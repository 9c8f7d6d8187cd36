import { ConfigError } from './config-error.ts';

/**
 * Limits on the work that clients and subgraphs can cause. All are on by default. Each number is the most that is
 * allowed, and the router refuses what exceeds it, unless the limit's comment says otherwise.
 */
export interface Limits {
  /** The largest number of bytes of one HTTP body or WebSocket message. */
  readonly bodyBytes: number;
  /** The largest number of operations in one HTTP request that is a JSON array. 0 refuses arrays. */
  readonly batchedOperations: number;
  /** The largest number of lexical tokens of one document. */
  readonly tokens: number;
  /**
   * The largest number of levels of brackets of any kind: in a document, in a document with its fragments expanded, and
   * in the JSON of its variables.
   */
  readonly nesting: number;
  /** The largest number of levels of nested fields, with fragments expanded. */
  readonly depth: number;
  /** The largest number of aliased fields of an operation, with fragments expanded. */
  readonly aliases: number;
  /** The largest number of fields at the root of an operation, with fragments expanded. */
  readonly rootFields: number;
  /** The largest number of all fields of an operation, with fragments expanded. The cost of planning grows with it. */
  readonly fields: number;
  /**
   * The largest number of fields and list items in one response. The router estimates their number from the arguments
   * of the lists and refuses an operation before it asks any subgraph. See `assumedListSize`.
   */
  readonly values: number;
  /**
   * The largest number of bytes of one response, and of bytes that subgraphs send for it. A larger response is replaced
   * by an error. For a subscription the limit is per event.
   */
  readonly answerBytes: number;
  /** The largest number of errors in one response. If there are more, the last one says how many were left out. */
  readonly errors: number;
  /** The largest number of open WebSockets and subscriptions over HTTP together. */
  readonly sockets: number;
  readonly socketsPerAddress: number;
  /** The largest number of WebSockets and subscriptions over HTTP of one signed-in user. */
  readonly socketsPerUser: number;
  /** The largest number of operations that run at the same time on one WebSocket, subscriptions included. */
  readonly operationsPerSocket: number;
  readonly subscriptionsPerSocket: number;
  /**
   * The largest number of events that wait for one subscription. When more than half of this number wait, the router
   * stops reading from the subgraph until fewer than a quarter wait (backpressure). A subscription that exceeds the
   * number ends with SLOW_CONSUMER.
   */
  readonly queuedEvents: number;
  /** The number of unsent bytes on one socket above which its operations pause, until at most half of it is left. */
  readonly bufferedBytes: number;
  /**
   * How long the client of a socket above `bufferedBytes` may read nothing. After that the router closes the socket.
   * Also how long a slow subscription may stop the router from reading from its subgraph. After that the subscription
   * ends. Milliseconds.
   */
  readonly slowClientMs: number;
  /**
   * The largest number of finished events, and of bytes of their text, that one stream keeps for clients that lag or
   * reconnect. The stream drops the oldest events first.
   */
  readonly keptEvents: number;
  readonly keptBytes: number;
  /**
   * The largest number of bytes of finished events that all streams together keep. Above that, a stream drops its
   * oldest events.
   */
  readonly keptBytesInAll: number;
  /**
   * The largest number of extra upstreams, beside the shared ones, for clients that reconnect after the kept events
   * have passed them. Further clients wait.
   */
  readonly catchUps: number;
  /**
   * The largest number of concurrent requests to subgraphs that check whether a client may listen. Further checks wait.
   */
  readonly audienceChecks: number;
  /**
   * How long, in milliseconds, a client keeps its stream while the router cannot re-check its rights or resume a lost
   * upstream. After that the stream ends with UNAVAILABLE.
   */
  readonly audienceStaleMs: number;
  /**
   * How long a query or mutation may take, and how long a subscription over HTTP may take to start. After that the
   * router cancels its requests to subgraphs, and the fields that they would have filled get errors. Milliseconds.
   */
  readonly operationMs: number;
  /** The largest number of WebSockets to one subgraph. Further subscriptions share them. */
  readonly subgraphSockets: number;
  /**
   * The largest number of HTTP connections to one subgraph. Requests for the same fields use at most half of them, or
   * all if there are fewer than four. A quarter is reserved for requests that are known to be fast.
   */
  readonly subgraphConnections: number;
  /** The largest number of requests to one subgraph that wait for a connection. The router refuses further ones. */
  readonly subgraphRequests: number;
  /**
   * How long one request to a subgraph may take, its retries included. After that the fields of the request get errors.
   * Milliseconds.
   */
  readonly subgraphMs: number;
  /**
   * The largest number of queries of one turn of the event loop that the router sends to a subgraph together, as one
   * JSON array. 1 sends each query by itself. Set more only for subgraphs that accept arrays.
   */
  readonly subgraphBatch: number;
  /**
   * How often the router may retry a query at a subgraph after a failed connection, or after status 502, 503 or 504
   * with `Retry-After`. 0 turns retries off.
   */
  readonly subgraphRetries: number;
  /** How long the circuit breaker sends nothing to a subgraph that keeps failing. Milliseconds. */
  readonly subgraphCircuitMs: number;
  readonly subgraphResponseBytes: number;
  /** The largest number of documents whose plans the router keeps. For a new one it evicts the least recently used. */
  readonly plans: number;
  /**
   * The largest number of texts of persisted queries, and of their bytes, that the router keeps in memory. For a new
   * text it evicts the least recently used.
   */
  readonly persistedQueries: number;
  readonly persistedBytes: number;
  /**
   * How long the router may plan the most used documents for a new supergraph before it serves that supergraph.
   * Milliseconds.
   */
  readonly reloadWarmUpMs: number;
  /** The router spreads the ends of subscriptions that a new supergraph does not allow over this time. Milliseconds. */
  readonly reloadSpreadMs: number;
  /**
   * How long the planning of one document may take. The router refuses a document that takes longer, and remembers the
   * refusal. Milliseconds.
   */
  readonly planningMs: number;
  /** The largest number of new documents that wait while the router plans others. The router refuses further ones. */
  readonly planningQueue: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 100_000,
  batchedOperations: 10,
  tokens: 5_000,
  nesting: 200,
  depth: 20,
  aliases: 50,
  rootFields: 30,
  fields: 5_000,
  values: 200_000,
  answerBytes: 3_000_000,
  errors: 100,
  sockets: 10_000,
  socketsPerAddress: 10_000,
  socketsPerUser: 100,
  operationsPerSocket: 100,
  subscriptionsPerSocket: 100,
  queuedEvents: 1_000,
  bufferedBytes: 64_000,
  slowClientMs: 10_000,
  keptEvents: 500,
  keptBytes: 1_000_000,
  keptBytesInAll: 64_000_000,
  catchUps: 100,
  audienceChecks: 64,
  audienceStaleMs: 30_000,
  operationMs: 30_000,
  subgraphSockets: 16,
  subgraphConnections: 128,
  subgraphRequests: 2_000,
  subgraphMs: 10_000,
  subgraphBatch: 1,
  subgraphRetries: 2,
  subgraphCircuitMs: 5_000,
  subgraphResponseBytes: 10_000_000,
  plans: 1_000,
  persistedQueries: 10_000,
  persistedBytes: 20_000_000,
  reloadWarmUpMs: 5_000,
  reloadSpreadMs: 10_000,
  planningMs: 5_000,
  planningQueue: 200,
};

const MAY_BE_ZERO = new Set<string>([
  'batchedOperations',
  'subgraphRetries',
  'reloadWarmUpMs',
  'reloadSpreadMs',
] satisfies (keyof Limits)[]);
/** The least value of a limit. Some limits may be 0; the others start at 1. */
export const minimumOf = (limit: string): number => (MAY_BE_ZERO.has(limit) ? 0 : 1);

/**
 * Checks the given limits and adds the defaults.
 * @throws ConfigError for a limit that is unknown, not a whole number or too small
 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new ConfigError(`unknown limit "${name}"`);
    if (!Number.isSafeInteger(value) || value < minimumOf(name))
      throw new ConfigError(`limit "${name}" must be a whole number from ${minimumOf(name)}, not ${String(value)}`);
  }
  return { ...DEFAULT_LIMITS, ...given };
}

/** The assumed number of items of a list without a size argument. Most of these lists are short. */
const ASSUMED_LIST_SIZE = 10;

/**
 * Checks `assumedListSize`.
 * @throws ConfigError
 */
export function resolveListSize(given: number = ASSUMED_LIST_SIZE): number {
  if (!Number.isSafeInteger(given) || given < 1)
    throw new ConfigError(`assumedListSize must be a whole number from 1, not ${String(given)}`);
  return given;
}
