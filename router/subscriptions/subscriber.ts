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

/** Why a subscription ended. A subgraph may use any other code. */
export type EndCode =
  /**
   * The subgraph was lost and the stream cannot be resumed without loss, or the router could not re-check the client's
   * rights in time.
   */
  | 'UNAVAILABLE'
  /** The client read its events too slowly, or the router completed them too slowly. */
  | 'SLOW_CONSUMER'
  /** The client may not listen, or lost the right to. */
  | 'FORBIDDEN'
  | 'TOKEN_EXPIRED'
  /** There is no event at the cursor. The client must load the current state again. */
  | 'RESYNC_REQUIRED'
  /** The supergraph or the client's identity has changed. The client must subscribe again. */
  | 'SUBSCRIPTION_RELOADED'
  | (string & {});

export interface Ending {
  readonly code: EndCode;
  /**
   * Whether the client may subscribe again immediately, from its last cursor if it has one. False means that the client
   * was refused.
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
   * bytes already wait for it to read. The same event is then offered again after `resumed()`, and no other before
   * that. Meanwhile the shared stream keeps the events that the client misses. When they exceed the stream's limits,
   * `fail` is called with SLOW_CONSUMER.
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
   * If the principal has changed (other claims), the subscription moves to that principal's stream and continues from
   * its cursor. Without cursors it fails with SUBSCRIPTION_RELOADED.
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
  /** An operation of kind 'subscription'. */
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
   * Milliseconds since the epoch. At this time `fail` is called with TOKEN_EXPIRED. For transports that cannot take a
   * new token. The WebSocket transport has its own timer.
   */
  readonly expiresAt?: number | undefined;
}

/** All subscriptions of a router. */
export interface Subscriptions {
  /**
   * Opens a subscription.
   * @throws RequestError when the variables are invalid; every other refusal is reported by `fail`
   */
  open(request: SubscribeRequest, context: SubscribeContext, subscriber: Subscriber): Subscription;
  /**
   * Moves subscriptions to another engine after a reload. A subscription continues if its document is valid for the new
   * engine and leads to the same subgraph request. All others fail with SUBSCRIPTION_RELOADED, evenly spread over
   * `spreadMs`. Resolves when that is done.
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
