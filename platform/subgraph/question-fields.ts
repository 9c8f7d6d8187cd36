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
 * The fields of Query for other subgraphs: fields that clients cannot select (`@inaccessible`), except the ones with
 * which a router asks who may share a stream (`@audience`).
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
 * Makes the fields that {@link questionFieldsOf} finds in this SDL answer questions only. A router must not select
 * them, even if a supergraph offers them by mistake.
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
