import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Kafka, logLevel } from 'kafkajs';
import type { LoggedEvent } from '../event-log.ts';
import type { History } from '../history.ts';
import { decodeMessage } from './kafka-reader.ts';
import { connectFramed } from './kafka-socket.ts';

/** @param prefix of the topics and groups of this installation */
export const kafkaHistory = (brokers: readonly string[], prefix: string): History => ({
  size: (topic) => size(brokers, `${prefix}${topic}`),
  read: (topic) => read(brokers, prefix, topic),
});

async function size(brokers: readonly string[], topic: string): Promise<number> {
  const admin = client(brokers).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
}

const client = (brokers: readonly string[]): Kafka =>
  new Kafka({
    brokers: [...brokers],
    clientId: 'prodvor-history',
    socketFactory: connectFramed,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3000,
  });

/**
 * The events that a topic has now, in the order of each partition, in pages. The reader needs a consumer group of its
 * own, which commits nothing and is deleted afterwards.
 */
async function* read(
  brokers: readonly string[],
  prefix: string,
  topic: string,
): AsyncGenerator<readonly LoggedEvent[]> {
  const kafka = client(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const groupId = `${prefix}history-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 50 });
  // One page is in memory at a time: the consumer waits until the reader has taken it.
  const pages = new PassThrough({ objectMode: true, highWaterMark: 1 });
  try {
    const left = new Map(
      (await admin.fetchTopicOffsets(`${prefix}${topic}`))
        .filter(({ low, high }) => Number(high) > Number(low))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
    if (left.size === 0) return;
    consumer.on('consumer.crash', ({ payload }) => pages.destroy(payload.error));
    await consumer.connect();
    await consumer.subscribe({ topics: [`${prefix}${topic}`], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { partition, messages, highWatermark }, heartbeat }) => {
        const end = left.get(partition);
        if (end === undefined) return;
        const wanted = messages.filter(({ offset }) => Number(offset) < end);
        const page = wanted.map((message) => decodeMessage(topic, partition, message));
        if (page.length > 0 && !pages.write(page)) await once(pages, 'drain');
        await heartbeat();
        const next = Number(messages.at(-1)?.offset ?? Number(highWatermark) - 1) + 1;
        if (next >= end) left.delete(partition);
        if (left.size === 0) pages.end();
      },
    });
    for await (const page of pages) yield page as readonly LoggedEvent[];
  } finally {
    pages.destroy();
    await consumer.disconnect();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}
