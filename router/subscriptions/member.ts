import type { GraphQLFormattedError } from 'graphql';
import type { Upstream } from '../engine/engine.ts';
import { answerOf } from '../execution/answer.ts';
import type { Answer } from '../execution/answer.ts';
import type { Principal } from '../execution/types.ts';
import type { Alarm } from '../time/alarm.ts';
import type { LiveOperation } from './live-operation.ts';
import type { Cursor, EndCode, Ending, SubscribeContext, SubscribeRequest, Subscriber } from './subscriber.ts';

/** The stream that a member listens to, as far as the member knows it. */
interface Joined {
  readonly key: string;
  /** Gives the member what it has missed, as far as it takes that. */
  place(member: Member): void;
  remove(member: Member): void;
}

/** What the core keeps of one client's subscription. */
export class Member {
  readonly subscriber: Subscriber;
  request: SubscribeRequest;
  readonly requestId: string;
  principal: Principal;
  /** How its events are asked for and completed; another one after a reload. */
  operation: LiveOperation;
  upstream: Upstream;
  /** The cursor of the last event that was delivered, or where it began. */
  last: Cursor | undefined;
  /** Where the stream was when the last completed check began. */
  position: Cursor | undefined;
  /** Of the newest revocation that was seen and then asked about; of those up to `cleared` the answer is known. */
  asked: Cursor | undefined;
  cleared: Cursor | undefined;
  /**
   * Where it was when a check found that it may listen although its stream had been refused; null: that has not
   * happened.
   */
  readmitted: Cursor | undefined | null = null;
  stream: Joined | undefined;
  /** While what it has missed comes from an upstream of its own. */
  catchup: Pick<Joined, 'remove'> | undefined;
  /** The number, in the stream, of the event that it needs next; undefined while its place there is not known. */
  next: number | undefined;
  /** The client takes nothing. */
  full = false;
  /** A revocation was seen, and what a check says now is awaited. */
  held = false;
  /** A check runs or is to be tried again. */
  unchecked = false;
  /** What ended its stream, while a check may still find it another one. */
  refusal: Answer | undefined;
  ended = false;
  /** What it listens to, whoever it is; undefined when nobody has to be asked for that. */
  place: string | undefined;
  /** Of its token. */
  expiry: Alarm | undefined;
  /** Undoes what was set up for it outside of its stream: timers, checks. */
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

  /** With what the subgraph said. */
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
  'The subscription fell behind: its events were not taken fast enough. Subscribe again from the last event';
