import type { LoggerService } from '@nestjs/common';
import { isNotNow } from './not-now.ts';
import { withoutSecrets } from './redaction.ts';

/** The known circumstances of an error. */
export interface ErrorContext {
  readonly requestId?: string;
  readonly userId?: string;
  readonly service?: string;
  /** For example `mutation CreateTeam`, `GET /register`, `consumer teams-projection`. */
  readonly operation?: string;
}

/**
 * Receives unexpected errors, besides the log. A tracker such as Sentry can be added:
 *
 *    const sentryReporter: ErrorReporter = {
 *      report: (error, { requestId, userId, service, operation }) =>
 *        Sentry.captureException(error, {
 *          user: userId ? { id: userId } : undefined,
 *          tags: { service, operation, requestId },
 *        }),
 *    };
 *    const reporter = combineReporters(logReporter(logger), sentryReporter);
 *
 * A reporter gets errors that went through {@link withoutSecrets}, because a driver's error contains rows, and messages
 * repeat the input of clients. `report` must return immediately. If it throws, {@link combineReporters} ignores that,
 * so the request is not affected.
 */
export interface ErrorReporter {
  report(error: unknown, context: ErrorContext): void;
}

/**
 * The log shows each reason for an outage at most once in this time, in milliseconds. Otherwise every request would log
 * a stack while a database is unavailable.
 */
const AWAY_EVERY_MS = 1_000;
/** The largest number of reasons for an outage that are remembered. When there are more, all of them are forgotten. */
const MAX_REASONS = 1_000;

/**
 * The default reporter: the log, with stack and causes. Errors that are {@link isNotNow} are logged at most once a
 * second for each message, with the number of repeats that were left out (`notReported`).
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

/** Reports to each reporter, even if another one fails. */
export function combineReporters(...reporters: readonly ErrorReporter[]): ErrorReporter {
  return {
    report(error, context) {
      for (const reporter of reporters) {
        try {
          reporter.report(withoutSecrets(error), context);
        } catch {
          // The others still get the error.
        }
      }
    },
  };
}
