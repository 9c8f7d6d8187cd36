import type { Consumer as KafkaConsumer, EachBatchPayload, KafkaMessage } from 'kafkajs';
import { type ConsumeOptions, type LoggedEvent, MOST_TOGETHER } from '../event-log.ts';
import type { KafkaReader, KafkaReaderContext } from './kafka-context.ts';
import { decodeMessage, SupervisedConsumer } from './kafka-reader.ts';
import { asError, backoff } from '../../../async/retry.ts';

/**
 * Offsets are committed at the end of each batch, and during a long batch after this time. After a kill -9 of a member,
 * other members handle the events since its last commit again. Milliseconds.
 */
const COMMIT_EVERY_MS = 1000;

/** Joins a group. Resolves at the first assignment. */
export async function joinKafkaGroup(context: KafkaReaderContext, options: ConsumeOptions): Promise<KafkaReader> {
  const { group, topics, handler } = options;
  const { onError } = context;
  const failures = new Map<string, number>();
  const resumptions = new Set<NodeJS.Timeout>();

  /**
   * Pauses a partition after a failure, and resumes it after a growing delay. Waiting inside the handler would hold up
   * every partition of the broker: kafkajs fetches again only when all batches of a fetch are done. The offset of the
   * paused partition does not move, so it is fetched again from there.
   */
  const putAside = (where: string, resume: () => void): void => {
    const count = failures.get(where) ?? 0;
    failures.set(where, count + 1);
    const timer = setTimeout(
      () => {
        resumptions.delete(timer);
        try {
          resume();
        } catch {
          // Ignores an error of `resume`: the consumer was replaced, and its successor starts without paused
          // partitions.
        }
      },
      backoff(count, 100, 10_000),
    );
    resumptions.add(timer);
  };

  const eachBatch = async (payload: EachBatchPayload): Promise<void> => {
    const { batch, heartbeat, isRunning, isStale, resolveOffset, uncommittedOffsets, commitOffsetsIfNecessary } =
      payload;
    const { topic, partition } = batch;
    // `consumer.commitOffsets` does nothing once the consumer is stopping; this function still commits.
    const commit = (): Promise<void> => commitOffsetsIfNecessary(uncommittedOffsets());
    const isOver = (): boolean => !isRunning() || isStale() || reader.closing.aborted;
    const whereOf = ({ offset }: KafkaMessage): string => `${topic}[${partition}]@${offset}`;
    let kept = performance.now();
    const done = async (messages: readonly KafkaMessage[]): Promise<void> => {
      for (const message of messages) failures.delete(whereOf(message));
      resolveOffset(messages.at(-1)!.offset);
      await heartbeat();
      if (performance.now() - kept <= COMMIT_EVERY_MS) return;
      await commit();
      kept = performance.now();
    };
    const beat = setInterval(() => heartbeat().catch(() => undefined), 1000);
    try {
      handling: for (let at = 0; at < batch.messages.length; at += MOST_TOGETHER) {
        const messages = batch.messages.slice(at, at + MOST_TOGETHER);
        if (isOver()) break;
        if (await handleTogether(topic, partition, messages)) {
          await done(messages);
          continue;
        }
        for (const message of messages) {
          if (isOver()) break handling;
          const where = whereOf(message);
          try {
            await handle(where, () => decodeMessage(topic, partition, message));
          } catch (error) {
            onError(asError(error), `handler of group ${group}, ${where}`);
            putAside(where, payload.pause());
            break handling;
          }
          await done([message]);
        }
      }
    } finally {
      clearInterval(beat);
    }
    await commit();
  };

  /** Resolves to whether the messages are done. If not, each of them must be handled alone. */
  const handleTogether = async (
    topic: string,
    partition: number,
    messages: readonly KafkaMessage[],
  ): Promise<boolean> => {
    if (!options.handleAll || messages.length < 2) return false;
    try {
      await options.handleAll(messages.map((message) => decodeMessage(topic, partition, message)));
      return true;
    } catch (error) {
      const where = `${topic}[${partition}]@${messages[0]?.offset} to ${messages.at(-1)?.offset}`;
      onError(asError(error), `handler of group ${group}, ${where} together`);
      return false;
    }
  };

  const handle = async (where: string, decode: () => LoggedEvent): Promise<void> => {
    let event: LoggedEvent;
    try {
      event = decode();
    } catch (error) {
      // A record that no event log wrote can never become readable, so it is skipped.
      onError(asError(error), `unreadable record ${where}`);
      return;
    }
    await handler(event);
  };

  const forget = (consumer?: KafkaConsumer): void => {
    for (const timer of resumptions) clearTimeout(timer);
    resumptions.clear();
    failures.clear();
    const paused = consumer?.paused() ?? [];
    if (paused.length > 0) consumer?.resume(paused);
  };

  const reader = new SupervisedConsumer(context, { groupId: () => group, topics, eachBatch, onJoin: forget });
  await reader.joined;

  return {
    topics,
    async reached(ends) {
      const admin = await context.admin();
      const kept = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
      // -1 means that no event of the partition was handled yet.
      const offsets = new Map(
        kept.flatMap(({ topic, partitions }) =>
          partitions.map((each) => [`${topic}/${each.partition}`, BigInt(each.offset)]),
        ),
      );
      return topics.every((topic) =>
        [...(ends.get(topic) ?? [])].every(
          ([partition, end]) => end === 0n || (offsets.get(`${topic}/${partition}`) ?? -1n) >= end,
        ),
      );
    },
    async close() {
      await reader.close();
      forget();
    },
  };
}
