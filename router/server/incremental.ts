import type { GraphQLFormattedError } from 'graphql';
import type { LogPort } from '../config/observers.ts';
import type { Engine, PreparedOperation } from '../engine/engine.ts';
import { AnswerTooLarge } from '../execution/answer-size.ts';
import { firstCode, toBytes, withRequestId } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import type { DeliveredPart, IncrementalResult, PendingPart } from '../execution/defer.ts';
import type { RequestContext } from '../execution/types.ts';
import { RequestError } from '../operation/request-error.ts';
import { clientErrors } from './errors.ts';

/**
 * The format of a response in parts: the one that Apollo's clients use, or the one of the proposal to the GraphQL
 * specification.
 */
export type IncrementalFormat = 'deferSpec=20220824' | 'incrementalSpec=v0.2';

/** One payload of a response in parts. */
export interface IncrementalAnswer extends Answer {
  readonly hasNext: boolean;
}

/**
 * Executes an operation and yields the payloads of its response, ready to be written. If the router itself fails, or a
 * payload is too large, each part that is still pending ends with an error.
 * @throws RequestError from the first `next()` when the variables are invalid; any other error while no part is pending
 */
export async function* incrementalAnswers(
  {
    engine,
    prepared,
    variables,
    context,
  }: { engine: Engine; prepared: PreparedOperation; variables: unknown; context: RequestContext },
  format: IncrementalFormat,
  log: LogPort | undefined,
): AsyncGenerator<IncrementalAnswer, void> {
  const write = WRITERS[format];
  const pending = new Map<string, PendingPart>();
  try {
    for await (const result of engine.executeIncrementally(prepared, variables, context)) {
      for (const part of result.pending) pending.set(part.id, part);
      for (const { id } of result.parts) pending.delete(id);
      const answer = answerOf(result, write);
      if (answer.text.length > engine.answerSize.bytes) {
        // The payload with the initial data is too large, so the client does not know of any part, and no part can end
        // with an error.
        if (result.initial !== undefined) pending.clear();
        throw new AnswerTooLarge(engine.answerSize.bytes);
      }
      yield answer;
    }
  } catch (error) {
    if (error instanceof RequestError || pending.size === 0) throw error;
    const errors = withRequestId(clientErrors(error, context.requestId, log), context.requestId);
    yield answerOf(
      {
        pending: [],
        parts: [...pending.values()].map((part): DeliveredPart => ({ ...part, data: null, errors })),
        hasNext: false,
      },
      write,
    );
  }
}

function answerOf(result: IncrementalResult, write: (result: IncrementalResult) => object): IncrementalAnswer {
  const errors: readonly GraphQLFormattedError[] = [
    ...(result.initial?.errors ?? []),
    ...result.parts.flatMap((part) => part.errors),
  ];
  return {
    text: toBytes(JSON.stringify(write(result))),
    errors: errors.length,
    code: firstCode(errors),
    data: true,
    hasNext: result.hasNext,
  };
}

const some = <K extends string, T>(key: K, list: readonly T[]): { [key in K]?: readonly T[] } =>
  list.length === 0 ? {} : ({ [key]: list } as { [key in K]: readonly T[] });
const named = <T extends { readonly label: string | undefined }>({ label, ...rest }: T) =>
  label === undefined ? rest : { ...rest, label };

const WRITERS: Readonly<Record<IncrementalFormat, (result: IncrementalResult) => object>> = {
  /** Identifies parts by path, as graphql-js 17.0.0-alpha.2 and Apollo's clients do. */
  'deferSpec=20220824': ({ initial, parts, hasNext }) => ({
    ...(initial && { ...some('errors', initial.errors), data: initial.data }),
    ...some(
      'incremental',
      parts.map(({ path, label, data, errors }) => named({ data, path, label, ...some('errors', errors) })),
    ),
    hasNext,
  }),
  /** Announces and completes parts by id, as the proposal to the specification and graphql-js 17 from alpha.9 on do. */
  'incrementalSpec=v0.2': ({ initial, pending, parts, hasNext }) => ({
    ...(initial && { ...some('errors', initial.errors), data: initial.data }),
    ...some('pending', pending.map(named)),
    ...some(
      'incremental',
      parts.flatMap(({ id, data, errors }) => (data === null ? [] : [{ id, data, ...some('errors', errors) }])),
    ),
    ...some(
      'completed',
      parts.map(({ id, data, errors }) => (data === null ? { id, errors } : { id })),
    ),
    hasNext,
  }),
};
