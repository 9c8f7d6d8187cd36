import { Kind } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';

/** The fields that may meet at one response path, whatever the types, by response name. */
export type Level = ReadonlyMap<string, readonly FieldNode[]>;

/** Whether something holds for the fields at any response path of an operation. Looks at each distinct set of fields once. */
export function someLevel(document: DocumentNode, operation: OperationDefinitionNode, holds: (level: Level) => boolean): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const ids = new Map<SelectionSetNode, number>();
  const seen = new Set<string>();

  const visit = (selectionSets: readonly SelectionSetNode[]): boolean => {
    const key = selectionSets.map((set) => ids.get(set) ?? (ids.set(set, ids.size), ids.size - 1)).join();
    if (seen.has(key)) return false;
    seen.add(key);
    const level = new Map<string, FieldNode[]>();
    collect(selectionSets, level, new Set());
    if (holds(level)) return true;
    for (const nodes of level.values()) {
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (inner.length > 0 && visit(inner)) return true;
    }
    return false;
  };

  const collect = (selectionSets: readonly SelectionSetNode[], into: Map<string, FieldNode[]>, visited: Set<string>): void => {
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

  return visit([operation.selectionSet]);
}
