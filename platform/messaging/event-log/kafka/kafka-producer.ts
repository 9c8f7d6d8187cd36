import { Partitioners } from 'kafkajs';
import type { Kafka, Producer } from 'kafkajs';
import { asError } from '../../../async/retry.ts';

/**
 * Brokers limit a batch per partition (1 MB by default), and all records of one request may belong to one partition.
 */
const MAX_REQUEST_BYTES = 950_000;

interface KeyedRecord {
  readonly key: string;
  readonly value: string;
}

/**
 * Appends to one topic, one request at a time, through an idempotent producer. Both are necessary. kafkajs reuses its
 * sequence numbers after a failed request. So a second concurrent request, or the next one after the last retry, could
 * carry numbers that the broker has already seen. The broker would acknowledge such a request and drop its records as
 * repeats. For the same reason a failed producer is replaced by one with a new id.
 */
export class TopicProducer {
  readonly #kafka: Kafka;
  readonly #topic: string;
  #producer: Promise<Producer> | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(kafka: Kafka, topic: string) {
    this.#kafka = kafka;
    this.#topic = topic;
  }

  /** Resolves to the number of records, from the first on, that are durable, and the error of the rest. */
  send(records: readonly KeyedRecord[]): Promise<{ sent: number; error?: Error }> {
    const sending = this.#queue.then(() => this.#sendAll(records));
    this.#queue = sending;
    return sending;
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#discard();
  }

  async #sendAll(records: readonly KeyedRecord[]): Promise<{ sent: number; error?: Error }> {
    let sent = 0;
    while (sent < records.length) {
      const messages = firstRequest(records, sent);
      try {
        const producer = await this.#connected();
        await producer.send({ topic: this.#topic, messages, acks: -1, timeout: 8000 });
      } catch (error) {
        await this.#discard();
        return { sent, error: asError(error) };
      }
      sent += messages.length;
    }
    return { sent };
  }

  #connected(): Promise<Producer> {
    this.#producer ??= (async () => {
      const producer = this.#kafka.producer({
        idempotent: true,
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      return producer;
    })();
    return this.#producer;
  }

  async #discard(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    this.#producer = undefined;
    await producer?.disconnect().catch(() => undefined);
  }
}

function firstRequest(records: readonly KeyedRecord[], from: number): { key: string; value: string }[] {
  const messages: { key: string; value: string }[] = [];
  let bytes = 0;
  for (const { key, value } of records.slice(from)) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value) + 100;
    if (messages.length > 0 && bytes > MAX_REQUEST_BYTES) break;
    messages.push({ key, value });
  }
  return messages;
}
