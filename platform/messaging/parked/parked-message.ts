/** A message that waits in a service's database: in its outbox, in the inbox of a consumer, or as a timer. */
export interface ParkedMessage {
  /** The UUID of the event, job or timer. Several consumers may have parked the same event. */
  readonly id: string;
  readonly place: 'outbox' | 'inbox' | 'timers';
  readonly service: string;
  /** The consumer whose inbox has the event; absent for the outbox and timers. */
  readonly consumer?: string;
  readonly kind: 'event' | 'job' | 'timer';
  /** The topic of an event, or the queue of a job. */
  readonly topic: string;
  readonly key: string;
  readonly seq: number;
  readonly type: string;
  readonly version: number;
  readonly state: ParkedState;
  /** For a timer, the time when it is due. RFC 3339, UTC. */
  readonly occurredAt: string;
  /** When it was parked; absent while it waits to be published. RFC 3339, UTC. */
  readonly parkedAt?: string;
  /** Why it is parked; absent when the only reason is an earlier message of its key. */
  readonly error?: string;
  readonly requestId?: string;
  readonly payload: unknown;
}

export type ParkedState =
  /** In the outbox; the relay will publish it. */
  | 'waiting'
  /** It failed, and is parked until an operator redrives or drops it. */
  | 'parked'
  /** It waits behind an earlier message of its key. */
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
  /** When the oldest waiting or parked message happened or was parked. RFC 3339, UTC. */
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
  /** Only the first message of its key can be dropped, because dropping another would break the order. */
  | { readonly dropped: false; readonly behind: string }
  /** It is not parked: it was published, redriven or dropped meanwhile, or it was never parked. */
  | { readonly dropped: false; readonly behind?: undefined };
