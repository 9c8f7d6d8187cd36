import type { ServerResponse } from 'node:http';
import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { retryAfterOf } from '../http/rate-limits.ts';
import type { ErrorReporter } from './error-reporter.ts';
import { errorContext, publicError } from './format-error.ts';
import { currentContext } from './request-context.ts';

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

/**
 * The response of HTTP routes to a thrown error, in the shape of GraphQL errors:
 * `{errors: [{message, extensions: {code, requestId}}]}`. Install it globally (`app.useGlobalFilters`). It passes
 * errors of resolvers on to `formatError`, and so avoids Nest's own log, which would print the stack of each refusal.
 */
@Catch()
export class HttpExceptionFilter implements ExceptionFilter {
  readonly #reporter: ErrorReporter;

  constructor(reporter: ErrorReporter) {
    this.#reporter = reporter;
  }

  catch(exception: unknown, host: ArgumentsHost): unknown {
    if (host.getType<string>() !== 'http') throw exception;
    const { code, message, unexpected } = publicError(exception);
    if (unexpected) this.#reporter.report(exception, errorContext());
    const res = host.switchToHttp().getResponse<ServerResponse>();
    if (res.headersSent) return res.destroy(); // Half an answer must not look like a whole one.
    const status = exception instanceof HttpException ? exception.getStatus() : (STATUS_OF_CODE[code] ?? 400);
    const requestId = currentContext()?.requestId;
    const retryAfter = retryAfterOf(exception);
    const seconds = retryAfter ?? (status === 503 ? 1 : undefined);
    res.writeHead(status, {
      'content-type': 'application/json',
      ...(seconds === undefined ? {} : { 'retry-after': String(seconds) }),
    });
    res.end(
      JSON.stringify({
        errors: [
          {
            message,
            extensions: {
              code,
              ...(retryAfter === undefined ? {} : { retryAfter }),
              ...(requestId === undefined ? {} : { requestId }),
            },
          },
        ],
      }),
    );
    return undefined;
  }
}
