import {
  GraphQLError,
  GraphQLInt,
  Kind,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  getNamedType,
  getNullableType,
  isAbstractType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';
import type {
  ArgumentNode,
  FieldNode,
  FragmentDefinitionNode,
  GraphQLField,
  GraphQLNamedType,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import { requestError } from './request-error.ts';

/**
 * Names of Int arguments that give the number of items in a list. The list is the field itself or inside its
 * connection.
 */
const SIZE_ARGUMENTS = new Set(['first', 'last', 'limit', 'take', 'size', 'pageSize', 'perPage', 'count', 'top']);
/** Names of list arguments that give keys. The field returns one item for each key. */
const KEY_ARGUMENTS = new Set(['ids', 'keys']);
/**
 * The assumed length of lists in introspection. The setting does not change it, because a schema does not grow with it.
 */
const INTROSPECTED = 10;
const INTROSPECTION: ReadonlyMap<string, GraphQLField<unknown, unknown>> = new Map(
  [SchemaMetaFieldDef, TypeMetaFieldDef].map((field) => [field.name, field]),
);
/** Estimates are capped here. Larger numbers make no difference, and products must stay finite to fit into JSON. */
const MAX_ESTIMATE = 1e15;

/**
 * The length of a list: the largest number that the arguments give or, if they give none, `assumed`. Values of
 * variables are only known per request.
 */
interface ListSize {
  /** The number in the document or, if the document gives none, the default in the schema. */
  readonly given?: number;
  /** Variables that give the length, each with the schema's default for requests that do not set it. */
  readonly variables: readonly (readonly [name: string, otherwise?: number])[];
  /** The length when no argument gives one. */
  readonly assumed: number;
}

/** A selection set. It has `fixed` values. Each list adds its length times (1 + the values of one item). */
interface SizeNode {
  readonly fixed: number;
  /** `node` is the index of an earlier node, or a number of values. Without `size` it counts once. */
  readonly lists: readonly { readonly size?: ListSize | number; readonly node: Size }[];
}
type Size = { readonly node: number } | number;

/** An estimate of how many values a response has. It is plain JSON. */
export interface SizeEstimate {
  /** The last node is that of the operation. */
  readonly nodes: readonly SizeNode[];
}

/**
 * Estimates how many values (fields and list items) the response to an operation has, from the arguments of its lists.
 * Returns a number if no variable matters. It visits each fragment once. Among fragments on different object types only
 * the largest counts. But a fragment whose size depends on a variable always counts. Fields that @skip and @include
 * leave out count too.
 * @param listSize the assumed length of lists without a size argument
 */
export function estimateSize(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  listSize: number,
): SizeEstimate | number {
  const nodes: SizeNode[] = [];
  const known = new Map<string, Size>();

  const ofField = (
    parent: GraphQLNamedType | undefined,
    node: FieldNode,
    inherited: ListSize | undefined,
  ): SizeNode['lists'][number] | number => {
    const field =
      isObjectType(parent) || isInterfaceType(parent)
        ? (parent.getFields()[node.name.value] ?? INTROSPECTION.get(node.name.value))
        : undefined;
    if (field === undefined) return 1;
    const type = getNamedType(field.type);
    const lists = listDepth(field.type);
    const own = sizeOf(field, node.arguments ?? [], listSize);
    let below =
      node.selectionSet === undefined ? 0 : ofSelections(node.selectionSet, type, lists === 0 ? own : undefined);
    if (lists === 0) return { node: below };
    const assumed = parent?.name.startsWith('__') === true ? INTROSPECTED : listSize;
    for (let inner = 1; inner < lists; inner++) below = fold({ fixed: 0, lists: [{ size: assumed, node: below }] });
    const size = own ?? inherited;
    return {
      size: size === undefined ? assumed : size.variables.length === 0 ? (size.given ?? assumed) : size,
      node: below,
    };
  };

  const ofSelections = (
    set: SelectionSetNode,
    type: GraphQLNamedType | undefined,
    inherited: ListSize | undefined,
  ): Size => {
    let fixed = 0;
    const lists: SizeNode['lists'][number][] = [];
    /** Values by object type. An object has exactly one type, so only the largest counts. */
    const exclusive = new Map<string, number>();
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const size = ofField(type, selection, inherited);
        fixed++;
        if (typeof size !== 'number') lists.push(size);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment === undefined) continue;
      const on = fragment.typeCondition === undefined ? type : schema.getType(fragment.typeCondition.name.value);
      const key =
        selection.kind === Kind.FRAGMENT_SPREAD ? `${selection.name.value} ${JSON.stringify(inherited)}` : undefined;
      const size =
        (key === undefined ? undefined : known.get(key)) ?? ofSelections(fragment.selectionSet, on, inherited);
      if (key !== undefined) known.set(key, size);
      if (typeof size === 'number' && isAbstractType(type) && isObjectType(on))
        exclusive.set(on.name, (exclusive.get(on.name) ?? 0) + size);
      else lists.push({ node: size });
    }
    return fold({ fixed: fixed + Math.max(0, ...exclusive.values()), lists });
  };

  /** Reduces a node to a number if no variable matters in it. */
  const fold = ({ fixed, lists }: SizeNode): Size => {
    const open: SizeNode['lists'][number][] = [];
    let sum = fixed;
    for (const list of lists) {
      if (typeof list.node === 'number' && (list.size === undefined || typeof list.size === 'number'))
        sum += valuesOf(list.size, list.node);
      else open.push(list);
    }
    if (open.length === 0) return Math.min(sum, MAX_ESTIMATE);
    nodes.push({ fixed: Math.min(sum, MAX_ESTIMATE), lists: open });
    return { node: nodes.length - 1 };
  };

  const size = ofSelections(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined, undefined);
  return typeof size === 'number' ? size : { nodes };
}

/**
 * Refuses an operation whose estimated number of values, `size`, is greater than `most`. @throws RequestError
 * OPERATION_TOO_LARGE
 */
export function checkSize(size: number, most: number): void {
  if (size <= most) return;
  const problem = `the operation asks for about ${size < MAX_ESTIMATE ? size : 'endless'} values with the sizes of its lists; at most ${most} are allowed`;
  throw requestError('GRAPHQL_VALIDATION_FAILED', [
    new GraphQLError(problem, { extensions: { code: 'OPERATION_TOO_LARGE' } }),
  ]);
}

/**
 * Evaluates an estimate for one request.
 * @param variables coerced
 */
export function evaluateSize({ nodes }: SizeEstimate, variables: Readonly<Record<string, unknown>>): number {
  const sizes: number[] = [];
  for (const { fixed, lists } of nodes) {
    let sum = fixed;
    for (const { size, node } of lists) {
      sum += valuesOf(
        typeof size === 'object' ? lengthOf(size, variables) : size,
        typeof node === 'number' ? node : (sizes[node.node] ?? 0),
      );
    }
    sizes.push(Math.min(sum, MAX_ESTIMATE));
  }
  return sizes.at(-1) ?? 0;
}

const valuesOf = (length: number | undefined, below: number): number =>
  length === undefined ? below : length * (1 + below);

function lengthOf({ given, variables, assumed }: ListSize, values: Readonly<Record<string, unknown>>): number {
  let length = given;
  for (const [name, otherwise] of variables) {
    const value = values[name] === undefined ? otherwise : values[name];
    const size = Array.isArray(value) ? value.length : value;
    if (typeof size === 'number') length = Math.max(length ?? 0, size);
  }
  return length ?? assumed;
}

/** The list size that the arguments give, or undefined when the field has no argument for it. */
function sizeOf(
  field: GraphQLField<unknown, unknown>,
  given: readonly ArgumentNode[],
  assumed: number,
): ListSize | undefined {
  const telling = field.args.filter(({ name, type: of }) => {
    const type = getNullableType(of);
    return (SIZE_ARGUMENTS.has(name) && type === GraphQLInt) || (KEY_ARGUMENTS.has(name) && isListType(type));
  });
  if (telling.length === 0) return undefined;
  const numbers: number[] = [];
  const variables: [string, number?][] = [];
  for (const { name, defaultValue } of telling) {
    const value = given.find((argument) => argument.name.value === name)?.value;
    const otherwise = typeof defaultValue === 'number' ? defaultValue : undefined;
    if (value?.kind === Kind.VARIABLE)
      variables.push(otherwise === undefined ? [value.name.value] : [value.name.value, otherwise]);
    else if (value?.kind === Kind.LIST) numbers.push(value.values.length);
    else if (value?.kind === Kind.INT) numbers.push(Math.max(0, Number(value.value)));
    else if (value === undefined && otherwise !== undefined) numbers.push(otherwise);
  }
  return { variables, assumed, ...(numbers.length > 0 && { given: Math.max(...numbers) }) };
}

function listDepth(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listDepth(nullable.ofType) : 0;
}
