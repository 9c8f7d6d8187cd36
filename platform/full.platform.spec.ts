import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { createTestDatabase } from '../test/database.ts';
import { readConfig } from './config/config.ts';
import { callersOf, createPlatform, trustOf } from './platform.module.ts';
import { Health } from './lifecycle/health.ts';
import { JsonLogger } from './observability/json-logger.ts';

Logger.overrideLogger(false);

const { KAFKA_BROKERS, RABBITMQ_URL } = process.env;

(!KAFKA_BROKERS || !RABBITMQ_URL ? test.skip : test)(
  'full mode is ready when the database, the event log and the job queue answer',
  async () => {
    const database = await createTestDatabase();
    const config = readConfig({
      env: {
        PRODVOR_MODE: 'full',
        DATABASE_URL: database.url,
        REDIS_URL: 'redis://127.0.0.1:1',
        S3_BUCKET: 'prodvor',
        RABBITMQ_URL,
        KAFKA_BROKERS,
        RABBITMQ_PREFIX: `t${randomUUID().slice(0, 8)}-`,
        KEYCLOAK_ISSUER: 'http://127.0.0.1:1',
        KEYCLOAK_CLIENT_ID: 'x',
        KEYCLOAK_CLIENT_SECRET: 'x',
        SIGNING_KEYS: 'test:a secret of enough bytes',
      },
    });
    const logger = new JsonLogger({ service: 'test', write: () => undefined });
    const platform = await createPlatform(config, {
      logger,
      trust: trustOf(config, ''),
      callers: callersOf(config),
      services: [],
      rateLimits: {},
      nodeOwners: new Map(),
      asks: new Map(),
    });
    try {
      const readiness = (): ReturnType<Health['readiness']> =>
        new Health({ probes: platform.probes, timeoutMs: 10_000 }).readiness();
      assert.deepEqual(await readiness(), { ready: true, failed: [] });
      await platform.eventLog.close();
      await platform.jobQueue.close();
      assert.deepEqual(await readiness(), { ready: false, failed: ['eventLog', 'jobQueue'] });
    } finally {
      await platform.close();
      await database.drop();
    }
  },
  60_000,
);

test('full mode closes its connections to Keycloak when it stops', async () => {
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 60_000 }, (req, res) => {
    req.resume();
    const isToken = req.url?.endsWith('/token');
    res.writeHead(isToken ? 200 : 201, { 'content-type': 'application/json', location: '/users/5f0c' });
    res.end(isToken ? JSON.stringify({ access_token: 'token', expires_in: 300 }) : '');
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const config = readConfig({
      env: {
        PRODVOR_MODE: 'full',
        DATABASE_URL: 'postgresql://127.0.0.1:1/nowhere',
        REDIS_URL: 'redis://127.0.0.1:1',
        KAFKA_BROKERS: '127.0.0.1:1',
        KEYCLOAK_ISSUER: `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/prodvor`,
        KEYCLOAK_CLIENT_ID: 'x',
        KEYCLOAK_CLIENT_SECRET: 'x',
        SIGNING_KEYS: 'test:a secret of enough bytes',
      },
      uses: ['database', 'eventLog', 'accounts', 'signatures'], // no queue, because a queue connects immediately
    });
    const logger = new JsonLogger({ service: 'test', write: () => undefined });
    const platform = await createPlatform(config, {
      logger,
      trust: trustOf(config, ''),
      callers: callersOf(config),
      services: [],
      rateLimits: {},
      nodeOwners: new Map(),
      asks: new Map(),
    });
    await platform.identity.createIdentity({
      username: 'anna',
      email: 'anna@example.test',
      password: 'correct horse battery',
    });
    const open = [...sockets].filter((socket) => !socket.destroyed);
    assert.notEqual(open.length, 0);
    const closed = Promise.all(open.map((socket) => once(socket, 'close', { signal: AbortSignal.timeout(5000) })));
    await Promise.all([platform.close(), closed]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}, 30_000);
