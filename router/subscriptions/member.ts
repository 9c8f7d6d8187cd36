import type { GraphQLFormattedError } from 'graphql';
import type { Upstream } from '../engine/engine.ts';
import { answerOf } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import type { Principal } from '../execution/types.ts';
import type { Alarm } from '../time/alarm.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Cursor, EndCode, Ending, SubscribeContext, SubscribeRequest, Subscriber } from './subscriber.ts';

/** The stream that a member listens to, as far as the member needs it. */
interface Joined {
  readonly key: string;
  /** Delivers to the member what it has missed, until the member's client accepts no more. */
  advance(member: Member): void;
  remove(member: Member): void;
}

/** The state of one client's subscription. */
export class Member {
  readonly subscriber: Subscriber;
  request: SubscribeRequest;
  readonly requestId: string;
  principal: Principal;
  /**
   * How the member's events are requested and completed. A reload of the supergraph replaces `operation` and
   * `upstream`.
   */
  operation: LiveOperation;
  upstream: Upstream;
  /** The cursor of the last delivered event, or where the subscription began. */
  last: Cursor | undefined;
  /** The position of the stream when the last completed check began. */
  position: Cursor | undefined;
  /**
   * `checkedRevocation`: the cursor of the newest revocation that started a check. `clearedRevocation`: the cursor of
   * the newest revocation after which a check has allowed the member again.
   */
  checkedRevocation: Cursor | undefined;
  clearedRevocation: Cursor | undefined;
  /**
   * The value of `last` at the newest check that allowed the member although the subgraph had refused its stream. null:
   * there was no such check. If it happens again at the same `last`, the member got no event in between, and the
   * refusal is final.
   */
  readmitted: Cursor | undefined | null = null;
  stream: Joined | undefined;
  /** Set while a temporary upstream delivers what the member has missed. */
  catchup: Pick<Joined, 'remove'> | undefined;
  /** The number, in the stream, of the next event that the member needs. Undefined while that is unknown. */
  next: number | undefined;
  /** Whether the client accepts no events at the moment: `deliver` has returned false. */
  full = false;
  /** Whether the stream has revoked the member's rights. If so, the member gets no events until a check allows it. */
  held = false;
  /** A check runs or will be retried. */
  unchecked = false;
  /** The subgraph's refusal that ended the member's stream, while a check may still find another stream for it. */
  refusal: Answer | undefined;
  ended = false;
  /** What the member listens to, independent of its identity. Undefined when no check is needed. */
  topic: string | undefined;
  /** Rings when the member's token expires. */
  expiry: Alarm | undefined;
  /** Cleans up what belongs to the member outside of its stream: timers and checks. */
  onEnd: (() => void) | undefined;

  constructor(
    subscriber: Subscriber,
    request: SubscribeRequest,
    { requestId, principal }: Pick<SubscribeContext, 'requestId' | 'principal'>,
    operation: LiveOperation,
    upstream: Upstream,
  ) {
    this.subscriber = subscriber;
    this.request = request;
    this.requestId = requestId;
    this.principal = principal;
    this.operation = operation;
    this.upstream = upstream;
    this.last = operation.cursor(upstream.request);
  }

  get blocked(): boolean {
    return this.full || this.held;
  }

  /** Ends the subscription with the subgraph's refusal. */
  refuse(answer: Answer): void {
    this.#fail(answer, { code: answer.code ?? 'DOWNSTREAM_SERVICE_ERROR', resumable: answer.code === 'UNAVAILABLE' });
  }

  failBecause(error: GraphQLFormattedError, resumable: boolean): void {
    this.#fail(answerOf({ errors: [error] }, this.requestId), { code: String(error.extensions?.['code']), resumable });
  }

  failWith(code: EndCode, message: string, resumable: boolean): void {
    this.failBecause({ message, extensions: { code } }, resumable);
  }

  complete(): void {
    if (this.#leave()) this.subscriber.complete();
  }

  stop(): void {
    this.#leave();
  }

  #fail(answer: Answer, ending: Ending): void {
    if (this.#leave()) this.subscriber.fail(answer, ending);
  }

  #leave(): boolean {
    if (this.ended) return false;
    this.ended = true;
    this.stream?.remove(this);
    this.onEnd?.();
    return true;
  }
}

export const TOO_SLOW =
  'The subscription fell behind: the client did not read its events fast enough. Subscribe again from the last event';
