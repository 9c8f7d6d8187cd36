import type { ServerResponse } from 'node:http';
import { Catch, HttpException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { ErrorReporter } from './error-reporter.ts';
import { errorContext, publicError } from './format-error.ts';
import { currentContext } from './request-context.ts';

const STATUS_OF_CODE: Readonly<Record<string, number>> = { UNAUTHENTICATED: 401, FORBIDDEN: 403, NOT_FOUND: 404, RATE_LIMITED: 429, UNAVAILABLE: 503, INTERNAL: 500 };

/**
 * What HTTP routes answer when something is thrown, in the shape that GraphQL has: `{errors: [{message, extensions: {code, requestId}}]}`.
 * Bound globally (`app.useGlobalFilters`). Errors of resolvers are left to `formatError`.
 */
@Catch()
export class HttpExceptionFilter implements ExceptionFilter {
  readonly #reporter: ErrorReporter;

  constructor(reporter: ErrorReporter) {
    this.#reporter = reporter;
  }

  catch(exception: unknown, host: ArgumentsHost): unknown {
    // A returned error is what graphql-js treats as thrown; throwing it here would make Nest log each refusal with its stack.
    if (host.getType<string>() !== 'http') return exception instanceof Error ? exception : new Error(`thrown: ${String(exception)}`);
    const { code, message, unexpected } = publicError(exception);
    if (unexpected) this.#reporter.report(exception, errorContext());
    const res = host.switchToHttp().getResponse<ServerResponse>();
    if (res.headersSent) return res.destroy(); // half an answer must not look like a whole one
    const status = exception instanceof HttpException ? exception.getStatus() : (STATUS_OF_CODE[code] ?? 400);
    const requestId = currentContext()?.requestId;
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ errors: [{ message, extensions: { code, ...(requestId === undefined ? {} : { requestId }) } }] }));
    return undefined;
  }
}
