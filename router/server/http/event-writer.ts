import type { OperationInfo } from '../../config/observers.ts';
import type { Answer } from '../../execution/answer.ts';
import type { StreamEvent } from '../../subscriptions/subscriber.ts';

/**
 * The format in which a transport writes the events of a subscription. In all strings each character is one byte
 * ("latin1").
 */
export interface EventWriter {
  readonly transport: OperationInfo['transport'];
  readonly contentType: string;
  /** The router writes this first, so that the client knows that it is connected. */
  readonly head: string;
  /** Formats an event. The result is the same for all clients, so this is called once per event and writer. */
  event(event: StreamEvent): string;
  /** Formats the end of a subscription that failed. */
  failure(answer: Pick<Answer, 'text'>): string;
  readonly complete: string;
  /** A heartbeat. It carries no data and keeps proxies from closing an idle connection. */
  readonly heartbeat: string;
}
