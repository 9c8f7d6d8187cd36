import { Kind } from 'graphql';
import type { Limits } from '../config.ts';
import { expandDefers, isDeferred } from '../execution/defer-document.ts';
import { parseOperation } from '../execution/document.ts';
import { splitOperation } from '../execution/introspection.ts';
import { requestError } from '../execution/request-error.ts';
import { demandCheck } from '../policies/demand.ts';
import { loadSupergraph } from '../supergraph/supergraph.ts';
import { createHivePlans } from './hive-planner.ts';
import type { QueryPlans } from './hive-planner.ts';
import type { Overrides } from './overrides.ts';
import type { Plan } from './plan-nodes.ts';
import { PlanningError } from './planning-error.ts';
import { renameVariables } from './variables.ts';

export type PlannerName = 'hive' | 'apollo';

/** What an operation needs to be compiled, beside its document. Plain JSON. */
export interface PlannedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Name of the operation in the document. */
  readonly name?: string;
  readonly plan: Plan;
  readonly by: PlannerName;
}

export interface PlanRequest {
  readonly text: string;
  readonly operationName?: string;
  readonly overrides: Overrides;
  /** For operations that the other planner failed at. */
  readonly by?: PlannerName;
}

/** What documents are checked against. Plain JSON. */
export interface OperationLimits extends Pick<Limits, 'tokens' | 'depth' | 'aliases' | 'rootFields' | 'fields'> {
  /** Whether `__schema` and `__type` may be asked for. */
  readonly introspection: boolean;
}

export interface OperationPlanner {
  /**
   * Parses, validates, checks and plans.
   * @param onPlanning called when nothing has to be loaded any more
   * @throws RequestError (as a rejection)
   */
  plan(request: PlanRequest, onPlanning: () => void): Promise<PlannedOperation>;
}

/** Not for the process that serves clients: see hive-planner.ts. @throws SupergraphError, or Error when no planner takes the supergraph */
export async function createOperationPlanner(sdl: string, limits: OperationLimits, only?: PlannerName): Promise<OperationPlanner> {
  const { apiSchema, overrideLabels, onlyForApollo } = loadSupergraph(sdl);
  const checkDemand = demandCheck(limits);
  let apollo: QueryPlans | undefined;
  const loadApollo = async (): Promise<QueryPlans> => (apollo ??= (await import('./apollo-planner.ts')).createApolloPlans(sdl, overrideLabels));
  const hive = only === 'apollo' || onlyForApollo ? undefined : createHivePlans(sdl);
  if (hive === undefined) await loadApollo();

  return {
    async plan({ text, operationName, overrides, by }, onPlanning) {
      if (by === 'apollo') await loadApollo();
      onPlanning();
      const { document, operation: written, fragments } = parseOperation(apiSchema, text, operationName, { maxTokens: limits.tokens, introspection: limits.introspection });
      const problems = checkDemand(document, written);
      if (problems.length > 0) throw requestError('GRAPHQL_VALIDATION_FAILED', problems);
      const deferred = isDeferred(written, fragments);
      const operation = deferred ? expandDefers(written, fragments).operation : written;
      const described = { kind: operation.operation, ...(operation.name && { name: operation.name.value }) };
      const { data } = splitOperation(operation, fragments);
      if (data === undefined) return { ...described, plan: {}, by: 'hive' };

      const definitions = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
      const alone = renameVariables({ kind: Kind.DOCUMENT, definitions: [data, ...definitions] });
      if (hive !== undefined && by !== 'apollo' && !deferred) {
        try {
          return { ...described, plan: hive.plan(alone.document, alone.names, overrides), by: 'hive' };
        } catch {
          // It finds no plan for some operations that the other can plan.
        }
      }
      const planner = apollo ?? await loadApollo();
      onPlanning();
      try {
        return { ...described, plan: planner.plan(alone.document, alone.names, overrides), by: 'apollo' };
      } catch (error) {
        throw requestError('GRAPHQL_PLANNING_FAILED', [error instanceof PlanningError ? error.message : 'The operation could not be planned.'], error);
      }
    },
  };
}
