import { getNamedType, isInputObjectType, isLeafType, isObjectType, isRequiredArgument } from 'graphql';
import type { GraphQLField, GraphQLSchema } from 'graphql';

const FIELDS = 8;

/**
 * Documents whose planning takes the first-time costs (lazily built query graphs, functions not compiled yet) off the first client: some
 * root fields that need no argument, each with the plain fields of its type. They are prepared, never executed.
 */
export function warmUpDocuments(schema: GraphQLSchema): string[] {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  const usable = fields.filter((field) => !field.args.some(isRequiredArgument)).slice(0, FIELDS);
  return ['{ __typename }', ...usable.map((field) => `{ ${field.name} ${selection(field)} }`)];
}

function selection(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (isLeafType(type) || isInputObjectType(type)) return '';
  if (!isObjectType(type)) return '{ __typename }';
  const plain = Object.values(type.getFields()).filter((below) => isLeafType(getNamedType(below.type)) && !below.args.some(isRequiredArgument));
  return `{ __typename ${plain.map((below) => below.name).join(' ')} }`;
}
