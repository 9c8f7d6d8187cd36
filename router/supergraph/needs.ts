import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode, DocumentNode, SelectionSetNode } from 'graphql';
import { argument, textArgument } from './features.ts';

/** Of one subgraph: what it must be given. */
export interface SubgraphNeeds {
  /** The keys by which it gives entities, by type name; those that are not resolvable left out. */
  readonly keys: ReadonlyMap<string, readonly SelectionSetNode[]>;
  /** What fields with @requires require, by field name. Of several types, the last one's: that is enough to find what is wrong. */
  readonly requirements: ReadonlyMap<string, SelectionSetNode>;
}

/** By subgraph. */
export type Needs = ReadonlyMap<string, SubgraphNeeds>;

export function needsOf({ definitions }: DocumentNode): Needs {
  const names = new Map<string, string>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const value of definition.values ?? []) {
      const graph = value.directives?.find(({ name }) => name.value === 'join__graph');
      if (graph !== undefined) names.set(value.name.value, textArgument(graph, 'name') ?? value.name.value);
    }
  }
  const needs = new Map<string, { readonly keys: Map<string, SelectionSetNode[]>; readonly requirements: Map<string, SelectionSetNode> }>();
  const needsOfGraph = (directive: ConstDirectiveNode) => {
    const graph = argument(directive, 'graph');
    const subgraph = graph?.kind === Kind.ENUM ? names.get(graph.value) ?? graph.value : '';
    let found = needs.get(subgraph);
    if (found === undefined) needs.set(subgraph, (found = { keys: new Map(), requirements: new Map() }));
    return found;
  };
  for (const definition of definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? []) {
      const key = directive.name.value === 'join__type' ? textArgument(directive, 'key') : undefined;
      const resolvable = argument(directive, 'resolvable');
      if (key === undefined || (resolvable?.kind === Kind.BOOLEAN && !resolvable.value)) continue;
      const { keys } = needsOfGraph(directive);
      keys.set(definition.name.value, [...keys.get(definition.name.value) ?? [], fieldSet(key)]);
    }
    for (const field of definition.fields ?? []) {
      for (const directive of field.directives ?? []) {
        const requires = directive.name.value === 'join__field' ? textArgument(directive, 'requires') : undefined;
        if (requires !== undefined) needsOfGraph(directive).requirements.set(field.name.value, fieldSet(requires));
      }
    }
  }
  return needs;
}

function fieldSet(text: string): SelectionSetNode {
  const [parsed] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  if (parsed?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${text}" is no set of fields`);
  return parsed.selectionSet;
}
