import type { Consumer as KafkaConsumer, ConsumerConfig, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { LoggedEvent } from '../event-log.ts';
import type { KafkaReaderContext } from './kafka-context.ts';
import { decodeEvent } from '../record.ts';
import { asError, backoff, pause } from '../../../async/retry.ts';

export interface SupervisedOptions {
  /** Returns the id of the consumer group. It is called for each new consumer. */
  readonly groupId: () => string;
  readonly topics: readonly string[];
  /** Called at each assignment before anything is fetched, so that the consumer can seek. */
  readonly onJoin: (consumer: KafkaConsumer) => void;
  readonly eachBatch: (payload: EachBatchPayload, consumer: KafkaConsumer) => Promise<void>;
}

/**
 * A kafkajs consumer that is replaced after every crash. kafkajs itself would restart after some errors and stop
 * silently after others, and its `run` resolves even if the join failed.
 */
export class SupervisedConsumer {
  readonly #context: KafkaReaderContext;
  readonly #options: SupervisedOptions;
  readonly #closing = new AbortController();
  readonly #joined = Promise.withResolvers<void>();
  readonly #running: Promise<void>;

  constructor(context: KafkaReaderContext, options: SupervisedOptions) {
    this.#context = context;
    this.#options = options;
    this.#running = this.#run();
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Resolves at the first assignment. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#closing.signal.aborted; failures++) {
      const began = performance.now();
      await this.#runOnce();
      if (performance.now() - began > 60_000) failures = 0;
      await pause(backoff(failures, 200, 5000), this.#closing.signal);
    }
  }

  /** Resolves when the consumer has crashed or was asked to close, and is disconnected. */
  async #runOnce(): Promise<void> {
    const { kafka, sessionTimeoutMs, onError } = this.#context;
    const { groupId, topics, onJoin, eachBatch } = this.#options;
    const consumer = kafka.consumer({ ...TUNING, groupId: groupId(), sessionTimeout: sessionTimeoutMs });
    const over = new Promise<void>((resolve) => {
      this.#closing.signal.addEventListener('abort', () => resolve(), { once: true });
      consumer.on('consumer.crash', ({ payload }) => {
        onError(payload.error, `Kafka consumer of ${topics.join(', ')}`);
        resolve();
      });
    });
    consumer.on('consumer.group_join', () => {
      onJoin(consumer);
      this.#joined.resolve();
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 16,
        eachBatch: (payload) => eachBatch(payload, consumer),
      });
      await over;
    } catch (error) {
      onError(asError(error), `Kafka consumer of ${topics.join(', ')}`);
    }
    await consumer.disconnect().catch((error: unknown) => onError(asError(error), 'disconnecting a Kafka consumer'));
  }
}

const TUNING: Omit<ConsumerConfig, 'groupId'> = {
  // How long a broker waits for data before it answers a fetch. Latency does not depend on it, because brokers answer
  // as soon as there is data. But stopping and joining wait for a running fetch, so it must be short. With 50 ms, eight
  // idle subgraphs and their broker took 0.50 s of CPU time per second; with 250 ms, 0.32 s.
  maxWaitTimeInMs: 250,
  // The heartbeat is frequent, because a member learns of a rebalance only from its heartbeat.
  heartbeatInterval: 500,
  rebalanceTimeout: 10_000,
  allowAutoTopicCreation: false,
  retry: { initialRetryTime: 100, retries: 8, maxRetryTime: 2000, restartOnFailure: async () => false },
};

/** Reads the event in a record of Kafka. @throws Error when no event log wrote the record */
export function decodeMessage(topic: string, partition: number, { key, value, offset }: KafkaMessage): LoggedEvent {
  return decodeEvent({ topic, partition, offset, key: key?.toString() ?? '' }, value?.toString() ?? '');
}
