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
  const planner = new QueryPlanner(supergraph, { debug: { maxEvaluatedPlans: MAX_EVALUATED_PLANS }, exposeDocumentNodeInFetchNode: false });
  return {
    plan(document, names, overrides) {
      const planned = operationFromDocument(apiSchema, document, { validate: false });
      const overrideConditions = new Map(overrideLabels.map((label) => [label, isOn(label, overrides)]));
      return planFromApollo(planner.buildQueryPlan(planned, { overrideConditions }).node, names);
    },
  };
}
