import { Kind } from 'graphql';
import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import { operationFromDocument } from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import type { PlanNode, SubscriptionNode } from '@apollo/query-planner';
import type { LoadedSupergraph } from '../supergraph/supergraph.ts';
import { fieldsOfTypesDiffer, requirementConflict, requirementsWithArguments } from './conflicts.ts';

export interface Planner {
  /**
   * The plan of one operation that is valid against the API schema and has no introspection fields; undefined when no subgraph is
   * needed. @throws PlanningError with a message for the client; another Error when Apollo's planner gives up
   */
  plan(document: DocumentNode, operation: OperationDefinitionNode): PlanNode | SubscriptionNode | undefined;
}

/** The operation is valid, but no right plan can be made for it. The message says what to change. */
export class PlanningError extends Error {}

/** Ways through the subgraphs to weigh against each other before taking the best so far; Apollo's own default is 10,000. */
const MAX_EVALUATED_PLANS = 1_000;

export function createPlanner({ internal: { supergraph, apiSchema } }: LoadedSupergraph): Planner {
  const debug = { maxEvaluatedPlans: MAX_EVALUATED_PLANS };
  const create = (typeConditionedFetching: boolean, enableDefer: boolean) =>
    new QueryPlanner(supergraph, { debug, typeConditionedFetching, incrementalDelivery: { enableDefer } });
  const planner = create(false, false);
  const others = new Map<string, QueryPlanner>();
  const other = (typeConditioned: boolean, deferred: boolean): QueryPlanner => {
    const key = `${typeConditioned} ${deferred}`;
    let found = others.get(key);
    if (found === undefined) others.set(key, (found = create(typeConditioned, deferred)));
    return found;
  };
  const requirements = requirementsWithArguments(supergraph.schema);
  return {
    plan(document, operation) {
      const conflict = requirementConflict(document, operation, requirements);
      if (conflict !== undefined) throw new PlanningError(conflict);
      const definitions = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
      const alone: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...definitions] };
      const planned = operationFromDocument(apiSchema, alone, { validate: false });
      // The plain plan would fetch such fields for all types with the arguments of the first. Not used always: it fetches per type.
      const differ = fieldsOfTypesDiffer(document, operation);
      if (planned.selectionSet.hasDefer()) {
        try {
          return other(differ, true).buildQueryPlan(planned).node;
        } catch {
          // It fails at some deferred parts, of `__typename` alone for one. Then all is fetched first: the parts are there at once.
        }
      }
      return (differ ? other(true, false) : planner).buildQueryPlan(planned).node;
    },
  };
}
