import { ConfigError } from './config-error.ts';
import { minimumOf } from './limits.ts';
import type { Limits } from './limits.ts';

/** Overrides of `limits` for one subgraph. */
export interface SubgraphOptions {
  /** Overrides `subgraphMs`. */
  readonly timeoutMs?: number;
  /** Overrides `subgraphRetries`. */
  readonly retries?: number;
  /** Overrides `subgraphConnections`. */
  readonly connections?: number;
  /** Overrides `subgraphBatch`. */
  readonly batch?: number;
}

/** Addresses of subgraphs that differ from those in the supergraph, and overrides for single subgraphs. */
export interface SubgraphsOptions {
  /** HTTP URLs by subgraph name. They replace those in the supergraph. */
  readonly subgraphUrls?: Readonly<Record<string, string>>;
  /** WebSocket URLs by subgraph name. Default: the HTTP URL with ws: or wss:. */
  readonly subgraphSocketUrls?: Readonly<Record<string, string>>;
  /** Overrides by subgraph name. */
  readonly subgraphs?: Readonly<Record<string, SubgraphOptions>>;
}

/** The addresses and limits of one subgraph. */
export interface SubgraphSettings {
  readonly http: URL;
  readonly socket: URL;
  /** The router's limits with this subgraph's overrides. */
  readonly limits: Limits;
}

/**
 * Resolves the settings of every subgraph.
 * @param fromSupergraph HTTP URLs by subgraph name
 * @throws ConfigError for an unknown option, an address that is not an http(s) or ws(s) URL, or a number out of its
 * bounds. If `strict`, also for a name that the supergraph does not have
 */
export function resolveSubgraphs(
  fromSupergraph: ReadonlyMap<string, string>,
  options: SubgraphsOptions,
  limits: Limits,
  { strict }: { strict: boolean },
): Map<string, SubgraphSettings> {
  const overrides = [
    ['--subgraph', options.subgraphUrls],
    ['--subgraph-ws', options.subgraphSocketUrls],
    ['subgraphs', options.subgraphs],
  ] as const;
  for (const [flag, given] of strict ? overrides : []) {
    for (const name of Object.keys(given ?? {})) {
      if (!fromSupergraph.has(name))
        throw new ConfigError(
          `${flag} ${name}: the supergraph has no such subgraph; it has ${[...fromSupergraph.keys()].join(', ')}`,
        );
    }
  }
  const resolved = new Map<string, SubgraphSettings>();
  for (const [name, fallback] of fromSupergraph) {
    const http = parseUrl(name, ownProperty(options.subgraphUrls, name) ?? fallback, ['http:', 'https:']);
    const derived = new URL(http);
    derived.protocol = http.protocol === 'https:' ? 'wss:' : 'ws:';
    const socketUrl = ownProperty(options.subgraphSocketUrls, name);
    resolved.set(name, {
      http,
      socket: socketUrl === undefined ? derived : parseUrl(name, socketUrl, ['ws:', 'wss:']),
      limits: subgraphLimits(name, ownProperty(options.subgraphs, name), limits),
    });
  }
  return resolved;
}

const SUBGRAPH_LIMITS = {
  timeoutMs: 'subgraphMs',
  retries: 'subgraphRetries',
  connections: 'subgraphConnections',
  batch: 'subgraphBatch',
} as const satisfies Record<keyof SubgraphOptions, keyof Limits>;

function subgraphLimits(subgraph: string, options: SubgraphOptions = {}, limits: Limits): Limits {
  const different: Partial<Record<keyof Limits, number>> = {};
  for (const [option, value] of Object.entries(options)) {
    const limit = ownProperty(SUBGRAPH_LIMITS, option);
    if (limit === undefined) throw new ConfigError(`subgraph ${subgraph}: there is no option "${option}"`);
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < minimumOf(limit))
      throw new ConfigError(
        `subgraph ${subgraph}: ${option} must be a whole number from ${minimumOf(limit)}, not ${String(value)}`,
      );
    different[limit] = value as number;
  }
  return { ...limits, ...different };
}

const ownProperty = <T>(values: Readonly<Record<string, T>> | undefined, name: string): T | undefined =>
  values !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;

function parseUrl(subgraph: string, text: string, protocols: readonly string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !protocols.includes(url.protocol)) {
    const [names, flag] = [
      protocols.map((protocol) => protocol.slice(0, -1)).join(' or '),
      protocols.includes('ws:') ? '--subgraph-ws' : '--subgraph',
    ];
    throw new ConfigError(
      `subgraph ${subgraph}: "${text}" is not a ${names} URL; give one with ${flag} ${subgraph}=URL`,
    );
  }
  return url;
}
