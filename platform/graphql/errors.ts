import { GraphQLError } from 'graphql';

/** A query's argument that cannot be used. @returns the error to throw; `extensions.code` is BAD_USER_INPUT. */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** @returns the error to throw when the viewer may not; `extensions.code` is FORBIDDEN. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}

/** @returns the error to throw where null cannot be answered; `extensions.code` is NOT_FOUND. */
export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'NOT_FOUND' } });
}

/**
 * @returns the error to throw when a stream cannot go on from the client's cursor, which has to load the present state
 * anew; `extensions.code` is RESYNC_REQUIRED.
 */
export function resyncRequired(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RESYNC_REQUIRED' } });
}

/** @returns the error to throw for a cursor that this list has not given out; `extensions.code` is INVALID_CURSOR. */
export function invalidCursor(): GraphQLError {
  return new GraphQLError('after or before is not a cursor of this list', { extensions: { code: 'INVALID_CURSOR' } });
}
