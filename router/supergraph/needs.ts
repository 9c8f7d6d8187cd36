import { Kind, parse } from 'graphql';
import type { ConstDirectiveNode, ConstValueNode, DocumentNode, SelectionSetNode } from 'graphql';
import { argument, textArgument } from './features.ts';

/** What one subgraph needs as input. */
export interface SubgraphNeeds {
  /** The resolvable keys of entities, by type name. */
  readonly keys: ReadonlyMap<string, readonly SelectionSetNode[]>;
  /** The fields that each field with @requires needs, by `Type.field`. */
  readonly requirements: ReadonlyMap<string, SelectionSetNode>;
  /** The fields with @requires that no other subgraph has and that need nothing from a context. */
  readonly sole: ReadonlySet<string>;
  /** Interfaces that the subgraph knows only as object types (@interfaceObject). */
  readonly interfaceObjects: ReadonlySet<string>;
  /**
   * The object types that the subgraph knows of an interface or union. Absent if the subgraph does not have the type,
   * or the supergraph does not say.
   */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** Fields that have another type in this subgraph, by `Type.field`. The value is the type without its lists. */
  readonly returns: ReadonlyMap<string, string>;
}

/** The needs of all subgraphs, by subgraph name. */
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
  const needs = new Map<string, ReturnType<typeof nothing>>();
  const needsOfGraph = (directive: ConstDirectiveNode) => {
    const graph = argument(directive, 'graph');
    const subgraph = graph?.kind === Kind.ENUM ? (names.get(graph.value) ?? graph.value) : '';
    let found = needs.get(subgraph);
    if (found === undefined) needs.set(subgraph, (found = nothing()));
    return found;
  };
  const addMember = (directive: ConstDirectiveNode, type: string, member: string): void => {
    const { members } = needsOfGraph(directive);
    members.set(type, (members.get(type) ?? new Set()).add(member));
  };
  for (const definition of definitions) {
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const directive of definition.directives ?? []) {
        if (directive.name.value === 'join__unionMember')
          addMember(directive, definition.name.value, textArgument(directive, 'member') ?? '');
      }
    }
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const directive of definition.directives ?? []) {
      if (directive.name.value === 'join__implements')
        addMember(directive, textArgument(directive, 'interface') ?? '', definition.name.value);
      if (directive.name.value !== 'join__type') continue;
      const { interfaceObjects, members } = needsOfGraph(directive);
      if (isTrue(argument(directive, 'isInterfaceObject'))) interfaceObjects.add(definition.name.value);
      else if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION && !members.has(definition.name.value))
        members.set(definition.name.value, new Set());
      const key = textArgument(directive, 'key');
      const resolvable = argument(directive, 'resolvable');
      if (key === undefined || (resolvable?.kind === Kind.BOOLEAN && !resolvable.value)) continue;
      const { keys } = needsOfGraph(directive);
      keys.set(definition.name.value, [...(keys.get(definition.name.value) ?? []), fieldSet(key)]);
    }
    for (const field of definition.fields ?? []) {
      const given = (field.directives ?? []).filter(
        (directive) => directive.name.value === 'join__field' && !isTrue(argument(directive, 'external')),
      );
      for (const directive of given) {
        const type = textArgument(directive, 'type');
        if (type !== undefined)
          needsOfGraph(directive).returns.set(
            `${definition.name.value}.${field.name.value}`,
            type.replaceAll(/[[\]!]/g, ''),
          );
        const requires = textArgument(directive, 'requires');
        if (requires === undefined) continue;
        const { requirements, sole } = needsOfGraph(directive);
        const name = `${definition.name.value}.${field.name.value}`;
        requirements.set(name, fieldSet(requires));
        if (given.length === 1 && argument(directive, 'contextArguments') === undefined) sole.add(name);
      }
    }
  }
  return needs;
}

const nothing = () => ({
  members: new Map<string, Set<string>>(),
  returns: new Map<string, string>(),
  keys: new Map<string, SelectionSetNode[]>(),
  requirements: new Map<string, SelectionSetNode>(),
  sole: new Set<string>(),
  interfaceObjects: new Set<string>(),
});
const isTrue = (value: ConstValueNode | undefined): boolean => value?.kind === Kind.BOOLEAN && value.value;

function fieldSet(text: string): SelectionSetNode {
  const [parsed] = parse(`{ ${text} }`, { noLocation: true }).definitions;
  if (parsed?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`"${text}" is not a set of fields`);
  return parsed.selectionSet;
}
