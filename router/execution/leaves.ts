import { GraphQLBoolean, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLString, isEnumType } from 'graphql';
import type { GraphQLLeafType } from 'graphql';
import type { Complete, CompletionState } from './completion-state.ts';
import { executionError } from './errors.ts';

/**
 * Adds an error: a subgraph sent a value that the schema does not allow here.
 * @returns null
 */
export function invalidValue({ errors, path }: CompletionState, depth: number, problem: string): null {
  if (errors.full) errors.skip(1);
  else errors.add(executionError('INVALID_SUBGRAPH_RESPONSE', `Invalid value: ${problem}`, path.slice(0, depth)));
  return null;
}

/**
 * Handles a null where the schema requires a value. Adds an error, unless an error that the response already has
 * explains the null.
 * @returns undefined, which propagates the null to the parent
 */
export function unexpectedNull({ errors, path }: CompletionState, depth: number, coordinate: string): undefined {
  const here = path.slice(0, depth);
  if (errors.explains(here)) return undefined;
  errors.add(executionError('UNEXPECTED_NULL', `Cannot return null for non-nullable field ${coordinate}.`, here));
  return undefined;
}

/**
 * Result coercion (GraphQL specification 3.5, 3.9) of JSON values. Values of the right kind pass unchanged; others are
 * coerced as graphql-js does. It does not call `serialize` of graphql-js, which throws for each bad value: 20,000 bad
 * items took 0.8 s. Messages do not contain the value, because it may be the name of an inaccessible enum value.
 */
export function leafCompleter(type: GraphQLLeafType, coordinate: string): Complete {
  const coerce = coercion(type);
  const problem = `${coordinate} is not a valid ${type.name}`;
  return (value, completing, depth) => {
    if (value === null || value === undefined) return null;
    const coerced = coerce(value);
    return coerced === undefined ? invalidValue(completing, depth, problem) : coerced;
  };
}

const MAX_INT = 2 ** 31 - 1;
const MIN_INT = -(2 ** 31);

/** Returns undefined for values that cannot be coerced to the type. */
function coercion(type: GraphQLLeafType): (value: unknown) => unknown {
  if (isEnumType(type)) {
    const names = new Set<unknown>(type.getValues().map(({ name }) => name));
    return (value) => (names.has(value) ? value : undefined);
  }
  switch (type.name) {
    case GraphQLString.name:
      return (value) => (typeof value === 'string' ? value : typeof value === 'object' ? undefined : String(value));
    case GraphQLID.name:
      return (value) => (typeof value === 'string' ? value : Number.isInteger(value) ? String(value) : undefined);
    case GraphQLBoolean.name:
      return (value) => (typeof value === 'boolean' ? value : typeof value === 'number' ? value !== 0 : undefined);
    case GraphQLInt.name:
      return (value) => {
        const number = numeric(value);
        return Number.isInteger(number) && number <= MAX_INT && number >= MIN_INT ? number : undefined;
      };
    case GraphQLFloat.name:
      return (value) => {
        const number = numeric(value);
        return Number.isFinite(number) ? number : undefined;
      };
    default:
      // The router passes values of custom scalars on unchecked. The subgraphs that define these scalars check them.
      return (value) => value;
  }
}

function numeric(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
}
