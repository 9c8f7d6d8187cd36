import { Kafka, logLevel } from 'kafkajs';
import type { Admin, KafkaConfig } from 'kafkajs';
import type {
  AppendOutcome,
  Consumer,
  ConsumeOptions,
  DomainEvent,
  EventLog,
  LoggedEvent,
  Topic,
} from '../event-log.ts';
import { configOf, setRetention } from './kafka-retention.ts';
import { joinKafkaGroup } from './kafka-group.ts';
import type { Ends, KafkaReader, KafkaReaderContext } from './kafka-context.ts';
import { TopicProducer } from './kafka-producer.ts';
import { connectFramed } from './kafka-socket.ts';
import { attachKafkaTail } from './kafka-tail.ts';
import { encodeEvent, EventRejected } from '../record.ts';
import { asError, backoff, pause } from '../../../async/retry.ts';

export interface KafkaEventLogOptions {
  /** The addresses of some brokers of the cluster, each as `host:port`. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /**
   * Milliseconds that a silent group member keeps its partitions. Brokers accept at least 6000 by default. Default
   * 10000.
   */
  readonly sessionTimeoutMs?: number;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /** Called for errors that are retried, including those of handlers. */
  readonly onError?: (error: Error, doing: string) => void;
  /** The log of kafkajs itself. It reports many errors that it then recovers from, so use it for debugging only. */
  readonly onClientLog?: (level: 'error' | 'warn' | 'info' | 'debug', message: string, details: object) => void;
}

/** The event log in Kafka, through kafkajs. The partition of a key is the one that Kafka's own clients choose. */
export class KafkaEventLog implements EventLog {
  readonly #kafka: Kafka;
  readonly #context: KafkaReaderContext;
  readonly #known = new Set<string>();
  readonly #producers = new Map<string, TopicProducer>();
  readonly #readers = new Set<KafkaReader>();
  readonly #closing = new AbortController();
  #admin: Promise<Admin> | undefined;
  #pinging: Promise<unknown> | undefined;

  constructor(options: KafkaEventLogOptions) {
    const { brokers, clientId, ssl, sasl, onClientLog } = options;
    const levels = { [logLevel.ERROR]: 'error', [logLevel.WARN]: 'warn', [logLevel.INFO]: 'info' } as const;
    this.#kafka = new Kafka({
      brokers: [...brokers],
      clientId,
      ssl,
      sasl,
      socketFactory: connectFramed,
      connectionTimeout: 3000,
      requestTimeout: 10_000,
      retry: { initialRetryTime: 100, retries: 8, maxRetryTime: 2000 },
      logLevel: onClientLog ? logLevel.INFO : logLevel.NOTHING,
      logCreator: () => (entry) => {
        const level = entry.level in levels ? levels[entry.level as keyof typeof levels] : 'debug';
        onClientLog?.(level, `${entry.namespace}: ${entry.log.message}`, entry.log);
      },
    });
    this.#context = {
      kafka: this.#kafka,
      sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
      onError: options.onError ?? (() => undefined),
      admin: () => this.#connectAdmin(),
      startPositions: (topic) => this.#ends(topic),
    };
  }

  async ensureTopics(topics: readonly Topic[]): Promise<void> {
    const admin = await this.#connectAdmin();
    const existing = new Set(await admin.listTopics());
    const missing = topics
      .filter(({ name }) => !existing.has(name))
      .map((topic) => ({ topic: topic.name, numPartitions: topic.partitions, configEntries: configOf(topic) }));
    for (let attempt = 0; missing.length > 0; attempt++) {
      try {
        // `createTopics` resolves to false when another process has created the topics first.
        await admin.createTopics({ topics: missing, waitForLeaders: true });
        break;
      } catch (error) {
        // Tries again while the broker of this connection does not know the topics yet: another process is creating
        // them.
        if (!isNotThereYet(error) || attempt >= 10) throw error;
        await pause(backoff(attempt, 50, 1000), this.#closing.signal);
      }
    }
    await this.#correct(
      admin,
      topics.filter(({ name }) => existing.has(name)),
    );
    for (const { name } of topics) this.#known.add(name);
  }

  async #correct(admin: Admin, topics: readonly Topic[]): Promise<void> {
    if (topics.length === 0) return;
    await setRetention(admin, topics);
    const known = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
    for (const { name, partitions } of topics) {
      const there = known.topics.find((topic) => topic.name === name)?.partitions.length;
      if (there !== partitions)
        this.#context.onError(
          new Error(`${name} has ${there} partitions and keeps them; its definition says ${partitions}`),
          'partitions of a topic',
        );
    }
  }

  async append(events: readonly DomainEvent[]): Promise<readonly AppendOutcome[]> {
    const outcomes: AppendOutcome[] = events.map(() => ({ ok: true }));
    const fail = (indexes: readonly number[], error: Error): void => {
      for (const index of indexes) outcomes[index] = { ok: false, error };
    };
    const byTopic = Map.groupBy(events.keys(), (index) => events[index]?.topic ?? '');
    const sending = [...byTopic].map(async ([topic, indexes]) => {
      try {
        await this.#mustKnow([topic]);
        await this.#appendTo(topic, indexes, events, fail);
      } catch (error) {
        fail(indexes, asError(error));
      }
    });
    await Promise.all(sending);
    return outcomes;
  }

  async consume(options: ConsumeOptions): Promise<Consumer> {
    await this.#mustKnow(options.topics);
    return this.#track(await joinKafkaGroup(this.#context, options));
  }

  async tail(options: {
    topics: readonly string[];
    handler: (event: LoggedEvent) => void;
    onInterrupted?: () => void;
  }): Promise<Consumer> {
    await this.#mustKnow(options.topics);
    return this.#track(await attachKafkaTail(this.#context, options));
  }

  async settled(): Promise<void> {
    const readers = [...this.#readers];
    const topics = new Set(readers.flatMap((reader) => reader.topics));
    const ends = new Map(
      await Promise.all([...topics].map(async (topic) => [topic, await this.#ends(topic)] as const)),
    );
    for (const reader of readers) {
      while (this.#readers.has(reader) && !(await reader.reached(ends))) await pause(10, this.#closing.signal);
    }
  }

  async ping(): Promise<void> {
    if (this.#closing.signal.aborted) throw new Error('the log is closed');
    // Concurrent calls share one request. kafkajs retries for seconds, and more callers must not cause more requests.
    this.#pinging ??= this.#connectAdmin()
      .then((admin) => admin.describeCluster())
      .finally(() => (this.#pinging = undefined));
    await this.#pinging;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.all([...this.#readers].map((reader) => reader.close()));
    this.#readers.clear();
    await Promise.all([...this.#producers.values()].map((producer) => producer.close()));
    const admin = await this.#admin?.catch(() => undefined);
    await admin?.disconnect();
  }

  async #appendTo(
    topic: string,
    indexes: readonly number[],
    events: readonly DomainEvent[],
    fail: (indexes: readonly number[], error: Error) => void,
  ): Promise<void> {
    const blocked = new Set<string>();
    const records: { key: string; value: string; index: number }[] = [];
    for (const index of indexes) {
      const event = events[index];
      if (event === undefined) continue;
      try {
        if (blocked.has(event.key)) throw new Error('an earlier event of the key failed');
        records.push({ key: event.key, value: encodeEvent(event), index });
      } catch (error) {
        blocked.add(event.key);
        fail([index], asError(error));
      }
    }
    const producer = this.#producers.get(topic) ?? new TopicProducer(this.#kafka, topic);
    this.#producers.set(topic, producer);
    const { sent, error } = await producer.send(records);
    if (error !== undefined)
      fail(
        records.slice(sent).map((record) => record.index),
        error,
      );
  }

  /**
   * Brokers would create an unknown topic with their own number of partitions, so this method checks first. @throws
   * EventRejected when a topic was never created
   */
  async #mustKnow(topics: readonly string[]): Promise<void> {
    if (topics.every((topic) => this.#known.has(topic))) return;
    const admin = await this.#connectAdmin();
    for (const topic of await admin.listTopics()) this.#known.add(topic);
    const missing = topics.filter((topic) => !this.#known.has(topic));
    if (missing.length > 0) throw new EventRejected(`no such topic: ${missing.join(', ')}`);
  }

  #connectAdmin(): Promise<Admin> {
    this.#admin ??= (async () => {
      const admin = this.#kafka.admin();
      try {
        await admin.connect();
        return admin;
      } catch (error) {
        this.#admin = undefined;
        throw error;
      }
    })();
    return this.#admin;
  }

  /**
   * The next offset of each partition. Brokers refuse this for a moment after a topic was created or its leader moved,
   * and kafkajs does not retry it.
   */
  async #ends(topic: string): Promise<Ends> {
    const admin = await this.#connectAdmin();
    for (let failures = 0; ; failures++) {
      try {
        return new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)]));
      } catch (error) {
        if (failures === 9 || !(error instanceof Error && 'retriable' in error && error.retriable === true))
          throw error;
        await pause(backoff(failures, 50, 1000), this.#closing.signal);
      }
    }
  }

  #track(reader: KafkaReader): Consumer {
    this.#readers.add(reader);
    return {
      close: async () => {
        await reader.close();
        this.#readers.delete(reader);
      },
    };
  }
}

const isNotThereYet = (error: unknown): boolean =>
  ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'].includes(String((error as { type?: unknown }).type));
