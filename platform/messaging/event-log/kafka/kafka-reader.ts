import type { Consumer as KafkaConsumer, ConsumerConfig, EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { LoggedEvent } from '../event-log.ts';
import type { KafkaReaderContext } from './kafka-context.ts';
import { decodeEvent } from '../record.ts';
import { asError, backoff, pause } from '../../../async/retry.ts';

export interface SupervisedOptions {
  /** Asked for each consumer that is made. */
  readonly groupId: () => string;
  readonly topics: readonly string[];
  /** At each assignment, before anything is fetched: the place to seek. */
  readonly onJoin: (consumer: KafkaConsumer) => void;
  readonly eachBatch: (payload: EachBatchPayload, consumer: KafkaConsumer) => Promise<void>;
}

/**
 * A kafkajs consumer that is replaced whenever it crashes. kafkajs would restart after some errors and give up silently
 * after others, and its `run` resolves though the join failed; here every crash ends the same way.
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

  /** Resolves when the consumer has crashed or was asked to close; it is disconnected then. */
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
  // Not a matter of latency (brokers answer as soon as there is something) but of stopping and joining, which wait for
  // a running fetch.
  maxWaitTimeInMs: 50,
  // A member learns of a rebalance by its heartbeat.
  heartbeatInterval: 500,
  rebalanceTimeout: 10_000,
  allowAutoTopicCreation: false,
  retry: { initialRetryTime: 100, retries: 8, maxRetryTime: 2000, restartOnFailure: async () => false },
};

/** Throws when the record was not written by an event log. */
export function decodeMessage(topic: string, partition: number, { key, value, offset }: KafkaMessage): LoggedEvent {
  return decodeEvent({ topic, partition, offset, key: key?.toString() ?? '' }, value?.toString() ?? '');
}
