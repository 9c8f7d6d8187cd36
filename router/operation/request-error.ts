import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { withoutValues } from '../../platform/observability/without-values.ts';

/** The code of documents and values that are nested too deep. The router does not parse such a document. */
export const NESTED_TOO_DEEP = 'NESTED_TOO_DEEP';

export type RequestErrorCode =
  | 'GRAPHQL_PARSE_FAILED'
  | 'GRAPHQL_VALIDATION_FAILED'
  | 'OPERATION_RESOLUTION_FAILURE'
  | 'BAD_USER_INPUT'
  | 'NOT_IN_STREAM'
  | 'GRAPHQL_PLANNING_FAILED';

/**
 * The error when the router refused the request before execution ("request error", GraphQL specification 7.1.2). The
 * response has `errors` and no `data`. Each error has an `extensions.code`: a RequestErrorCode, unless the check that
 * refused it set its own code.
 */
export class RequestError extends Error {
  readonly errors: readonly GraphQLFormattedError[];
  constructor(errors: readonly GraphQLFormattedError[], options?: { cause?: unknown }) {
    super(errors[0]?.message ?? 'The request was refused', options);
    this.name = 'RequestError';
    this.errors = errors;
  }
}

/** A coded error as clients see it. */
export function codedError(code: string, message: string): GraphQLFormattedError {
  return { message, extensions: { code } };
}

/** The error for a document or value that would overflow the stack of recursive functions. */
export function nestedTooDeep(what: string, levels: number): GraphQLError {
  return new GraphQLError(`${what} is nested more than ${levels} levels deep.`, {
    extensions: { code: NESTED_TOO_DEEP },
  });
}

/**
 * Creates a RequestError. Its messages contain no value of the client. Values in messages of graphql-js are removed.
 */
export function requestError(
  code: RequestErrorCode,
  problems: readonly (GraphQLError | string)[],
  cause?: unknown,
): RequestError {
  const errors = problems.map((problem): GraphQLFormattedError => {
    const { extensions, ...error } =
      typeof problem === 'string' ? { message: problem, extensions: {} } : problem.toJSON();
    return { ...error, message: withoutValues(error.message), extensions: { code, ...extensions } };
  });
  return new RequestError(errors, cause === undefined ? undefined : { cause });
}
