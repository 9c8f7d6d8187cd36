import { Kind, TypeInfo, isAbstractType, isUnionType, print, visit, visitWithTypeInfo } from 'graphql';
import type { DocumentNode, FieldNode, GraphQLCompositeType, GraphQLSchema } from 'graphql';
import type { Plan } from './plan-nodes.ts';

/** Names that are planned instead of the client's → what the client calls the field, of objects of which types. */
export type OwnNames = NonNullable<Plan['names']>;

const PREFIX = '_client_';

/**
 * Gives a name of its own to each field that has an alias or takes arguments, the same for the same field with the same
 * arguments. Then no name can mean two things at one place, whatever a planner fetches beside what the client asked
 * for. `meeting`: whether one object might get two of them that stand for one of the client's, when all that is
 * selected at its place is fetched for it.
 */
export function withOwnNames(
  document: DocumentNode,
  schema: GraphQLSchema,
): { document: DocumentNode; names: OwnNames; meeting: boolean } {
  const info = new TypeInfo(schema);
  const aliases = new Map<string, string>();
  const names: Record<string, { readonly name: string; readonly types: string[] }> = {};
  // Where fragments are spread is not looked at: then all places are taken for one.
  const known = !document.definitions.some(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const place: string[] = [];
  const planned = new Map<string, string>();
  let meeting = false;

  const ownName = (node: FieldNode, response: string): string | undefined => {
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
          const alias = ownName(node, response);
          const parent = info.getParentType();
          const own = names[alias ?? ''];
          own?.types.push(...typesOf(parent, schema).filter((type) => !own.types.includes(type)));
          for (const type of isAbstractType(parent) ? schema.getPossibleTypes(parent) : parent ? [parent] : []) {
            const key = `${known ? place.join('.') : ''} ${type.name} ${response}`;
            const other = planned.get(key);
            if (other !== undefined && other !== (alias ?? response)) meeting = true;
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
  return { document: renamed, names, meeting };
}

/**
 * Names that objects may have as their type where a field of `type` is selected: a subgraph with an interface object
 * gives that of the interface.
 */
function typesOf(type: GraphQLCompositeType | null | undefined, schema: GraphQLSchema): string[] {
  if (!type) return [];
  const wider = isUnionType(type) ? [] : type.getInterfaces();
  return [type, ...wider, ...(isAbstractType(type) ? schema.getPossibleTypes(type) : [])].map(({ name }) => name);
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Asks for types by their own name, which is where they are looked for, and in every place where types differ: an alias
 * of `__typename` would be left to subgraphs that know an interface only. And adds `__typename` where all that is
 * selected of an object depends on variables: planners leave out what may turn out empty, and then whether the object
 * is there at all, or of which type, is not known.
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
