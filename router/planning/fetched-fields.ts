import { createHash } from 'node:crypto';
import { Kind, parse } from 'graphql';
import type { FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import type { Operation } from './plan-nodes.ts';

/** Selected fields, by field name or type condition. */
type Fields = Map<string, Fields>;

/**
 * A short hash that is equal for documents which select the same fields. Aliases, arguments, directives, the use of
 * fragments and the order do not change it.
 */
export function fieldsHash(document: string): string {
  const all: Fields = new Map();
  const fragments = new Map<string, FragmentDefinitionNode>();
  const { definitions } = parse(document, { noLocation: true });
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);

  const childOf = (fields: Fields, name: string): Fields => {
    let found = fields.get(name);
    if (found === undefined) fields.set(name, (found = new Map()));
    return found;
  };
  const add = ({ selections }: SelectionSetNode, fields: Fields, spread: readonly string[]): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const below = childOf(fields, selection.name.value);
        if (selection.selectionSet !== undefined) add(selection.selectionSet, below, spread);
        continue;
      }
      const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined;
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      if (fragment === undefined || (name !== undefined && spread.includes(name))) continue;
      const on = fragment.typeCondition?.name.value;
      add(
        fragment.selectionSet,
        on === undefined ? fields : childOf(fields, `...${on}`),
        name === undefined ? spread : [...spread, name],
      );
    }
  };
  for (const definition of definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION)
      add(definition.selectionSet, childOf(all, definition.operation), []);
  return createHash('sha1').update(canonicalText(all)).digest('base64url').slice(0, 16);
}

const canonicalText = (fields: Fields): string =>
  [...fields]
    .map(([name, below]) => (below.size === 0 ? name : `${name}{${canonicalText(below)}}`))
    .sort()
    .join();

/** A replacer for `JSON.stringify` of a plan. It adds `fields` to each operation. */
export function withFields(name: string, value: unknown): unknown {
  if (name !== 'operation' || typeof value !== 'object' || value === null) return value;
  const operation = value as Operation;
  return { ...operation, fields: fieldsHash(operation.document) } satisfies Operation;
}
