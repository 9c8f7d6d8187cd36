import type { FetchNode, PlanNode, SubscriptionNode } from '@apollo/query-planner';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import { announced, compileDefer, deferLabels } from './defer-plan.ts';
import { compileEntityFetch } from './entity-fetch.ts';
import { compileRootFetch, rootStep } from './root-fetch.ts';
import type { RootFetch } from './root-fetch.ts';
import type { PlanScope, Step } from './run.ts';
import { compilePath } from './targets.ts';

/** A plan as functions. `primary` is there for subscriptions only: it gives the events that `rest` completes. */
export interface CompiledPlan {
  readonly primary: RootFetch | undefined;
  readonly rest: Step | undefined;
  /** Of the parts that it fetches apart. */
  readonly labels: ReadonlySet<string>;
}

export function compilePlan(node: PlanNode | SubscriptionNode | undefined, types: TypeConditions): CompiledPlan {
  if (node === undefined) return { primary: undefined, rest: undefined, labels: new Set() };
  const scope: PlanScope = { types, isolate: dependsOnWay(node) };
  if (node.kind !== 'Subscription') return { primary: undefined, rest: compileNode(node, [], scope), labels: deferLabels(node) };
  return {
    primary: compileRootFetch(node.primary, [], scope),
    rest: node.rest && compileNode(node.rest, [], scope),
    labels: new Set(),
  };
}

function compileNode(node: PlanNode, path: readonly (string | number)[], scope: PlanScope): Step {
  switch (node.kind) {
    case 'Fetch':
      return announced(node.id, compileFetch(node, path, scope));
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

function compileFetch(node: FetchNode, path: readonly (string | number)[], scope: PlanScope): Step {
  const steps = compilePath(path);
  return node.requires === undefined
    ? rootStep(compileRootFetch(node, steps, scope))
    : compileEntityFetch(node, node.requires, steps, scope);
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

function dependsOnWay(node: PlanNode | SubscriptionNode | undefined): boolean {
  switch (node?.kind) {
    case 'Fetch':
      return (node.contextRewrites?.length ?? 0) > 0;
    case 'Flatten':
      return node.path.some((element) => String(element).includes('|')) || dependsOnWay(node.node);
    case 'Sequence':
    case 'Parallel':
      return node.nodes.some(dependsOnWay);
    case 'Condition':
      return dependsOnWay(node.ifClause) || dependsOnWay(node.elseClause);
    case 'Defer':
      return dependsOnWay(node.primary.node) || node.deferred.some((part) => dependsOnWay(part.node));
    case 'Subscription':
      return dependsOnWay(node.primary) || dependsOnWay(node.rest);
    default:
      return false;
  }
}
