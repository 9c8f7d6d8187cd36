// What a transport (WebSocket, SSE, multipart) and the core of subscriptions are to each other. Push-style: no promise
// per message.
import type { Engine, PreparedOperation } from '../engine/engine.ts';
import type { Answer } from '../execution/answer.ts';
import type { Principal } from '../execution/types.ts';

/**
 * The position of an event in its stream, as the field named by `@resume(from:)` says: a number, or a text that means
 * something to the subgraph alone.
 */
export type Cursor = string | number;

/** One event. Everybody who gets it gets this same object, so what a transport derives from it can be derived once. */
export interface StreamEvent {
  /** The whole response; it always has `data` (a response without ends the subscription, see `fail`). */
  readonly answer: Answer;
  /**
   * Only for fields with `@resume`: a client that subscribes with it in the field's cursor argument goes on after this
   * event.
   */
  readonly cursor: Cursor | undefined;
}

/** Why a subscription ended, beside what the subgraph itself may say (any other text). */
export type EndCode =
  /**
   * The subgraph was lost and the stream cannot be taken up without loss, or whether the client may go on listening
   * could not be found out.
   */
  | 'UNAVAILABLE'
  /** The client, or the completion of its events, fell behind. */
  | 'SLOW_CONSUMER'
  /** The right to listen was withdrawn. */
  | 'FORBIDDEN'
  | 'TOKEN_EXPIRED'
  /** There is no event at the cursor: the client has to load the present state anew. */
  | 'RESYNC_REQUIRED'
  /** The supergraph, or whom the client is, has changed, and the subscription must be opened anew. */
  | 'SUBSCRIPTION_RELOADED'
  | (string & {});

export interface Ending {
  readonly code: EndCode;
  /**
   * Whether the same subscription may be opened again at once, from the last cursor (if there are cursors). A client
   * that it is false for was refused.
   */
  readonly resumable: boolean;
}

/**
 * One client's side of one subscription; a transport implements it. The calls are synchronous and must not throw. None
 * comes before `open` has returned, none after `fail`, `complete` or `stop()`.
 */
export interface Subscriber {
  /**
   * True: taken. False: full, **not** taken; the same event is offered again after `resumed()`, and none before. What
   * comes in between is kept on the shared stream for as long as its bounds allow; then `fail` comes with
   * SLOW_CONSUMER.
   */
  deliver(event: StreamEvent): boolean;
  /**
   * The subscription has ended with an error. `answer` is `{"errors": […]}`, without `data`. After SLOW_CONSUMER of a
   * client that is full, its connection is best closed.
   */
  fail(answer: Answer, ending: Ending): void;
  /** The subgraph has completed the subscription. */
  complete(): void;
}

/** What a transport holds of a running subscription. */
export interface Subscription {
  /** The client has left. Idempotent; nothing is called afterwards. */
  stop(): void;
  /**
   * After `deliver` gave false: the client takes events again. `deliver` is called before this returns, until it is
   * false again.
   */
  resumed(): void;
  /**
   * The client has shown a new token of the same issuer and subject: whether it may listen is asked anew, events go on
   * meanwhile. When the principal is another one (its claims have changed), the subscription moves to a stream of that
   * one, from its cursor; without cursors it fails with SUBSCRIPTION_RELOADED.
   */
  reauthorize(principal: Principal, expiresAt?: number): void;
  /** Ends it with TOKEN_EXPIRED, unless it has ended. */
  expire(): void;
  /**
   * Of the last event that was delivered, or where the subscription began. SSE: what goes into `id:` is the event's
   * own.
   */
  readonly cursor: Cursor | undefined;
}

/** What a client has asked for. */
export interface SubscribeRequest {
  /** The engine that prepared it. */
  readonly engine: Engine;
  /** Of the kind 'subscription'. */
  readonly prepared: PreparedOperation;
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables: unknown;
  /** Overrides the cursor argument: `Last-Event-ID` of SSE. Ignored when the field has no `@resume`. */
  readonly lastEventId?: string | undefined;
}

export interface SubscribeContext {
  readonly requestId: string;
  readonly principal: Principal;
  /**
   * Milliseconds since the epoch; then `fail` with TOKEN_EXPIRED. For transports that cannot take a new token; the
   * WebSocket has its own timer.
   */
  readonly expiresAt?: number | undefined;
}

/** All subscriptions of a router. */
export interface Subscriptions {
  /** @throws RequestError when the variables do not fit; every other refusal comes through `fail`. */
  open(request: SubscribeRequest, context: SubscribeContext, subscriber: Subscriber): Subscription;
  /**
   * After a reload: a subscription whose document is valid for the new engine and asks its subgraph for the same as
   * before goes on with it; the others fail with SUBSCRIPTION_RELOADED, evenly spread over `spreadMs`. Resolves when
   * that is done.
   * @param moved subgraphs that are somewhere else now, whose connections will be lost: subscriptions to them that
   *   cannot be resumed are among the others
   */
  migrate(engine: Engine, spreadMs: number, moved?: ReadonlySet<string>): Promise<void>;
  stats(): SubscriptionStats;
  /** Ends every upstream and stops every timer; subscribers hear nothing. */
  close(): void;
}

export interface SubscriptionStats {
  /** Subscriptions at subgraphs, those that only catch up included. */
  readonly upstreams: number;
  /** Subscriptions of clients. */
  readonly subscribers: number;
  /** Finished events that are kept for those who are behind, over all streams, and the bytes of their text. */
  readonly keptEvents: number;
  readonly keptBytes: number;
}
