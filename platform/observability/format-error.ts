import { HttpException } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { withoutValues } from './without-values.ts';
import type { ErrorContext, ErrorReporter } from './error-reporter.ts';
import { isNotNow } from './not-now.ts';
import { currentContext } from './request-context.ts';

/** What a client may know of an error. */
export interface PublicError {
  readonly code: string;
  readonly message: string;
  /** Whether somebody should look at it. */
  readonly unexpected: boolean;
}

const INTERNAL: PublicError = { code: 'INTERNAL', message: 'Internal error', unexpected: true };
/** Apollo's names for "somebody threw": no code at all, in effect. */
const UNCODED = new Set(['INTERNAL_SERVER_ERROR', 'INTERNAL']);
const HTTP_CODES: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'BAD_USER_INPUT',
  429: 'RATE_LIMITED',
  503: 'UNAVAILABLE',
};
const MAX_MESSAGE = 2_000;

const UNAVAILABLE: PublicError = { code: 'UNAVAILABLE', message: 'Temporarily unavailable', unexpected: true };
/** Of graphql-js, when a null came for an argument that must have a value: validation cannot know that. */
const WRONG_ARGUMENT = /^Argument "\w+" (?:of |has invalid value)/;

/**
 * What may be said to a client, without the values that it sent. Errors made for clients are GraphQLErrors with
 * `extensions.code` and Nest's HttpExceptions below 500; of what is away ({@link isNotNow}) only that much. Anything
 * else (Prisma, pg, a bug) has a message that was not written for clients, whatever `code` it carries.
 */
export function publicError(error: unknown): PublicError {
  if (error instanceof GraphQLError) {
    const { code } = error.extensions;
    const message = withoutValues(error.message).slice(0, MAX_MESSAGE);
    if (typeof code === 'string' && !UNCODED.has(code) && !hidesAnother(error))
      return { code, message, unexpected: false };
    if (error.originalError) return publicError(error.originalError);
    return WRONG_ARGUMENT.test(error.message) ? { code: 'BAD_USER_INPUT', message, unexpected: false } : INTERNAL;
  }
  if (error instanceof HttpException) {
    const status = error.getStatus();
    const code = HTTP_CODES[status];
    if (status < 500)
      return {
        code: code ?? 'BAD_REQUEST',
        message: withoutValues(error.message).slice(0, MAX_MESSAGE),
        unexpected: false,
      };
    return code ? UNAVAILABLE : INTERNAL;
  }
  return isNotNow(error) ? UNAVAILABLE : INTERNAL;
}

/**
 * A GraphQLError takes over the message, and the extensions if there are any, of what a resolver threw: only another
 * GraphQLError was meant for clients.
 */
function hidesAnother({ originalError }: GraphQLError): boolean {
  if (originalError === undefined || originalError === null) return false;
  return originalError instanceof GraphQLError ? hidesAnother(originalError) : true;
}

/**
 * Apollo's `formatError`, for graphql-ws' results too: known errors pass with their extensions, unexpected ones become
 * INTERNAL and go to the reporter, once per request, however many fields they failed. Every error gets
 * `extensions.requestId`.
 */
export function createErrorFormatter(
  reporter: ErrorReporter,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  // What was loaded for many fields at once fails all of them with the same error: the request in which it was
  // reported.
  const reported = new WeakMap<object, string | undefined>();
  const reportOnce = (cause: unknown, requestId: string | undefined): void => {
    if (cause instanceof Error) {
      if (requestId !== undefined && reported.get(cause) === requestId) return;
      reported.set(cause, requestId);
    }
    reporter.report(cause, errorContext());
  };
  return (formatted, error) => {
    const { code, message, unexpected } = publicError(withCode(error, formatted));
    const requestId = currentContext()?.requestId;
    if (unexpected) reportOnce(rootCause(error), requestId);
    const {
      stacktrace: _stack,
      exception: _exception,
      originalError: _original,
      http: _http,
      ...known
    } = formatted.extensions ?? {};
    return {
      message,
      ...(formatted.locations ? { locations: formatted.locations } : {}),
      ...(formatted.path ? { path: formatted.path } : {}),
      extensions: { ...(unexpected ? {} : known), code, ...(requestId === undefined ? {} : { requestId }) },
    };
  };
}

/** Who works on what, for a reporter. */
export function errorContext(): ErrorContext {
  const { requestId, userId, service, operation } = currentContext() ?? {};
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(userId === undefined ? {} : { userId }),
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation: `${operation.kind} ${operation.name ?? operation.field}` }),
  };
}

/** Syntax and validation errors of graphql-js have no code of their own; Apollo gives them one beside the error. */
function withCode(error: unknown, { message, extensions }: GraphQLFormattedError): unknown {
  if (!(error instanceof GraphQLError) || hidesAnother(error) || error.extensions.code !== undefined) return error;
  const code = extensions?.['code'];
  return typeof code === 'string' ? new GraphQLError(message, { extensions: { code } }) : error;
}

function rootCause(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof GraphQLError && cause.originalError; depth++)
    cause = cause.originalError;
  return cause;
}
