import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type {
  AppendOutcome,
  Consumer,
  ConsumeOptions,
  DomainEvent,
  EventLog,
  LoggedEvent,
  Topic,
} from '../event-log.ts';
import { PgListener } from '../../../postgres/listener.ts';
import { openPool } from '../../../postgres/pool.ts';
import { joinGroup } from './postgres-group.ts';
import type { Reader, ReaderContext, TopicPartition } from './postgres-reader.ts';
import { Retention } from './postgres-retention.ts';
import {
  appendStatement,
  CHANNEL,
  CREATE_TOPIC,
  ENDS,
  INSTALL,
  LOCK_INSTALLATION,
  partitionOf,
  PARTITIONS,
  SET_RETENTION,
} from './postgres-sql.ts';
import type { AppendRow } from './postgres-sql.ts';
import { attachTail } from './postgres-tail.ts';
import { encodeEvent, EventRejected } from '../record.ts';
import { asError, pause } from '../../../async/retry.ts';

export interface PostgresEventLogOptions {
  /** PostgreSQL 15 or newer. The log has its own schema, `event_log`, and may share the database. */
  readonly url: string;
  /** The number of connections for appending, and of those for reading, besides the one that LISTENs. Default 4. */
  readonly poolSize?: number;
  /** How often readers poll when no notification arrives. Milliseconds, default 500. */
  readonly pollMs?: number;
  /**
   * Milliseconds that a group member keeps its partitions without renewing. It renews five times within this time.
   * Default 5000.
   */
  readonly leaseMs?: number;
  /**
   * Milliseconds between two prunings of a topic, by any process. Default 600000. The first one follows soon after the
   * start.
   */
  readonly pruneEveryMs?: number;
  /** Called for errors that are retried, including those of handlers. */
  readonly onError?: (error: Error, doing: string) => void;
}

/**
 * The event log in PostgreSQL tables. Offsets are assigned under the row lock of the partition, so a reader that sees
 * an offset sees all before it. NOTIFY runs after the append in a transaction of its own, and one NOTIFY covers all
 * appends that happened meanwhile. Inside the appending transaction NOTIFY would serialise every commit of the cluster.
 */
export class PostgresEventLog implements EventLog {
  readonly #options: PostgresEventLogOptions;
  readonly #context: ReaderContext;
  readonly #pool: pg.Pool;
  /**
   * The pool for appends is separate. So appends that wait for the lock of a partition cannot keep members from
   * renewing their leases.
   */
  readonly #writing: pg.Pool;
  /** Identifies this instance's own notifications: its readers are awake already. */
  readonly #instance = randomUUID();
  readonly #topics = new Map<string, readonly TopicPartition[]>();
  readonly #readers = new Set<Reader>();
  readonly #announcements = new Set<string>();
  readonly #retention: Retention;
  readonly #closing = new AbortController();
  #installed: Promise<void> | undefined;
  #announcing: Promise<void> | undefined;
  #listener: PgListener | undefined;
  #polling: NodeJS.Timeout | undefined;

  constructor(options: PostgresEventLogOptions) {
    this.#options = options;
    const onError = options.onError ?? (() => undefined);
    this.#pool = openPool(options.url, 'event-log', options.poolSize ?? 4, onError);
    this.#writing = openPool(options.url, 'event-log append', options.poolSize ?? 4, onError);
    this.#retention = new Retention({ pool: this.#pool, everyMs: options.pruneEveryMs ?? 600_000, onError });
    this.#context = {
      pool: this.#pool,
      pollMs: options.pollMs ?? 500,
      leaseMs: options.leaseMs ?? 5000,
      onError,
      announceGroup: (group) => this.#announce(`group ${group}`),
    };
  }

  async ensureTopics(topics: readonly Topic[]): Promise<void> {
    await this.#install();
    for (const topic of topics) await this.#createTopic(topic);
    await this.#load(topics.map(({ name }) => name));
    for (const { name, partitions } of topics) {
      const there = this.#topics.get(name)?.length;
      if (there !== partitions)
        this.#context.onError(
          new Error(`${name} was created with ${there} partitions and keeps them; its definition says ${partitions}`),
          'partitions of a topic',
        );
    }
    this.#retention.start();
  }

  async append(events: readonly DomainEvent[]): Promise<readonly AppendOutcome[]> {
    const rows: AppendRow[] = [];
    const topics = new Set<string>();
    const refused = new Map<number, Error>();
    const blocked = new Set<string>();
    let failure: Error | undefined;
    try {
      await this.#partitions([...new Set(events.map((event) => event.topic))]).catch(ignoreUnknownTopic);
      events.forEach((event, index) => {
        const aggregate = `${event.topic}\0${event.key}`;
        try {
          if (blocked.has(aggregate)) throw new Error('an earlier event of the key failed');
          rows.push({ partitionId: this.#partitionOf(event).id, key: event.key, record: encodeEvent(event) });
          topics.add(event.topic);
        } catch (error) {
          blocked.add(aggregate);
          refused.set(index, asError(error));
        }
      });
      if (rows.length > 0) await this.#writing.query(appendStatement(rows));
    } catch (error) {
      failure = asError(error);
    }
    if (failure === undefined) this.#wake(topics);
    return events.map((_, index) => {
      const error = refused.get(index) ?? failure;
      return error === undefined ? { ok: true } : { ok: false, error };
    });
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    const partitions = await this.#partitions(options.topics);
    return this.#track(await joinGroup(this.#context, { ...options, partitions }));
  }

  async tail(options: {
    topics: readonly string[];
    handler: (event: LoggedEvent) => void;
    onInterrupted?: () => void;
  }): Promise<Consumer> {
    const partitions = await this.#partitions(options.topics);
    return this.#track(await attachTail(this.#context, { ...options, partitions }));
  }

  async settled(): Promise<void> {
    const readers = [...this.#readers];
    const ids = [...new Set(readers.flatMap((reader) => reader.partitions.map((partition) => partition.id)))];
    if (ids.length === 0) return;
    const { rows } = await this.#pool.query<{ id: number; next_offset: string }>(ENDS, [ids]);
    const ends = new Map(rows.map((row) => [row.id, Number(row.next_offset)]));
    for (const reader of readers) {
      while (this.#readers.has(reader) && !(await reader.reached(ends))) {
        reader.wake();
        await pause(10, this.#closing.signal);
      }
    }
  }

  async ping(): Promise<void> {
    await this.#pool.query('SELECT 1');
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    this.#readers.clear();
    clearInterval(this.#polling);
    await this.#listener?.close();
    await this.#retention.close();
    await this.#announcing;
    await Promise.all([this.#pool.end(), this.#writing.end()]);
  }

  #install(): Promise<void> {
    this.#installed ??= this.#pool.query(INSTALL).then(
      () => undefined,
      (error: unknown) => {
        this.#installed = undefined;
        throw error;
      },
    );
    return this.#installed;
  }

  async #createTopic({ name, partitions, retentionHours, cleanup }: Topic): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('BEGIN');
      await client.query(LOCK_INSTALLATION);
      await client.query(CREATE_TOPIC, [name, partitions]);
      await client.query(SET_RETENTION, [name, retentionHours, cleanup === 'compact']);
      await client.query('COMMIT');
      client.release();
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  async #load(topics: readonly string[]): Promise<void> {
    const { rows } = await this.#pool.query<TopicPartition>(PARTITIONS, [topics]);
    for (const [topic, partitions] of Map.groupBy(rows, (row) => row.topic)) {
      this.#topics.set(
        topic,
        partitions.map(({ id, partition }) => ({ id, topic, partition })),
      );
    }
  }

  /** The partitions of these topics. @throws EventRejected when a topic was never created */
  async #partitions(topics: readonly string[]): Promise<readonly TopicPartition[]> {
    await this.#install();
    if (topics.some((topic) => !this.#topics.has(topic))) await this.#load(topics);
    return topics.flatMap((topic) => {
      const partitions = this.#topics.get(topic);
      if (partitions === undefined) throw new EventRejected(`no such topic: ${topic}`);
      return partitions;
    });
  }

  #partitionOf(event: DomainEvent): TopicPartition {
    const partitions = this.#topics.get(event.topic) ?? [];
    const partition = partitions[partitionOf(event.key, partitions.length)];
    if (partition === undefined) throw new EventRejected(`no such topic: ${event.topic}`);
    return partition;
  }

  #track<R extends Reader>(reader: R): Consumer {
    this.#readers.add(reader);
    this.#polling ??= setInterval(() => this.#each((each) => each.wake()), this.#context.pollMs);
    this.#listener ??= new PgListener({
      url: this.#options.url,
      channel: CHANNEL,
      onNotification: (payload) => this.#notified(payload),
      onListening: () => this.#each((each) => each.wake()),
      onError: this.#context.onError,
    });
    reader.wake();
    return {
      close: async () => {
        await reader.close();
        this.#readers.delete(reader);
      },
    };
  }

  #each(visit: (reader: Reader) => void): void {
    for (const reader of this.#readers) visit(reader);
  }

  #wake(topics: ReadonlySet<string>): void {
    this.#each((reader) => {
      if (reader.topics.some((topic) => topics.has(topic))) reader.wake();
    });
    for (const topic of topics) this.#announce(`topic ${topic}`);
  }

  #announce(what: string): void {
    this.#announcements.add(what);
    this.#announcing ??= this.#notify().finally(() => (this.#announcing = undefined));
  }

  /**
   * Sends one NOTIFY at a time. The next ones carry what was announced meanwhile, at most 49 topics and groups each.
   * When one is lost, other processes see the events at their next poll.
   */
  async #notify(): Promise<void> {
    while (this.#announcements.size > 0) {
      const lines = [this.#instance, ...this.#announcements].slice(0, 50);
      for (const line of lines) this.#announcements.delete(line);
      try {
        await this.#pool.query('SELECT pg_notify($1, $2)', [CHANNEL, lines.join('\n')]);
      } catch (error) {
        this.#context.onError(asError(error), 'NOTIFY');
      }
    }
  }

  #notified(payload: string): void {
    const [instance, ...lines] = payload.split('\n');
    if (instance === this.#instance) {
      // A notification of this instance wakes none of its readers. Only its lines about groups have an effect, because
      // an instance may have several consumers of a group.
      lines.splice(0, Infinity, ...lines.filter((line) => line.startsWith('group ')));
    }
    const said = new Set(lines);
    this.#each((reader) => {
      if (reader.topics.some((topic) => said.has(`topic ${topic}`))) reader.wake();
      if (said.has(`group ${reader.group}`)) reader.rebalance?.();
    });
  }
}

function ignoreUnknownTopic(error: unknown): void {
  if (!(error instanceof EventRejected)) throw error;
}
