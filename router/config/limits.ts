import { ConfigError } from './config-error.ts';

/**
 * Limits on the work that clients and subgraphs can cause. All are on by default. Each number is the most that is
 * allowed, and the router refuses what exceeds it, unless the limit's comment says otherwise.
 */
export interface Limits {
  /** Bytes of one HTTP body or WebSocket message. */
  readonly bodyBytes: number;
  /** Operations in one HTTP request that is a JSON array. 0 refuses arrays. */
  readonly batchedOperations: number;
  /** Lexical tokens of one document. */
  readonly tokens: number;
  /**
   * Levels of brackets of any kind: in a document, in a document with its fragments expanded, and in the JSON of its
   * variables.
   */
  readonly nesting: number;
  /** Levels of nested fields, with fragments expanded. */
  readonly depth: number;
  /** Aliased fields, with fragments expanded. */
  readonly aliases: number;
  /** Fields at the root of the operation, with fragments expanded. */
  readonly rootFields: number;
  /** All fields of the operation, with fragments expanded. The cost of planning grows with it. */
  readonly fields: number;
  /**
   * Fields and list items in one response. The router estimates them from the arguments of the lists and refuses an
   * operation before it asks any subgraph. See `assumedListSize`.
   */
  readonly values: number;
  /**
   * Bytes of one response, and bytes that subgraphs send for it. A larger response is replaced by an error. For a
   * subscription the limit is per event.
   */
  readonly answerBytes: number;
  /** Errors in one response. If there are more, the last one says how many were left out. */
  readonly errors: number;
  /** Open WebSockets. */
  readonly sockets: number;
  readonly socketsPerAddress: number;
  /** WebSockets of one signed-in user. */
  readonly socketsPerUser: number;
  /** Operations that run at the same time on one WebSocket, subscriptions included. */
  readonly operationsPerSocket: number;
  readonly subscriptionsPerSocket: number;
  /**
   * Events that wait for one subscription. From half of this number on, the router stops reading from the subgraph
   * (backpressure). A subscription that exceeds the number ends with SLOW_CONSUMER.
   */
  readonly queuedEvents: number;
  /** Unsent bytes on one socket. Above this number its operations pause, until at most half of it is left. */
  readonly bufferedBytes: number;
  /**
   * How long a socket may stay above `bufferedBytes` before the router closes it, and how long a slow subscription may
   * stop the router from reading from its subgraph.
   */
  readonly slowClientMs: number;
  /**
   * Finished events, and bytes of their text, that one stream keeps for clients that lag or reconnect. It drops the
   * oldest ones first.
   */
  readonly keptEvents: number;
  readonly keptBytes: number;
  /** Bytes of finished events that all streams together keep. Above that, a stream drops its oldest events. */
  readonly keptBytesInAll: number;
  /**
   * Extra upstreams, beside the shared ones, for clients that reconnect after the kept events have passed them. Further
   * clients wait.
   */
  readonly catchUps: number;
  /** Requests to subgraphs that check whether a client may listen, at the same time. Further checks wait. */
  readonly audienceChecks: number;
  /** How long a client keeps its stream while the router cannot re-check its rights or resume a lost upstream. */
  readonly audienceStaleMs: number;
  /** How long an operation may take: any operation over HTTP, and a query or mutation over a WebSocket. */
  readonly operationMs: number;
  /** WebSockets to one subgraph. Further subscriptions share them. */
  readonly subgraphSockets: number;
  /**
   * HTTP connections to one subgraph. Requests for the same fields use at most half of them. A quarter is reserved for
   * requests that are known to be fast.
   */
  readonly subgraphConnections: number;
  /** Requests to one subgraph that wait for a connection. The router refuses further ones. */
  readonly subgraphRequests: number;
  /** How long one request to a subgraph may take, its retries included. */
  readonly subgraphMs: number;
  /**
   * Queries of one turn of the event loop that the router sends to a subgraph together, as one JSON array. 1 sends each
   * query by itself. Set more only for subgraphs that accept arrays.
   */
  readonly subgraphBatch: number;
  /** How often the router retries a query at a subgraph that did not answer. 0 turns retries off. */
  readonly subgraphRetries: number;
  /** How long the circuit breaker sends nothing to a subgraph that keeps failing. */
  readonly subgraphCircuitMs: number;
  readonly subgraphResponseBytes: number;
  /** Documents whose plans the router keeps. For a new one it evicts the least recently used. */
  readonly plans: number;
  /** Texts of persisted queries, and their bytes, that the router keeps in memory. It evicts others for a new text. */
  readonly persistedQueries: number;
  readonly persistedBytes: number;
  /** How long the router may plan the most used documents for a new supergraph before it serves that supergraph. */
  readonly reloadWarmUpMs: number;
  /** The router spreads the ends of subscriptions that a new supergraph does not allow over this time. */
  readonly reloadSpreadMs: number;
  /** How long the planning of one document may take. The router then refuses the document from now on. */
  readonly planningMs: number;
  /** New documents that may wait while the router plans others. It refuses further ones. */
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

/** Most lists without a size argument are short. */
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
