import type {
  FetchDataKeyRenamer,
  FetchDataRewrite,
  FetchNode as ApolloFetch,
  PlanNode as ApolloNode,
  QueryPlanSelectionNode,
  SubscriptionNode,
} from '@apollo/query-planner';
import type {
  ContextValue,
  FetchNode,
  PathStep,
  Plan,
  PlanNode,
  RequiredSelection,
  Rewrite,
  RewriteStep,
} from './plan-nodes.ts';
import type { VariableNames } from './variables.ts';

const FRAGMENT = '... on ';
const PARENT = '..';

export function planFromApollo(node: ApolloNode | SubscriptionNode | undefined, names: VariableNames): Plan {
  if (node === undefined) return {};
  if (node.kind !== 'Subscription') return { rest: convert(node, names) };
  return { primary: fetch(node.primary, names), ...(node.rest && { rest: convert(node.rest, names) }) };
}

function convert(node: ApolloNode, names: VariableNames): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return fetch(node, names);
    case 'Flatten':
      return { kind: 'Flatten', path: withoutLevels(node.path.flatMap(pathSteps)), node: convert(node.node, names) };
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((inner) => convert(inner, names)) };
    case 'Condition': {
      const { condition, ifClause, elseClause } = node;
      return {
        kind: 'Condition',
        condition: names.get(condition) ?? condition,
        ...(ifClause && { ifClause: convert(ifClause, names) }),
        ...(elseClause && { elseClause: convert(elseClause, names) }),
      };
    }
    case 'Defer': {
      const { primary, deferred } = node;
      return {
        kind: 'Defer',
        primary: {
          ...(primary.subselection !== undefined && { subselection: primary.subselection }),
          ...(primary.node && { node: convert(primary.node, names) }),
        },
        deferred: deferred.map(({ depends, label, queryPath, subselection, node: inner }) => ({
          depends,
          queryPath: queryPath.map(String),
          ...(label !== undefined && { label }),
          ...(subselection !== undefined && { subselection }),
          ...(inner && { node: convert(inner, names) }),
        })),
      };
    }
  }
}

function fetch(node: ApolloFetch, names: VariableNames): FetchNode {
  const { requires, inputRewrites, outputRewrites, contextRewrites } = node;
  return {
    kind: 'Fetch',
    ...(node.id !== undefined && { id: node.id }),
    operation: {
      subgraph: node.serviceName,
      kind: node.operationKind,
      document: node.operation,
      ...(node.operationName !== undefined && { name: node.operationName }),
      variables: (node.variableUsages ?? []).map((name) => [name, names.get(name) ?? name] as const),
    },
    ...(requires && { requires: requires.map(required) }),
    ...(inputRewrites && inputRewrites.length > 0 && { inputRewrites: inputRewrites.map(rewrite) }),
    ...(outputRewrites && outputRewrites.length > 0 && { outputRewrites: outputRewrites.map(rewrite) }),
    ...(contextRewrites && contextRewrites.length > 0 && { contextValues: contextRewrites.map(contextValue) }),
  };
}

/**
 * Parses a path element: `name`, `@`, `name|[A,B]` or `@|[A]`. Paths with type conditions start with `""`, which is no
 * step.
 */
function pathSteps(element: string | number): PathStep[] {
  const [name = '', condition] = String(element).split('|');
  const steps: PathStep[] = [];
  if (name === '@') steps.push({ items: true });
  else if (name !== '') steps.push({ field: name });
  if (condition !== undefined)
    steps.push({
      types: condition
        .replace(/^\[|\]$/g, '')
        .split(',')
        .map((type) => type.trim()),
    });
  return steps;
}

/** Apollo's paths have one `@` for each level of nested lists. Our paths have one for all levels. */
const withoutLevels = (steps: readonly PathStep[]): PathStep[] =>
  steps.filter((step, index) => !('items' in step) || !('items' in (steps[index - 1] ?? {})));

function required(node: QueryPlanSelectionNode): RequiredSelection {
  if (node.kind === 'InlineFragment')
    return {
      ...(node.typeCondition !== undefined && { type: node.typeCondition }),
      inner: node.selections.map(required),
    };
  return { field: node.alias ?? node.name, ...(node.selections && { inner: node.selections.map(required) }) };
}

function rewrite(given: FetchDataRewrite): Rewrite {
  const path = given.path.map(rewriteStep);
  return given.kind === 'ValueSetter' ? { path, set: given.setValueTo } : { path, rename: given.renameKeyTo };
}

const rewriteStep = (element: string): RewriteStep =>
  element.startsWith(FRAGMENT) ? { types: [element.slice(FRAGMENT.length)] } : { field: element };

function contextValue({ path, renameKeyTo }: FetchDataKeyRenamer): ContextValue {
  const ups = path.filter((element) => element === PARENT).length;
  return { variable: renameKeyTo, ups, path: path.slice(ups).map(rewriteStep) };
}
