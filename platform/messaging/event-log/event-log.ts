/** Something that happened in a service: one row of its outbox, one record of the log. */
export interface DomainEvent {
  /** The topic, for example `matches.v1`. */
  readonly topic: string;
  /** The aggregate's id. Order is kept within a key, and only there. */
  readonly key: string;
  /**
   * The number of the event within its topic and key: 1, 2, 3 … without gaps. A reader can still miss numbers, because
   * compaction and retention delete events.
   */
  readonly seq: number;
  /** A UUID that is the same in every delivery of the event. */
  readonly eventId: string;
  /**
   * The name of the event's type, for example `MatchEventRecorded`. Type and `version` identify the payload's
   * definition in schema/messages.
   */
  readonly type: string;
  readonly version: number;
  /** When the event happened: RFC 3339, UTC. */
  readonly occurredAt: string;
  /** The request that caused the event, to trace it through the logs. */
  readonly requestId?: string;
  /** The content of the event: JSON, as schema/messages defines it. */
  readonly payload: unknown;
  /**
   * Whether this is not an event but a snapshot: the whole state of the key after event `seq`, whose number it repeats.
   * It is for consumers that have not reached that state by events. Tails skip it.
   */
  readonly snapshot?: boolean;
}

/** A {@link DomainEvent} with its place in the log. */
export interface LoggedEvent extends DomainEvent {
  readonly partition: number;
  /** The position of the event in its partition: decimal digits. It grows within a partition. */
  readonly offset: string;
  /**
   * Whether the event was parked and the inbox delivers it again, not the log. See {@link
   * import('../parked/redriver.ts').Redriver}.
   */
  readonly redriven?: true;
}

export interface Topic {
  /** The name of the topic, for example `matches.v1`. */
  readonly name: string;
  /**
   * The number of partitions, and so the largest number of members of a group that can share the work. A topic keeps
   * the number that it was created with; otherwise keys would change their partition.
   */
  readonly partitions: number;
  /** Minimum time in hours that an event is kept; null for ever. */
  readonly retentionHours: number | null;
  /**
   * The policy for an event after that time: `delete` deletes it, and `compact` deletes it only if its key has a newer
   * one. A compacted topic has holes by design.
   */
  readonly cleanup: 'delete' | 'compact';
}

export interface Consumer {
  /** Resolves when the running handler has finished and its offset is committed. No handler runs afterwards. */
  close(): Promise<void>;
}

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: (event: LoggedEvent) => Promise<void>;
  /**
   * If present, it gets the events of a partition that wait together: at least 2 and at most {@link MOST_TOGETHER}, in
   * order. When it resolves, all of them are handled. If it throws, the error is reported, and `handler` gets each of
   * them alone.
   */
  readonly handleAll?: ((events: readonly LoggedEvent[]) => Promise<void>) | undefined;
}

/** The largest number of events that `handleAll` gets. */
export const MOST_TOGETHER = 100;

/** The result of appending one event. A failed event does not block events of other keys in the same call. */
export type AppendOutcome = { readonly ok: true } | { readonly ok: false; readonly error: Error };

/**
 * A durable, partitioned, append-only log. There are two ways to read it:
 * - `consume`: the processes of a group share the events. Offsets are stored, delivery is at least once, and the events
 *   of a key are in order.
 * - `tail`: every process gets every event that is appended from now on, but no snapshots, and nothing is stored. It is
 *   for live updates.
 */
export interface EventLog {
  /** Creates missing topics, and updates the retention of existing ones. Idempotent. */
  ensureTopics(topics: readonly Topic[]): Promise<void>;
  /**
   * Appends the events, those of each key in the given order. When it resolves, the events with the outcome `ok` are
   * durable. The outcomes have the order of the events. When an event fails, later events of its key in this call fail
   * too.
   */
  append(events: readonly DomainEvent[]): Promise<readonly AppendOutcome[]>;
  /**
   * Joins a group; resolves when the consumer has joined. A new group starts at the beginning of the log. A handler
   * that throws gets the same event again after a growing delay, and later events of its key wait. A record that no
   * event log wrote is reported and skipped; tails do the same.
   */
  consume(options: ConsumeOptions): Promise<Consumer>;
  /**
   * Attaches a tail, which delivers every event whose append starts after this resolves: in order per key, and without
   * snapshots. `onInterrupted` is called when the tail has missed events, because the log deleted them before the tail
   * could read them, for example during a lost connection.
   */
  tail(options: {
    topics: readonly string[];
    handler: (event: LoggedEvent) => void;
    onInterrupted?: () => void;
  }): Promise<Consumer>;
  /**
   * Resolves when every consumer and tail of this instance has handled everything that is appended now. For tests and
   * graceful stops.
   */
  settled(): Promise<void>;
  /**
   * One cheap round trip over an open connection. Rejects, or stays pending, while the log is away. Rejects after
   * `close`.
   */
  ping(): Promise<void>;
  /** Closes all consumers, tails and connections of this instance. */
  close(): Promise<void>;
}
