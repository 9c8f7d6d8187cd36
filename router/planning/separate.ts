import { Kind, parse, print, visit } from 'graphql';
import type { DocumentNode, FieldNode, FragmentDefinitionNode, InlineFragmentNode, SelectionNode } from 'graphql';
import type { Needs } from '../supergraph/needs.ts';
import { placeOf, signatureOf } from './check-plan.ts';
import type { FetchNode, Operation, PathStep, Plan, PlanNode, RequiredSelection } from './plan-nodes.ts';

type RequiredField = Extract<RequiredSelection, { readonly field: string }>;

/** What a response name at a place stands for: field and arguments. */
export type SignaturesAt = (place: string, name: string) => readonly string[];

/**
 * The native planner may put two values for one required field into one representation, where the last one would count for all fields
 * that are computed from it. Makes one fetch of each value; they run at the same time.
 */
export function withSeparateRequirements(plan: Plan, needs: Needs, signaturesAt: SignaturesAt): Plan {
  const convert = (node: PlanNode, path: readonly PathStep[]): PlanNode => {
    switch (node.kind) {
      case 'Fetch':
        return separate(node, needs, (name) => signaturesAt(placeOf(path), name));
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

function separate(fetch: FetchNode, needs: Needs, signatures: (name: string) => readonly string[]): PlanNode {
  const [required, ...others] = fetch.requires ?? [];
  if (required === undefined || 'field' in required || others.length > 0 || required.type === undefined) return fetch;
  const fields = required.inner.filter((selection): selection is RequiredField => 'field' in selection);
  const nameOf = ({ field, as }: RequiredField): string => as ?? field;
  const twice = fields.find((field) => fields.some((other) => other !== field && nameOf(other) === nameOf(field)));
  if (twice === undefined) return fetch;
  const name = nameOf(twice);
  const values = fields.filter((field) => nameOf(field) === name);
  const requirements = needs.get(fetch.operation.subgraph)?.requirements;

  /** Number of the value that a field is computed from; those that need none go with the first. */
  const valueOf = (field: FieldNode): number => {
    const wanted = requirements?.get(`${required.type}.${field.name.value}`)?.selections.find((selection) => selection.kind === Kind.FIELD && selection.name.value === name);
    if (wanted?.kind !== Kind.FIELD) return 0;
    return values.findIndex((value) => signatures(value.field).includes(signatureOf(wanted)));
  };

  const document = parse(fetch.operation.document, { noLocation: true });
  const nodes: FetchNode[] = [];
  for (const [number, value] of values.entries()) {
    const kept = keepFields(document, (field) => valueOf(field) === number);
    if (kept === undefined) continue;
    const inner = required.inner.filter((selection) => !('field' in selection) || nameOf(selection) !== name || selection === value);
    nodes.push({ ...fetch, operation: withDocument(fetch.operation, kept), requires: [{ ...required, inner }] });
  }
  return { kind: 'Parallel', nodes };
}

/** Leaves out fields of the entities; undefined when no field is left. Fragments that are spread there are written out. */
function keepFields(document: DocumentNode, keep: (field: FieldNode) => boolean): DocumentNode | undefined {
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
    const selections = definition.selectionSet.selections.map((entities) => {
      if (entities.kind !== Kind.FIELD || entities.selectionSet === undefined) return entities;
      const kept = filter(entities.selectionSet.selections);
      empty &&= kept.length === 0;
      return { ...entities, selectionSet: { ...entities.selectionSet, selections: kept } };
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
