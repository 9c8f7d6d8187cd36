import { Kind } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { signatureOf } from './check-plan.ts';

/**
 * Whether one response path means different fields, or the same field with different arguments, on different types, as
 * in `{ node { ... on A { size(unit: CM) } ... on B { size(unit: INCH) } } }`. This is valid GraphQL, because an object
 * has only one of the types.
 */
export function fieldsOfTypesDiffer({ definitions }: DocumentNode): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const ids = new Map<SelectionSetNode, number>();
  const seen = new Set<string>();

  /** Visits each distinct set of selection sets once. */
  const differ = (selectionSets: readonly SelectionSetNode[]): boolean => {
    const key = selectionSets.map((set) => ids.get(set) ?? (ids.set(set, ids.size), ids.size - 1)).join();
    if (seen.has(key)) return false;
    seen.add(key);
    const level = new Map<string, FieldNode[]>();
    collect(selectionSets, level, new Set());
    return [...level.values()].some(
      (nodes) =>
        new Set(nodes.map(signatureOf)).size > 1 || differ(nodes.flatMap(({ selectionSet }) => selectionSet ?? [])),
    );
  };

  const collect = (
    selectionSets: readonly SelectionSetNode[],
    into: Map<string, FieldNode[]>,
    visited: Set<string>,
  ): void => {
    for (const { selections } of selectionSets) {
      for (const selection of selections) {
        if (selection.kind === Kind.FIELD) {
          const name = selection.alias?.value ?? selection.name.value;
          const nodes = into.get(name);
          if (nodes === undefined) into.set(name, [selection]);
          else nodes.push(selection);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect([selection.selectionSet], into, visited);
        } else if (!visited.has(selection.name.value)) {
          visited.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment !== undefined) collect([fragment.selectionSet], into, visited);
        }
      }
    }
  };

  return differ(
    definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? [definition.selectionSet] : [],
    ),
  );
}
