import { given, type PartialConfig } from './config/config.ts';
import { kafkaHistory } from './messaging/event-log/kafka/kafka-history.ts';
import { kafkaLag } from './messaging/event-log/kafka/kafka-lag.ts';
import { prefixed } from './messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from './messaging/job-queue/rabbitmq/rabbitmq.ts';
import type { Stores } from './stores.ts';

/** Opens the database of the configuration, and RabbitMQ and Kafka if they are configured. */
export async function openFullStores({
  DATABASE_URL,
  RABBITMQ_URL,
  RABBITMQ_PREFIX,
  KAFKA_BROKERS,
  KAFKA_PREFIX,
}: PartialConfig): Promise<Stores> {
  const databaseUrl = given('DATABASE_URL', DATABASE_URL);
  const rabbitMq =
    RABBITMQ_URL === undefined
      ? undefined
      : await RabbitMqJobQueue.open({ url: RABBITMQ_URL, exchange: `${RABBITMQ_PREFIX}jobs` });
  return {
    databaseUrl,
    mayRun: true,
    ...(rabbitMq && { jobQueue: prefixed(rabbitMq, RABBITMQ_PREFIX) }),
    ...(KAFKA_BROKERS && {
      lag: () => kafkaLag(KAFKA_BROKERS, KAFKA_PREFIX),
      history: kafkaHistory(KAFKA_BROKERS, KAFKA_PREFIX),
    }),
    async close() {
      await rabbitMq?.close();
    },
  };
}
