/**
 * What a service says happened: one row of its outbox, one record of the log. `seq` is dense per (topic, key) and
 * starts at 1.
 */
export interface DomainEvent {
  /** Topic, for example `matches.v1`. */
  readonly topic: string;
  /** The aggregate's id: order is kept per key, and only per key. */
  readonly key: string;
  /** 1, 2, 3 … without holes within (topic, key). */
  readonly seq: number;
  /** UUID, the same however often the event is delivered. */
  readonly eventId: string;
  /** For example `MatchEventRecorded`; with `version` it names the payload's definition in schema/messages. */
  readonly type: string;
  readonly version: number;
  /** RFC 3339, UTC. */
  readonly occurredAt: string;
  /** The request that caused it, to follow it through the logs. */
  readonly requestId?: string;
  /** JSON, as schema/messages defines it. */
  readonly payload: unknown;
  /**
   * Nothing happened: it is the whole state of the key after event `seq`, whose number it repeats, for consumers that
   * have not got there by events. Tails pass it over.
   */
  readonly snapshot?: boolean;
}

/** A {@link DomainEvent} with its place in the log. */
export interface LoggedEvent extends DomainEvent {
  readonly partition: number;
  /** Decimal digits; grows within a partition. */
  readonly offset: string;
  /**
   * It was parked, and comes from the inbox instead of the log: see {@link import('../parked/redriver.ts').Redriver}.
   */
  readonly redriven?: true;
}

export interface Topic {
  /** For example `matches.v1`. */
  readonly name: string;
  /**
   * The most members of a group that share its work. A topic keeps the number it was created with, or its keys would
   * change places.
   */
  readonly partitions: number;
  /** For how many hours an event is kept at least; null for ever. */
  readonly retentionHours: number | null;
  /**
   * What happens to an older event: it is deleted, or only if there is a newer one of its key. A topic that is
   * compacted has holes by design.
   */
  readonly cleanup: 'delete' | 'compact';
}

export interface Consumer {
  /** Resolves when the handler that runs now has finished and its offset is kept; no handler runs afterwards. */
  close(): Promise<void>;
}

/** Appending outcome of one event. An event that fails does not hold back events of other keys in the same call. */
export type AppendOutcome = { readonly ok: true } | { readonly ok: false; readonly error: Error };

/**
 * A durable, partitioned, append-only log. Two ways to read it:
 * - `consume`: shared among all processes of a group, with kept offsets, at least once, in order per key;
 * - `tail`: every process sees every event appended from now on, nothing is kept; for live fan-out.
 */
export interface EventLog {
  /** Creates what does not exist yet, and sets for how long what does keeps its events; idempotent. */
  ensureTopics(topics: readonly Topic[]): Promise<void>;
  /**
   * Appends in the given order, durable when it resolves; outcomes stand in the order of the events. After a failure of
   * a key its later events of this call fail too.
   */
  append(events: readonly DomainEvent[]): Promise<readonly AppendOutcome[]>;
  /**
   * Resolves when the consumer has joined. A handler that throws gets the same event again after a growing delay; later
   * events of its key wait. A record that no event log wrote is reported and passed over, here and by tails. A new
   * group starts at the beginning of the log.
   */
  consume(options: {
    group: string;
    topics: readonly string[];
    handler: (event: LoggedEvent) => Promise<void>;
  }): Promise<Consumer>;
  /**
   * Resolves when it is attached: every event whose append begins afterwards is delivered, in order per key.
   * `onInterrupted` is called after the tail was away (connection lost, restart, rebalance) and is attached again:
   * events may have been missed.
   */
  tail(options: {
    topics: readonly string[];
    handler: (event: LoggedEvent) => void;
    onInterrupted?: () => void;
  }): Promise<Consumer>;
  /**
   * Resolves when every consumer and tail of this instance has handled what is appended now. For tests and graceful
   * stops.
   */
  settled(): Promise<void>;
  /**
   * One cheap round trip over a connection that exists. Rejects, or stays pending, while the log is away; rejects after
   * `close`.
   */
  ping(): Promise<void>;
  /** Closes all consumers, tails and connections of this instance. */
  close(): Promise<void>;
}
