import { Kind, isAbstractType, isListType, isNonNullType, isObjectType, parse } from 'graphql';
import type {
  DirectiveNode,
  DocumentNode,
  FragmentDefinitionNode,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLSchema,
  SelectionNode,
  SelectionSetNode,
} from 'graphql';
import type { FetchNode, BatchFetchNode, Operation } from '../../planning/plan-nodes.ts';

/**
 * An object of a subgraph's response, as its operation selects it. The fields are in the order in which they arrive.
 */
export interface Shape {
  readonly number: number;
  readonly type: GraphQLObjectType;
  readonly fields: readonly ShapeField[];
  /** Texts that are stored for each object. Each is a run of adjacent fields, keyed by its first and last index. */
  readonly slots: Map<string, Slot>;
  /** The indices of fields whose objects are stored as nodes. */
  readonly nodes: Set<number>;
  /** The entity fetches that add fields to objects of this shape. */
  readonly completedBy: EntityFetch[];
}

export interface ShapeField {
  readonly key: string;
  readonly name: string;
  /**
   * The type of the field. Undefined for `__typename` and for a field that is not in the API schema. Such a field may
   * have any JSON value.
   */
  readonly type: GraphQLOutputType | undefined;
  readonly child: Shape | undefined;
}

export interface Slot {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** A request to a subgraph and the shape of its response. */
export interface SpliceFetch {
  readonly number: number;
  readonly operation: Operation;
  /** The shape of the root fields; undefined for entity fetches. */
  readonly root: Shape | undefined;
  readonly entities: readonly EntityFetch[];
}

/** One list of representations in a request. */
export interface EntityFetch {
  readonly number: number;
  readonly alias: string;
  readonly variable: string;
  readonly shape: Shape;
}

/**
 * The error when the fast path does not support the operation. Thrown while the operation is compiled; the general path
 * then answers it.
 */
export class Ineligible extends Error {}

export function ineligible(reason: string): never {
  throw new Ineligible(reason);
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export interface Selected {
  readonly key: string;
  readonly name: string;
  readonly selections: SelectionSetNode[];
}

/**
 * The fields of an object of a known type in response order, with fragments expanded (CollectFields, GraphQL
 * specification 6.3.2).
 */
export function fieldsOf(
  schema: GraphQLSchema,
  fragments: Fragments,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
): Selected[] {
  const fields = new Map<string, Selected>();
  const visit = (selections: readonly SelectionNode[]): void => {
    for (const selection of selections) {
      if (!always(selection.directives)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const known = fields.get(key);
        if (known === undefined)
          fields.set(key, {
            key,
            name: selection.name.value,
            selections: selection.selectionSet ? [selection.selectionSet] : [],
          });
        else if (selection.selectionSet) known.selections.push(selection.selectionSet);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment === undefined) return ineligible('unknown fragment');
      if (applies(schema, fragment.typeCondition?.name.value, type)) visit(fragment.selectionSet.selections);
    }
  };
  for (const { selections } of sets) visit(selections);
  return [...fields.values()];
}

function applies(schema: GraphQLSchema, condition: string | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined || condition === type.name) return true;
  const conditional = schema.getType(condition);
  // A fragment on a type that is not in the API schema: the router does not know whether it applies to this type.
  if (conditional === undefined) return ineligible('a fragment on a hidden type');
  return isAbstractType(conditional) && schema.isSubType(conditional, type);
}

/**
 * Whether @skip and @include select the node in every request. False: in no request.
 * @throws Ineligible if that depends on a variable, or if the node has @defer
 */
function always(directives: readonly DirectiveNode[] | undefined): boolean {
  for (const { name, arguments: args } of directives ?? []) {
    if (name.value === 'defer') return ineligible('@defer');
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const value = args?.find((arg) => arg.name.value === 'if')?.value;
    if (value?.kind !== Kind.BOOLEAN) return ineligible('a condition');
    if (value.value !== (name.value === 'include')) return false;
  }
  return true;
}

export function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

/**
 * Reads the operations of a plan's fetches, and numbers shapes and fetches over the whole plan.
 * @throws Ineligible
 */
export function createShapes(schema: GraphQLSchema) {
  const shapes: Shape[] = [];
  const fetches: SpliceFetch[] = [];
  let entityFetches = 0;

  const shapeOf = (type: GraphQLObjectType, fragments: Fragments, sets: readonly SelectionSetNode[]): Shape => {
    const fields = fieldsOf(schema, fragments, type, sets).map(({ key, name, selections }): ShapeField => {
      const field = name === '__typename' ? undefined : type.getFields()[name];
      if (selections.length === 0) return { key, name, type: field?.type, child: undefined };
      if (field === undefined) return ineligible('an object that clients do not see');
      const named = innermost(field.type);
      if (!isObjectType(named)) return ineligible('an abstract type');
      return { key, name, type: field.type, child: shapeOf(named, fragments, selections) };
    });
    const shape: Shape = { number: shapes.length, type, fields, slots: new Map(), nodes: new Set(), completedBy: [] };
    shapes.push(shape);
    return shape;
  };

  const entityOf = (
    fragments: Fragments,
    alias: string,
    variable: string,
    sets: readonly SelectionSetNode[],
  ): EntityFetch => {
    const names = new Set<string>();
    for (const { selections } of sets) {
      for (const selection of selections) {
        const condition =
          selection.kind === Kind.INLINE_FRAGMENT
            ? selection.typeCondition?.name.value
            : selection.kind === Kind.FRAGMENT_SPREAD
              ? fragments.get(selection.name.value)?.typeCondition.name.value
              : undefined;
        // Refuses a field outside of the fragments, such as `__typename`, because it applies to every type.
        if (condition === undefined) return ineligible('entities without a type');
        names.add(condition);
      }
    }
    const [name] = names;
    const type = name === undefined || names.size > 1 ? undefined : schema.getType(name);
    if (!isObjectType(type)) return ineligible('entities of several types');
    return { number: entityFetches++, alias, variable, shape: shapeOf(type, fragments, sets) };
  };

  const add = (operation: Operation, entities: readonly EntityFetch[], root: Shape | undefined): SpliceFetch => {
    const fetch: SpliceFetch = { number: fetches.length, operation, root, entities };
    fetches.push(fetch);
    return fetch;
  };

  const read = ({ document, kind }: Operation) => {
    const ast = parse(document, { noLocation: true });
    const fragments = fragmentsOf(ast);
    const definition = ast.definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
    const root = schema.getRootType(kind as never);
    if (definition?.kind !== Kind.OPERATION_DEFINITION || root == null) return ineligible('no operation');
    return { fragments, selectionSet: definition.selectionSet, root };
  };

  return {
    shapes,
    fetches,
    fetch(node: FetchNode): SpliceFetch {
      if (node.inputRewrites?.length || node.outputRewrites?.length || node.contextValues?.length)
        return ineligible('rewrites');
      const { fragments, selectionSet, root } = read(node.operation);
      if (node.requires === undefined) return add(node.operation, [], shapeOf(root, fragments, [selectionSet]));
      const [field, ...others] = selectionSet.selections;
      if (
        field?.kind !== Kind.FIELD ||
        field.name.value !== '_entities' ||
        field.selectionSet === undefined ||
        others.length > 0
      )
        return ineligible('no entities');
      return add(
        node.operation,
        [entityOf(fragments, '_entities', 'representations', [field.selectionSet])],
        undefined,
      );
    },
    batch(node: BatchFetchNode): SpliceFetch {
      const { fragments, selectionSet } = read(node.operation);
      const entities = node.entities.map(({ alias, variable, inputRewrites, outputRewrites }, index) => {
        if (inputRewrites?.length || outputRewrites?.length) return ineligible('rewrites');
        const field = selectionSet.selections[index];
        if (
          field?.kind !== Kind.FIELD ||
          (field.alias?.value ?? field.name.value) !== alias ||
          field.selectionSet === undefined ||
          !always(field.directives)
        ) {
          return ineligible('entities in another order');
        }
        return entityOf(fragments, alias, variable, [field.selectionSet]);
      });
      if (entities.length !== selectionSet.selections.length) return ineligible('more than entities');
      return add(node.operation, entities, undefined);
    },
  };
}

export function innermost(type: GraphQLOutputType) {
  let inner = type;
  while (isListType(inner) || isNonNullType(inner)) inner = inner.ofType;
  return inner;
}

export function listDepth(type: GraphQLOutputType): number {
  let depth = 0;
  for (let inner = type; isListType(inner) || isNonNullType(inner); inner = inner.ofType)
    if (isListType(inner)) depth++;
  return depth;
}

/** The name of the slot that stores the text of the fields `from` to `to`. */
export function slot(shape: Shape, from: number, to: number): string {
  const key = `${from}-${to}`;
  let known = shape.slots.get(key);
  if (known === undefined) shape.slots.set(key, (known = { name: `t${shape.slots.size}`, from, to }));
  return known.name;
}
