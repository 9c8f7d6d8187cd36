import type { JobQueue } from './job-queue.ts';
import { PostgresJobQueue } from './postgres/postgres.ts';
import { RabbitMqJobQueue } from './rabbitmq/rabbitmq.ts';

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
