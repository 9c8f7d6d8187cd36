import { connect } from 'amqplib';
import { deadQueueOf } from './envelope.ts';
import type { JobQueue, QueueDefinition } from './job-queue.ts';
import { PostgresJobQueue } from './postgres/postgres.ts';
import { RabbitMqJobQueue } from './rabbitmq/rabbitmq.ts';
import { RabbitMqTopology, delaysOf } from './rabbitmq/rabbitmq-topology.ts';

/** The options with which a worker process opens the same queues as its parent. */
export interface AdapterChoice {
  readonly adapter: 'postgres' | 'rabbitmq';
  readonly url: string;
  /** The name of RabbitMQ's exchange, which separates test runs that share a broker. Unused with PostgreSQL. */
  readonly exchange?: string;
}

export async function openJobQueue(
  { adapter, url, exchange }: AdapterChoice,
  bounds: { closeGraceMs?: number } = {},
): Promise<JobQueue> {
  const settleTimeoutMs = 60_000;
  if (adapter === 'postgres')
    return PostgresJobQueue.open({ database: url, heartbeatSeconds: 10, settleTimeoutMs, ...bounds });
  return RabbitMqJobQueue.open({ url, settleTimeoutMs, ...(exchange ? { exchange } : {}), ...bounds });
}

/** Deletes the queues and exchanges of a test run from the broker, as far as they exist. */
export async function removeFromRabbitMq(
  url: string,
  exchange: string,
  definitions: readonly QueueDefinition[],
): Promise<void> {
  const topology = new RabbitMqTopology(exchange);
  const waits = new Set(definitions.flatMap(delaysOf).map((delay) => topology.wait(delay)));
  const connection = await connect(url);
  const channel = await connection.createChannel();
  for (const queue of [...waits, ...definitions.flatMap(({ name }) => [name, deadQueueOf(name)])])
    await channel.deleteQueue(queue);
  for (const name of [...waits, topology.exchange, topology.dead, topology.probe]) await channel.deleteExchange(name);
  await connection.close();
}
