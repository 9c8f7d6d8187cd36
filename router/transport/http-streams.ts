import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Limits, LogPort } from '../config.ts';
import type { Answer } from '../execution/answer.ts';
import type { Engine, PreparedOperation } from '../execution/engine.ts';
import type { RequestContext } from '../execution/types.ts';
import type { Accepted } from './accept.ts';
import { notAcceptable } from './accept.ts';
import type { GraphQLParams } from './http-request.ts';
import { incrementalAnswers } from './incremental.ts';
import type { IncrementalAnswer } from './incremental.ts';
import { sendParts } from './multipart.ts';
import { sendEvent } from './sse.ts';

/** What is known of a request when its operation is prepared. */
export interface StreamRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly accepted: Accepted;
  readonly engine: Engine;
  readonly prepared: PreparedOperation;
  readonly params: GraphQLParams;
  readonly context: RequestContext;
}

export type Outcome = Pick<Answer, 'errors' | 'code'>;

/** Answers that are not one document, because of the operation or of what the client takes. */
export interface HttpStreams {
  /**
   * Resolves when the answer is written.
   * @throws RequestError, HttpProblem, as long as nothing has been sent
   */
  answer(request: StreamRequest): Promise<Outcome>;
}

/** Whether this is for `HttpStreams`. */
export function isStreamed({ prepared, accepted }: Pick<StreamRequest, 'prepared' | 'accepted'>): boolean {
  return accepted.single === undefined || (prepared.incremental && accepted.incremental !== undefined);
}

export function createHttpStreams({ limits, log }: { limits: Limits; log: LogPort | undefined }): HttpStreams {
  const inParts = async ({ res, context, engine, prepared, params: { variables } }: StreamRequest, format: NonNullable<Accepted['incremental']>): Promise<Outcome> => {
    const answers = prepared.incremental ? incrementalAnswers({ engine, prepared, variables, context }, format, log)
      : onePart(await engine.execute(prepared, variables, context));
    const first = await answers.next();
    const outcome: { errors: number; code: string | undefined } = { errors: 0, code: undefined };
    if (first.done === true) return outcome;
    await sendParts(res, first.value, answers, { format, requestId: context.requestId, limits, onAnswer({ errors, code }) {
      outcome.errors += errors;
      outcome.code ??= code;
    } });
    return outcome;
  };

  return {
    async answer(request) {
      const { accepted: { incremental, events }, prepared, engine, params, context, res } = request;
      if (incremental !== undefined) return inParts(request, incremental);
      if (events !== 'text/event-stream') throw notAcceptable();
      const answer = await engine.execute(prepared, params.variables, context);
      sendEvent(res, context.requestId, answer);
      return answer;
    },
  };
}

/** For a client that takes nothing but multipart/mixed. */
async function* onePart(answer: Answer): AsyncGenerator<IncrementalAnswer, void> {
  yield { ...answer, text: `${answer.text.slice(0, -1)},"hasNext":false}`, hasNext: false };
}
