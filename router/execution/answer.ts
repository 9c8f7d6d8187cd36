import type { GraphQLFormattedError } from 'graphql';
import type { ExecutionResponse } from './types.ts';

/** A GraphQL response ready to be written to a client. */
export interface Answer {
  /**
   * The response as JSON in UTF-8, one byte a character ('latin1'): cut and joined without being decoded; its length is
   * the number of bytes. Never shown, compared with decoded text or measured in characters.
   */
  readonly text: string;
  /** Errors in it. */
  readonly errors: number;
  /** `extensions.code` of the first error. */
  readonly code: string | undefined;
  /** False when there is no `data`: nothing was executed, or the subscription has failed. */
  readonly data: boolean;
  /** The greatest `extensions.retryAfter` of its errors: seconds to wait before the same is asked again. */
  readonly retryAfter?: number;
}

/** UTF-8 bytes as a string of one byte a character. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The text that such bytes stand for. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Every error gets `extensions.requestId`. Errors come first, as the specification advises, so that nobody overlooks
 * them.
 */
export function answerOf({ data, errors }: ExecutionResponse, requestId: string): Answer {
  if (errors === undefined || errors.length === 0)
    return { text: toBytes(JSON.stringify({ data })), errors: 0, code: undefined, data: data !== undefined };
  return {
    text: toBytes(JSON.stringify({ errors: withRequestId(errors, requestId), data })),
    errors: errors.length,
    code: firstCode(errors),
    data: data !== undefined,
    ...longestWait(errors),
  };
}

function longestWait(errors: readonly GraphQLFormattedError[]): { retryAfter?: number } {
  const waits = errors.flatMap(({ extensions }) =>
    Number(extensions?.['retryAfter']) >= 0 ? [Math.ceil(Number(extensions?.['retryAfter']))] : [],
  );
  return waits.length === 0 ? {} : { retryAfter: Math.max(...waits) };
}

/** The same errors, each with `extensions.requestId`. */
export function withRequestId(errors: readonly GraphQLFormattedError[], requestId: string): GraphQLFormattedError[] {
  return errors.map((error) => ({ ...error, extensions: { ...error.extensions, requestId } }));
}

/** `extensions.code` of the first error. */
export function firstCode(errors: readonly GraphQLFormattedError[] | undefined): string | undefined {
  const code = errors?.[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : undefined;
}
