import { Kind, parse } from 'graphql';
import type { SelectionSetNode } from 'graphql';
import { isObject } from '../collections/json-object.ts';
import { narrow } from '../operation/conditions.ts';
import type { Conjunction } from '../operation/conditions.ts';
import type { FetchNode, PathStep } from '../planning/plan-nodes.ts';
import { errorPath, fromSubgraph } from './errors.ts';
import { merge } from './merge.ts';
import { clientNames, compileRewrites } from './rewrites.ts';
import type { PlanScope, Run, Step } from './run.ts';
import { callSubgraph, kindOf, noData, requestOf, unavailable } from './subgraph-call.ts';
import { collectTargets, pathOf } from './targets.ts';
import type { Path } from './targets.ts';
import type { FetchKind, SubgraphRequest, SubgraphResult } from './types.ts';

/** A fetch of root fields, at the root of the response or where a field returns the root type again. */
export interface RootFetch {
  readonly subgraph: string;
  readonly kind: FetchKind;
  request(variables: Readonly<Record<string, unknown>>): SubgraphRequest;
  /** Merges the subgraph's response into the client's. */
  apply(result: SubgraphResult, run: Run): void;
  fail(run: Run): void;
}

export function compileRootFetch(
  node: FetchNode,
  steps: readonly PathStep[],
  { types, mustCopy, names }: PlanScope,
): RootFetch {
  const { subgraph, document } = node.operation;
  const rewrite = compileRewrites(node.outputRewrites, types);
  const renames = clientNames(node.outputRewrites, names);
  let fields: ReturnType<typeof rootFields> | undefined;

  const targetObjects = (run: Run) => {
    const targets = collectTargets(run.data, steps, types);
    return targets.objects.map((object, index) => ({ object, path: pathOf(steps, targets, index, names) }));
  };

  /** The paths of all client fields that this fetch provides. */
  const fieldPaths = (run: Run): Path[] => {
    fields ??= rootFields(document);
    const asked = fields.filter(({ when }) => when.every(({ variable, value }) => run.variables[variable] === value));
    return targetObjects(run).flatMap(({ path }) => asked.map(({ name }) => [...path, renames.get(name) ?? name]));
  };

  const addError = (error: unknown, run: Run) => {
    const path = errorPath(error)?.map((element) =>
      typeof element === 'string' ? (renames.get(element) ?? element) : element,
    );
    if (path !== undefined) {
      for (const place of targetObjects(run)) run.errors.add(fromSubgraph(error, subgraph, [...place.path, ...path]));
      return;
    }
    // An error without a path is about the whole request. It gets a path only if the request was for exactly one field.
    const paths = fieldPaths(run);
    run.errors.add(fromSubgraph(error, subgraph, paths.length === 1 ? paths[0] : undefined));
  };

  return {
    subgraph,
    kind: kindOf(node.operation),
    request: requestOf(node.operation),
    apply(result, run) {
      const errors = Array.isArray(result.errors) ? result.errors : [];
      for (const error of errors) {
        if (run.errors.full) run.errors.skip(1);
        else addError(error, run);
      }
      const { data } = result;
      if (!isObject(data)) {
        if (errors.length === 0) for (const path of fieldPaths(run)) run.errors.add(noData(subgraph, path));
        return;
      }
      rewrite?.(data);
      targetObjects(run).forEach(({ object }, index) => merge(object, data, types, index > 0 && mustCopy(steps)));
    },
    fail(run) {
      for (const path of fieldPaths(run)) run.errors.add(unavailable(subgraph, path));
    },
  };
}

export function rootStep(fetch: RootFetch): Step {
  return (run) =>
    callSubgraph(
      run,
      fetch.subgraph,
      fetch.request(run.variables),
      fetch.kind,
      (result) => fetch.apply(result, run),
      () => fetch.fail(run),
    );
}

/** The response names at the root of a fetch's operation, with their conditions. Only needed for errors. */
function rootFields(text: string): { name: string; when: Conjunction }[] {
  const document = parse(text, { noLocation: true });
  const fields = new Map<string, Conjunction>();
  const collect = (selectionSet: SelectionSetNode, outer: Conjunction): void => {
    for (const selection of selectionSet.selections) {
      const when = narrow(outer, selection.directives);
      if (when === undefined) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        if (selection.name.value !== '__typename' && (when.length === 0 || !fields.has(name))) fields.set(name, when);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, when);
      else {
        const fragment = document.definitions.find(
          (definition) =>
            definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
        );
        if (fragment?.kind === Kind.FRAGMENT_DEFINITION) collect(fragment.selectionSet, when);
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) collect(definition.selectionSet, []);
  }
  return [...fields].map(([name, when]) => ({ name, when }));
}
