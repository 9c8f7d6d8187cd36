import { answerOf } from './answer.ts';
import type { Answer } from './answer.ts';
import { executionError } from './errors.ts';
import { Overloaded, SubgraphBusy } from './types.ts';
import type { SubgraphTransport } from './types.ts';

/** The error when the response, or the data that subgraphs sent for it, is larger than a response may be. */
export class AnswerTooLarge extends Error {
  readonly code = 'ANSWER_TOO_LARGE';
  override readonly name = 'AnswerTooLarge';
  constructor(bytes: number) {
    super(`The answer is larger than ${bytes} bytes: ask for less at a time.`);
  }
}

/**
 * Limits the bytes of one response and, separately, the bytes that all subgraphs send for it. Bytes from subgraphs
 * count before they are parsed. Otherwise a response that is refused would cost as much as one that is sent.
 */
export class AnswerSize {
  readonly bytes: number;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  /**
   * Wraps a transport for one response. The subgraph response that exceeds the limit in total, and every later one, is
   * replaced by AnswerTooLarge.
   * @param whole whether a busy subgraph fails the whole response (with Overloaded), not only the fields of that
   * subgraph
   */
  limitTransport({ send, subscribe }: SubgraphTransport, whole: boolean): SubgraphTransport {
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
   * Returns the response, or an error response instead if it is too large. A response may be larger than the data that
   * subgraphs sent, because one fetched object may appear in it many times.
   */
  limitAnswer(answer: Answer, requestId: string): Answer {
    return answer.text.length > this.bytes ? this.#tooLargeAnswer(requestId) : answer;
  }

  /**
   * The error response for a response that could not be built.
   * @throws the given error when it has another cause than size
   */
  errorAnswer(error: unknown, requestId: string): Answer {
    // V8 throws the RangeError 'Invalid string length' for a string of more than half a gigabyte.
    if (error instanceof AnswerTooLarge || (error instanceof RangeError && error.message === 'Invalid string length'))
      return this.#tooLargeAnswer(requestId);
    throw error;
  }

  #tooLargeAnswer(requestId: string): Answer {
    const { code, message } = new AnswerTooLarge(this.bytes);
    return answerOf({ data: null, errors: [executionError(code, message, undefined)] }, requestId);
  }
}
