// Imported by scripts and by every process before it knows what it hosts: nothing here loads Nest or Prisma.
import type { Type } from '@nestjs/common';
import type { Use } from '../config/config.ts';
import { isRoutePath, type PublicRoute, type ServedRoute } from '../edge/routes.ts';
import type { RateLimit } from '../http/rate-limits.ts';

/** What happens to a column of personal data when the person is deleted; what is kept says why. */
export type OnDeletion = 'deleted' | 'anonymised' | { readonly kept: string };

/** Beside the database and the event log, which every subgraph needs to be ready. */
export type Probe = 'jobQueue';

/** What is used here of a definition of `platform/messaging/definitions.ts`. */
interface Named {
  readonly name: string;
}

/**
 * What a subgraph says of itself in `subgraphs/<name>/subgraph.ts`. Whoever needs to know of subgraphs reads it there,
 * or is generated from it.
 */
export interface SubgraphManifest<Limit extends string = string> {
  /** Of its folder, its SDL, its database schema, its role and its container. */
  readonly name: string;
  /** Where `main.ts <name>` listens by default, and its container always. */
  readonly port: number;
  /** Loads on demand: a process pays only for what it hosts. */
  readonly module: () => Promise<Type>;
  /**
   * Beside what every subgraph uses: its database, the event log, signatures. In full mode a process is given the
   * secrets of what it uses only.
   */
  readonly uses?: readonly Use[];
  /** What else must work for the subgraph to be ready. */
  readonly health?: readonly Probe[];
  /** HTTP beside GraphQL. */
  readonly routes?: readonly PublicRoute[];
  /** How often somebody may do something, by the names that RATE_LIMITS changes them by. */
  readonly rateLimits?: Readonly<Record<Limit, RateLimit>>;
  /** Topics that only this subgraph writes to, of `schema/messages/<name>.ts`. */
  readonly topics?: readonly Named[];
  /** Queues that only this subgraph works, of the same file. */
  readonly queues?: readonly Named[];
  /** Subgraphs that this one asks, by `schema/questions/`. Nobody asks in a circle. */
  readonly asks?: readonly string[];
  /** Whether `node` is answered here: then everybody who has nodes is asked for them, too. */
  readonly answersNode?: boolean;
  /** What `node` finds here: by the name that global ids have, the types that such an id may be of. */
  readonly nodes?: Readonly<Record<string, readonly string[]>>;
  /**
   * Every column with something of a person, as `Model.field` of the Prisma schema, and what happens to it when the
   * person is deleted.
   */
  readonly personalData: Readonly<Record<string, OnDeletion>>;
  /** Columns that look like personal data and are not: what they hold instead. */
  readonly notPersonal?: Readonly<Record<string, string>>;
}

/** A manifest with all of its parts. */
export type Subgraph<Limit extends string = string> = Required<SubgraphManifest<Limit>>;

/** The names of a subgraph's rate limits. */
export type LimitsOf<S> = S extends Subgraph<infer Limit> ? Limit : never;

/**
 * Names of databases' schemas, roles and containers, and what a message, an environment variable and GraphQL take too.
 */
const SUBGRAPH_NAME = /^[a-z]{2,24}$/;

/** @throws Error for a name, a port or a path that cannot work */
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
 * The subgraphs by name, in the order given.
 * @throws Error when two have the same name, port, route, topic, queue, kind of global id or rate limit, or when they
 *   ask each other in a circle
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
  const circle = circleIn(asks);
  if (circle) throw new Error(`subgraphs ask each other in a circle: ${circle.join(' asks ')}`);
  return registry;
}

/** Whom each subgraph asks. */
export const asksOf = (registry: Registry): Asks =>
  new Map(
    Object.values(registry).map(({ name, asks, answersNode }) => {
      const owners = answersNode
        ? Object.values(registry).filter((other) => other.name !== name && Object.keys(other.nodes).length > 0)
        : [];
      return [name, [...new Set([...asks, ...owners.map((owner) => owner.name)])]];
    }),
  );

/** Asked subgraphs by the one that asks. */
export type Asks = ReadonlyMap<string, readonly string[]>;

function circleIn(asks: Asks): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): readonly string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return undefined;
    for (const to of asks.get(name) ?? []) {
      const circle = visit(to, [...path, name]);
      if (circle) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of asks.keys()) {
    const circle = visit(name, []);
    if (circle) return circle;
  }
  return undefined;
}

/** The public routes of these subgraphs, each with its service. */
export const routesOf = (registry: Registry): readonly ServedRoute[] =>
  Object.values(registry).flatMap(({ name, routes }) => routes.map((route) => ({ ...route, service: name })));

/** Who has what a global id names, and the types that it may be of. */
export interface NodeOwner {
  readonly subgraph: string;
  readonly types: readonly string[];
}

/** The owners by the name that global ids have. */
export const nodeOwnersOf = (registry: Registry): ReadonlyMap<string, NodeOwner> =>
  new Map(
    Object.values(registry).flatMap(({ name, nodes }) =>
      Object.entries(nodes).map(([kind, types]) => [kind, { subgraph: name, types }] as const),
    ),
  );

/** `/graphql` of a subgraph that runs on this machine by its default port. */
export const defaultUrlOf = ({ port }: Subgraph): string => `http://127.0.0.1:${port}/graphql`;
