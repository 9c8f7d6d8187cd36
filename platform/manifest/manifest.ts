// Scripts import this file, and so does every process before it knows what it hosts. So nothing here loads Nest or
// Prisma.
import type { Type } from '@nestjs/common';
import type { Use } from '../config/config.ts';
import { isRoutePath, type PublicRoute, type ServedRoute } from '../edge/routes.ts';
import type { RateLimit } from '../http/rate-limits.ts';

/**
 * The handling of a column of personal data when the person is deleted. If it is kept, the text says how long or why.
 */
export type OnDeletion = 'deleted' | 'anonymised' | { readonly kept: string };

/** Probes besides the database and the event log, which every subgraph needs. */
export type Probe = 'jobQueue';

/** The part of the definitions in `platform/messaging/definitions.ts` that this file needs. */
interface Named {
  readonly name: string;
}

/**
 * The description of a subgraph in `subgraphs/<name>/subgraph.ts`. Everything that depends on the subgraphs reads it,
 * or is generated from it.
 */
export interface SubgraphManifest<Limit extends string = string> {
  /** The name of the subgraph. Its folder, SDL, database schema, database role and container have the same name. */
  readonly name: string;
  /** The default port of `main.ts <name>`, and the fixed port of its container. */
  readonly port: number;
  /** Loads the module on demand, so that a process loads only what it hosts. */
  readonly module: () => Promise<Type>;
  /**
   * Services besides those of every subgraph (its database, the event log, signatures). In full mode a process gets
   * only the secrets of what it uses.
   */
  readonly uses?: readonly Use[];
  /** Further probes that must succeed before the subgraph is ready. */
  readonly health?: readonly Probe[];
  /** Public HTTP routes besides GraphQL. */
  readonly routes?: readonly PublicRoute[];
  /** Rate limits by name. RATE_LIMITS changes them by this name. */
  readonly rateLimits?: Readonly<Record<Limit, RateLimit>>;
  /** Topics that only this subgraph writes to, from `schema/messages/<name>.ts`. */
  readonly topics?: readonly Named[];
  /** Queues whose jobs only this subgraph does, from `schema/messages/<name>.ts`. */
  readonly queues?: readonly Named[];
  /** Subgraphs that this one asks, by `schema/questions/`. There must be no cycle. */
  readonly asks?: readonly string[];
  /** Whether this subgraph answers `node`. Then it also asks every other subgraph that has nodes. */
  readonly answersNode?: boolean;
  /** The objects that `node` finds here: by the type name in global ids, the types that such an id may have. */
  readonly nodes?: Readonly<Record<string, readonly string[]>>;
  /**
   * Every column with data about a person, as `Model.field` of the Prisma schema, and what happens to it when the
   * person is deleted.
   */
  readonly personalData: Readonly<Record<string, OnDeletion>>;
  /** Columns that look like personal data and are not, each with its content. */
  readonly notPersonal?: Readonly<Record<string, string>>;
}

/** A manifest in which every field has a value. */
export type Subgraph<Limit extends string = string> = Required<SubgraphManifest<Limit>>;

/** The names of a subgraph's rate limits. */
export type LimitsOf<S> = S extends Subgraph<infer Limit> ? Limit : never;

/**
 * Names that are valid for database schemas, roles and containers, and for messages, environment variables and GraphQL.
 */
const SUBGRAPH_NAME = /^[a-z]{2,24}$/;

/** Checks a manifest and fills in its missing fields. @throws Error for an invalid name, port or path */
export function defineSubgraph<const Limit extends string = never>(manifest: SubgraphManifest<Limit>): Subgraph<Limit> {
  const { name, port, routes = [] } = manifest;
  if (!SUBGRAPH_NAME.test(name)) throw new Error(`"${name}" is no name of a subgraph: 2 to 24 lower-case letters`);
  if (!Number.isInteger(port) || port < 1024 || port > 65_535) throw new Error(`subgraph ${name}: ${port} is no port`);
  for (const { path } of routes)
    if (!isRoutePath(path)) throw new Error(`subgraph ${name}: "${path}" is no path such as /files/:id`);
  return {
    uses: [],
    health: [],
    topics: [],
    queues: [],
    asks: [],
    answersNode: false,
    nodes: {},
    notPersonal: {},
    ...manifest,
    routes,
    rateLimits: manifest.rateLimits ?? ({} as Subgraph<Limit>['rateLimits']),
  };
}

export type Registry = Readonly<Record<string, Subgraph>>;

/**
 * The subgraphs by name, in the given order.
 * @throws Error when two have the same name, port, route, topic, queue, kind of global id or rate limit, or when they
 * ask each other in a cycle
 */
export function registryOf(...modules: readonly { readonly default: Subgraph }[]): Registry {
  const subgraphs = modules.map((module) => module.default);
  const owners = new Map<string, string>();
  for (const { name, port, routes, topics, queues, nodes, rateLimits } of subgraphs) {
    const own = [
      `name ${name}`,
      `port ${port}`,
      ...routes.map(({ method, path }) => `route ${method} ${path.replace(/:[^/]+/g, ':')}`),
      ...topics.map((topic) => `topic ${topic.name}`),
      ...queues.map((queue) => `queue ${queue.name}`),
      ...Object.keys(nodes).map((kind) => `kind of global id ${kind}`),
      ...Object.keys(rateLimits).map((limit) => `rate limit ${limit}`),
    ];
    for (const one of own) {
      const owner = owners.get(one);
      if (owner !== undefined) throw new Error(`${one} is of subgraph ${owner} and of ${name}`);
      owners.set(one, name);
    }
  }
  const registry = Object.fromEntries(subgraphs.map((subgraph) => [subgraph.name, subgraph]));
  const asks = asksOf(registry);
  for (const [name, asked] of asks)
    for (const to of asked) if (!asks.has(to)) throw new Error(`subgraph ${name} asks ${to}, which does not exist`);
  const cycle = cycleIn(asks);
  if (cycle) throw new Error(`subgraphs ask each other in a cycle: ${cycle.join(' asks ')}`);
  return registry;
}

/** The subgraphs that each subgraph asks. */
export const asksOf = (registry: Registry): Asks =>
  new Map(
    Object.values(registry).map(({ name, asks, answersNode }) => {
      const owners = answersNode
        ? Object.values(registry).filter((other) => other.name !== name && Object.keys(other.nodes).length > 0)
        : [];
      return [name, [...new Set([...asks, ...owners.map((owner) => owner.name)])]];
    }),
  );

/** The asked subgraphs, by the subgraph that asks. */
export type Asks = ReadonlyMap<string, readonly string[]>;

function cycleIn(asks: Asks): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const to of asks.get(name) ?? []) {
      const cycle = visit(to, [...path, name]);
      if (cycle) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of asks.keys()) {
    const cycle = visit(name, []);
    if (cycle) return cycle;
  }
  return undefined;
}

/** The public routes of these subgraphs, each with its service. */
export const routesOf = (registry: Registry): readonly ServedRoute[] =>
  Object.values(registry).flatMap(({ name, routes }) => routes.map((route) => ({ ...route, service: name })));

/** The subgraph that owns a kind of global id, and the types that such an id may have. */
export interface NodeOwner {
  readonly subgraph: string;
  readonly types: readonly string[];
}

/** The owners by the type name in global ids. */
export const nodeOwnersOf = (registry: Registry): ReadonlyMap<string, NodeOwner> =>
  new Map(
    Object.values(registry).flatMap(({ name, nodes }) =>
      Object.entries(nodes).map(([kind, types]) => [kind, { subgraph: name, types }] as const),
    ),
  );

/** The `/graphql` URL of a subgraph on this machine with its default port. */
export const defaultUrlOf = ({ port }: Subgraph): string => `http://127.0.0.1:${port}/graphql`;
