/** A message that waits in a service's database: in its outbox, in the inbox of one of its consumers, or as a timer. */
export interface ParkedMessage {
  /** UUID: of an event, a job or a timer its own. Several consumers may have parked the same event. */
  readonly id: string;
  readonly place: 'outbox' | 'inbox' | 'timers';
  readonly service: string;
  /** Whose inbox it is in; absent in the outbox. */
  readonly consumer?: string;
  readonly kind: 'event' | 'job' | 'timer';
  /** Of an event its topic, of a job its queue. */
  readonly topic: string;
  readonly key: string;
  readonly seq: number;
  readonly type: string;
  readonly version: number;
  readonly state: ParkedState;
  /** Of a timer when it is due. RFC 3339, UTC. */
  readonly occurredAt: string;
  /** Since when it is parked; absent while it waits to be published. RFC 3339, UTC. */
  readonly parkedAt?: string;
  /** Why; absent when only because of an earlier message of its key. */
  readonly error?: string;
  readonly requestId?: string;
  readonly payload: unknown;
}

export type ParkedState =
  /** In the outbox, and the relay will publish it. */
  | 'waiting'
  /** It failed, and stays until an operator redrives or drops it. */
  | 'parked'
  /** It stays behind an earlier message of its key. */
  | 'behind';

/** How many messages of one kind wait, and since when. */
export interface ParkedCount {
  readonly place: 'outbox' | 'inbox' | 'timers';
  readonly service: string;
  readonly consumer?: string;
  readonly topic: string;
  readonly waiting: number;
  readonly parked: number;
  readonly behind: number;
  /** Of what is waiting, parked or behind. RFC 3339, UTC. */
  readonly oldest: string;
}

/** Which parked messages are meant; all of them when nothing is given. */
export interface Selection {
  readonly id?: string;
  readonly type?: string;
}

/** What became of an attempt to drop a message. */
export type Drop =
  | { readonly dropped: true }
  /** Only the first message of its key can be dropped: the order of the others would be lost otherwise. */
  | { readonly dropped: false; readonly behind: string }
  /** It is not parked: it was published, redriven or dropped meanwhile, or it was never parked. */
  | { readonly dropped: false; readonly behind?: undefined };
