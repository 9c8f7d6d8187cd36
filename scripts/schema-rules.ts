import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';

import type { loadSupergraph } from '../router/composition.ts';

type Fields = GraphQLObjectType | GraphQLInterfaceType;
type Field = GraphQLField<unknown, unknown>;

/** Verbs that a query field must not begin with. In `getTeam` or `listTeams` the verb adds nothing for the reader. */
const VERB = /^(?:get|list|fetch|find|load|read|query|retrieve|show)(?=[A-Z]|$)/;
/** Arguments by which the client bounds the number of results. */
const BOUNDS = new Set(['first', 'ids']);

/**
 * Finds breaches of the naming and shape rules in the clients' API: names, mutations with an input and a payload, lists
 * as Relay connections. Composition checks descriptions (scripts/compose.mjs).
 * @returns a line for each breach, with its coordinate
 */
export function breachesIn(api: GraphQLSchema): string[] {
  const mutation = api.getMutationType();
  const query = api.getQueryType();
  const payloads = new Set(Object.keys(mutation?.getFields() ?? {}).map((name) => `${capital(name)}Payload`));
  const found: string[] = [];
  for (const type of Object.values(api.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    if (!/^[A-Z][A-Za-z0-9]*$/.test(type.name)) found.push(`${type.name}: a type is named like ThisOne`);
    if (isInputObjectType(type) !== type.name.endsWith('Input'))
      found.push(`${type.name}: an input type, and no other, ends with Input`);
    if (type.name.endsWith('Payload') && !payloads.has(type.name))
      found.push(`${type.name}: there is no mutation with this payload`);
    if (isEnumType(type))
      found.push(
        ...type
          .getValues()
          .filter(({ name }) => !/^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(name))
          .map(({ name }) => `${type.name}.${name}: an enum value is named LIKE_THIS`),
      );
    if (isInputObjectType(type)) found.push(...misnamed(type.name, Object.values(type.getFields())));
    if (isObjectType(type) || isInterfaceType(type)) {
      const fields = Object.values(type.getFields());
      found.push(
        ...misnamed(type.name, fields),
        ...fields.flatMap((field) => [
          ...misnamed(`${type.name}.${field.name}`, field.args),
          ...pagingOf(`${type.name}.${field.name}`, field),
        ]),
      );
      if (type.name.endsWith('Connection')) found.push(...connection(type));
    }
  }
  for (const { name } of Object.values(query?.getFields() ?? {}))
    if (VERB.test(name)) found.push(`Query.${name}: a query is named after what it gives, without a verb`);
  for (const field of Object.values(mutation?.getFields() ?? {})) found.push(...mutationField(field));
  return found;
}

/**
 * Finds subscription fields without a directive that says who may listen to the stream. Otherwise nobody would notice
 * that a field has lost its directive, and a person's events could be shown to others.
 * @returns a line for each of these fields
 */
export function streamsWithoutListeners({ apiSchema, live }: ReturnType<typeof loadSupergraph>): string[] {
  return Object.keys(apiSchema.getSubscriptionType()?.getFields() ?? {}).flatMap((field) => {
    const stream = live.streams.get(field);
    return stream?.audience || stream?.isPersonal
      ? []
      : [
          `Subscription.${field}: a stream says who it is for: @audience for everybody, @audience(check:) for those who pass the check, @personal for the person who subscribes`,
        ];
  });
}

const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const misnamed = (place: string, members: readonly { readonly name: string }[]): string[] =>
  members
    .filter(({ name }) => !/^[a-z][A-Za-z0-9]*$/.test(name))
    .map(({ name }) => `${place}.${name}: a field or argument is named likeThis`);

const isNode = (type: GraphQLOutputType): boolean => {
  const named = getNamedType(type);
  return (isObjectType(named) || isInterfaceType(named)) && 'id' in named.getFields();
};

const argumentType = (args: readonly GraphQLArgument[], name: string): string | undefined =>
  args.find((argument) => argument.name === name)?.type.toString();

function pagingOf(place: string, { type, args }: Field): string[] {
  if (
    isListType(getNullableType(type)) &&
    isNode(type) &&
    !args.some(({ name }) => BOUNDS.has(name)) &&
    !place.endsWith('Connection.edges')
  ) {
    return [`${place}: a list of things with an id is a connection, or the client bounds it with first or ids`];
  }
  if (!getNamedType(type).name.endsWith('Connection')) return [];
  const forward = argumentType(args, 'first') === 'Int' && argumentType(args, 'after') === 'String';
  const [last, before] = [argumentType(args, 'last'), argumentType(args, 'before')];
  const backward = (last === undefined && before === undefined) || (last === 'Int' && before === 'String');
  return forward && backward
    ? []
    : [`${place}: a connection has first: Int and after: String, and both of last: Int and before: String or neither`];
}

function connection(type: Fields): string[] {
  const { edges, pageInfo } = type.getFields();
  const edge = edges && getNamedType(edges.type);
  const expected = `${type.name.slice(0, -'Connection'.length)}Edge`;
  const isEdges =
    edges?.type.toString() === `[${expected}!]!` &&
    isObjectType(edge) &&
    edge.getFields()['cursor']?.type.toString() === 'String!' &&
    edge.getFields()['node'] !== undefined;
  return isEdges && pageInfo?.type.toString() === 'PageInfo!'
    ? []
    : [`${type.name}: a connection has edges: [${expected}!]! with cursor: String! and node, and pageInfo: PageInfo!`];
}

function mutationField({ name, args, type }: Field): string[] {
  const place = `Mutation.${name}`;
  const found: string[] = [];
  if (args.length !== 1 || argumentType(args, 'input') !== `${capital(name)}Input!`)
    found.push(`${place}: a mutation has one argument, input: ${capital(name)}Input!`);
  // The payload is nullable, so that the results of other mutations in the operation stay when this one fails.
  if (type.toString() !== `${capital(name)}Payload` || !isObjectType(type))
    return [...found, `${place}: a mutation answers with ${capital(name)}Payload, nullable`];
  const { userErrors, ...results } = type.getFields();
  if (userErrors?.type.toString() !== '[UserError!]!')
    found.push(`${type.name}: a payload has userErrors: [UserError!]!`);
  for (const result of Object.values(results))
    if (isNonNullType(result.type))
      found.push(`${type.name}.${result.name}: what a mutation gives is null when there are user errors`);
  return found;
}
