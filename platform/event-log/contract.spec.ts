import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { createTestDatabase } from '../../test/database.ts';
import { eventLogContract } from './contract.ts';

eventLogContract('PostgreSQL', async () => {
  const database = await createTestDatabase();
  return {
    config: { adapter: 'postgres', url: database.url },
    async interrupt() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
      await client.end();
    },
    close: () => database.drop(),
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
    async close(topics) {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [...topics] });
      await admin.disconnect();
    },
  }));
}
