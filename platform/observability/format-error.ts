import { HttpException } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { withoutValues } from './without-values.ts';
import type { ErrorContext, ErrorReporter } from './error-reporter.ts';
import { isNotNow } from './not-now.ts';
import { currentContext } from './request-context.ts';

/** The part of an error that a client may see. */
export interface PublicError {
  readonly code: string;
  readonly message: string;
  /** Whether somebody should investigate it. */
  readonly unexpected: boolean;
}

const INTERNAL: PublicError = { code: 'INTERNAL', message: 'Internal error', unexpected: true };
/** Apollo's codes for any thrown error, which mean that it had no code. */
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
/** A message of graphql-js for null in an argument that needs a value, which validation cannot detect. */
const WRONG_ARGUMENT = /^Argument "\w+" (?:of |has invalid value)/;

/**
 * The part of an error that a client may see, without the values that the client sent. Errors for clients are
 * GraphQLErrors with `extensions.code`, errors of graphql-js about an argument's value, and Nest's HttpExceptions below
 * 500. For an outage ({@link isNotNow}) clients see only that something is unavailable. The message of any other error
 * (Prisma, pg, a bug) was not written for clients, even if it has a `code`.
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
 * Whether a GraphQLError wraps an error that is not for clients. graphql-js wraps every error of a resolver in a
 * GraphQLError with the same message and extensions. Only an original GraphQLError was meant for clients.
 */
function hidesAnother({ originalError }: GraphQLError): boolean {
  if (originalError === undefined || originalError === null) return false;
  return originalError instanceof GraphQLError ? hidesAnother(originalError) : true;
}

/**
 * Apollo's `formatError`, also used for graphql-ws' results. Known errors keep their extensions. Unexpected errors
 * become INTERNAL or UNAVAILABLE and go to the reporter. One error that fails many fields of a request is reported
 * once. Every error gets `extensions.requestId`.
 */
export function createErrorFormatter(
  reporter: ErrorReporter,
): (formatted: GraphQLFormattedError, error: unknown) => GraphQLFormattedError {
  // A batched load fails all its fields with the same error. The map holds the request in which the error was reported.
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

/** The current user, service and operation, for a reporter. */
export function errorContext(): ErrorContext {
  const { requestId, userId, service, operation } = currentContext() ?? {};
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(userId === undefined ? {} : { userId }),
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation: `${operation.kind} ${operation.name ?? operation.field}` }),
  };
}

/** Syntax and validation errors of graphql-js have no code; Apollo adds one next to the error. */
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
