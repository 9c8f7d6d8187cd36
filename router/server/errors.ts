import type { GraphQLFormattedError } from 'graphql';
import type { LogPort } from '../config/observers.ts';
import { AnswerTooLarge } from '../execution/answer-size.ts';
import { Overloaded, SubgraphUnavailable } from '../execution/types.ts';
import { RequestError, codedError } from '../operation/request-error.ts';
import { PlannerBusy } from '../planning/planner.ts';

/**
 * Converts a failure into errors for the client. It logs unexpected failures in full and shows the client only a
 * generic message.
 */
export function clientErrors(
  error: unknown,
  requestId: string,
  log: LogPort | undefined,
): readonly GraphQLFormattedError[] {
  if (error instanceof RequestError) return error.errors;
  if (error instanceof SubgraphUnavailable) return [codedError(error.code, 'A service cannot be reached')];
  if (error instanceof AnswerTooLarge || error instanceof Overloaded) return [codedError(error.code, error.message)];
  if (error instanceof PlannerBusy) return [codedError(error.code, error.message)];
  log?.error('an operation failed unexpectedly', {
    requestId,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return [codedError('INTERNAL', 'internal error; the request id finds it in the log')];
}
