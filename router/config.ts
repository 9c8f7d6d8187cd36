import { trustedProxies } from '../platform/http/client-address.ts';
import type { TrustedProxies } from '../platform/http/client-address.ts';
import type { SigningKey } from '../signature/signature.ts';
import type { IncrementalFormat } from './transport/accept.ts';
import type { ExplorerOptions } from './explorer/explorer.ts';
import type { PersistedQueryStore } from './policies/persisted-queries.ts';
import type { SupergraphManager } from './supergraph/sources.ts';

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
  /** Fields and items of lists in one answer, as the arguments of its lists tell before anything is asked: see `assumedListSize`. */
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
  /** How long a socket may stay that full before it is closed, and how long a subscription may keep its subgraph from being read. */
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
  /** How long a client keeps listening while that cannot be found out, and how long a lost stream is tried to be taken up. */
  readonly audienceStaleMs: number;
  /** How long an HTTP operation, or one over a socket that is no subscription, may take. */
  readonly operationMs: number;
  /** WebSockets to one subgraph; its subscriptions share them when there are more. */
  readonly subgraphSockets: number;
  /** HTTP connections to one subgraph. Requests for the same fields hold half of them at most; a quarter is kept for what is known to be fast. */
  readonly subgraphConnections: number;
  /** Requests to one subgraph, running and waiting. */
  readonly subgraphRequests: number;
  /** How long one request to a subgraph may take, its retries included. */
  readonly subgraphMs: number;
  /** Queries of one turn of the event loop that go to a subgraph as one JSON array; 1: each by itself. Only for subgraphs that accept arrays. */
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

const MAY_BE_ZERO = new Set<string>(['batchedOperations', 'subgraphRetries', 'reloadWarmUpMs', 'reloadSpreadMs'] satisfies (keyof Limits)[]);
/** Some limits may be 0; the others begin with 1. */
export const leastOf = (limit: string): number => (MAY_BE_ZERO.has(limit) ? 0 : 1);

/** What is different for one subgraph; the rest is as in `limits`. */
export interface SubgraphOptions {
  /** In place of `subgraphMs`. */
  readonly timeoutMs?: number;
  /** In place of `subgraphRetries`. */
  readonly retries?: number;
  /** In place of `subgraphConnections`. */
  readonly connections?: number;
  /** In place of `subgraphBatch`. */
  readonly batch?: number;
}

/** Most lists that nobody pages through are short. */
const ASSUMED_LIST_SIZE = 10;

/** @throws ConfigError */
export function resolveListSize(given: number = ASSUMED_LIST_SIZE): number {
  if (!Number.isSafeInteger(given) || given < 1) throw new ConfigError(`assumedListSize must be a whole number from 1, not ${String(given)}`);
  return given;
}

export interface AuthenticationOptions {
  /** `iss` that a token must have. */
  readonly issuer: string;
  /** One of a token's `aud` must be this. */
  readonly audience: string;
  readonly jwksUrl: string;
  /** `azp` (or, without one, `client_id`) that a token must have: the clients it may have been given to. Absent: any. */
  readonly clients?: readonly string[];
  /**
   * `typ` that a token's claims must have. Keycloak says Bearer in access tokens, ID in ID tokens, Refresh in refresh tokens. Absent: Bearer,
   * or no such claim, as other issuers have it.
   */
  readonly tokenTypes?: readonly string[];
  /** What else is wrong with verified claims, without their values; undefined when nothing is. The token is refused then. */
  readonly checkClaims?: (claims: Readonly<Record<string, unknown>>) => string | undefined;
  /** Refuse clients without a token. Default false: what needs a user is the subgraphs' to say. */
  readonly required?: boolean;
}

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

export interface RouterOptions {
  /** The text of a Federation 2 supergraph, or what gives it and its later versions. */
  readonly supergraph: string | SupergraphManager;
  /** HTTP URLs by subgraph name; they replace those in the supergraph. */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  /** WebSocket URLs by subgraph name; by default the HTTP URL with ws: or wss:. */
  readonly subgraphSocketUrls?: Readonly<Record<string, string>>;
  /** By subgraph name. */
  readonly subgraphs?: Readonly<Record<string, SubgraphOptions>>;
  /** Absent: tokens are not looked at and every client is anonymous. */
  readonly authentication?: AuthenticationOptions;
  /** Absent: subgraph calls are not signed. */
  readonly signingKey?: SigningKey;
  readonly limits?: Partial<Limits>;
  /** Addresses and subnets of proxies whose `X-Forwarded-For` is believed. Default: none, so a client is who opened the connection. */
  readonly trustedProxies?: readonly string[];
  readonly introspection?: boolean;
  /** Items that a list counts for in `limits.values` when no argument says how many it may have. Default 10. */
  readonly assumedListSize?: number;
  /** Labels of progressive overrides that are on; `percent(…)` labels are decided for each operation. */
  readonly overrideLabels?: readonly string[];
  /** Refuse what a page of any origin can make a browser send: requests by GET without anything that such a page cannot send. Default true. */
  readonly csrfPrevention?: boolean;
  /**
   * Automatic persisted queries: clients send the hash of a query that the router has seen. A store shares the texts with other routers; without one
   * each keeps its own, in memory. false: off, and clients are told to send the text. Default: in memory.
   */
  readonly persistedQueries?: PersistedQueryStore | false;
  /** Answers from this many bytes on are compressed for clients that accept it; false: never. Default 1,024. */
  readonly compressFrom?: number | false;
  /** 294 and 422 with application/graphql-response+json, as GraphQL over HTTP of September 2026 recommends; otherwise 200 and 400. Default false. */
  readonly detailedStatus?: boolean;
  /** How an answer with deferred parts is sent where the client cannot say: over WebSocket and as Server-Sent Events. Default 'deferSpec=20220824'. */
  readonly incrementalFormat?: IncrementalFormat;
  /** Clients get no message and no extensions of a subgraph's error, unless its code is allowed. Default false. */
  readonly maskErrors?: boolean;
  /** Codes of subgraphs whose errors pass the mask as they are. Default `DEFAULT_ALLOWED_CODES`. */
  readonly allowedErrorCodes?: readonly string[];
  /** For developers: `extensions.service` names the subgraph that an error comes from. Default false. */
  readonly exposeSubgraphs?: boolean;
  /** Equal queries of the same principal that are under way to a subgraph at the same time are sent once. Default false. */
  readonly shareRequests?: boolean;
  /** Whether subgraphs may compress their answers. Default true. */
  readonly subgraphCompression?: boolean;
  /**
   * Pages that may read answers (CORS) and open a WebSocket: origins (`https://app.example.org`), `self` (pages of the host that the request
   * names), `loopback` (pages of this machine) or `*`. The browser keeps answers from other pages, and their WebSockets are refused with 403
   * ORIGIN_NOT_ALLOWED; clients that send no Origin pass. Default `self` and `loopback`.
   */
  readonly corsOrigins?: readonly string[];
  /** false: a proxy in front sets the CORS headers of answers, and the router must not set them too. Default true. */
  readonly corsHeaders?: boolean;
  /**
   * Names in the Host header that are answered on every path: host names without a port, `loopback` or `*`. Others are refused with 421
   * HOST_NOT_ALLOWED. Default `*`; set it where a network protects the router, or pages of any name that leads to it (DNS rebinding) are its own.
   */
  readonly allowedHosts?: readonly string[];
  /** false: nothing at `/`. */
  readonly explorer?: ExplorerOptions | false;
  readonly log?: LogPort;
  readonly onOperation?: (info: OperationInfo) => void;
  readonly onSubgraphFetch?: (info: SubgraphFetchInfo) => void;
}

/** A configuration that cannot work; the message is one line that says what and where. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError for what is neither an address nor a subnet. */
export function resolveProxies(entries: readonly string[] = []): TrustedProxies {
  try {
    return trustedProxies(entries);
  } catch (error) {
    throw new ConfigError(`trusted proxies: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws ConfigError for a limit that is unknown or no whole number within its bounds. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new ConfigError(`unknown limit "${name}"`);
    if (!Number.isSafeInteger(value) || value < leastOf(name)) throw new ConfigError(`limit "${name}" must be a whole number from ${leastOf(name)}, not ${String(value)}`);
  }
  return { ...DEFAULT_LIMITS, ...given };
}

/** Where one subgraph is and what holds for it. */
export interface SubgraphSettings {
  readonly http: URL;
  readonly socket: URL;
  /** The router's, with what is different for this subgraph. */
  readonly limits: Limits;
}

/**
 * The settings of every subgraph.
 * @throws ConfigError for a name that the supergraph does not have (when `strict`), an address that is no http(s) or ws(s) URL, or a number out of its bounds.
 */
export function resolveSubgraphs(
  fromSupergraph: ReadonlyMap<string, string>, options: Pick<RouterOptions, 'subgraphUrls' | 'subgraphSocketUrls' | 'subgraphs'>, limits: Limits, { strict }: { strict: boolean },
): Map<string, SubgraphSettings> {
  const overrides = [['--subgraph', options.subgraphUrls], ['--subgraph-ws', options.subgraphSocketUrls], ['subgraphs', options.subgraphs]] as const;
  for (const [flag, given] of strict ? overrides : []) {
    for (const name of Object.keys(given ?? {})) {
      if (!fromSupergraph.has(name)) throw new ConfigError(`${flag} ${name}: the supergraph has no such subgraph; it has ${[...fromSupergraph.keys()].join(', ')}`);
    }
  }
  const resolved = new Map<string, SubgraphSettings>();
  for (const [name, fallback] of fromSupergraph) {
    const http = parseUrl(name, own(options.subgraphUrls, name) ?? fallback, ['http:', 'https:']);
    const derived = new URL(http);
    derived.protocol = http.protocol === 'https:' ? 'wss:' : 'ws:';
    const socketUrl = own(options.subgraphSocketUrls, name);
    resolved.set(name, {
      http, socket: socketUrl === undefined ? derived : parseUrl(name, socketUrl, ['ws:', 'wss:']), limits: subgraphLimits(name, own(options.subgraphs, name), limits),
    });
  }
  return resolved;
}

const SUBGRAPH_LIMITS = { timeoutMs: 'subgraphMs', retries: 'subgraphRetries', connections: 'subgraphConnections', batch: 'subgraphBatch' } as const satisfies Record<keyof SubgraphOptions, keyof Limits>;

function subgraphLimits(subgraph: string, options: SubgraphOptions = {}, limits: Limits): Limits {
  const different: Partial<Record<keyof Limits, number>> = {};
  for (const [option, value] of Object.entries(options)) {
    const limit = own(SUBGRAPH_LIMITS, option);
    if (limit === undefined) throw new ConfigError(`subgraph ${subgraph}: there is no option "${option}"`);
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < leastOf(limit)) throw new ConfigError(`subgraph ${subgraph}: ${option} must be a whole number from ${leastOf(limit)}, not ${String(value)}`);
    different[limit] = value as number;
  }
  return { ...limits, ...different };
}

const own = <T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;

function parseUrl(subgraph: string, text: string, protocols: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !protocols.includes(url.protocol)) {
    const [names, flag] = [protocols.map((protocol) => protocol.slice(0, -1)).join(' or '), protocols.includes('ws:') ? '--subgraph-ws' : '--subgraph'];
    throw new ConfigError(`subgraph ${subgraph}: "${text}" is not a ${names} URL; give one with ${flag} ${subgraph}=URL`);
  }
  return url;
}
