import { resolveListSize } from '../config/limits.ts';
import type { Limits } from '../config/limits.ts';
import type { LogPort } from '../config/observers.ts';
import { resolveSubgraphs } from '../config/subgraphs.ts';
import type { SubgraphsOptions } from '../config/subgraphs.ts';
import { errorPolicy } from '../execution/error-policy.ts';
import type { ErrorPolicyOptions } from '../execution/error-policy.ts';
import { createOverrides } from '../planning/overrides.ts';
import { createPlanner } from '../planning/planner.ts';
import type { SubgraphClients, SubgraphView } from '../subgraphs/clients.ts';
import { loadSupergraph, SupergraphError } from '../supergraph/supergraph.ts';
import { createEngine } from './engine.ts';
import type { Engine } from './engine.ts';

/** Options of how a supergraph is served that do not depend on the client. */
export interface ServingOptions extends SubgraphsOptions, ErrorPolicyOptions {
  readonly introspection?: boolean;
  /** The assumed number of items of a list without a size argument, for `limits.values`. Default 10. */
  readonly assumedListSize?: number;
  /** Labels of progressive overrides that are on. Labels of the form `percent(…)` are decided for each operation. */
  readonly overrideLabels?: readonly string[];
  readonly log?: LogPort;
}

/** A loaded supergraph with everything that serves it. */
export interface Serving {
  readonly engine: Engine;
  readonly subgraphs: SubgraphView;
  /**
   * Resolves when operations can be planned. Operations that arrive earlier wait.
   * @throws SupergraphError (as a rejection) when no planner accepts the supergraph
   */
  ready(): Promise<void>;
  /** Call `close` when no operation and no stream uses this supergraph any more. */
  close(): Promise<void>;
}

/**
 * Loads a supergraph and creates everything that serves it.
 * @param strict whether settings for an unknown subgraph are an error: true for the first supergraph, false for later
 * ones.
 * @throws SupergraphError, ConfigError
 */
export function createServing(
  sdl: string,
  options: ServingOptions,
  limits: Limits,
  clients: SubgraphClients,
  { strict }: { strict: boolean },
): Serving {
  const supergraph = loadSupergraph(sdl);
  const subgraphs = clients.open(resolveSubgraphs(supergraph.subgraphs, options, limits, { strict }));
  const { tokens, nesting, depth, aliases, rootFields, fields, values, planningMs, planningQueue } = limits;
  const planner = createPlanner(supergraph.sdl, {
    tokens,
    nesting,
    depth,
    aliases,
    rootFields,
    fields,
    values,
    planningMs,
    planningQueue,
    introspection: options.introspection ?? true,
    listSize: resolveListSize(options.assumedListSize),
    refusals: Math.ceil(limits.plans / 10),
    onTrouble: (message) => options.log?.warn(message),
  });
  const engine = createEngine(supergraph, {
    transport: subgraphs,
    planner,
    maxErrors: limits.errors,
    maxValues: values,
    maxAnswerBytes: limits.answerBytes,
    planCacheSize: limits.plans,
    overrides: createOverrides(supergraph.overrideLabels, options.overrideLabels ?? []),
    errorPolicy: errorPolicy(options),
  });
  return {
    engine,
    subgraphs,
    ready: () =>
      planner.ready().catch((error: unknown) => {
        throw new SupergraphError(error instanceof Error ? error.message : String(error), { cause: error });
      }),
    async close() {
      planner.close();
      await subgraphs.close();
    },
  };
}
