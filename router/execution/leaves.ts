import { GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString, isEnumType } from 'graphql';
import type { GraphQLLeafType } from 'graphql';
import type { Complete, Completing } from './completion.ts';
import { executionError } from './errors.ts';

/** Notes that a subgraph sent something that the schema does not allow here; gives null. */
export function invalidValue({ errors, path }: Completing, depth: number, problem: string): null {
  if (errors.full) errors.skip(1);
  else errors.add(executionError('INVALID_SUBGRAPH_RESPONSE', `Invalid value: ${problem}`, path.slice(0, depth)));
  return null;
}

/** A null where the schema promises a value: an error, unless the subgraph's own explains it; gives undefined, "to move up". */
export function unexpectedNull({ errors, path }: Completing, depth: number, coordinate: string): undefined {
  const here = path.slice(0, depth);
  if (errors.explains(here)) return undefined;
  errors.add(executionError('UNEXPECTED_NULL', `Cannot return null for non-nullable field ${coordinate}.`, here));
  return undefined;
}

/**
 * Result coercion (GraphQL specification 3.5, 3.9) of what came as JSON: values of the right kind pass untouched, others as far as
 * graphql-js coerces them. Messages do not repeat the value: it may be the name of an inaccessible enum value.
 */
export function leafCompleter(type: GraphQLLeafType, coordinate: string): Complete {
  const isRight = fastCheck(type);
  const problem = `${coordinate} is no ${type.name}`;
  return (value, completing, depth) => {
    if (value === null || value === undefined) return null;
    if (isRight(value)) return value;
    try {
      return type.serialize(value) ?? invalidValue(completing, depth, problem);
    } catch {
      return invalidValue(completing, depth, problem);
    }
  };
}

const MAX_INT = 2 ** 31 - 1;
const MIN_INT = -(2 ** 31);

function fastCheck(type: GraphQLLeafType): (value: unknown) => boolean {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => names.has(value);
  }
  switch (type.name) {
    case GraphQLString.name:
    case GraphQLID.name:
      return (value) => typeof value === 'string';
    case GraphQLBoolean.name:
      return (value) => typeof value === 'boolean';
    case GraphQLInt.name:
      return (value) => Number.isInteger(value) && (value as number) <= MAX_INT && (value as number) >= MIN_INT;
    case GraphQLFloat.name:
      return (value) => typeof value === 'number';
    default:
      // Custom scalars are the subgraph's business.
      return () => true;
  }
}
