import type {
  EntityBatchAlias,
  FetchNode as HiveFetch,
  FetchRewrite,
  FlattenNodePathSegment,
  PlanNode as HiveNode,
  QueryPlan,
  RequiresSelection,
} from '@graphql-hive/router-query-planner';
import type {
  BatchFetchNode,
  EntityBatch,
  FetchNode,
  Operation,
  PathStep,
  Plan,
  PlanNode,
  RequiredSelection,
  Rewrite,
  RewriteStep,
} from './plan-nodes.ts';
import type { VariableNames } from './variables.ts';

/**
 * Converts a plan of the native planner.
 * @throws Error for nodes that this planner is not asked for (deferred parts) or is not known to produce
 */
export function planFromHive({ node }: QueryPlan, names: VariableNames): Plan {
  if (node === undefined) return {};
  const [first, ...others] = node.kind === 'Sequence' ? node.nodes : [node];
  if (first?.kind !== 'Subscription') return { rest: convert(node, names) };
  const primary = fetch({ ...first.primary, kind: 'Fetch' }, names);
  const rest = others.map((inner) => convert(inner, names));
  const [only] = rest;
  if (only === undefined) return { primary };
  return { primary, rest: rest.length === 1 ? only : { kind: 'Sequence', nodes: rest } };
}

function convert(node: HiveNode, names: VariableNames): PlanNode {
  switch (node.kind) {
    case 'Fetch':
      return fetch(node, names);
    case 'BatchFetch':
      return {
        kind: 'BatchFetch',
        operation: operationOf(node, names),
        entities: node.entityBatch.aliases.map((alias) => batch(alias, names)),
      } satisfies BatchFetchNode;
    case 'Flatten':
      return { kind: 'Flatten', path: node.path.map(pathStep), node: convert(node.node, names) };
    case 'Sequence':
    case 'Parallel':
      return { kind: node.kind, nodes: node.nodes.map((inner) => convert(inner, names)) };
    case 'Condition':
      return {
        kind: 'Condition',
        condition: names.get(node.condition) ?? node.condition,
        ...(node.ifClause && { ifClause: convert(node.ifClause, names) }),
        ...(node.elseClause && { elseClause: convert(node.elseClause, names) }),
      };
    default:
      throw new Error(`Unexpected ${node.kind} in the plan`);
  }
}

function fetch(node: HiveFetch, names: VariableNames): FetchNode {
  return {
    kind: 'Fetch',
    operation: operationOf(node, names),
    ...(node.requires && {
      requires: node.requires.map((selection) => required(selection, names)),
      ...inputRewrites(node.inputRewrites),
    }),
    ...outputRewrites(node.outputRewrites),
  };
}

function batch(
  { alias, representationsVariableName, paths, requires, ...rewrites }: EntityBatchAlias,
  names: VariableNames,
): EntityBatch {
  return {
    alias,
    variable: representationsVariableName,
    paths: paths.map((path) => path.map(pathStep)),
    requires: requires.map((selection) => required(selection, names)),
    ...inputRewrites(rewrites.inputRewrites),
    ...outputRewrites(rewrites.outputRewrites),
  };
}

function operationOf(
  node: Pick<HiveFetch, 'serviceName' | 'operation' | 'operationKind' | 'operationName' | 'variableUsages'>,
  names: VariableNames,
): Operation {
  return {
    subgraph: node.serviceName,
    kind: node.operationKind ?? 'query',
    document: node.operation,
    ...(node.operationName !== undefined && { name: node.operationName }),
    variables: (node.variableUsages ?? []).map((sent) => [sent, names.get(sent) ?? sent] as const),
  };
}

function pathStep(segment: FlattenNodePathSegment): PathStep {
  if (segment === '@') return { items: true };
  return 'Field' in segment ? { field: segment.Field } : { types: segment.TypeCondition };
}

function required(selection: RequiresSelection, names: VariableNames): RequiredSelection {
  if (selection.kind === 'FragmentSpread') throw new Error('Unexpected fragment in the requirements of a fetch');
  if (selection.kind === 'InlineFragment') {
    const { typeCondition, selections, skipIf, includeIf } = selection;
    return {
      type: typeCondition,
      inner: selections.map((inner) => required(inner, names)),
      ...(skipIf !== undefined && { skipIf: names.get(skipIf) ?? skipIf }),
      ...(includeIf !== undefined && { includeIf: names.get(includeIf) ?? includeIf }),
    };
  }
  const { name, alias, selections } = selection;
  return {
    field: name,
    ...(alias !== undefined && alias !== name && { as: alias }),
    ...(selections && { inner: selections.map((inner) => required(inner, names)) }),
  };
}

const inputRewrites = (rewrites: readonly FetchRewrite[] | undefined): { inputRewrites?: Rewrite[] } =>
  rewrites === undefined || rewrites.length === 0 ? {} : { inputRewrites: rewrites.map(rewrite) };
const outputRewrites = (rewrites: readonly FetchRewrite[] | undefined): { outputRewrites?: Rewrite[] } =>
  rewrites === undefined || rewrites.length === 0 ? {} : { outputRewrites: rewrites.map(rewrite) };

function rewrite(given: FetchRewrite): Rewrite {
  if ('KeyRenamer' in given)
    return { path: given.KeyRenamer.path.map(rewriteStep), rename: given.KeyRenamer.renameKeyTo };
  const { path, setValueTo } = 'ValueSetter' in given ? given.ValueSetter : given;
  return { path: path.map(rewriteStep), set: setValueTo };
}

const rewriteStep = (step: { TypenameEquals: string[] } | { Key: string }): RewriteStep =>
  'Key' in step ? { field: step.Key } : { types: step.TypenameEquals };
