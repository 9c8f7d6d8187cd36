import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { withOneOfDefined } from '../supergraph/one-of.ts';
import { fieldsOfTypesDiffer } from './conflicts.ts';
import { planFromApollo } from './from-apollo.ts';
import type { QueryPlans } from './hive-planner.ts';
import { isOn } from './overrides.ts';

/** How many plans Apollo's planner compares before it takes the best so far. Its own default is 10,000. */
const MAX_EVALUATED_PLANS = 1_000;

/**
 * Plans with @apollo/query-planner, for operations that the native planner cannot plan. It is much slower and loads 60
 * MB of libraries.
 */
export function createApolloPlans(sdl: string, overrideLabels: readonly string[]): QueryPlans {
  const supergraph = Supergraph.build(withOneOfDefined(sdl), {
    supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES,
    validateSupergraph: true,
  });
  const apiSchema = supergraph.schema.toAPISchema();
  const planners = new Map<string, QueryPlanner>();
  const planner = (typeConditionedFetching: boolean, enableDefer: boolean): QueryPlanner => {
    const key = `${typeConditionedFetching} ${enableDefer}`;
    let found = planners.get(key);
    if (found === undefined) {
      planners.set(
        key,
        (found = new QueryPlanner(supergraph, {
          debug: { maxEvaluatedPlans: MAX_EVALUATED_PLANS },
          exposeDocumentNodeInFetchNode: false,
          typeConditionedFetching,
          incrementalDelivery: { enableDefer },
        })),
      );
    }
    return found;
  };
  planner(false, false);
  return {
    plan(document, names, overrides) {
      const planned = operationFromDocument(apiSchema, document, { validate: false });
      // The plain plan would fetch such fields for all types with the arguments of the first type. So for these
      // operations, and only for these, the planner makes separate fetches per type.
      const differ = fieldsOfTypesDiffer(document);
      const overrideConditions = new Map(overrideLabels.map((label) => [label, isOn(label, overrides)]));
      if (planned.selectionSet.hasDefer()) {
        try {
          return planFromApollo(planner(differ, true).buildQueryPlan(planned, { overrideConditions }).node, names);
        } catch {
          // Apollo's planner fails on some deferred parts, for example on one with only `__typename`. The operation is
          // then planned without @defer: the plan fetches everything first, and all parts are ready at the same time.
        }
      }
      return planFromApollo(planner(differ, false).buildQueryPlan(planned, { overrideConditions }).node, names);
    },
  };
}
