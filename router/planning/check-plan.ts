import { Kind, parse, print } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { Keys } from '../supergraph/keys.ts';
import type { TypeConditions } from '../supergraph/supergraph.ts';
import type { EntityBatch, FetchNode, Operation, PathStep, Plan, PlanNode, RequiredSelection, Rewrite } from './plan-nodes.ts';

/** What is wrong with a plan: two values would have one name, or a subgraph would be asked by what is no key of it. */
export type PlanFault = 'conflict' | 'key';

/**
 * Looks for what the native planner is known to do wrongly. May find a conflict where types keep the two apart, but misses none: what
 * each response name at each place of the answer stands for is compared over all fetches.
 */
export function faultOf({ primary, rest }: Plan, keys: Keys, types: TypeConditions): PlanFault | undefined {
  const places = new Map<string, Map<string, { readonly type: string | undefined; readonly signature: string }[]>>();
  let fault: PlanFault | undefined;

  const overlap = (a: string | undefined, b: string | undefined): boolean =>
    a === undefined || b === undefined || types.includes(a, b) || types.includes(b, a) || (types.isAbstract(a) && types.isAbstract(b));

  const note = (place: string, key: string, type: string | undefined, signature: string): void => {
    let names = places.get(place);
    if (names === undefined) places.set(place, (names = new Map()));
    const known = names.get(key);
    if (known === undefined) names.set(key, [{ type, signature }]);
    else if (known.some((other) => other.signature !== signature && overlap(other.type, type))) fault ??= 'conflict';
    else if (!known.some((other) => other.type === type)) known.push({ type, signature });
  };

  const select = (
    selectionSet: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, place: string, type: string | undefined,
    renames: ReadonlyMap<string, string>,
  ): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const key = renames.get(name) ?? name;
        note(place, key, type, signatureOf(selection));
        if (selection.selectionSet) select(selection.selectionSet, fragments, `${place}.${key}`, undefined, renames);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        select(selection.selectionSet, fragments, place, selection.typeCondition?.name.value ?? type, renames);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) select(fragment.selectionSet, fragments, place, fragment.typeCondition.name.value, renames);
      }
    }
  };

  const root = (operation: Operation, place: string, outputRewrites: readonly Rewrite[] | undefined): void => {
    const { selectionSet, fragments } = read(operation.document);
    select(selectionSet, fragments, place, undefined, renamesOf(outputRewrites));
  };

  const entities = (operation: Operation, path: readonly PathStep[], batches: readonly EntityBatch[]): void => {
    const { selectionSet, fragments } = read(operation.document);
    for (const { alias, paths, requires, outputRewrites } of batches) {
      const field = selectionSet.selections.find((selection): selection is FieldNode =>
        selection.kind === Kind.FIELD && (selection.alias?.value ?? selection.name.value) === alias);
      for (const further of paths) {
        if (field?.selectionSet) select(field.selectionSet, fragments, placeOf([...path, ...further]), undefined, renamesOf(outputRewrites));
      }
      for (const required of requires) {
        if ('inner' in required && !('field' in required) && !hasKey(required, keys.get(operation.subgraph), types)) fault = 'key';
      }
    }
  };

  const visit = (node: PlanNode, path: readonly PathStep[]): void => {
    switch (node.kind) {
      case 'Fetch':
        if (node.requires === undefined) root(node.operation, placeOf(path), node.outputRewrites);
        else entities(node.operation, path, [{ ...node, requires: node.requires, alias: '_entities', variable: '', paths: [[]] }]);
        break;
      case 'BatchFetch':
        entities(node.operation, path, node.entities);
        break;
      case 'Flatten':
        visit(node.node, [...path, ...node.path]);
        break;
      case 'Sequence':
      case 'Parallel':
        for (const inner of node.nodes) visit(inner, path);
        break;
      case 'Condition':
        for (const inner of [node.ifClause, node.elseClause]) if (inner !== undefined) visit(inner, path);
        break;
      case 'Defer':
        for (const { node: inner } of [node.primary, ...node.deferred]) if (inner !== undefined) visit(inner, path);
    }
  };
  if (primary !== undefined) root((primary satisfies FetchNode).operation, '', primary.outputRewrites);
  if (rest !== undefined) visit(rest, []);
  return fault;
}

function hasKey(
  { type, inner }: { readonly type?: string; readonly inner: readonly RequiredSelection[] },
  keysByType: ReadonlyMap<string, readonly SelectionSetNode[]> | undefined, types: TypeConditions,
): boolean {
  if (type === undefined || keysByType === undefined) return false;
  const keys = keysByType.get(type)
    // An object type that the subgraph knows as an interface only, or an interface of which it knows the types.
    ?? [...keysByType].flatMap(([name, known]) => (types.includes(name, type) || types.includes(type, name) ? known : []));
  const covers = (key: SelectionSetNode, selections: readonly RequiredSelection[]): boolean => key.selections.every((wanted) => {
    if (wanted.kind !== Kind.FIELD) return true;
    return selections.some((selection) => ('field' in selection
      ? (selection.as ?? selection.field) === wanted.name.value && (wanted.selectionSet === undefined || covers(wanted.selectionSet, selection.inner ?? []))
      : covers({ kind: Kind.SELECTION_SET, selections: [wanted] }, selection.inner)));
  });
  return keys.some((key) => covers(key, inner));
}

function read(text: string): { selectionSet: SelectionSetNode; fragments: ReadonlyMap<string, FragmentDefinitionNode> } {
  const fragments = new Map<string, FragmentDefinitionNode>();
  let selectionSet: SelectionSetNode = { kind: Kind.SELECTION_SET, selections: [] };
  for (const definition of parse(text, { noLocation: true }).definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) ({ selectionSet } = definition);
  }
  return { selectionSet, fragments };
}

function renamesOf(rewrites: readonly Rewrite[] | undefined): ReadonlyMap<string, string> {
  const renames = new Map<string, string>();
  for (const { path, rename } of rewrites ?? []) {
    const last = path.at(-1);
    if (rename !== undefined && last !== undefined && 'field' in last) renames.set(last.field, rename);
  }
  return renames;
}

const placeOf = (path: readonly PathStep[]): string => path.map((step) => ('field' in step ? `.${step.field}` : '')).join('');

function signatureOf({ name, arguments: args }: FieldNode): string {
  return args === undefined || args.length === 0 ? name.value : `${name.value}(${args.map(print).sort().join()})`;
}
