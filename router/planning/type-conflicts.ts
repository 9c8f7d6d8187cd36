import { Kind, print } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql';

/**
 * Whether one response path stands for different fields, or the same with different arguments, on different types, as in
 * `{ node { ... on A { size(unit: CM) } ... on B { size(unit: INCH) } } }`. Valid GraphQL: the types never meet in one object.
 */
export function fieldsOfTypesDiffer(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const ids = new Map<SelectionSetNode, number>();
  const seen = new Set<string>();

  const differ = (selectionSets: readonly SelectionSetNode[]): boolean => {
    const key = selectionSets.map((set) => ids.get(set) ?? (ids.set(set, ids.size), ids.size - 1)).join();
    if (seen.has(key)) return false;
    seen.add(key);
    const fields = new Map<string, FieldNode[]>();
    collect(selectionSets, fields, new Set());
    for (const nodes of fields.values()) {
      const [first] = nodes;
      if (first === undefined) continue;
      if (nodes.length > 1) {
        const signature = signatureOf(first);
        if (nodes.some((node) => node !== first && signatureOf(node) !== signature)) return true;
      }
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (inner.length > 0 && differ(inner)) return true;
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

  return differ([operation.selectionSet]);
}

function signatureOf({ name, arguments: args }: FieldNode): string {
  if (args === undefined || args.length === 0) return name.value;
  return `${name.value}(${args.map(print).sort().join()})`;
}
