import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { executionError } from './errors.ts';
import { Overloaded, SubgraphBusy } from './types.ts';
import type { SubgraphTransport } from './types.ts';

/** What subgraphs have sent for an answer, or the answer, is larger than an answer may be. */
export class AnswerTooLarge extends Error {
  readonly code = 'ANSWER_TOO_LARGE';
  override readonly name = 'AnswerTooLarge';
  constructor(bytes: number) {
    super(`The answer is larger than ${bytes} bytes: ask for less at a time.`);
  }
}

/**
 * Bounds one answer. What subgraphs send counts before it is read, or an answer that nobody gets would cost as much as
 * one.
 */
export class AnswerSize {
  readonly bytes: number;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /**
   * For one answer. Gives AnswerTooLarge in place of what is too much.
   * @param whole whether there is no answer at all where a subgraph is busy: rejected with Overloaded
   */
  metered({ send, subscribe }: SubgraphTransport, whole: boolean): SubgraphTransport {
    const { bytes } = this;
    let left = bytes;
    return {
      subscribe,
      send(subgraph, body, kind, context, done) {
        send(subgraph, body, kind, context, (error, text) => {
          left -= text.length;
          if (whole && error instanceof SubgraphBusy) done(new Overloaded(), '');
          else if (left < 0) done(error ?? new AnswerTooLarge(bytes), '');
          else done(error, text);
        });
      },
    };
  }

  /**
   * The answer, or the one that says that it is too large: an object that was fetched once may be in it any number of
   * times.
   */
  bounded(answer: Answer, requestId: string): Answer {
    return answer.text.length > this.bytes ? this.#refusal(requestId) : answer;
  }

  /** In place of an answer that could not be made. @throws the error when it is another */
  instead(error: unknown, requestId: string): Answer {
    // V8 makes no string of more than half a gigabyte.
    if (error instanceof AnswerTooLarge || (error instanceof RangeError && error.message === 'Invalid string length'))
      return this.#refusal(requestId);
    throw error;
  }

  #refusal(requestId: string): Answer {
    const { code, message } = new AnswerTooLarge(this.bytes);
    return answerOf({ data: null, errors: [executionError(code, message, undefined)] }, requestId);
  }
}
