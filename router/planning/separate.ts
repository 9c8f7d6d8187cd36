import { Kind, parse, print, visit } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, InlineFragmentNode, SelectionNode } from 'graphql';
import type { Needs } from '../supergraph/needs.ts';
import { placeOf, signatureOf } from './check-plan.ts';
import type { Examination } from './check-plan.ts';
import type { Operation, PathStep, Plan, PlanNode, RequiredSelection } from './plan-nodes.ts';

type RequiredField = Extract<RequiredSelection, { readonly field: string }>;
type Names = Pick<Examination, 'signaturesAt' | 'nameAt'>;

/**
 * The native planner may put two values for one required field into one representation, where the last one would count for all fields
 * that are computed from it, or the value of another. Makes one fetch of each value; they run at the same time.
 */
export function withSeparateRequirements(plan: Plan, needs: Needs, names: Names): Plan {
  const convert = (node: PlanNode, path: readonly PathStep[]): PlanNode => {
    switch (node.kind) {
      case 'Fetch': {
        const parts = partsOf(node.operation, { ...node, alias: ENTITIES }, [placeOf(path)], needs, names);
        return parts === undefined ? node : { kind: 'Parallel', nodes: parts.map((part) => ({ ...node, ...part })) };
      }
      case 'BatchFetch': {
        const all = node.entities.map((batch) => ({ batch, parts: partsOf(node.operation, batch, batch.paths.map((further) => placeOf([...path, ...further])), needs, names) }));
        if (all.every(({ parts }) => parts === undefined)) return node;
        const nodes = all.flatMap(({ batch, parts = [{ operation: only(node.operation, batch.alias), requires: batch.requires }] }) =>
          parts.map(({ operation, requires }): PlanNode => ({ kind: 'BatchFetch', operation, entities: [{ ...batch, requires }] })));
        return { kind: 'Parallel', nodes };
      }
      case 'Flatten':
        return { ...node, node: convert(node.node, [...path, ...node.path]) };
      case 'Sequence':
      case 'Parallel':
        return { ...node, nodes: node.nodes.map((inner) => convert(inner, path)) };
      case 'Condition':
        return { ...node, ...(node.ifClause && { ifClause: convert(node.ifClause, path) }), ...(node.elseClause && { elseClause: convert(node.elseClause, path) }) };
      default:
        return node;
    }
  };
  return { ...plan, ...(plan.rest && { rest: convert(plan.rest, []) }) };
}

const ENTITIES = '_entities';

/** Some of an operation's entities' fields, and the representations that are right for them. */
interface Part {
  readonly operation: Operation;
  readonly requires: readonly RequiredSelection[];
}

/** Undefined when all fields may have the representations that they have, or nothing better is known. */
function partsOf(
  operation: Operation, { alias, requires }: { readonly alias: string; readonly requires?: readonly RequiredSelection[] | undefined }, places: readonly string[], needs: Needs, names: Names,
): readonly Part[] | undefined {
  const [required, ...others] = requires ?? [];
  if (required === undefined || 'field' in required || others.length > 0 || required.type === undefined) return undefined;
  const requirements = needs.get(operation.subgraph)?.requirements;
  const given = required.inner.filter((selection): selection is RequiredField => 'field' in selection);

  /** What a field is computed from, by the name in representations, where that is not what it is given. */
  const changesFor = (field: FieldNode): ReadonlyMap<string, string> => {
    const changes = new Map<string, string>();
    for (const wanted of requirements?.get(`${required.type}.${field.name.value}`)?.selections ?? []) {
      if (wanted.kind !== Kind.FIELD) continue;
      const name = wanted.name.value;
      const sources = given.filter((selection) => nameIn(selection) === name);
      const [source] = sources;
      const signature = signatureOf(wanted);
      if (source === undefined || (sources.length === 1 && places.every((place) => names.signaturesAt(place, source.field).includes(signature)))) continue;
      const [right, ...more] = new Set(places.map((place) => names.nameAt(place, signature)));
      if (right !== undefined && more.length === 0) changes.set(name, right);
    }
    return changes;
  };

  const document = parse(operation.document, { noLocation: true });
  const versions = new Map<string, ReadonlyMap<string, string>>();
  const versionOf = (field: FieldNode): string => {
    const changes = changesFor(field);
    const version = JSON.stringify([...changes].sort());
    versions.set(version, changes);
    return version;
  };
  keepFields(document, alias, (field) => versionOf(field) !== ''); // looks at each
  if ([...versions.values()].every((changes) => changes.size === 0)) return undefined;
  return [...versions].flatMap(([version, changes]) => {
    const kept = keepFields(document, alias, (field) => versionOf(field) === version);
    if (kept === undefined) return [];
    const inner = required.inner.flatMap((selection): RequiredSelection[] => {
      const right = 'field' in selection ? changes.get(nameIn(selection)) : undefined;
      if (right === undefined || !('field' in selection)) return [selection];
      const { inner: below } = selection;
      const name = nameIn(selection);
      // Of several for one name the first takes the place of all.
      return selection === given.find((other) => nameIn(other) === name) ? [{ field: right, ...(right !== name && { as: name }), ...(below && { inner: below }) }] : [];
    });
    return [{ operation: withDocument(operation, kept), requires: [{ ...required, inner }] }];
  });
}

const nameIn = ({ field, as }: RequiredField): string => as ?? field;

function only(operation: Operation, alias: string): Operation {
  const document = parse(operation.document, { noLocation: true });
  return withDocument(operation, keepFields(document, alias, () => true) ?? document);
}

/** Leaves out other entities, and fields of these; undefined when no field is left. Fragments that are spread there are written out. */
function keepFields(document: DocumentNode, alias: string, keep: (field: FieldNode) => boolean): DocumentNode | undefined {
  const fragments = new Map(document.definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [])));
  const filter = (selections: readonly SelectionNode[]): SelectionNode[] => selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return keep(selection) ? [selection] : [];
    const fragment: InlineFragmentNode | FragmentDefinitionNode | undefined = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const inner = filter(fragment?.selectionSet.selections ?? []);
    if (fragment === undefined || inner.length === 0) return [];
    const { typeCondition } = fragment;
    const { directives } = selection;
    return [{ kind: Kind.INLINE_FRAGMENT, selectionSet: { kind: Kind.SELECTION_SET, selections: inner }, ...(typeCondition && { typeCondition }), ...(directives && { directives }) }];
  });
  let empty = true;
  const definitions = document.definitions.map((definition) => {
    if (definition.kind !== Kind.OPERATION_DEFINITION) return definition;
    const selections = definition.selectionSet.selections.flatMap((entities): FieldNode[] => {
      if (entities.kind !== Kind.FIELD || entities.selectionSet === undefined || (entities.alias ?? entities.name).value !== alias) return [];
      const kept = filter(entities.selectionSet.selections);
      empty &&= kept.length === 0;
      return [{ ...entities, selectionSet: { ...entities.selectionSet, selections: kept } }];
    });
    return { ...definition, selectionSet: { ...definition.selectionSet, selections } };
  });
  return empty ? undefined : { ...document, definitions };
}

/** Without fragments and variables that are not used any more. */
function withDocument(operation: Operation, document: DocumentNode): Operation {
  let { definitions } = document;
  for (let before = -1; before !== definitions.length;) {
    before = definitions.length;
    const spread = new Set<string>();
    for (const definition of definitions) visit(definition, { FragmentSpread: ({ name }) => void spread.add(name.value) });
    definitions = definitions.filter((definition) => definition.kind !== Kind.FRAGMENT_DEFINITION || spread.has(definition.name.value));
  }
  const used = new Set<string>();
  for (const definition of definitions) {
    visit(definition, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  }
  definitions = definitions.map((definition) => (definition.kind !== Kind.OPERATION_DEFINITION ? definition
    : { ...definition, variableDefinitions: definition.variableDefinitions?.filter(({ variable }) => used.has(variable.name.value)) ?? [] }));
  return { ...operation, document: print({ ...document, definitions }), variables: operation.variables.filter(([sent]) => used.has(sent)) };
}
