import { randomUUID } from 'node:crypto';
import type { Consumer as KafkaConsumer, EachBatchPayload } from 'kafkajs';
import type { LoggedEvent } from '../event-log.ts';
import type { KafkaReader, KafkaReaderContext } from './kafka-context.ts';
import { decodeMessage, SupervisedConsumer } from './kafka-reader.ts';
import { asError } from '../../../async/retry.ts';

/**
 * A tail is the only member of a group of its own, because kafkajs has no other way to read all partitions. Nothing is
 * committed. The positions are fixed before the tail joins, kept in memory, and sought at every assignment. So the tail
 * continues at the same place after a rebalance or a new connection. `onInterrupted` is called when offsets are
 * missing, because retention deleted events before they were read.
 */
export async function attachKafkaTail(
  context: KafkaReaderContext,
  options: { topics: readonly string[]; handler: (event: LoggedEvent) => void; onInterrupted?: () => void },
): Promise<KafkaReader> {
  const { topics, handler, onInterrupted } = options;
  const { onError } = context;
  const positions = new Map(
    await Promise.all(topics.map(async (topic) => [topic, new Map(await context.startPositions(topic))] as const)),
  );

  const seek = (consumer: KafkaConsumer): void => {
    for (const [topic, partitions] of positions) {
      for (const [partition, offset] of partitions) consumer.seek({ topic, partition, offset: offset.toString() });
    }
  };

  const eachBatch = async ({
    batch,
    heartbeat,
    isRunning,
    isStale,
    resolveOffset,
  }: EachBatchPayload): Promise<void> => {
    const { topic, partition } = batch;
    const partitions = positions.get(topic);
    for (const message of batch.messages) {
      if (!isRunning() || isStale() || reader.closing.aborted) return;
      const offset = BigInt(message.offset);
      const expected = partitions?.get(partition) ?? offset;
      if (offset >= expected) {
        partitions?.set(partition, offset + 1n);
        try {
          if (offset > expected) onInterrupted?.();
          const event = decodeMessage(topic, partition, message);
          if (!event.snapshot) handler(event);
        } catch (error) {
          onError(asError(error), `tail of ${topic}[${partition}]@${message.offset}`);
        }
      }
      resolveOffset(message.offset);
    }
    await heartbeat();
  };

  // A new group name for each consumer. In the same group, a successor would have to wait for the session timeout of a
  // lost member.
  const groups: string[] = [];
  const groupId = (): string => {
    const name = `tail-${randomUUID()}`;
    groups.push(name);
    return name;
  };
  const reader = new SupervisedConsumer(context, { groupId, topics, eachBatch, onJoin: seek });
  await reader.joined;

  return {
    topics,
    reached: async (ends) =>
      topics.every((topic) =>
        [...(ends.get(topic) ?? [])].every(([partition, end]) => (positions.get(topic)?.get(partition) ?? 0n) >= end),
      ),
    async close() {
      await reader.close();
      try {
        // Kafka deletes empty groups after some time. This deletes the last one now.
        await (await context.admin()).deleteGroups(groups.slice(-1));
      } catch (error) {
        onError(asError(error), 'deleting the group of a tail');
      }
    },
  };
}
