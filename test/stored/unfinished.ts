// Makes the stores look as if a process had lost power between two steps.
import pg from 'pg';
import { KafkaEventLog } from '../../platform/messaging/event-log/kafka/kafka.ts';
import { PostgresEventLog } from '../../platform/messaging/event-log/postgres/postgres.ts';
import { prefixed as prefixedTopics } from '../../platform/messaging/event-log/prefixed.ts';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { prefixed as prefixedQueues } from '../../platform/messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from '../../platform/messaging/job-queue/rabbitmq/rabbitmq.ts';
import { type Message, RelayStore } from '../../platform/messaging/outbox/relay-store.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import type { Installation } from './installation.ts';
import type { Waiting } from './scenario.ts';

/** Publishes some of the waiting messages of a stopped installation, and marks some of these as published. */
export async function leaveUnfinished(at: Installation, { unhandled, unmarked, parked }: Waiting): Promise<void> {
  const { eventLog, jobQueue } = await openPorts(at);
  const pool = new pg.Pool({ connectionString: at.databaseUrl, max: 2 });
  try {
    for (const service of Object.keys(subgraphs)) {
      const store = new RelayStore(pool, service);
      const messages = await store.take(500);
      const published = messages.filter(
        (message) => unhandled.includes(keyOf(message)) || unmarked.includes(keyOf(message)),
      );
      const outcomes = await eventLog.append(published.flatMap(({ event }) => event ?? []));
      if (outcomes.some(({ ok }) => !ok)) throw new Error('an event was not published');
      await jobQueue.enqueue(published.flatMap(({ job }) => job ?? []));
      await store.markPublished(published.filter((message) => unhandled.includes(keyOf(message))).map(({ id }) => id));
      const rejected = messages.find((message) => keyOf(message) === parked);
      if (rejected)
        await store.markFailed([
          { id: rejected.id, error: new Error(`${rejected.destination}/${parked}: 950000 bytes, the limit is 900000`) },
        ]);
    }
  } finally {
    await pool.end();
    await eventLog.close();
    await jobQueue.close();
  }
}

/** The event's key; for a job, the id of its person. */
const keyOf = ({ event, job }: Message): string =>
  event?.key ?? String((job?.payload as { userId?: string } | undefined)?.userId);

async function openPorts({ mode, databaseUrl, prefix }: Installation) {
  if (mode === 'embedded')
    return {
      eventLog: new PostgresEventLog({ url: databaseUrl }),
      jobQueue: await PostgresJobQueue.open({ database: databaseUrl }),
    };
  const { KAFKA_BROKERS: brokers = '', RABBITMQ_URL: url = '' } = process.env;
  return {
    eventLog: prefixedTopics(new KafkaEventLog({ brokers: brokers.split(','), clientId: 'stored' }), prefix),
    jobQueue: prefixedQueues(await RabbitMqJobQueue.open({ url, exchange: `${prefix}jobs` }), prefix),
  };
}
