import { lexicographicSortSchema, printSchema } from 'graphql';
import type { GraphQLSchema } from 'graphql';

/** What introspection tells of a schema, as SDL in alphabetical order: the directives that clients may use, such as `@defer`, are in it. */
export function publicSdl(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
