import { GraphQLError } from 'graphql';

/** The error for an invalid argument of a query. @returns an error to throw with code BAD_USER_INPUT */
export function badUserInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

/** Makes an error with code FORBIDDEN, to throw when the viewer lacks the right. */
export function forbidden(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } });
}

/** Makes an error with code NOT_FOUND, to throw where the field cannot be null. */
export function notFound(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'NOT_FOUND' } });
}

/**
 * The error for a stream that cannot continue from the client's cursor. The client must load the current state again.
 * @returns an error to throw with code RESYNC_REQUIRED
 */
export function resyncRequired(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RESYNC_REQUIRED' } });
}

/** The error for a cursor that this list did not issue. @returns an error to throw with code INVALID_CURSOR */
export function invalidCursor(): GraphQLError {
  return new GraphQLError('after or before is not a cursor of this list', { extensions: { code: 'INVALID_CURSOR' } });
}
