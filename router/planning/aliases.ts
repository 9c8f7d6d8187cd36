import { Kind, TypeInfo, print, visit, visitWithTypeInfo } from 'graphql';
import type { DocumentNode, FieldNode, GraphQLSchema } from 'graphql';

/** The client's response names by the names that are planned instead of them. */
export type ResponseNames = ReadonlyMap<string, string>;

const PREFIX = '_client_';

/**
 * Gives a name of its own to each field that has an alias or takes arguments, the same for the same field with the same arguments. Then
 * no name can mean two things at one place, whatever a planner fetches beside what the client asked for.
 */
export function withOwnNames(document: DocumentNode, schema: GraphQLSchema): { document: DocumentNode; names: ResponseNames } {
  const info = new TypeInfo(schema);
  const aliases = new Map<string, string>();
  const names = new Map<string, string>();
  const renamed: DocumentNode = visit(document, visitWithTypeInfo(info, {
    Field(node) {
      const name = node.name.value;
      const response = node.alias?.value ?? name;
      if (name.startsWith('__') || (response === name && (info.getFieldDef()?.args.length ?? 0) === 0)) return undefined;
      const signature = `${response}:${name}(${(node.arguments ?? []).map(print).sort().join()})`;
      let alias = aliases.get(signature);
      if (alias === undefined) {
        alias = `${PREFIX}${aliases.size}`;
        aliases.set(signature, alias);
        names.set(alias, response);
      }
      return { ...node, alias: { kind: Kind.NAME, value: alias } };
    },
  }));
  return { document: renamed, names };
}

const TYPENAME: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Asks for types by their own name, which is where they are looked for, and in every place where types differ: an alias of `__typename`
 * would be left to subgraphs that know an interface only. And adds `__typename` where all that is selected of an object depends on variables: planners leave out what may turn out empty, and then
 * whether the object is there at all, or of which type it is, is not known.
 */
export function withTypenames(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field(node) {
      const { selectionSet, name, directives } = node;
      if (name.value === '__typename') return node.alias === undefined ? undefined : { kind: Kind.FIELD, name, ...(directives && { directives }) };
      if (selectionSet === undefined || selectionSet.selections.some((selection) => selection.kind === Kind.FIELD && !selection.directives?.length)) return undefined;
      return { ...node, selectionSet: { ...selectionSet, selections: [...selectionSet.selections, TYPENAME] } };
    },
  });
}
