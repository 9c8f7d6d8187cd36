import { Kind, parse } from 'graphql';
import type { DocumentNode, SelectionSetNode } from 'graphql';
import { argument, textArgument } from './features.ts';

/** The keys by which a subgraph gives entities, by subgraph and type name; those that are not resolvable left out. */
export type Keys = ReadonlyMap<string, ReadonlyMap<string, readonly SelectionSetNode[]>>;

export function keysOf({ definitions }: DocumentNode): Keys {
  const names = new Map<string, string>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find(({ name }) => name.value === 'join__graph');
      if (graph !== undefined) names.set(value.name.value, textArgument(graph, 'name') ?? value.name.value);
    }
  }
  const keys = new Map<string, Map<string, SelectionSetNode[]>>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? []) {
      if (directive.name.value !== 'join__type') continue;
      const key = textArgument(directive, 'key');
      const resolvable = argument(directive, 'resolvable');
      const graph = argument(directive, 'graph');
      if (key === undefined || graph?.kind !== Kind.ENUM || (resolvable?.kind === Kind.BOOLEAN && !resolvable.value)) continue;
      const [parsed] = parse(`{ ${key} }`, { noLocation: true }).definitions;
      if (parsed?.kind !== Kind.OPERATION_DEFINITION) continue;
      const subgraph = names.get(graph.value) ?? graph.value;
      const types = keys.get(subgraph) ?? new Map<string, SelectionSetNode[]>();
      keys.set(subgraph, types);
      types.set(definition.name.value, [...types.get(definition.name.value) ?? [], parsed.selectionSet]);
    }
  }
  return keys;
}
