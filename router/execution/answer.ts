import type { GraphQLFormattedError } from 'graphql';
import type { ExecutionResponse } from './types.ts';

/** A GraphQL response, ready to be written to a client. */
export interface Answer {
  /**
   * The response as JSON in UTF-8. Each character is one byte ('latin1'), so the router cuts and joins texts without
   * decoding them, and the length is the number of bytes. Do not print it, compare it with decoded text or count its
   * characters.
   */
  readonly text: string;
  /** The number of errors in the response. */
  readonly errors: number;
  /** The `extensions.code` of the first error. */
  readonly code: string | undefined;
  /** Whether the response has `data`. If not, nothing was executed, or the subscription has failed. */
  readonly data: boolean;
  /** The greatest `extensions.retryAfter` of the response's errors: how many seconds to wait before a retry. */
  readonly retryAfter?: number;
}

/** Encodes a text as UTF-8 in a string whose characters are bytes. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Decodes a string whose characters are bytes of UTF-8. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/**
 * Serialises a response. Each error gets `extensions.requestId`. `errors` precedes `data`, as the specification
 * advises, so that people notice it.
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

/** Copies of these errors, each with `extensions.requestId`. */
export function withRequestId(errors: readonly GraphQLFormattedError[], requestId: string): GraphQLFormattedError[] {
  return errors.map((error) => ({ ...error, extensions: { ...error.extensions, requestId } }));
}

/** The `extensions.code` of the first error. */
export function firstCode(errors: readonly GraphQLFormattedError[] | undefined): string | undefined {
  const code = errors?.[0]?.extensions?.['code'];
  return typeof code === 'string' ? code : undefined;
}
