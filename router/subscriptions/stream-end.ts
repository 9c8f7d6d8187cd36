import type { GraphQLFormattedError } from 'graphql';
import type { Answer } from '../execution/answer.ts';
import { executionError } from '../execution/errors.ts';
import { unavailable } from '../execution/subgraph-call.ts';
import { SlowConsumer, SubgraphUnavailable } from '../execution/types.ts';
import type { Member } from './member.ts';

/** How a stream has ended: the subgraph completed it, the subgraph refused it, or it failed. */
export type StreamEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'refused'; readonly answer: Answer }
  | { readonly kind: 'failed'; readonly failure: Failure };
export interface Failure {
  readonly error: GraphQLFormattedError;
  readonly resumable: boolean;
}

/**
 * Converts the error that ended a source to the failure that its members receive.
 * @param onFault called with errors that neither the subgraph nor the client caused
 */
export function failureOf(error: unknown, subgraph: string, onFault: (error: unknown) => void): Failure {
  if (error instanceof SlowConsumer)
    return { error: executionError(error.code, error.message, undefined), resumable: true };
  if (error instanceof SubgraphUnavailable) return { error: unavailable(subgraph, undefined), resumable: true };
  onFault(error);
  return {
    error: executionError('INTERNAL', 'internal error; the request id finds it in the log', undefined),
    resumable: false,
  };
}

/**
 * Ends the subscription of a member that has received all events. If the stream was refused while a check of the member
 * runs, the result of the check decides instead.
 */
export function endMember(member: Member, ending: StreamEnd): void {
  if (ending.kind === 'complete') member.complete();
  else if (ending.kind === 'failed') member.failBecause(ending.failure.error, ending.failure.resumable);
  else if (member.unchecked) member.refusal = ending.answer;
  else member.refuse(ending.answer);
}
