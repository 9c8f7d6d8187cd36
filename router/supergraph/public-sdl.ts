import { lexicographicSortSchema, printSchema } from 'graphql';
import type { GraphQLSchema } from 'graphql';

/**
 * What introspection tells of a schema, as SDL in alphabetical order. Directives that clients may use (`@defer`) are in
 * it.
 */
export function publicSdl(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
