import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type FullConfig, readConfig } from '../platform/config/config.ts';
import { prefixed } from '../platform/messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from '../platform/messaging/job-queue/rabbitmq/rabbitmq.ts';
import { Emails, Pushes } from '../schema/messages/notifications.ts';
import { createTestDatabase, type TestDatabase } from '../test/database.ts';
import { openBrokers } from '../test/network/brokers.ts';
import { fullEnvironment, fullProcesses } from '../test/network/full.ts';
import { freePorts, ServiceProcess } from '../test/network/process.ts';
import { type Proxy, startProxy } from '../test/network/proxy.ts';
import { startIssuer } from '../test/stored/issuer.ts';
import { assertOutcome, killAtEachPoint, startServers } from './kill-points.fixture.ts';

const { RABBITMQ_URL = '', KAFKA_BROKERS = '' } = process.env;
const SKIP = RABBITMQ_URL === '' || KAFKA_BROKERS === '' ? 'RABBITMQ_URL or KAFKA_BROKERS is not set' : false;

(SKIP ? describe.skip : describe)('a worker of RabbitMQ', () => {
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  let database: TestDatabase;
  let issuer: Awaited<ReturnType<typeof startIssuer>>;
  let servers: Awaited<ReturnType<typeof startServers>>;
  let environment: Record<string, string>;
  let rabbitMq: RabbitMqJobQueue;
  let proxy: Proxy;
  let worker: ServiceProcess;
  let next: ServiceProcess;
  beforeAll(async () => {
    database = await createTestDatabase();
    issuer = await startIssuer();
    servers = await startServers();
    environment = fullEnvironment({
      databaseUrl: database.url,
      prefix,
      env: {
        KEYCLOAK_ISSUER: issuer.url,
        KEYCLOAK_CLIENT_ID: 'none',
        KEYCLOAK_CLIENT_SECRET: 'none',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    });
    const whole = (await fullProcesses({ environment, mailUrl: servers.mailbox.url ?? '' })).get('notifications');
    assert.ok(whole);
    const url = new URL(RABBITMQ_URL);
    proxy = await startProxy(`http://${url.host}/`);
    const through = new URL(RABBITMQ_URL);
    through.host = new URL(proxy.url).host;
    const [port = 0] = await freePorts(1);
    const queues = [Emails.name, Pushes.name];
    const own = { ...whole.environment, ...servers.environment };
    worker = new ServiceProcess('worker', port, { ...own, RABBITMQ_URL: through.href }, queues);
    next = new ServiceProcess('worker', port, own, queues);
    await worker.start();
    rabbitMq = await RabbitMqJobQueue.open({ url: RABBITMQ_URL, exchange: `${prefix}jobs`, settleTimeoutMs: 110_000 });
    await prefixed(rabbitMq, prefix).ensureQueues([Emails, Pushes]);
  });
  afterAll(async () => {
    await Promise.all([worker?.end('SIGKILL'), next?.end('SIGKILL')]);
    await rabbitMq?.close();
    await proxy?.close();
    await openBrokers(readConfig({ env: environment }) as FullConfig).clear();
    await servers.close();
    await issuer.close();
    await database.drop();
  });

  it('that is killed at any point of a delivery loses no message', async () => {
    const outcomes = await killAtEachPoint(
      {
        databaseUrl: database.url,
        queue: prefixed(rabbitMq, prefix),
        holdAcknowledgements: async () => {
          proxy.freeze();
          return async () => proxy.cut();
        },
      },
      servers,
      worker,
      async () => {
        await next.start();
        return next;
      },
    );
    for (const [channel, outcome] of Object.entries(outcomes)) assertOutcome(channel, outcome);
  }, 240_000);
});
