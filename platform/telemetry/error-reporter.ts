import type { LoggerService } from '@nestjs/common';
import { withoutSecrets } from './redaction.ts';

/** Where an error happened; whatever is known of it. */
export interface ErrorContext {
  readonly requestId?: string;
  readonly userId?: string;
  readonly service?: string;
  /** For example `mutation CreateTeam`, `GET /register`, `consumer teams-projection`. */
  readonly operation?: string;
}

/**
 * Where unexpected errors go, beside the log. A tracker such as Sentry fits behind it:
 *
 *     const sentryReporter: ErrorReporter = {
 *       report: (error, { requestId, userId, service, operation }) =>
 *         Sentry.captureException(error, { user: userId ? { id: userId } : undefined, tags: { service, operation, requestId } }),
 *     };
 *     const reporter = combineReporters(logReporter(logger), sentryReporter);
 *
 * What they get has been through {@link withoutSecrets}: a driver's error holds rows, and messages repeat what a client sent.
 * `report` returns at once and may fail: {@link combineReporters} keeps its failure from the request.
 */
export interface ErrorReporter {
  report(error: unknown, context: ErrorContext): void;
}

/** The default: the log, with stack and causes. */
export function logReporter(logger: Pick<LoggerService, 'error'>): ErrorReporter {
  return {
    report: (error, { operation }) => logger.error(withoutSecrets(error), { operation }, 'ErrorReporter'),
  };
}

/** Reports to each, whether or not another fails. */
export function combineReporters(...reporters: readonly ErrorReporter[]): ErrorReporter {
  return {
    report(error, context) {
      for (const reporter of reporters) {
        try {
          reporter.report(withoutSecrets(error), context);
        } catch {
          // the others still hear of it
        }
      }
    },
  };
}
