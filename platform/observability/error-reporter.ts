import type { LoggerService } from '@nestjs/common';
import { isNotNow } from './not-now.ts';
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
 * What they get has been through {@link withoutSecrets}: a driver's error holds rows, and messages repeat what a client
 * sent. `report` returns at once and may fail: {@link combineReporters} keeps its failure from the request.
 */
export interface ErrorReporter {
  report(error: unknown, context: ErrorContext): void;
}

/**
 * How often the log has one reason why something is away, in milliseconds: while a database is, every request would
 * write a stack.
 */
const AWAY_EVERY_MS = 1_000;
/** More different reasons are not expected; whatever makes them, they are forgotten. */
const MAX_REASONS = 1_000;

/**
 * The default: the log, with stack and causes. What {@link isNotNow} is there once a second, with how many there were
 * since (`notReported`).
 */
export function logReporter(logger: Pick<LoggerService, 'error'>): ErrorReporter {
  const reasons = new Map<string, { at: number; notReported: number }>();
  return {
    report(thrown, { operation }) {
      const error = withoutSecrets(thrown);
      if (!isNotNow(thrown)) return void logger.error(error, { operation }, 'ErrorReporter');
      const reason = reasons.get(error.message) ?? { at: -Infinity, notReported: 0 };
      if (performance.now() - reason.at < AWAY_EVERY_MS) return void reason.notReported++;
      if (reasons.size >= MAX_REASONS) reasons.clear();
      reasons.set(error.message, { at: performance.now(), notReported: 0 });
      logger.error(error, { operation, notReported: reason.notReported }, 'ErrorReporter');
    },
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
