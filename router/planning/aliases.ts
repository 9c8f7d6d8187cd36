import { Kind, TypeInfo, isAbstractType, isUnionType, print, visit, visitWithTypeInfo } from 'graphql';
import type { DocumentNode, FieldNode, GraphQLCompositeType, GraphQLSchema } from 'graphql';
import type { Plan } from './plan-nodes.ts';

/**
 * Maps each unique name to the name that the client's response has for it, and to the types of the objects that have
 * the field.
 */
export type UniqueNames = NonNullable<Plan['names']>;

const PREFIX = '_client_';

/**
 * Gives a unique name to each field that has an alias or takes arguments. The same field with the same response name
 * and the same arguments always gets the same unique name. Planners also fetch other fields than the client's. With
 * unique names, no name has two meanings at one place.
 * @returns `mayCollide`: whether one object might get two unique names that stand for the same name of the client. It
 *   might if a planner fetches a field for more types than the client asked for.
 */
export function withUniqueNames(
  document: DocumentNode,
  schema: GraphQLSchema,
): { document: DocumentNode; names: UniqueNames; mayCollide: boolean } {
  const info = new TypeInfo(schema);
  const aliases = new Map<string, string>();
  const names: Record<string, { readonly name: string; readonly types: string[] }> = {};
  // `place` does not follow fragment spreads. So if the document has fragments, all places count as one.
  const known = !document.definitions.some(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const place: string[] = [];
  const planned = new Map<string, string>();
  let mayCollide = false;

  const uniqueName = (node: FieldNode, response: string): string | undefined => {
    const name = node.name.value;
    if (name.startsWith('__') || (response === name && (info.getFieldDef()?.args.length ?? 0) === 0)) return undefined;
    const signature = `${response}:${name}(${(node.arguments ?? []).map(print).sort().join()})`;
    let alias = aliases.get(signature);
    if (alias === undefined) {
      alias = `${PREFIX}${aliases.size}`;
      aliases.set(signature, alias);
      names[alias] = { name: response, types: [] };
    }
    return alias;
  };

  const renamed: DocumentNode = visit(
    document,
    visitWithTypeInfo(info, {
      Field: {
        enter(node) {
          const response = node.alias?.value ?? node.name.value;
          const alias = uniqueName(node, response);
          const parent = info.getParentType();
          const own = names[alias ?? ''];
          own?.types.push(...typesOf(parent, schema).filter((type) => !own.types.includes(type)));
          for (const type of isAbstractType(parent) ? schema.getPossibleTypes(parent) : parent ? [parent] : []) {
            const key = `${known ? place.join('.') : ''} ${type.name} ${response}`;
            const other = planned.get(key);
            if (other !== undefined && other !== (alias ?? response)) mayCollide = true;
            planned.set(key, alias ?? response);
          }
          place.push(response);
          return alias === undefined ? undefined : { ...node, alias: { kind: Kind.NAME, value: alias } };
        },
        leave() {
          place.pop();
        },
      },
    }),
  );
  return { document: renamed, names, mayCollide };
}

/**
 * The type names that an object may have where a field of `type` is selected. A subgraph with an interface object gives
 * the name of the interface.
 */
function typesOf(type: GraphQLCompositeType | null | undefined, schema: GraphQLSchema): string[] {
  if (!type) return [];
  const wider = isUnionType(type) ? [] : type.getInterfaces();
  return [type, ...wider, ...(isAbstractType(type) ? schema.getPossibleTypes(type) : [])].map(({ name }) => name);
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Removes the aliases of `__typename`: the router reads the type under that name, and planners leave an alias of it to
 * subgraphs that know only an interface. Also adds `__typename` to each selection set in which every field depends on a
 * condition or is in a fragment. Planners leave out a selection that may be empty, and without `__typename` the router
 * would not know whether the object exists or which type it has.
 */
export function withTypenames(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field(node) {
      const { selectionSet, name, directives } = node;
      if (name.value === '__typename')
        return node.alias === undefined ? undefined : { kind: Kind.FIELD, name, ...(directives && { directives }) };
      if (
        selectionSet === undefined ||
        selectionSet.selections.some((selection) => selection.kind === Kind.FIELD && !selection.directives?.length)
      )
        return undefined;
      return { ...node, selectionSet: { ...selectionSet, selections: [...selectionSet.selections, TYPENAME] } };
    },
  });
}
