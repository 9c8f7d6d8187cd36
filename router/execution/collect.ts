import { Kind, isAbstractType, isCompositeType } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, GraphQLCompositeType, GraphQLSchema, SelectionSetNode } from 'graphql';
import { conjunctionKey, narrow } from '../operation/conditions.ts';
import type { Conjunction } from '../operation/conditions.ts';

/** A field node of the document, and the conditions under which it is selected. */
export interface Occurrence {
  readonly node: FieldNode;
  readonly when: Conjunction;
}

/**
 * CollectFields (GraphQL specification 6.3.2), compiled for all requests. A variable in @skip or @include has no value
 * yet, so each field node is kept with the conditions under which it is selected. Fields that no request can select are
 * left out.
 * @returns occurrences by response name, in document order
 */
export function collectFields(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  type: GraphQLCompositeType,
  sources: readonly { readonly selectionSet: SelectionSetNode; readonly when: Conjunction }[],
): Map<string, Occurrence[]> {
  const fields = new Map<string, Occurrence[]>();
  const visited = new Set<string>();

  const collect = (selectionSet: SelectionSetNode, outer: Conjunction): void => {
    for (const selection of selectionSet.selections) {
      const when = narrow(outer, selection.directives);
      if (when === undefined) continue;
      if (selection.kind === Kind.FIELD) {
        const name = selection.alias?.value ?? selection.name.value;
        const occurrences = fields.get(name);
        if (occurrences === undefined) fields.set(name, [{ node: selection, when }]);
        else occurrences.push({ node: selection, when });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(schema, selection.typeCondition?.name.value, type)) collect(selection.selectionSet, when);
      } else {
        const key = `${selection.name.value}|${conjunctionKey(when)}`;
        const fragment = fragments.get(selection.name.value);
        if (visited.has(key) || fragment === undefined) continue;
        visited.add(key);
        if (applies(schema, fragment.typeCondition.name.value, type)) collect(fragment.selectionSet, when);
      }
    }
  };

  for (const { selectionSet, when } of sources) collect(selectionSet, when);
  return fields;
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLCompositeType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditional = schema.getType(condition);
  if (!isCompositeType(conditional) || !isAbstractType(conditional)) return false;
  return 'getTypes' in type ? false : schema.isSubType(conditional, type);
}
