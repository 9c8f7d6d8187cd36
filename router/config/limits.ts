import { ConfigError } from './config-error.ts';

/** Bounds on what clients and subgraphs may make the router do. All are on by default. */
export interface Limits {
  /** Bytes of one HTTP body or WebSocket message. */
  readonly bodyBytes: number;
  /** Operations that may come as one array over HTTP; 0 for none. */
  readonly batchedOperations: number;
  /** Lexical tokens of one document. */
  readonly tokens: number;
  /** Levels of brackets of any kind in a document, also with its fragments spread, and in the JSON of its variables. */
  readonly nesting: number;
  /** Levels of nested fields, fragments spread. */
  readonly depth: number;
  /** Aliased fields, fragments spread. */
  readonly aliases: number;
  /** Fields of the operation's root, fragments spread. */
  readonly rootFields: number;
  /** All fields, fragments spread; what planning costs grows with it. */
  readonly fields: number;
  /**
   * Fields and items of lists in one answer, as the arguments of its lists tell before anything is asked: see
   * `assumedListSize`.
   */
  readonly values: number;
  /** Bytes of one answer, and of what subgraphs send for it; of a subscription, for each event. */
  readonly answerBytes: number;
  /** Errors in one response. */
  readonly errors: number;
  /** Open WebSockets. */
  readonly sockets: number;
  readonly socketsPerAddress: number;
  /** WebSockets of one signed-in user. */
  readonly socketsPerUser: number;
  /** Operations running on one WebSocket, subscriptions included. */
  readonly operationsPerSocket: number;
  readonly subscriptionsPerSocket: number;
  /** Events that wait for a subscription; from half of it on, its subgraph is not read from. */
  readonly queuedEvents: number;
  /** Bytes that a socket may hold unsent before its operations pause. */
  readonly bufferedBytes: number;
  /**
   * How long a socket may stay that full before it is closed, and how long a subscription may keep its subgraph from
   * being read.
   */
  readonly slowClientMs: number;
  /** Finished events, and bytes of their text, that one stream keeps for clients that are behind or come back. */
  readonly keptEvents: number;
  readonly keptBytes: number;
  /** Such bytes over all streams. */
  readonly keptBytesInAll: number;
  /** Upstreams beside the shared ones, for clients that come back from further behind; more wait. */
  readonly catchUps: number;
  /** Questions to subgraphs, at once, whether a client may listen. */
  readonly audienceChecks: number;
  /**
   * How long a client keeps listening while that cannot be found out, and how long a lost stream is tried to be taken
   * up.
   */
  readonly audienceStaleMs: number;
  /** How long an HTTP operation, or one over a socket that is no subscription, may take. */
  readonly operationMs: number;
  /** WebSockets to one subgraph; its subscriptions share them when there are more. */
  readonly subgraphSockets: number;
  /**
   * HTTP connections to one subgraph. Requests for the same fields hold half of them at most; a quarter is kept for
   * what is known to be fast.
   */
  readonly subgraphConnections: number;
  /** Requests to one subgraph, running and waiting. */
  readonly subgraphRequests: number;
  /** How long one request to a subgraph may take, its retries included. */
  readonly subgraphMs: number;
  /**
   * Queries of one turn of the event loop that go to a subgraph as one JSON array; 1: each by itself. Only for
   * subgraphs that accept arrays.
   */
  readonly subgraphBatch: number;
  /** How often a query is sent again to a subgraph that did not answer; 0 for never. */
  readonly subgraphRetries: number;
  /** How long a subgraph that keeps failing is not asked. */
  readonly subgraphCircuitMs: number;
  readonly subgraphResponseBytes: number;
  /** Documents whose plan is kept. */
  readonly plans: number;
  /** Texts of persisted queries, and bytes of them, that are kept in memory. */
  readonly persistedQueries: number;
  readonly persistedBytes: number;
  /** How long the most used documents may be planned for a new supergraph before it is served. */
  readonly reloadWarmUpMs: number;
  /** Over how long the ends of subscriptions that a new supergraph does not allow are spread. */
  readonly reloadSpreadMs: number;
  /** How long planning one document may take; then it is refused for good. */
  readonly planningMs: number;
  /** New documents that may wait while others are planned. */
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
/** Some limits may be 0; the others begin with 1. */
export const leastOf = (limit: string): number => (MAY_BE_ZERO.has(limit) ? 0 : 1);

/** @throws ConfigError for a limit that is unknown or no whole number within its bounds. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new ConfigError(`unknown limit "${name}"`);
    if (!Number.isSafeInteger(value) || value < leastOf(name))
      throw new ConfigError(`limit "${name}" must be a whole number from ${leastOf(name)}, not ${String(value)}`);
  }
  return { ...DEFAULT_LIMITS, ...given };
}

/** Most lists that nobody pages through are short. */
const ASSUMED_LIST_SIZE = 10;

/** @throws ConfigError */
export function resolveListSize(given: number = ASSUMED_LIST_SIZE): number {
  if (!Number.isSafeInteger(given) || given < 1)
    throw new ConfigError(`assumedListSize must be a whole number from 1, not ${String(given)}`);
  return given;
}
