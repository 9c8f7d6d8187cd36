import { lexicographicSortSchema, printSchema } from 'graphql';
import type { GraphQLSchema } from 'graphql';

/**
 * Prints what introspection shows of a schema as SDL in alphabetical order. It includes directives that clients may use
 * (`@defer`).
 */
export function publicSdl(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
