import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { connect } from 'amqplib';
import type { GetMessage, Options } from 'amqplib';
import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { type Line, linesOf, PREFIX, type StoredEvent } from './lines.ts';

/** Debian's own program. The one on the PATH requires the user rabbitmq and its home. */
const RABBITMQCTL = '/usr/lib/rabbitmq/bin/rabbitmqctl';

/** Kafka's DYNAMIC_TOPIC_CONFIG: the setting was made for this topic. It is no broker setting and no default. */
const SET_FOR_TOPIC = 1;

const kafkaAt = (brokers: readonly string[]): Kafka =>
  new Kafka({ brokers: [...brokers], clientId: 'stored', logLevel: logLevel.NOTHING });

/** The topics with this prefix, their messages, and the offsets of the groups. */
export async function dumpKafka(brokers: readonly string[], prefix: string): Promise<Line[]> {
  const kafka = kafkaAt(brokers);
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix)).sort();
    const type = kafkajs.ConfigResourceTypes.TOPIC;
    const { resources } = await admin.describeConfigs({
      resources: topics.map((name) => ({ type, name })),
      includeSynonyms: false,
    });
    const { topics: metadata } = await admin.fetchTopicMetadata({ topics });
    const lines: Line[] = topics.map((topic) => {
      const entries = resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
      const config = Object.fromEntries(
        entries
          .filter(({ configSource }) => Number(configSource) === SET_FOR_TOPIC)
          .map(({ configName, configValue }) => [configName, configValue]),
      );
      return { topic, partitions: metadata.find(({ name }) => name === topic)?.partitions.length ?? 0, config };
    });
    // At the same time, because each reader waits some seconds to join its group.
    for (const found of await Promise.all(topics.map((topic) => eventsOf(kafka, topic))))
      lines.push(...found.map((event) => ({ event })));
    const groups = (await admin.listGroups()).groups
      .map(({ groupId }) => groupId)
      .filter((group) => group.startsWith(prefix))
      .sort();
    for (const group of groups) {
      for (const { topic, partitions } of (await admin.fetchOffsets({ groupId: group })).sort((a, b) =>
        a.topic.localeCompare(b.topic),
      )) {
        const kept = partitions.filter(({ offset }) => offset !== '-1').sort((a, b) => a.partition - b.partition);
        lines.push({
          group,
          topic,
          offsets: Object.fromEntries(kept.map(({ partition, offset }) => [partition, offset])),
        });
      }
    }
    return lines;
  } finally {
    await admin.disconnect();
  }
}

async function eventsOf(kafka: Kafka, topic: string): Promise<StoredEvent[]> {
  const admin = kafka.admin();
  await admin.connect();
  const left = new Map(
    (await admin.fetchTopicOffsets(topic)).map(({ partition, high, low }) => [partition, Number(high) - Number(low)]),
  );
  const groupId = `reader-${randomUUID()}`;
  // By default the consumer waits 5 s for messages, and cannot disconnect before.
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 });
  const found: { event: StoredEvent; offset: number }[] = [];
  const done = Promise.withResolvers<void>();
  const look = (): void => {
    if ([...left.values()].every((count) => count === 0)) done.resolve();
  };
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message: { key, headers = {}, timestamp, value, offset } }) => {
        const texts = Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, String(header)]));
        const event = {
          topic,
          partition,
          key: String(key),
          headers: texts,
          at: new Date(Number(timestamp)).toISOString(),
          value: parsed(value),
        };
        found.push({ event, offset: Number(offset) });
        left.set(partition, (left.get(partition) ?? 0) - 1);
        look();
      },
    });
    look();
    await done.promise;
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]);
    await admin.disconnect();
  }
  return found.sort((a, b) => a.event.partition - b.event.partition || a.offset - b.offset).map(({ event }) => event);
}

/** Loads the result of {@link dumpKafka}. Each partition begins at offset 0, as before the dump. */
export async function loadKafka(brokers: readonly string[], lines: readonly Line[]): Promise<void> {
  const kafka = kafkaAt(brokers);
  const admin = kafka.admin();
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: linesOf(lines, 'partitions').map(({ topic, partitions, config }) => ({
        topic,
        numPartitions: partitions,
        configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
      })),
    });
    for (const [topic, events] of Map.groupBy(
      linesOf(lines, 'event').map(({ event }) => event),
      (event) => event.topic,
    )) {
      await producer.send({
        topic,
        messages: events.map(({ partition, key, headers, at, value }) => ({
          partition,
          key,
          headers,
          timestamp: String(Date.parse(at)),
          value: JSON.stringify(value),
        })),
      });
    }
    // The client joins a group to set its offsets, which takes some seconds. So different groups are set at the same
    // time, and the topics of one group one after the other.
    await Promise.all(
      [...Map.groupBy(linesOf(lines, 'group'), ({ group }) => group)].map(async ([groupId, places]) => {
        for (const { topic, offsets } of places)
          await admin.setOffsets({
            groupId,
            topic,
            partitions: Object.entries(offsets).map(([partition, offset]) => ({
              partition: Number(partition),
              offset,
            })),
          });
      }),
    );
  } finally {
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  }
}

interface Definitions {
  readonly exchanges: readonly { name: string; type: string; durable: boolean; arguments: Record<string, unknown> }[];
  readonly queues: readonly { name: string; durable: boolean; arguments: Record<string, unknown> }[];
  readonly bindings: readonly {
    source: string;
    destination: string;
    destination_type: string;
    routing_key: string;
    arguments: Record<string, unknown>;
  }[];
}

/**
 * Returns the exchanges and queues with this prefix, and their messages. Removes the messages from the queues.
 * @param control the environment in which rabbitmqctl finds the broker
 */
export async function dumpRabbitMq(url: string, prefix: string, control: NodeJS.ProcessEnv): Promise<Line[]> {
  const { stdout } = await promisify(execFile)(RABBITMQCTL, ['-q', 'export_definitions', '-', '--format', 'json'], {
    env: control,
    maxBuffer: 1e8,
  });
  const { exchanges, queues, bindings } = JSON.parse(stdout) as Definitions;
  const ours = <T>(all: readonly T[], nameOf: (each: T) => string): T[] =>
    all.filter((each) => nameOf(each).startsWith(prefix)).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const lines: Line[] = [
    ...ours(exchanges, ({ name }) => name).map(({ name, type, durable, arguments: given }) => ({
      exchange: name,
      type,
      durable,
      arguments: given,
    })),
    ...ours(queues, ({ name }) => name).map(({ name, durable, arguments: given }) => ({
      queue: name,
      durable,
      arguments: given,
    })),
    ...ours(bindings, ({ destination }) => destination)
      .filter(({ destination_type: type }) => type === 'queue')
      .map(({ source, destination, routing_key: routingKey, arguments: given }) => ({
        binding: { source, destination, routingKey, arguments: given },
      })),
  ];
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const { name } of ours(queues, (queue) => queue.name)) {
    for (let message = await channel.get(name); message; message = await channel.get(name)) {
      lines.push({ job: jobOf(message) });
      channel.ack(message);
    }
  }
  await channel.close();
  await connection.close();
  return lines;
}

function jobOf({ fields: { exchange, routingKey }, properties, content }: GetMessage) {
  const given = Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
  return { exchange, routingKey, properties: given, body: parsed(content) };
}

/** Loads the result of {@link dumpRabbitMq}. */
export async function loadRabbitMq(url: string, lines: readonly Line[]): Promise<void> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  for (const { exchange, type, durable, arguments: given } of linesOf(lines, 'exchange'))
    await channel.assertExchange(exchange, type, { durable, arguments: given });
  for (const { queue, durable, arguments: given } of linesOf(lines, 'queue'))
    await channel.assertQueue(queue, { durable, arguments: given });
  for (const {
    binding: { source, destination, routingKey, arguments: given },
  } of linesOf(lines, 'binding'))
    await channel.bindQueue(destination, source, routingKey, given);
  for (const {
    job: { exchange, routingKey, properties, body },
  } of linesOf(lines, 'job')) {
    const { deliveryMode, ...options } = properties;
    channel.publish(exchange, routingKey, Buffer.from(JSON.stringify(body)), {
      ...options,
      persistent: deliveryMode === 2,
    } as Options.Publish);
  }
  await channel.waitForConfirms();
  await channel.close();
  await connection.close();
}

/** Parses the JSON of a message. @throws Error when a load would not write exactly the same text */
function parsed(bytes: Buffer | null): unknown {
  const text = bytes?.toString('utf8') ?? '';
  const value: unknown = JSON.parse(text);
  if (JSON.stringify(value) !== text) throw new Error(`a message is not the JSON that we write: ${text.slice(0, 200)}`);
  return value;
}

/** Replaces the run's prefix in names by a placeholder. */
export function unprefixed(lines: readonly Line[], prefix: string): Line[] {
  return lines.map((line) => JSON.parse(JSON.stringify(line).replaceAll(prefix, PREFIX)) as Line);
}
