import { AssignerProtocol, Kafka, logLevel, type Admin, type GroupDescription, type SeekEntry } from 'kafkajs';
import type { Lag } from '../lag.ts';
import { connectFramed } from './kafka-socket.ts';

/** The lag of every group whose name starts with the prefix. The result has the names without the prefix. */
export async function kafkaLag(brokers: readonly string[], prefix: string): Promise<readonly Lag[]> {
  const admin = new Kafka({
    brokers: [...brokers],
    clientId: 'prodvor-messages',
    socketFactory: connectFramed,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
    requestTimeout: 10_000,
    retry: { retries: 2 },
  }).admin();
  await admin.connect();
  try {
    const lags: Lag[] = [];
    const { groups } = await admin.listGroups();
    const names = groups
      .map(({ groupId }) => groupId)
      .filter((name) => name.startsWith(prefix))
      .sort();
    const described = names.length > 0 ? (await admin.describeGroups(names)).groups : [];
    const ends = new Map<string, ReturnType<Admin['fetchTopicOffsets']>>();
    const endsOf = (topic: string): ReturnType<Admin['fetchTopicOffsets']> => {
      const known = ends.get(topic) ?? admin.fetchTopicOffsets(topic);
      ends.set(topic, known);
      return known;
    };
    for (const group of described) {
      for (const [topic, kept] of await offsetsOf(admin, group)) {
        if (!topic.startsWith(prefix)) continue;
        const events = (await endsOf(topic)).map(
          ({ partition, low, high }) => Number(high) - Math.max(Number(low), kept.get(partition) ?? 0),
        );
        lags.push({
          group: group.groupId.slice(prefix.length),
          topic: topic.slice(prefix.length),
          events: events.reduce((sum, behind) => sum + Math.max(0, behind), 0),
        });
      }
    }
    return lags;
  } finally {
    await admin.disconnect();
  }
}

/**
 * The committed offsets of a group by topic and partition; -1 for a partition without one. A new group has committed
 * nothing, but the assignments of its members name the topics.
 */
async function offsetsOf(
  admin: Admin,
  { groupId, members }: GroupDescription,
): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const read = members
    .filter(({ memberAssignment }) => memberAssignment.length > 0)
    .flatMap(({ memberAssignment }) =>
      Object.keys(AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {}),
    );
  const kept = await admin.fetchOffsets({ groupId });
  const topics = new Map<string, readonly SeekEntry[]>([...new Set(read)].map((topic) => [topic, []]));
  for (const { topic, partitions } of kept) topics.set(topic, partitions);
  return new Map(
    [...topics].map(([topic, partitions]) => [
      topic,
      new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)])),
    ]),
  );
}
