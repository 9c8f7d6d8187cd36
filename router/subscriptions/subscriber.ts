// The interface between a transport (WebSocket, SSE, multipart) and the core of subscriptions. It is push-based: no
// promise per message.
import type { Engine, PreparedOperation } from '../engine/engine.ts';
import type { Answer } from '../execution/answer.ts';
import type { Principal } from '../execution/types.ts';

/**
 * The position of an event in its stream: the value of the field that `@resume(from:)` names. It is a number, or a text
 * that only the subgraph understands.
 */
export type Cursor = string | number;

/** One event. All subscribers get the same object, so a transport can cache what it derives from it. */
export interface StreamEvent {
  /** The whole response. It always has `data`: a response without `data` ends the subscription, see `fail`. */
  readonly answer: Answer;
  /**
   * Set only for fields with `@resume`. A client that passes it as the field's cursor argument continues after this
   * event.
   */
  readonly cursor: Cursor | undefined;
}

/**
 * The code of the error that ended a subscription. Other codes are possible, for example INTERNAL and the codes of
 * subgraphs.
 */
export type EndCode =
  /**
   * The subgraph did not answer, the router could not resume the stream without loss or in time, or the router could
   * not check the client's rights in time.
   */
  | 'UNAVAILABLE'
  /** The client read its events too slowly, or the router completed them too slowly. */
  | 'SLOW_CONSUMER'
  /** The client may not listen, or has lost the right to listen. */
  | 'FORBIDDEN'
  | 'TOKEN_EXPIRED'
  /** The stream cannot continue from the client's cursor. The client must load the current state again. */
  | 'RESYNC_REQUIRED'
  /** The supergraph or the client's identity has changed. The client must subscribe again. */
  | 'SUBSCRIPTION_RELOADED'
  | (string & {});

export interface Ending {
  readonly code: EndCode;
  /**
   * Whether the client may subscribe again immediately, from its last cursor if it has one. False: the subgraph refused
   * the client, or the router failed with an internal error.
   */
  readonly resumable: boolean;
}

/**
 * The client's side of one subscription. A transport implements it. All methods are synchronous and must not throw.
 * None is called before `open` has returned, or after `fail`, `complete` or `stop()`.
 */
export interface Subscriber {
  /**
   * Delivers an event. Returns true if the client accepted it. Returns false if the client is full, because too many
   * bytes already wait for it to read. The router then offers the same event again after `resumed()`, and no other
   * event before that. Meanwhile the shared stream keeps the events that the client misses. If they exceed the stream's
   * limits, the router may end the subscription with SLOW_CONSUMER.
   */
  deliver(event: StreamEvent): boolean;
  /**
   * The subscription has ended with an error. `answer` is `{"errors": […]}`, without `data`. After SLOW_CONSUMER the
   * transport should close the connection if it still holds too many unsent bytes.
   */
  fail(answer: Answer, ending: Ending): void;
  /** The subgraph has completed the subscription. */
  complete(): void;
}

/** A transport's handle of a running subscription. */
export interface Subscription {
  /** The client has left. Idempotent. No subscriber method is called afterwards. */
  stop(): void;
  /**
   * The client accepts events again after `deliver` returned false. Calls `deliver` synchronously until that returns
   * false again.
   */
  resumed(): void;
  /**
   * The client has sent a new token of the same issuer and subject. Its rights are checked again while events continue.
   * If its stream is not shared and the principal has changed (other claims), the subscription moves to the new
   * principal's stream and continues from its cursor. Without cursors it fails with SUBSCRIPTION_RELOADED.
   */
  reauthorize(principal: Principal, expiresAt?: number): void;
  /** Ends the subscription with TOKEN_EXPIRED, unless it has ended. */
  expire(): void;
  /**
   * The cursor of the last delivered event, or where the subscription began. The `id:` of SSE is the cursor of the
   * event itself.
   */
  readonly cursor: Cursor | undefined;
}

/** A client's request to subscribe. */
export interface SubscribeRequest {
  /** The engine that prepared the operation. */
  readonly engine: Engine;
  /** The prepared operation, whose kind must be 'subscription'. */
  readonly prepared: PreparedOperation;
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables: unknown;
  /** Overrides the cursor argument: the `Last-Event-ID` of SSE. Ignored when the field has no `@resume`. */
  readonly lastEventId?: string | undefined;
}

export interface SubscribeContext {
  readonly requestId: string;
  readonly principal: Principal;
  /**
   * Milliseconds since the epoch. At this time `fail` is called with TOKEN_EXPIRED. Transports that cannot take a new
   * token set it. The WebSocket transport leaves it out and has its own timer.
   */
  readonly expiresAt?: number | undefined;
}

/** All subscriptions of a router. */
export interface Subscriptions {
  /**
   * Opens a subscription.
   * @throws RequestError when the variables or `lastEventId` are invalid; every other refusal is reported by `fail`
   */
  open(request: SubscribeRequest, context: SubscribeContext, subscriber: Subscriber): Subscription;
  /**
   * Moves subscriptions to another engine after a reload. A subscription continues if its document is valid for the new
   * engine and leads to the same subgraph request, under the same rules for sharing. All others fail with
   * SUBSCRIPTION_RELOADED, evenly spread over `spreadMs`. Resolves when the last of them has failed, or when a later
   * call has taken over.
   * @param moved names of subgraphs whose address has changed, so that their connections will be lost. Their
   *   subscriptions fail too unless they can be resumed.
   */
  migrate(engine: Engine, spreadMs: number, moved?: ReadonlySet<string>): Promise<void>;
  stats(): SubscriptionStats;
  /** Ends every upstream and stops every timer. Subscribers are not notified. */
  close(): void;
}

export interface SubscriptionStats {
  /** Subscriptions at subgraphs, including temporary ones that only catch up. */
  readonly upstreams: number;
  /** Subscriptions of clients. */
  readonly subscribers: number;
  /** Finished events that all streams keep for members that lag, and the bytes of their text. */
  readonly keptEvents: number;
  readonly keptBytes: number;
}
