import { ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, Supergraph, operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { planFromApollo } from './from-apollo.ts';
import type { QueryPlans } from './hive-planner.ts';
import { isOn } from './overrides.ts';

/** Ways through the subgraphs to weigh against each other before taking the best so far; its own default is 10,000. */
const MAX_EVALUATED_PLANS = 1_000;

/** Plans with @apollo/query-planner: slower by far, and 60 MB of libraries. For what the other planner does not know. */
export function createApolloPlans(sdl: string, overrideLabels: readonly string[]): QueryPlans {
  const supergraph = Supergraph.build(sdl, { supportedFeatures: ROUTER_SUPPORTED_SUPERGRAPH_FEATURES, validateSupergraph: true });
  const apiSchema = supergraph.schema.toAPISchema();
  const planners = new Map<boolean, QueryPlanner>();
  const planner = (enableDefer: boolean): QueryPlanner => {
    let found = planners.get(enableDefer);
    if (found === undefined) {
      planners.set(enableDefer, (found = new QueryPlanner(supergraph, {
        debug: { maxEvaluatedPlans: MAX_EVALUATED_PLANS }, exposeDocumentNodeInFetchNode: false, incrementalDelivery: { enableDefer },
      })));
    }
    return found;
  };
  planner(false);
  return {
    plan(document, names, overrides) {
      const planned = operationFromDocument(apiSchema, document, { validate: false });
      const overrideConditions = new Map(overrideLabels.map((label) => [label, isOn(label, overrides)]));
      if (planned.selectionSet.hasDefer()) {
        try {
          return planFromApollo(planner(true).buildQueryPlan(planned, { overrideConditions }).node, names);
        } catch {
          // It fails at some deferred parts, of `__typename` alone for one. Then all is fetched first: the parts are there at once.
        }
      }
      return planFromApollo(planner(false).buildQueryPlan(planned, { overrideConditions }).node, names);
    },
  };
}
