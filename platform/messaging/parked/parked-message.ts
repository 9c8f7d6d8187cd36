/** A message that waits in a service's database: in its outbox, in the inbox of a consumer, or as a timer. */
export interface ParkedMessage {
  /** The UUID of the event, job or timer. Several consumers may have parked the same event. */
  readonly id: string;
  readonly place: 'outbox' | 'inbox' | 'timers';
  readonly service: string;
  /** The consumer whose inbox has the event; absent for the outbox and timers. */
  readonly consumer?: string;
  readonly kind: 'event' | 'job' | 'timer';
  /** The topic of an event, or the queue of a job; `timers` for a timer. */
  readonly topic: string;
  readonly key: string;
  readonly seq: number;
  readonly type: string;
  readonly version: number;
  readonly state: ParkedState;
  /** When the event happened or the job was added; for a timer, when it is due. RFC 3339, UTC. */
  readonly occurredAt: string;
  /** When the message was parked; absent while it is not parked. RFC 3339, UTC. */
  readonly parkedAt?: string;
  /**
   * Why the message failed last. Absent when it has not failed: then it waits for its turn or for an earlier message.
   */
  readonly error?: string;
  readonly requestId?: string;
  readonly payload: unknown;
}

export type ParkedState =
  /** The message is in the outbox, where the relay will publish it; or it is a timer that will fire. */
  | 'waiting'
  /**
   * The message failed, or its version is not known here. It waits until an operator redrives or drops it, or until a
   * program that knows its version handles it.
   */
  | 'parked'
  /** The message waits behind an earlier message of its key. */
  | 'behind';

/** How many messages of one kind wait, and since when. */
export interface WaitingCount {
  readonly place: 'outbox' | 'inbox' | 'timers';
  readonly service: string;
  readonly consumer?: string;
  readonly topic: string;
  readonly waiting: number;
  readonly parked: number;
  readonly behind: number;
  /**
   * The time of the oldest of these messages. In an outbox: when it happened or was added. In an inbox: when it was
   * parked. For a timer: when it was due. RFC 3339, UTC.
   */
  readonly oldest: string;
}

/** Selects parked messages; an empty selection means all. */
export interface Selection {
  readonly id?: string;
  readonly type?: string;
}

/** The result of dropping a message. */
export type Drop =
  | { readonly dropped: true }
  /**
   * Nothing was dropped, because the message `behind` with the same key precedes it. Only the first message of a key
   * can be dropped, because dropping another would break the order.
   */
  | { readonly dropped: false; readonly behind: string }
  /**
   * Nothing was dropped, because the message is not parked: it was published, redriven or dropped meanwhile, or it was
   * never parked.
   */
  | { readonly dropped: false; readonly behind?: undefined };
