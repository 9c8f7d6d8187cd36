import type { SigningKey } from '../platform/signature/signature.ts';
import type { ExplorerOptions } from './explorer/explorer.ts';

/** Bounds on what clients and subgraphs may make the router do. All are on by default. */
export interface Limits {
  /** Bytes of one HTTP body or WebSocket message. */
  readonly bodyBytes: number;
  /** Lexical tokens of one document. */
  readonly tokens: number;
  /** Levels of nested fields, fragments spread. */
  readonly depth: number;
  /** Aliased fields, fragments spread. */
  readonly aliases: number;
  /** Fields of the operation's root, fragments spread. */
  readonly rootFields: number;
  /** All fields, fragments spread; what planning costs grows with it. */
  readonly fields: number;
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
  /** HTTP connections to one subgraph. */
  readonly subgraphConnections: number;
  /** Requests to one subgraph, running and waiting. */
  readonly subgraphRequests: number;
  readonly subgraphMs: number;
  readonly subgraphResponseBytes: number;
  /** Documents whose plan is kept. */
  readonly plans: number;
}

export const DEFAULT_LIMITS: Limits = {
  bodyBytes: 100_000,
  tokens: 5_000,
  depth: 20,
  aliases: 50,
  rootFields: 30,
  fields: 5_000,
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
  subgraphConnections: 64,
  subgraphRequests: 2_000,
  subgraphMs: 10_000,
  subgraphResponseBytes: 10_000_000,
  plans: 1_000,
};

export interface AuthenticationOptions {
  /** `iss` that a token must have. */
  readonly issuer: string;
  /** One of a token's `aud` must be this. */
  readonly audience: string;
  readonly jwksUrl: string;
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
  readonly transport: 'http' | 'websocket';
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
  /** The text of a Federation 2 supergraph. */
  readonly supergraph: string;
  /** HTTP URLs by subgraph name; they replace those in the supergraph. */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  /** WebSocket URLs by subgraph name; by default the HTTP URL with ws: or wss:. */
  readonly subgraphSocketUrls?: Readonly<Record<string, string>>;
  /** Absent: tokens are not looked at and every client is anonymous. */
  readonly authentication?: AuthenticationOptions;
  /** Absent: subgraph calls are not signed. */
  readonly signingKey?: SigningKey;
  readonly limits?: Partial<Limits>;
  readonly introspection?: boolean;
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

/** @throws ConfigError for a limit that is unknown or not a positive whole number. */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new ConfigError(`unknown limit "${name}"`);
    if (!Number.isSafeInteger(value) || value < 1) throw new ConfigError(`limit "${name}" must be a positive whole number, not ${String(value)}`);
  }
  return { ...DEFAULT_LIMITS, ...given };
}

/**
 * The URLs of every subgraph.
 * @throws ConfigError for a name that the supergraph does not have, or an address that is no http(s) or ws(s) URL.
 */
export function resolveSubgraphUrls(
  fromSupergraph: ReadonlyMap<string, string>,
  options: Pick<RouterOptions, 'subgraphUrls' | 'subgraphSocketUrls'>,
): Map<string, SubgraphUrls> {
  const overrides = [['--subgraph', options.subgraphUrls ?? {}], ['--subgraph-ws', options.subgraphSocketUrls ?? {}]] as const;
  for (const [flag, urls] of overrides) {
    for (const name of Object.keys(urls)) {
      if (!fromSupergraph.has(name)) throw new ConfigError(`${flag} ${name}: the supergraph has no such subgraph; it has ${[...fromSupergraph.keys()].join(', ')}`);
    }
  }
  const resolved = new Map<string, SubgraphUrls>();
  for (const [name, fallback] of fromSupergraph) {
    const http = parseUrl(name, own(options.subgraphUrls, name) ?? fallback, ['http:', 'https:']);
    const derived = new URL(http);
    derived.protocol = http.protocol === 'https:' ? 'wss:' : 'ws:';
    const socketUrl = own(options.subgraphSocketUrls, name);
    resolved.set(name, { http, socket: socketUrl === undefined ? derived : parseUrl(name, socketUrl, ['ws:', 'wss:']) });
  }
  return resolved;
}

export interface SubgraphUrls {
  readonly http: URL;
  readonly socket: URL;
}

const own = (urls: Readonly<Record<string, string>> | undefined, name: string): string | undefined =>
  urls !== undefined && Object.hasOwn(urls, name) ? urls[name] : undefined;

function parseUrl(subgraph: string, text: string, protocols: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !protocols.includes(url.protocol)) {
    const [names, flag] = [protocols.map((protocol) => protocol.slice(0, -1)).join(' or '), protocols.includes('ws:') ? '--subgraph-ws' : '--subgraph'];
    throw new ConfigError(`subgraph ${subgraph}: "${text}" is not a ${names} URL; give one with ${flag} ${subgraph}=URL`);
  }
  return url;
}
