import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { connect } from 'amqplib';
import { openBrokers } from '../test/network/brokers.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { fullEnvironment, fullProcesses } from '../test/network/full.ts';
import type { ServiceProcess } from '../test/network/process.ts';
import { startIssuer } from '../test/stored/issuer.ts';
import { type FullConfig, readConfig } from '../platform/config/config.ts';

const { RABBITMQ_URL = '', KAFKA_BROKERS = '' } = process.env;
const SKIP = RABBITMQ_URL === '' || KAFKA_BROKERS === '' ? 'RABBITMQ_URL or KAFKA_BROKERS is not set' : false;

(SKIP ? describe.skip : describe)('a start that fails in full mode', () => {
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  let database: TestDatabase;
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let environment: Record<string, string>;
  let users: ServiceProcess | undefined;
  beforeAll(async () => {
    database = await createTestDatabase();
    issuer = await startIssuer();
    environment = fullEnvironment({
      databaseUrl: database.url,
      prefix,
      env: {
        KEYCLOAK_ISSUER: issuer.url,
        KEYCLOAK_CLIENT_ID: 'refused',
        KEYCLOAK_CLIENT_SECRET: 'refused',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    });
  });
  afterAll(async () => {
    await users?.end('SIGKILL');
    await openBrokers(readConfig({ env: environment }) as FullConfig).clear();
    await issuer.close();
    await database.drop();
  });

  it('ends the process with one line when the broker has a queue with other arguments', async () => {
    const connection = await connect(RABBITMQ_URL);
    const channel = await connection.createChannel();
    await channel.assertQueue(`${prefix}email-sender`, {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': 3 },
    });
    await connection.close();
    users = (await fullProcesses({ environment, mailUrl: 'smtp://127.0.0.1:1' })).get('notifications');
    assert.ok(users);
    await assert.rejects(users.start(), /notifications ended at its start/);
    const lines = users.log
      .split('\n')
      .filter((line) => line !== '' && !/TimeoutNegativeWarning|^Timeout duration|^\(Use `node/.test(line));
    assert.equal(lines.length, 1, users.log);
    assert.match(
      lines[0] ?? '',
      new RegExp(`"${prefix}email-sender" with other arguments; let it run empty, delete it, and start again`),
    );
    assert.equal(await users.end('SIGTERM'), 1);
  });
});
