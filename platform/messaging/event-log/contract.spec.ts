import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { test } from '@jest/globals';
import kafkajs, { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { createTestDatabase } from '../../../test/database.ts';
import { eventLogContract } from './contract.ts';
import type { Topic } from './event-log.ts';
import { openPool } from '../../postgres/pool.ts';
import { PostgresEventLog } from './postgres/postgres.ts';
import { appendStatement } from './postgres/postgres-sql.ts';

eventLogContract('PostgreSQL', async () => {
  const database = await createTestDatabase();
  const pool = openPool(database.url, 'contract', 1, () => undefined);
  let pruning: PostgresEventLog | undefined;
  return {
    config: { adapter: 'postgres', url: database.url },
    async interrupt() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await client.end();
    },
    async writeRecord(topic, key, record) {
      const { rows } = await pool.query<{ partition_id: number }>(
        'SELECT DISTINCT partition_id FROM event_log.events e JOIN event_log.partitions p ON p.id = partition_id WHERE topic = $1 AND key = $2',
        [topic, key],
      );
      await pool.query(appendStatement([{ partitionId: rows[0]?.partition_id ?? 0, key, record }]));
    },
    async settingsOf(topic) {
      const { rows } = await pool.query<{ retention_hours: number | null; compacted: boolean; partitions: number }>(
        'SELECT retention_hours, compacted, (SELECT count(*)::int FROM event_log.partitions WHERE topic = $1) AS partitions FROM event_log.topics WHERE name = $1',
        [topic],
      );
      const [{ retention_hours: retentionHours, compacted, partitions } = assert.fail('no such topic')] = rows;
      return { partitions, retentionHours, cleanup: compacted ? 'compact' : 'delete' };
    },
    async hastenCompaction() {
      pruning = new PostgresEventLog({ url: database.url, pruneEveryMs: 200 });
      await pruning.ensureTopics([]);
    },
    async close() {
      await pruning?.close();
      await pool.end();
      await database.drop();
    },
  };
});

const brokers = process.env.KAFKA_BROKERS?.split(',');
if (brokers === undefined) {
  test.skip('event log: Kafka', () => undefined);
} else {
  const sockets = new Set<Socket>();
  diagnostics.subscribe('net.client.socket', (message) => {
    const { socket } = message as { socket: Socket };
    socket.once(
      'connect',
      () => brokers.some((broker) => broker.endsWith(`:${socket.remotePort}`)) && sockets.add(socket),
    );
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
    async settingsOf(topic) {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const { resources } = await admin.describeConfigs({
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
        includeSynonyms: false,
      });
      const {
        topics: [described],
      } = await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.disconnect();
      const valueOf = (name: string): string =>
        resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue ?? '';
      const cleanup = valueOf('cleanup.policy') as Topic['cleanup'];
      const ms = Number(valueOf(cleanup === 'compact' ? 'min.compaction.lag.ms' : 'retention.ms'));
      return {
        partitions: described?.partitions.length ?? 0,
        retentionHours: ms === -1 ? null : ms / 3_600_000,
        cleanup,
      };
    },
    async hastenCompaction(topic) {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const soon = {
        'cleanup.policy': 'compact',
        'min.compaction.lag.ms': '0',
        'segment.ms': '100',
        'min.cleanable.dirty.ratio': '0',
      };
      const configEntries = Object.entries(soon).map(([name, value]) => ({ name, value }));
      await admin.alterConfigs({
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
        validateOnly: false,
      });
      await admin.disconnect();
    },
    async close(topics) {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [...topics] });
      await admin.disconnect();
    },
  }));
}
