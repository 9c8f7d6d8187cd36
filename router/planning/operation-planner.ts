import { Kind, parse, visit } from 'graphql';
import type { DocumentNode } from 'graphql';
import type { Limits } from '../config/limits.ts';
import { expandDefers, isDeferred } from '../operation/defer-document.ts';
import { demandCheck } from '../operation/demand.ts';
import { parseOperation } from '../operation/document.ts';
import { requestError } from '../operation/request-error.ts';
import { checkSize, estimateSize } from '../operation/size.ts';
import type { SizeEstimate } from '../operation/size.ts';
import { splitOperation } from '../operation/split.ts';
import { needsOf } from '../supergraph/needs.ts';
import { loadSupergraph } from '../supergraph/supergraph.ts';
import { withUniqueNames, withTypenames } from './aliases.ts';
import { checkPlan } from './check-plan.ts';
import { splitComputed } from './computed.ts';
import { fieldsOfTypesDiffer } from './conflicts.ts';
import { yieldProcessor } from './yield-processor.ts';
import { createHivePlans } from './hive-planner.ts';
import type { QueryPlans } from './hive-planner.ts';
import { withInterfaceTypenames } from './interface-typenames.ts';
import type { Overrides } from './overrides.ts';
import type { Plan, RequiredSelection } from './plan-nodes.ts';
import { planPerCondition } from './specialise.ts';
import { renameVariables } from './variables.ts';
import type { VariableNames } from './variables.ts';

type Renamed = ReturnType<typeof renameVariables>;

export type PlannerName = 'hive' | 'apollo';

/** What an operation needs to be compiled, in addition to its document. It is plain JSON. */
export interface PlannedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** The operation's name in the document. */
  readonly name?: string;
  readonly plan: Plan;
  /** An estimate of how many values the response has, if that depends on variables. */
  readonly size?: SizeEstimate;
  readonly by: PlannerName;
}

export interface PlanRequest {
  readonly text: string;
  readonly operationName?: string;
  readonly overrides: Overrides;
  /** Forces a planner, after the other one failed on the operation. */
  readonly by?: PlannerName;
}

/** Limits that documents are checked against. It is plain JSON. */
export interface OperationLimits extends Pick<
  Limits,
  'tokens' | 'nesting' | 'depth' | 'aliases' | 'rootFields' | 'fields' | 'values'
> {
  /** The assumed length of a list without a size argument. */
  readonly listSize: number;
  /** Whether clients may select `__schema` and `__type`. */
  readonly introspection: boolean;
}

/**
 * The planner loads the modules of the other planner, or plans. Loading takes a second, on a busy machine many times
 * longer, and must not count as time of the operation.
 */
export type Phase = 'loading' | 'planning';

export interface OperationPlanner {
  /**
   * Parses, validates, checks and plans a document. Between these steps it yields the processor for a moment
   * (`yieldProcessor`).
   * @param onPhase called when a phase begins. The first one is 'planning' if all modules are loaded.
   * @throws RequestError (as a rejection)
   */
  plan(request: PlanRequest, onPhase: (phase: Phase) => void): Promise<PlannedOperation>;
}

const CONFLICT = 'Some fields cannot be selected together: they depend on one field with different arguments.';
const INCOMPLETE = 'No plan gives all fields of the operation.';

/**
 * Creates a planner. Do not use it in the process that serves clients, see hive-planner.ts.
 * @throws SupergraphError; Error when no planner accepts the supergraph
 */
export async function createOperationPlanner(
  sdl: string,
  limits: OperationLimits,
  only?: PlannerName,
): Promise<OperationPlanner> {
  const { apiSchema, overrideLabels, onlyForApollo, types } = loadSupergraph(sdl);
  const checkDemand = demandCheck(limits);
  let apollo: QueryPlans | undefined;
  const loadApollo = async (): Promise<QueryPlans> =>
    (apollo ??= (await import('./apollo-planner.ts')).createApolloPlans(sdl, overrideLabels));
  const hive = only === 'apollo' || onlyForApollo ? undefined : createHivePlans(sdl);
  if (hive === undefined) await loadApollo();
  const needs = needsOf(parse(sdl, { noLocation: true }));
  const supergraph = { needs, types, schema: apiSchema };

  /** Whether a plan for the current operation left out fields that the client selected. */
  let uncovered = false;

  /**
   * Returns the plan if it is right, otherwise undefined.
   * @param strict whether to refuse a plan with the fault 'requirement', which may still be right
   */
  const checkedPlan = (plan: Plan, planned: DocumentNode, strict: boolean): Plan | undefined => {
    yieldProcessor();
    const { fault, covered, conditional } = checkPlan(plan, planned, supergraph);
    uncovered ||= !covered;
    if (!covered || (fault !== undefined && (fault !== 'requirement' || strict))) return undefined;
    const withConditions = (_: string, value: unknown): unknown => {
      const when = conditional.get(value as RequiredSelection);
      return when === undefined ? value : { ...(value as object), when };
    };
    const whole = conditional.size === 0 ? plan : (JSON.parse(JSON.stringify(plan, withConditions)) as Plan);
    return withInterfaceTypenames(whole, needs);
  };

  /**
   * The document with unique names. Undefined when that is not safe: a name means different fields on different types,
   * and one object might get two unique names for it.
   */
  const uniqueNames = (document: DocumentNode): ReturnType<typeof withUniqueNames> | undefined => {
    const own = withUniqueNames(document, apiSchema);
    return own.mayCollide && fieldsOfTypesDiffer(document) ? undefined : own;
  };

  const planUniqueNames = (
    planner: QueryPlans,
    { document, names }: Renamed,
    overrides: Overrides,
    strict: boolean,
  ): Plan | undefined => {
    const own = uniqueNames(document);
    if (own === undefined) return undefined;
    const plan = checkedPlan(planner.plan(own.document, names, overrides), own.document, strict);
    return plan && { ...plan, names: own.names };
  };

  /** Plans with separate fetches for fields with @requires. */
  const planComputed = (
    planner: QueryPlans,
    document: DocumentNode,
    names: VariableNames,
    overrides: Overrides,
  ): Plan | undefined => {
    const rest = splitComputed(document, apiSchema, needs, names);
    return rest && checkedPlan(rest.complete(planner.plan(rest.document, names, overrides)), document, true);
  };

  const planUniqueComputed = (
    planner: QueryPlans,
    { document, names }: Renamed,
    overrides: Overrides,
  ): Plan | undefined => {
    const own = uniqueNames(document);
    const plan = own && planComputed(planner, own.document, names, overrides);
    return plan && { ...plan, names: { ...own.names, ...plan.names } };
  };

  const tryPlan = (make: () => Plan | undefined): Plan | undefined => {
    try {
      return make();
    } catch {
      return undefined;
    }
  };

  /**
   * Plans with the native planner. For some operations it finds no plan or a wrong one, often because a field has the
   * name of a key. Each attempt changes the document in another way.
   */
  const planNatively = (planner: QueryPlans, renamed: Renamed, overrides: Overrides): Plan | undefined =>
    tryPlan(() => checkedPlan(planner.plan(renamed.document, renamed.names, overrides), renamed.document, true)) ??
    tryPlan(() => planUniqueNames(planner, renamed, overrides, true)) ??
    tryPlan(() => planUniqueComputed(planner, renamed, overrides));

  /**
   * Makes one plan for each combination of conditions, each with the first planner that can. Not for subscriptions,
   * because their plan has exactly one first fetch.
   */
  const planConditions = (
    planners: readonly (QueryPlans | undefined)[],
    { document, names }: Renamed,
    overrides: Overrides,
  ): Plan | undefined => {
    if (
      document.definitions.some(
        (definition) => definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'subscription',
      )
    )
      return undefined;
    const own = uniqueNames(document);
    const ownNamesOfCases = { ...own?.names };
    const planCase = (specialised: DocumentNode): Plan | undefined => {
      for (const planner of planners) {
        const whole = (): Plan | undefined =>
          planner && checkedPlan(planner.plan(specialised, names, overrides), specialised, true);
        const computed = (): Plan | undefined => planner && own && planComputed(planner, specialised, names, overrides);
        const [first, then] = planner === hive ? [whole, computed] : [computed, whole];
        const plan = tryPlan(first) ?? tryPlan(then);
        if (plan === undefined) continue;
        Object.assign(ownNamesOfCases, plan.names);
        return plan;
      }
      return undefined;
    };
    const plan = planPerCondition(own?.document ?? document, (name) => names.get(name) ?? name, planCase);
    return plan && { ...plan, names: ownNamesOfCases };
  };

  return {
    async plan({ text, operationName, overrides, by }, onPhase) {
      const loadedApollo = async (): Promise<QueryPlans> => {
        if (apollo === undefined) onPhase('loading');
        return loadApollo();
      };
      if (by === 'apollo') await loadedApollo();
      uncovered = false;
      onPhase('planning');
      const {
        document,
        operation: written,
        fragments,
      } = parseOperation(apiSchema, text, operationName, {
        maxTokens: limits.tokens,
        maxNesting: limits.nesting,
        introspection: limits.introspection,
      });
      yieldProcessor();
      const problems = checkDemand(document, written);
      if (problems.length > 0) throw requestError('GRAPHQL_VALIDATION_FAILED', problems);
      const size = estimateSize(apiSchema, written, fragments, limits.listSize);
      if (typeof size === 'number') checkSize(size, limits.values);
      const deferred = isDeferred(written, fragments);
      const operation = deferred ? expandDefers(written, fragments).operation : written;
      const described = {
        kind: operation.operation,
        ...(operation.name && { name: operation.name.value }),
        ...(typeof size !== 'number' && { size }),
      };
      const { data } = splitOperation(operation, fragments);
      if (data === undefined) return { ...described, plan: {}, by: 'hive' };

      const definitions = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
      const alone = renameVariables(withTypenames({ kind: Kind.DOCUMENT, definitions: [data, ...definitions] }));
      const able = by === 'apollo' || deferred ? undefined : hive;
      const native = able && (planNatively(able, alone, overrides) ?? planConditions([able], alone, overrides));
      if (native !== undefined) return { ...described, plan: native, by: 'hive' };
      const planner = await loadedApollo();
      onPhase('planning');
      let plan: Plan | undefined;
      const differ = fieldsOfTypesDiffer(alone.document);
      let trouble: unknown;
      const tryNext = (make: () => Plan | undefined): void => {
        if (plan !== undefined) return;
        try {
          plan = make();
        } catch (error) {
          trouble ??= error;
        }
      };
      // With fields that have @requires, Apollo's planner may never end or use up all memory. So this first tries
      // without them.
      if (!deferred) tryNext(() => planUniqueComputed(planner, alone, overrides));
      // The executor restores the client's names at the end of the operation, and deferred parts are sent before that.
      // So an operation with deferred parts is planned with the client's names. If that fails, it is planned without
      // @defer, and the response arrives as a whole.
      if (deferred || differ)
        tryNext(() => checkedPlan(planner.plan(alone.document, alone.names, overrides), alone.document, false));
      if (!deferred) {
        tryNext(() => planConditions([able, planner], alone, overrides));
        tryNext(() => planUniqueNames(planner, alone, overrides, true));
      }
      // As a last resort take a plan that looks wrong but may be right. This plan fetches per type, so two meanings of
      // a name are on objects of different types.
      if (!deferred && differ)
        tryNext(() => {
          const last = planner.plan(alone.document, alone.names, overrides);
          const { covered } = checkPlan(last, alone.document, supergraph);
          uncovered ||= !covered;
          return covered ? withInterfaceTypenames(last, needs) : undefined;
        });
      const whole = deferred ? { ...alone, document: withoutDefers(alone.document) } : alone;
      if (deferred) tryNext(() => planUniqueComputed(planner, whole, overrides));
      tryNext(() => planUniqueNames(planner, whole, overrides, false));
      if (plan === undefined && trouble !== undefined)
        throw requestError('GRAPHQL_PLANNING_FAILED', ['The operation could not be planned.'], trouble);
      if (plan === undefined) throw requestError('GRAPHQL_PLANNING_FAILED', [uncovered ? INCOMPLETE : CONFLICT]);
      return { ...described, plan, by: 'apollo' };
    },
  };
}

function withoutDefers(document: DocumentNode): DocumentNode {
  return visit(document, { Directive: ({ name }) => (name.value === 'defer' ? null : undefined) });
}
