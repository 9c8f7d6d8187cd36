import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, graphql, parse, subscribe } from 'graphql';
import type { GraphQLSchema } from 'graphql';
import { DEFAULT_LIMITS } from '../config/limits.ts';
import { createEngine } from '../engine/engine.ts';
import type { Engine, EngineOptions } from '../engine/engine.ts';
import { fromBytes, toBytes } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type {
  ExecutionResponse,
  RequestContext,
  SubgraphRequest,
  SubgraphResult,
  SubgraphTransport,
} from '../execution/types.ts';
import { createPlanner } from '../planning/planner.ts';
import type { Planner, PlannerOptions } from '../planning/planner.ts';
import { loadSupergraph } from '../supergraph/supergraph.ts';
import type { SubgraphSource, TestState } from './supergraph/source.ts';

export const context: RequestContext = { requestId: 'test', principal: {} };

/** A transport of objects instead of texts. */
export interface TestTransport {
  /** @throws SubgraphUnavailable */
  fetch(subgraph: string, request: SubgraphRequest, context: RequestContext): Promise<SubgraphResult>;
  subscribe: SubgraphTransport['subscribe'];
}

/** Serialises requests and responses to bytes, as the network does. */
export function transportOf({ fetch, subscribe }: TestTransport): SubgraphTransport {
  return {
    subscribe,
    send(subgraph, body, _repeatable, about, done) {
      Promise.resolve()
        .then(() => fetch(subgraph, JSON.parse(fromBytes(body)) as SubgraphRequest, about))
        .then(
          (result) => done(undefined, toBytes(JSON.stringify(result))),
          (error: unknown) => done(error as Error, ''),
        );
    },
  };
}

/** Composed subgraphs that run in this process. */
export interface TestNetwork {
  readonly sdl: string;
  readonly schemas: ReadonlyMap<string, GraphQLSchema>;
  readonly state: TestState;
  /** Every operation that was sent to a subgraph since the last `reset()`. */
  readonly sent: { readonly subgraph: string; readonly request: SubgraphRequest }[];
  /** Subgraphs that cannot be reached. */
  readonly down: Set<string>;
  /** Replaces a subgraph's response if it returns one. */
  intercept: ((subgraph: string, request: SubgraphRequest) => SubgraphResult | undefined) | undefined;
  readonly transport: TestTransport;
  reset(): void;
}

export function createNetwork(sources: readonly SubgraphSource[]): TestNetwork {
  const state: TestState = { log: [] };
  const parsed = sources.map((source) => {
    const imports = source.imports.map((name) => JSON.stringify(name)).join(', ');
    const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${imports}])\n`;
    return { source, typeDefs: parse(link + source.sdl) };
  });
  const composed = composeServices(
    parsed.map(({ source, typeDefs }) => ({ name: source.name, url: `http://${source.name}.test`, typeDefs })),
  );
  if (composed.errors !== undefined) throw new Error(composed.errors.map(({ message }) => message).join('\n'));
  const schemas = new Map(
    parsed.map(({ source, typeDefs }) => [
      source.name,
      buildSubgraphSchema([{ typeDefs, resolvers: source.resolvers(state) as never }]),
    ]),
  );
  const network: TestNetwork = {
    sdl: composed.supergraphSdl,
    schemas,
    state,
    sent: [],
    down: new Set(),
    intercept: undefined,
    transport: {
      async fetch(subgraph, request) {
        network.sent.push({ subgraph, request: json(request) });
        return askSubgraph(network, subgraph, json(request));
      },
      subscribe: (subgraph, request) => subscribeSubgraph(network, subgraph, json(request)),
    },
    reset() {
      state.log.length = 0;
      network.sent.length = 0;
      network.down.clear();
      network.intercept = undefined;
    },
  };
  return network;
}

export async function askSubgraph(
  network: TestNetwork,
  subgraph: string,
  request: SubgraphRequest,
): Promise<SubgraphResult> {
  if (network.down.has(subgraph))
    throw new SubgraphUnavailable(subgraph, `connect ECONNREFUSED http://${subgraph}.test`);
  const intercepted = network.intercept?.(subgraph, request);
  if (intercepted !== undefined) return json(intercepted);
  const { query, variables, operationName } = request;
  return json(
    await graphql({
      schema: schemaOf(network, subgraph),
      source: query,
      variableValues: variables ?? {},
      ...(operationName !== undefined && { operationName }),
    }),
  ) as SubgraphResult;
}

async function* subscribeSubgraph(
  network: TestNetwork,
  subgraph: string,
  request: SubgraphRequest,
): AsyncGenerator<SubgraphResult> {
  const { query, variables } = request;
  const events = await subscribe({
    schema: schemaOf(network, subgraph),
    document: parse(query),
    variableValues: variables ?? {},
  });
  if (!(Symbol.asyncIterator in events)) {
    yield json(events) as SubgraphResult;
    return;
  }
  for await (const event of events) yield json(event) as SubgraphResult;
}

function schemaOf({ schemas }: TestNetwork, subgraph: string): GraphQLSchema {
  const schema = schemas.get(subgraph);
  if (schema === undefined) throw new GraphQLError(`No subgraph ${subgraph}`);
  return schema;
}

/** Does what the network does to a value: errors become JSON, undefined is left out, and no objects are shared. */
export function json<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

const { tokens, nesting, depth, rootFields, fields, values } = DEFAULT_LIMITS;
export const PLANNING: PlannerOptions = {
  tokens,
  nesting,
  depth,
  aliases: 100,
  rootFields,
  fields,
  values,
  listSize: 10,
  introspection: true,
  planningMs: 20_000,
  planningQueue: 200,
  refusals: 100,
};

export function plannerFor(network: Pick<TestNetwork, 'sdl'>, options: Partial<PlannerOptions> = {}): Planner {
  return createPlanner(network.sdl, { ...PLANNING, ...options });
}

/** Each network has one planner process. */
const planners = new WeakMap<TestNetwork, Planner>();

export function engineFor(
  network: TestNetwork,
  { transport, ...options }: Partial<Omit<EngineOptions, 'transport'>> & { transport?: TestTransport } = {},
): Engine {
  let { planner = planners.get(network) } = options;
  if (planner === undefined) planners.set(network, (planner = plannerFor(network)));
  return createEngine(loadSupergraph(network.sdl), {
    transport: transportOf(transport ?? network.transport),
    compiledFrom: 1,
    ...options,
    planner,
  });
}

/** The response as a client reads it, without the request id that every error has. */
function responseOf({ text }: Answer): ExecutionResponse {
  return JSON.parse(fromBytes(text), (name, value: unknown) =>
    name === 'requestId' ? undefined : value,
  ) as ExecutionResponse;
}

/** Runs one request as a server would. */
export async function ask(
  engine: Engine,
  query: string,
  variables?: unknown,
  operationName?: string,
): Promise<ExecutionResponse> {
  return responseOf(await engine.execute(await engine.prepare(query, operationName), variables, context));
}
