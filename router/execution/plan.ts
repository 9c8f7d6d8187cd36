import type { JsonObject } from '../collections/json-object.ts';
import type { FetchNode, PathStep, Plan, PlanNode } from '../planning/plan-nodes.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import { signalWhenFetched, compileDefer, deferLabels } from './defer-plan.ts';
import { compileBatchFetch, compileEntityFetch } from './entity-fetch.ts';
import { compileRootFetch, rootStep } from './root-fetch.ts';
import type { RootFetch } from './root-fetch.ts';
import type { PlanScope, Step } from './run.ts';
import { unsharedPaths } from './unshared-paths.ts';

/**
 * A plan, compiled to functions. `primary` exists only for subscriptions: it is the source of the events, which `rest`
 * completes.
 */
export interface CompiledPlan {
  readonly primary: RootFetch | undefined;
  readonly rest: Step | undefined;
  /** The labels of deferred parts that the plan fetches separately. */
  readonly labels: ReadonlySet<string>;
}

export function compilePlan({ primary, rest, names = {} }: Plan, types: TypeConditions): CompiledPlan {
  const scope: PlanScope = {
    types,
    mustCopy: unsharedPaths(rest),
    names: new Map(Object.entries(names).map(([own, { name }]) => [own, name])),
  };
  const fetched = rest && compileNode(rest, [], scope);
  return {
    primary: primary && compileRootFetch(primary, [], scope),
    rest:
      scope.names.size === 0
        ? fetched
        : sequence([...(fetched ? [fetched] : []), (run) => restoreNames(run.data, names)]),
    labels: deferLabels(rest),
  };
}

/**
 * Renames planned names to the client's names, in place. An object of another type than the plan names loses the field.
 * Each object is visited once, because several places may share an entity. A value that already has the client's name
 * was fetched by the planner for another purpose, so it is replaced.
 */
function restoreNames(root: JsonObject, names: NonNullable<Plan['names']>): undefined {
  const seen = new Set<object>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    for (const inner of Object.values(value)) visit(inner);
    if (Array.isArray(value)) return;
    const object = value as JsonObject;
    for (const key of Object.keys(object)) {
      const own = Object.hasOwn(names, key) ? names[key] : undefined;
      if (own === undefined) continue;
      const type = object['__typename'];
      if (typeof type === 'string' ? own.types.includes(type) : own.types.length > 0) object[own.name] = object[key];
      delete object[key];
    }
  };
  visit(root);
}

function compileNode(node: PlanNode, path: readonly PathStep[], scope: PlanScope): Step {
  switch (node.kind) {
    case 'Fetch':
      return signalWhenFetched(node.id, compileFetch(node, path, scope));
    case 'BatchFetch':
      return compileBatchFetch(node, path, scope);
    case 'Flatten':
      return compileNode(node.node, [...path, ...node.path], scope);
    case 'Sequence':
      return sequence(node.nodes.map((inner) => compileNode(inner, path, scope)));
    case 'Parallel':
      return parallel(node.nodes.map((inner) => compileNode(inner, path, scope)));
    case 'Condition': {
      const { condition, ifClause, elseClause } = node;
      const then = ifClause && compileNode(ifClause, path, scope);
      const otherwise = elseClause && compileNode(elseClause, path, scope);
      return (run) => (run.variables[condition] === true ? then : otherwise)?.(run);
    }
    case 'Defer':
      return compileDefer(node, (inner) => compileNode(inner, path, scope));
  }
}

function compileFetch(node: FetchNode, path: readonly PathStep[], scope: PlanScope): Step {
  const { requires } = node;
  return requires === undefined
    ? rootStep(compileRootFetch(node, path, scope))
    : compileEntityFetch({ ...node, requires }, path, scope);
}

function sequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) {
      const pending = step(run);
      if (pending !== undefined) await pending;
    }
  };
}

function parallel(steps: readonly Step[]): Step {
  return (run) => {
    const pending: Promise<void>[] = [];
    for (const step of steps) {
      const one = step(run);
      if (one !== undefined) pending.push(one);
    }
    return pending.length < 2 ? pending[0] : Promise.all(pending).then(() => undefined);
  };
}
