import { GraphQLError } from 'graphql';
import type { Generation } from './generated/prisma/client.ts';

/** There is no language model, or an operator switched the flow off. @returns an error to throw with AI_UNAVAILABLE */
export const aiUnavailable = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'AI_UNAVAILABLE' } });

/** Why a generation failed. The names are the schema's enum `GenerationFailureReason`. */
export const FAILURES = {
  PROVIDER_BUSY: 'the language model has too many requests',
  PROVIDER_FAILED: 'the language model failed',
  REFUSED: 'the language model refused the request',
  CUT: 'the text was cut at the length limit',
  UNUSABLE: 'the answer of the language model cannot be used',
  FACTS_WRONG: 'the text contradicts the facts',
  TIMED_OUT: 'the language model took too long',
  INTERRUPTED: 'the server stopped before the text was complete',
} as const;
export type Failure = keyof typeof FAILURES;

/** The error that ends the stream of a failed generation. @returns an error to throw with AI_FAILED */
export function aiFailed({ failure, retryAfter }: Pick<Generation, 'failure' | 'retryAfter'>): GraphQLError {
  const reason = failureOf(failure);
  return new GraphQLError(FAILURES[reason], { extensions: { code: 'AI_FAILED', reason, retryAfter } });
}

/** The stored reason. A reason that only a newer program knows counts as PROVIDER_FAILED. */
export const failureOf = (stored: string | null): Failure =>
  stored !== null && Object.hasOwn(FAILURES, stored) ? (stored as Failure) : 'PROVIDER_FAILED';
