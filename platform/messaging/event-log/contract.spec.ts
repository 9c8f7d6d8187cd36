import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import kafkajs, { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { createTestDatabase } from '../../../test/database.ts';
import { eventLogContract } from './contract.ts';
import { openPool } from '../../postgres/pool.ts';
import { appendStatement } from './postgres/postgres-sql.ts';

eventLogContract('PostgreSQL', async () => {
  const database = await createTestDatabase();
  const pool = openPool(database.url, 'contract', 1, () => undefined);
  return {
    config: { adapter: 'postgres', url: database.url },
    async interrupt() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
      await client.end();
    },
    async writeRecord(topic, key, record) {
      const { rows } = await pool.query<{ partition_id: number }>(
        'SELECT DISTINCT partition_id FROM event_log.events e JOIN event_log.partitions p ON p.id = partition_id WHERE topic = $1 AND key = $2', [topic, key],
      );
      await pool.query(appendStatement([{ partitionId: rows[0]?.partition_id ?? 0, key, record }]));
    },
    async retentionOf(topic) {
      const { rows } = await pool.query<{ retention_days: number | null }>('SELECT retention_days FROM event_log.topics WHERE name = $1', [topic]);
      return rows[0]?.retention_days ?? null;
    },
    async close() {
      await pool.end();
      await database.drop();
    },
  };
});

const brokers = process.env.KAFKA_BROKERS?.split(',');
if (brokers === undefined) {
  test('event log: Kafka', { skip: 'KAFKA_BROKERS is not set' });
} else {
  const sockets = new Set<Socket>();
  diagnostics.subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    socket.once('connect', () => brokers.some((broker) => broker.endsWith(`:${socket.remotePort}`)) && sockets.add(socket));
    socket.once('close', () => sockets.delete(socket));
  });
  eventLogContract('Kafka', async () => ({
    config: { adapter: 'kafka', brokers },
    async interrupt() {
      for (const socket of sockets) socket.destroy(new Error('cut'));
    },
    async writeRecord(topic, key, value) {
      const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer({ allowAutoTopicCreation: false });
      await producer.connect();
      await producer.send({ topic, messages: [{ key, value }] });
      await producer.disconnect();
    },
    async retentionOf(topic) {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const { resources } = await admin.describeConfigs({ resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }], includeSynonyms: false });
      await admin.disconnect();
      const value = Number(resources[0]?.configEntries.find(({ configName }) => configName === 'retention.ms')?.configValue);
      return value === -1 ? null : value / 86_400_000;
    },
    async close(topics) {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [...topics] });
      await admin.disconnect();
    },
  }));
}
