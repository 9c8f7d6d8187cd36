import type { OperationInfo } from '../../config/observers.ts';
import type { Answer } from '../../execution/answer.ts';
import type { StreamEvent } from '../../subscriptions/subscriber.ts';

/** How a transport writes the events of a subscription. All texts are bytes, one a character. */
export interface EventWriter {
  readonly transport: OperationInfo['transport'];
  readonly contentType: string;
  /** Written at once, so that the client knows that it is connected. */
  readonly head: string;
  /** The same for everybody: asked once for each event. */
  event(event: StreamEvent): string;
  /** The last words of a subscription that has ended with an error. */
  failure(answer: Pick<Answer, 'text'>): string;
  readonly complete: string;
  /** Says nothing, and keeps the connection from being taken for dead. */
  readonly beat: string;
}
