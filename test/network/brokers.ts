import { Kafka, logLevel } from 'kafkajs';
import type { FullConfig } from '../../platform/config/config.ts';
import { removeFromRabbitMq } from '../../platform/messaging/job-queue/rabbitmq/rabbitmq.broker.ts';
import { queues } from '../../schema/messages/index.ts';

/** The topics, groups and queues of a run, which have its prefix. */
export interface Brokers {
  /** Whether every consumer group has handled all current events of its topics. */
  isCaughtUp(): Promise<boolean>;
  /** Deletes the run's topics, groups, queues and exchanges, and closes the connections. */
  clear(): Promise<void>;
}

export function openBrokers({
  KAFKA_BROKERS: brokers,
  KAFKA_PREFIX: prefix,
  RABBITMQ_URL: rabbitMq,
}: FullConfig): Brokers {
  const admin = new Kafka({ brokers, clientId: 'tests', logLevel: logLevel.NOTHING }).admin();
  const connected = admin.connect();
  const groups = async (): Promise<string[]> =>
    (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(prefix));
  return {
    async isCaughtUp() {
      await connected;
      for (const groupId of await groups()) {
        for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
          const ends = new Map(
            (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)]),
          );
          if (
            partitions.some(
              ({ partition, offset }) =>
                BigInt(offset) < (ends.get(partition) ?? 0n) && (ends.get(partition) ?? 0n) > 0n,
            )
          )
            return false;
        }
      }
      return true;
    },
    async clear() {
      await connected;
      const names = await groups();
      // Groups of a killed process may still be active. Kafka refuses to delete them, and they stay.
      if (names.length > 0) await admin.deleteGroups(names).catch(() => undefined);
      await admin.deleteTopics({ topics: (await admin.listTopics()).filter((topic) => topic.startsWith(prefix)) });
      await admin.disconnect();
      await removeFromRabbitMq(
        rabbitMq,
        `${prefix}jobs`,
        queues.map((queue) => ({ ...queue, name: `${prefix}${queue.name}` })),
      );
    },
  };
}
