import type { TrustedProxies } from '../../../platform/http/client-address.ts';
import type { Limits } from '../../config/limits.ts';
import type { LogPort, OperationInfo } from '../../config/observers.ts';
import type { Answer } from '../../execution/answer.ts';
import type { Admission } from '../../policies/admission.ts';
import type { Subscriptions } from '../../subscriptions/subscriber.ts';
import type { IncrementalFormat } from '../incremental.ts';
import { incrementalAnswers } from '../incremental.ts';
import type { IncrementalAnswer } from '../incremental.ts';
import { notAcceptable } from './accept.ts';
import { multipartWriter, sendParts } from './multipart.ts';
import type { PreparedRequest } from './prepared-request.ts';
import { HttpProblem } from './problem.ts';
import { sendEvent, sendEvents, sseWriter } from './sse.ts';
import { createHttpSubscriptions } from './subscriptions.ts';

export type Outcome = Pick<Answer, 'errors' | 'code'>;

/** Responses that are not one document, because of the operation or of what the client accepts. */
export interface HttpStreams {
  /**
   * Resolves when the response is written. For a subscription it resolves with undefined when the stream has started;
   * the subscription reports its own end.
   * @throws RequestError, HttpProblem, as long as nothing has been sent
   */
  answer(request: PreparedRequest): Promise<Outcome | undefined>;
  /** The number of running subscriptions. */
  readonly subscriptions: number;
  readonly bufferedBytes: number;
  /** Ends the subscriptions with an error that asks clients to reconnect. */
  close(graceMs: number): Promise<void>;
}

/** Whether `HttpStreams` must answer this request. */
export function isStreamed({ prepared, accepted }: Pick<PreparedRequest, 'prepared' | 'accepted'>): boolean {
  return (
    accepted.single === undefined ||
    prepared.kind === 'subscription' ||
    (prepared.incremental && accepted.incremental !== undefined)
  );
}

export interface HttpStreamServices {
  readonly subscriptions: Subscriptions;
  readonly admission: Admission;
  readonly proxies: TrustedProxies;
  readonly limits: Limits;
  readonly log: LogPort | undefined;
  readonly onOperation: ((info: OperationInfo) => void) | undefined;
  /** Called each time that a client's stream gets full. */
  readonly onFull?: (() => void) | undefined;
  /** The format of parts that are sent as events. */
  readonly incrementalFormat: IncrementalFormat;
}

export function createHttpStreams(services: HttpStreamServices): HttpStreams {
  const { limits, log, incrementalFormat, onFull } = services;
  const subscriptions = createHttpSubscriptions(services);

  /** Sends a response in parts, by `multipart/mixed` or as events. */
  const sendInParts = async (
    request: PreparedRequest,
    format: IncrementalFormat,
    send: typeof sendParts,
  ): Promise<Outcome> => {
    const {
      res,
      context,
      engine,
      prepared,
      params: { variables },
    } = request;
    const answers = prepared.incremental
      ? incrementalAnswers({ engine, prepared, variables, context }, format, log)
      : onePart(await engine.execute(prepared, variables, context));
    const first = await answers.next();
    const outcome: { errors: number; code: string | undefined } = { errors: 0, code: undefined };
    if (first.done === true) return outcome;
    await send(res, first.value, answers, {
      format,
      requestId: context.requestId,
      limits,
      onFull,
      onAnswer({ errors, code }) {
        outcome.errors += errors;
        outcome.code ??= code;
      },
    });
    return outcome;
  };

  return {
    async answer(request) {
      const {
        accepted: { incremental, events },
        prepared,
        engine,
        params,
        context,
        res,
      } = request;
      if (prepared.kind === 'subscription') {
        if (events === undefined) throw new HttpProblem(400, 'BAD_REQUEST', NO_EVENTS);
        subscriptions.open(request, events === 'text/event-stream' ? sseWriter : multipartWriter);
        return undefined;
      }
      if (incremental !== undefined) return sendInParts(request, incremental, sendParts);
      if (events !== 'text/event-stream') throw notAcceptable();
      if (prepared.incremental) return sendInParts(request, incrementalFormat, sendEvents);
      const answer = await engine.execute(prepared, params.variables, context);
      sendEvent(res, context.requestId, answer);
      return answer;
    },
    get subscriptions() {
      return subscriptions.size;
    },
    get bufferedBytes() {
      return subscriptions.bufferedBytes;
    },
    close: (graceMs) => subscriptions.close(graceMs),
  };
}

const NO_EVENTS =
  'subscriptions are served over WebSocket (graphql-transport-ws) at this path, and over HTTP for Accept: text/event-stream or multipart/mixed;subscriptionSpec=1.0';

/** The whole response as one part, for a client that accepts only multipart/mixed. */
async function* onePart(answer: Answer): AsyncGenerator<IncrementalAnswer, void> {
  yield { ...answer, text: `${answer.text.slice(0, -1)},"hasNext":false}`, hasNext: false };
}
