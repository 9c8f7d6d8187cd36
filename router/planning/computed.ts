import {
  Kind,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  print,
  visit,
} from 'graphql';
import type {
  DocumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { Needs } from '../supergraph/needs.ts';
import { placeOf, signatureOf } from './check-plan.ts';
import type { PathStep, Plan, PlanNode, RequiredSelection } from './plan-nodes.ts';
import type { VariableNames } from './variables.ts';

/** The prefix of names that neither a client nor `withUniqueNames` uses. */
const PREFIX = '_client_for_';

/** One fetch of fields that are computed from other fields, for all objects at one place. */
interface Computation {
  readonly path: readonly PathStep[];
  readonly subgraph: string;
  /** The name of the objects' type in the subgraph. */
  readonly type: string;
  readonly requires: readonly RequiredSelection[];
  readonly fields: FieldNode[];
  /** How many computations must run before it, one after the other. */
  readonly level: number;
}

/**
 * Replaces the fields with @requires in an operation by the fields that they require. A planner may find no plan or a
 * wrong plan for fields with @requires, and this way it does not see them. The completed plan fetches them after
 * everything else. A field with @requires stays if there are entities below it.
 * @param document has one operation, in which a name means the same field with the same arguments wherever it is used
 *   (`withUniqueNames`)
 * @returns the rest of the operation and a function that completes its plan. Undefined when there are no such fields,
 *   or when the operation has conditions (@skip, @include). Undefined also for several mutations, because the fields of
 *   the first mutation would be fetched after the last.
 * @throws Error when a field requires a field that is not in the API schema, so that planners do not know it either
 */
export function splitComputed(
  document: DocumentNode,
  schema: GraphQLSchema,
  needs: Needs,
  names: VariableNames,
): { readonly document: DocumentNode; complete(plan: Plan): Plan } | undefined {
  const operation = document.definitions.find(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  );
  const root = operation && schema.getRootType(operation.operation);
  if (!root || isConditional(document)) return undefined;
  const [first, ...others] = operation.selectionSet.selections;
  if (operation.operation === 'mutation' && (others.length > 0 || first?.kind !== Kind.FIELD)) return undefined;
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition] as const] : [],
    ),
  );
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  /** Types whose fields may be spread over several subgraphs. */
  const entities = new Set([
    ...roots.flatMap((type) => type?.name ?? []),
    ...[...needs.values()].flatMap(({ keys }) => [...keys.keys()]),
  ]);
  const computations = new Map<string, Computation>();
  const aliases = new Map<string, string>();
  const required: Record<string, { readonly name: string; readonly types: readonly string[] }> = {};

  /** The subgraph that computes a field from other fields, and its name for the field's type. */
  const computedBy = (
    type: GraphQLCompositeType,
    replaceField: string,
  ): { subgraph: string; as: string; requirement: SelectionSetNode; key: SelectionSetNode } | undefined => {
    if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
    const candidates = [type, ...type.getInterfaces()];
    const fields = type.getFields();
    for (const [subgraph, { requirements, sole, keys, interfaceObjects }] of needs) {
      for (const { name } of candidates) {
        const requirement = requirements.get(`${name}.${replaceField}`);
        const key = keys
          .get(name)
          ?.find(({ selections }) =>
            selections.every((selection) => selection.kind === Kind.FIELD && selection.name.value in fields),
          );
        if (
          requirement &&
          key &&
          sole.has(`${name}.${replaceField}`) &&
          (name === type.name || interfaceObjects.has(name))
        )
          return { subgraph, as: name, requirement, key };
      }
    }
    return undefined;
  };

  /**
   * Selects the fields of a representation. Fields with arguments get an alias for their arguments.
   * @param level raised above the level of each field that must be computed first
   */
  const selectRepresentation = (
    set: SelectionSetNode,
    type: GraphQLCompositeType,
    path: readonly PathStep[],
    level: { least: number },
  ): { selections: SelectionNode[]; parts: RequiredSelection[] } => {
    const selections: SelectionNode[] = [];
    const parts: RequiredSelection[] = [];
    for (const wanted of set.selections) {
      if (wanted.kind === Kind.FRAGMENT_SPREAD) throw new Error('There are no fragments in sets of fields');
      if (wanted.kind === Kind.INLINE_FRAGMENT) {
        const on = wanted.typeCondition === undefined ? type : schema.getType(wanted.typeCondition.name.value);
        if (!isCompositeType(on)) throw new Error('The type is not accessible');
        const inner = selectRepresentation(wanted.selectionSet, on, path, level);
        selections.push({ ...wanted, selectionSet: { ...wanted.selectionSet, selections: inner.selections } });
        parts.push({ type: on.name, inner: inner.parts });
        continue;
      }
      const name = wanted.name.value;
      const definition = 'getFields' in type ? type.getFields()[name] : undefined;
      if (definition === undefined) throw new Error('The field is not accessible');
      const response = wanted.arguments?.length ? aliasOf(wanted) : name;
      const step = { field: response };
      const below = getNamedType(definition.type);
      const asked: FieldNode = response === name ? wanted : { ...wanted, alias: { kind: Kind.NAME, value: response } };
      if (wanted.selectionSet === undefined || !isCompositeType(below)) {
        selections.push(...field(asked, type, path, level));
        parts.push({ ...step, ...(response !== name && { as: name }) });
      } else {
        const inner = selectRepresentation(
          wanted.selectionSet,
          below,
          [...path, step, ...itemsOf(definition.type)],
          level,
        );
        selections.push({ ...asked, selectionSet: { ...wanted.selectionSet, selections: inner.selections } });
        parts.push({ ...step, ...(response !== name && { as: name }), inner: inner.parts });
      }
    }
    return { selections, parts };
  };

  const aliasOf = (field: FieldNode): string => {
    const signature = signatureOf(field);
    let alias = aliases.get(signature);
    if (alias === undefined) {
      alias = `${PREFIX}${field.name.value}_${aliases.size}`;
      aliases.set(signature, alias);
      required[alias] = { name: field.name.value, types: [] };
    }
    return alias;
  };

  /**
   * The selections that replace a field.
   * @param level raised above the level at which the field is computed
   */
  const field = (
    node: FieldNode,
    type: GraphQLCompositeType,
    path: readonly PathStep[],
    level: { least: number },
  ): readonly SelectionNode[] => {
    const found = computedBy(type, node.name.value);
    if (found === undefined) return [node];
    const own = { least: 0 };
    const key = selectRepresentation(found.key, type, path, own);
    const { selections, parts } = selectRepresentation(found.requirement, type, path, own);
    level.least = Math.max(level.least, own.least + 1);
    const requires: RequiredSelection[] = [
      { type: type.name, inner: [{ field: '__typename' }, ...key.parts, ...parts] },
    ];
    const id = JSON.stringify([placeOf(path), found.subgraph, requires]);
    const known = computations.get(id);
    if (known === undefined)
      computations.set(id, {
        path,
        subgraph: found.subgraph,
        type: found.as,
        requires,
        fields: [node],
        level: own.least,
      });
    else known.fields.push(node);
    return [TYPENAME, ...key.selections, ...selections];
  };

  const reduce = (
    { selections }: SelectionSetNode,
    type: GraphQLCompositeType,
    path: readonly PathStep[],
  ): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) {
        const { selectionSet } = selection;
        if (selectionSet === undefined) return field(selection, type, path, { least: 0 });
        const definition = 'getFields' in type ? type.getFields()[selection.name.value] : undefined;
        const below = definition && getNamedType(definition.type);
        if (!isCompositeType(below)) return [selection];
        const inner = reduce(selectionSet, below, [
          ...path,
          { field: (selection.alias ?? selection.name).value },
          ...itemsOf(definition?.type),
        ]);
        // A planner would add `__typename` here by itself. But the selection may become part of a fetch that this
        // function adds, and the planner does not see that one.
        const reduced = {
          ...selection,
          selectionSet: isAbstractType(below) ? { ...inner, selections: [TYPENAME, ...inner.selections] } : inner,
        };
        return hasNoEntities(selectionSet, below) ? field(reduced, type, path, { least: 0 }) : [reduced];
      }
      const fragment:
        | { readonly typeCondition?: FragmentDefinitionNode['typeCondition']; readonly selectionSet: SelectionSetNode }
        | undefined = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment === undefined) return [selection];
      const on = fragment.typeCondition === undefined ? type : schema.getType(fragment.typeCondition.name.value);
      if (!isCompositeType(on)) return [selection];
      return [
        {
          kind: Kind.INLINE_FRAGMENT,
          ...(fragment.typeCondition && { typeCondition: fragment.typeCondition }),
          selectionSet: reduce(fragment.selectionSet, on, path),
        },
      ];
    }),
  });

  /** Whether the selection contains no entities. The subgraph that returns such a value returns all of it. */
  const hasNoEntities = ({ selections }: SelectionSetNode, type: GraphQLCompositeType): boolean =>
    [type, ...(isAbstractType(type) ? schema.getPossibleTypes(type) : [])].every(({ name }) => !entities.has(name)) &&
    selections.every((selection) => {
      if (selection.kind === Kind.FIELD) {
        const below = 'getFields' in type ? getNamedType(type.getFields()[selection.name.value]?.type) : undefined;
        return (
          selection.selectionSet === undefined ||
          (isCompositeType(below) && hasNoEntities(selection.selectionSet, below))
        );
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const on = fragment?.typeCondition === undefined ? type : schema.getType(fragment.typeCondition.name.value);
      return fragment !== undefined && isCompositeType(on) && hasNoEntities(fragment.selectionSet, on);
    });

  const selectionSet = reduce(operation.selectionSet, root, []);
  if (computations.size === 0) return undefined;

  const fetchOf = ({ path, subgraph, type, requires, fields }: Computation): PlanNode => {
    const used = new Set<string>();
    for (const one of fields) visit(one, { Variable: ({ name }) => void used.add(name.value) });
    const definitions = (operation.variableDefinitions ?? [])
      .filter(({ variable }) => used.has(variable.name.value))
      .map((definition) => print({ ...definition, directives: [] }));
    const selected = [...new Set(fields.map(print))].join(' ');
    return {
      kind: 'Flatten',
      path,
      node: {
        kind: 'Fetch',
        requires,
        operation: {
          subgraph,
          kind: 'query',
          document: `query(${['$representations:[_Any!]!', ...definitions].join()}){_entities(representations:$representations){...on ${type}{${selected}}}}`,
          variables: [...used].map((name) => [name, names.get(name) ?? name] as const),
        },
      },
    };
  };
  const steps: PlanNode[] = [];
  for (let level = 0, left = [...computations.values()]; left.length > 0; level++) {
    const nodes = left.filter((computation) => computation.level === level).map(fetchOf);
    left = left.filter((computation) => computation.level !== level);
    if (nodes.length > 0) steps.push({ kind: 'Parallel', nodes });
  }
  return {
    // Fragments are inlined, because their fields are then at known places.
    document: { ...document, definitions: [{ ...operation, selectionSet }] },
    complete: (plan) => ({
      ...plan,
      rest: { kind: 'Sequence', nodes: [...(plan.rest ? [plan.rest] : []), ...steps] },
      names: required,
    }),
  };
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

const itemsOf = (type: Parameters<typeof getNullableType>[0]): PathStep[] =>
  isListType(getNullableType(type)) ? [{ items: true }] : [];

function isConditional(document: DocumentNode): boolean {
  let found = false;
  visit(document, { Directive: ({ name }) => void (found ||= name.value === 'skip' || name.value === 'include') });
  return found;
}
