import {
  defaultFieldResolver,
  type FieldDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  isObjectType,
  Kind,
  parse,
} from 'graphql';
import { currentContext } from '../observability/request-context.ts';

/**
 * The fields of Query that are there for other subgraphs: those that clients cannot ask for (`@inaccessible`), but for
 * the ones by which a router asks who may share a stream (`@audience`).
 */
export function questionFieldsOf(sdl: string): ReadonlyMap<string, FieldDefinitionNode> {
  const { definitions } = parse(sdl);
  const fieldsOf = (type: string): FieldDefinitionNode[] =>
    definitions.flatMap((definition) =>
      (definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.OBJECT_TYPE_EXTENSION) &&
      definition.name.value === type
        ? (definition.fields ?? [])
        : [],
    );
  const checks = new Set(
    fieldsOf('Subscription').flatMap(({ directives = [] }) =>
      directives
        .filter(({ name }) => name.value === 'audience')
        .flatMap(({ arguments: given = [] }) =>
          given.flatMap(({ value }) => (value.kind === Kind.STRING ? [value.value] : [])),
        ),
    ),
  );
  const questions = fieldsOf('Query').filter(
    ({ name, directives = [] }) =>
      !checks.has(name.value) && directives.some((directive) => directive.name.value === 'inaccessible'),
  );
  return new Map(questions.map((field) => [field.name.value, field]));
}

/**
 * These fields answer questions only: what a router asks for here was not meant to be asked, should the supergraph ever
 * offer it.
 */
export function answerQuestionsOnly(schema: GraphQLSchema, sdl: string): GraphQLSchema {
  const query = schema.getQueryType();
  if (!isObjectType(query)) return schema;
  for (const name of questionFieldsOf(sdl).keys()) {
    const field = query.getFields()[name];
    if (!field) throw new Error(`there is no Query.${name}`);
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (...given): unknown => {
      if (currentContext()?.question) return resolve(...given);
      throw new GraphQLError('Only another subgraph asks for this.', { extensions: { code: 'FORBIDDEN' } });
    };
  }
  return schema;
}
