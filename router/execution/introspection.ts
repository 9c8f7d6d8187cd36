import { Kind, executeSync } from 'graphql';
import type { DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { JsonObject } from '../collections/json-object.ts';

/** Compiles the introspection part of an operation. Without variables the result is computed once and cached. */
export function compileIntrospection(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): (variables: Readonly<Record<string, unknown>>) => JsonObject {
  const document: DocumentNode = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments.values()] };
  const answer = (variableValues: Readonly<Record<string, unknown>>): JsonObject => {
    const { data, errors } = executeSync({ schema, document, variableValues });
    if (data == null) throw new Error('Introspection failed', { cause: errors });
    return data;
  };
  if ((operation.variableDefinitions?.length ?? 0) > 0) return answer;
  let cached: JsonObject | undefined;
  return () => (cached ??= answer({}));
}
