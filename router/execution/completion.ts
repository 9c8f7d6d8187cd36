import {
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import type {
  FieldNode,
  FragmentDefinitionNode,
  GraphQLCompositeType,
  GraphQLField,
  GraphQLOutputType,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import type { JsonObject } from '../collections/json-object.ts';
import { ALWAYS, Conditions } from '../operation/conditions.ts';
import { collectFields } from './collect.ts';
import type { Occurrence } from './collect.ts';
import type { Complete, CompletionState } from './completion-state.ts';
import { invalidValue, leafCompleter, unexpectedNull } from './leaves.ts';

interface CompiledField {
  readonly key: string;
  /** The number of the condition under which the field is selected, or ALWAYS. */
  readonly when: number;
  /**
   * Whether every object inherits a property of this name from Object.prototype (`constructor`, `toString` …). Such a
   * field is read only if the object has it as its own property.
   */
  readonly inherited: boolean;
  readonly complete: Complete;
}

/**
 * Compiles the client's selections into a tree of functions, so that requests do not need the document.
 * @param once whether the result is used for one response only. Its objects are then in V8's dictionary mode, without
 *   hidden classes. Otherwise V8 makes a hidden class for each new set of names and, after 1,536 different first names,
 *   for each object. In a flood of 100 operations a second with one-off aliases, these classes filled the old
 *   generation with 1.7 MB a second.
 */
export function compileCompletion(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  once = false,
): (data: JsonObject, completing: CompletionState) => JsonObject | null {
  const root = schema.getRootType(operation.operation);
  if (root == null) throw new Error(`The schema has no ${operation.operation} type`);
  const complete = compileSelectionSet(schema, root, operation.selectionSet, fragments, once);
  return (data, completing) => complete(data, completing, 0);
}

/** Like `compileCompletion`, for a selection on an object of `type` at `path[0 .. depth)` of the response. */
export function compileSelectionSet(
  schema: GraphQLSchema,
  type: GraphQLCompositeType,
  selectionSet: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  once = false,
): (data: JsonObject, completing: CompletionState, depth: number) => JsonObject | null {
  const conditions = new Conditions();
  const ids = new Map<FieldNode, number>();
  /**
   * Compiled selections by field coordinate, type and field nodes. A selection that is reached in several ways is
   * compiled once.
   */
  const memo = new Map<string, Complete>();

  const compileField = (
    type: GraphQLCompositeType,
    key: string,
    occurrences: readonly Occurrence[],
  ): CompiledField | undefined => {
    const name = occurrences[0]?.node.name.value ?? '';
    const when = conditions.intern(occurrences.map((occurrence) => occurrence.when));
    const inherited = key in Object.prototype;
    if (name === '__typename') return { key, when, inherited, complete: completeTypename(type) };
    if (name === '__schema' || name === '__type') {
      return { key, when, inherited, complete: (_, { introspection }) => introspection?.[key] ?? null };
    }
    const field = isUnionType(type) ? undefined : type.getFields()[name];
    return field && { key, when, inherited, complete: compileType(field.type, occurrences, type, field) };
  };

  const compileType = (
    type: GraphQLOutputType,
    occurrences: readonly Occurrence[],
    parent: GraphQLCompositeType,
    field: GraphQLField<unknown, unknown>,
  ): Complete => {
    const coordinate = `${parent.name}.${field.name}`;
    const compile = (inner: GraphQLOutputType): Complete => {
      if (isNonNullType(inner)) return nonNull(compile(inner.ofType), coordinate);
      if (isListType(inner)) return list(compile(inner.ofType), coordinate);
      if (isLeafType(inner)) return leafCompleter(inner, coordinate);
      return compileSelection(inner, occurrences, coordinate);
    };
    return compile(type);
  };

  const compileSelection = (
    type: GraphQLCompositeType,
    occurrences: readonly Occurrence[],
    coordinate: string,
  ): Complete => {
    const parts = occurrences.map(({ node, when }) => {
      let id = ids.get(node);
      if (id === undefined) ids.set(node, (id = ids.size));
      return when.length === 0 ? String(id) : `${id}:${conditions.intern([when])}`;
    });
    const key = `${coordinate} ${type.name} ${parts.join()}`;
    let complete = memo.get(key);
    if (complete === undefined) memo.set(key, (complete = selection(type, sourcesOf(occurrences), coordinate)));
    return complete;
  };

  const sourcesOf = (occurrences: readonly Occurrence[]) =>
    occurrences.flatMap(({ node: { selectionSet }, when }) =>
      selectionSet === undefined ? [] : [{ selectionSet, when }],
    );

  const selection = (
    type: GraphQLCompositeType,
    sources: ReturnType<typeof sourcesOf>,
    coordinate: string,
  ): Complete => {
    const byType = new Map<string, readonly CompiledField[]>();
    /**
     * Compiles the fields of a type when the type first occurs: an interface may have hundreds of types, and a request
     * sees few of them.
     */
    const fieldsOf = (typename: string): readonly CompiledField[] | undefined => {
      const runtime = runtimeType(schema, type, typename);
      if (runtime === undefined) return undefined;
      const fields: CompiledField[] = [];
      for (const [key, occurrences] of collectFields(schema, fragments, runtime, sources)) {
        const field = compileField(runtime, key, occurrences);
        if (field !== undefined) fields.push(field);
      }
      byType.set(typename, fields);
      return fields;
    };
    const fixed = isObjectType(type) ? type.name : undefined;

    return (value, completing, depth) => {
      if (value === null || value === undefined) return null;
      if (typeof value !== 'object' || Array.isArray(value))
        return invalidValue(completing, depth, `${coordinate} is not an object`);
      const source = value as JsonObject;
      const typename = fixed ?? source['__typename'] ?? (isInterfaceType(type) ? type.name : undefined);
      const fields = typeof typename === 'string' ? (byType.get(typename) ?? fieldsOf(typename)) : undefined;
      if (fields === undefined)
        return invalidValue(completing, depth, `${coordinate} has no possible type of ${type.name}`);
      return completeFields(source, fields, completing, depth);
    };
  };

  const completeFields = (
    source: JsonObject,
    fields: readonly CompiledField[],
    completing: CompletionState,
    depth: number,
  ): JsonObject | null => {
    const result = (once ? Object.create(null) : {}) as JsonObject;
    for (const { key, when, inherited, complete } of fields) {
      if (when !== ALWAYS && !(completing.conditions[when] ??= conditions.holds(when, completing.variables))) continue;
      completing.path[depth] = key;
      const value = complete(inherited && !Object.hasOwn(source, key) ? null : source[key], completing, depth + 1);
      if (value === undefined) return null;
      result[key] = value;
    }
    return result;
  };

  return selection(type, [{ selectionSet, when: [] }], type.name) as (
    data: JsonObject,
    completing: CompletionState,
    depth: number,
  ) => JsonObject | null;
}

/**
 * The type by which to complete an object. A subgraph with an `@interfaceObject` knows only the interface. If no
 * selection depends on the object type, the planner does not fetch it, and the result is the interface itself.
 */
function runtimeType(
  schema: GraphQLSchema,
  declared: GraphQLCompositeType,
  typename: string,
): GraphQLCompositeType | undefined {
  const type = schema.getType(typename);
  if (type === undefined || !isCompositeType(type)) return undefined;
  if (type === declared) return isUnionType(type) ? undefined : type;
  return isAbstractType(declared) && !isUnionType(type) && schema.isSubType(declared, type) ? type : undefined;
}

function completeTypename(type: GraphQLCompositeType): Complete {
  if (isObjectType(type)) return () => type.name;
  return (_, completing, depth) => unexpectedNull(completing, depth, `${type.name}.__typename`);
}

function nonNull(inner: Complete, coordinate: string): Complete {
  return (value, completing, depth) => {
    const result = inner(value, completing, depth);
    return result === null ? unexpectedNull(completing, depth, coordinate) : result;
  };
}

function list(item: Complete, coordinate: string): Complete {
  return (value, completing, depth) => {
    if (value === null || value === undefined) return null;
    if (!Array.isArray(value)) return invalidValue(completing, depth, `${coordinate} is not a list`);
    const result = new Array<unknown>(value.length);
    for (let index = 0; index < value.length; index++) {
      completing.path[depth] = index;
      const completed = item(value[index], completing, depth + 1);
      if (completed === undefined) return null;
      result[index] = completed;
    }
    return result;
  };
}
