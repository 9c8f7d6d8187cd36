import { Kind, parse, visit } from 'graphql';
import type { DocumentNode } from 'graphql';
import type { Limits } from '../config.ts';
import { expandDefers, isDeferred } from '../execution/defer-document.ts';
import { parseOperation } from '../execution/document.ts';
import { splitOperation } from '../execution/introspection.ts';
import { requestError } from '../execution/request-error.ts';
import { demandCheck } from '../policies/demand.ts';
import { needsOf } from '../supergraph/needs.ts';
import { loadSupergraph } from '../supergraph/supergraph.ts';
import { withOwnNames, withTypenames } from './aliases.ts';
import { examine } from './check-plan.ts';
import { fieldsOfTypesDiffer } from './conflicts.ts';
import { createHivePlans } from './hive-planner.ts';
import type { QueryPlans } from './hive-planner.ts';
import type { Overrides } from './overrides.ts';
import type { Plan, RequiredSelection } from './plan-nodes.ts';
import { renameVariables } from './variables.ts';

type Renamed = ReturnType<typeof renameVariables>;

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

const CONFLICT = 'Some fields cannot be selected together: they depend on one field with different arguments.';

/** Not for the process that serves clients: see hive-planner.ts. @throws SupergraphError, or Error when no planner takes the supergraph */
export async function createOperationPlanner(sdl: string, limits: OperationLimits, only?: PlannerName): Promise<OperationPlanner> {
  const { apiSchema, overrideLabels, onlyForApollo, types } = loadSupergraph(sdl);
  const checkDemand = demandCheck(limits);
  let apollo: QueryPlans | undefined;
  const loadApollo = async (): Promise<QueryPlans> => (apollo ??= (await import('./apollo-planner.ts')).createApolloPlans(sdl, overrideLabels));
  const hive = only === 'apollo' || onlyForApollo ? undefined : createHivePlans(sdl);
  if (hive === undefined) await loadApollo();
  const needs = needsOf(parse(sdl, { noLocation: true }));

  /** The plan, if it is right. @param strict whether what representations need is in doubt, too */
  const checked = (plan: Plan, strict: boolean): Plan | undefined => {
    const { fault, conditional } = examine(plan, needs, types);
    if (fault === 'conflict' || (fault === 'requirement' && strict)) return undefined;
    if (conditional.size === 0) return plan;
    const withConditions = (_: string, value: unknown): unknown => {
      const when = conditional.get(value as RequiredSelection);
      return when === undefined ? value : { ...(value as object), when };
    };
    return JSON.parse(JSON.stringify(plan, withConditions)) as Plan;
  };

  const planOwnNames = (planner: QueryPlans, { document, names }: Renamed, overrides: Overrides, strict: boolean): Plan | undefined => {
    const own = withOwnNames(document, apiSchema);
    const plan = checked(planner.plan(own.document, names, overrides), strict);
    return plan && { ...plan, names: Object.fromEntries(own.names) };
  };

  /** It finds no plan, or a wrong one, for some operations; often because a field has the name of a key. */
  const planNatively = (planner: QueryPlans, renamed: Renamed, overrides: Overrides, differ: boolean): Plan | undefined => {
    try {
      const plan = checked(planner.plan(renamed.document, renamed.names, overrides), true);
      if (plan !== undefined) return plan;
    } catch {
      // with other names, then
    }
    if (differ) return undefined;
    try {
      return planOwnNames(planner, renamed, overrides, true);
    } catch {
      return undefined;
    }
  };

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
      const alone = renameVariables(withTypenames({ kind: Kind.DOCUMENT, definitions: [data, ...definitions] }));
      // Then one name of the answer stands for several of a plan's, which are not told apart by where they are.
      const differ = fieldsOfTypesDiffer(alone.document, data);
      const native = hive === undefined || by === 'apollo' || deferred ? undefined : planNatively(hive, alone, overrides, differ);
      if (native !== undefined) return { ...described, plan: native, by: 'hive' };
      const planner = apollo ?? await loadApollo();
      onPlanning();
      let plan: Plan | undefined;
      try {
        // Names are given back at the end, which deferred parts do not wait for: they keep the client's, or else come all at once.
        if (deferred || differ) plan = checked(planner.plan(alone.document, alone.names, overrides), false);
        // It fetches per type: what looks like a conflict is at objects that are never the same.
        if (differ) plan ??= planner.plan(alone.document, alone.names, overrides);
        plan ??= planOwnNames(planner, deferred ? { ...alone, document: withoutDefers(alone.document) } : alone, overrides, false);
      } catch (error) {
        throw requestError('GRAPHQL_PLANNING_FAILED', ['The operation could not be planned.'], error);
      }
      if (plan === undefined) throw requestError('GRAPHQL_PLANNING_FAILED', [CONFLICT]);
      return { ...described, plan, by: 'apollo' };
    },
  };
}

function withoutDefers(document: DocumentNode): DocumentNode {
  return visit(document, { Directive: ({ name }) => (name.value === 'defer' ? null : undefined) });
}
