import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Kafka } from 'kafkajs';
import pg from 'pg';
import { KafkaEventLog } from '../../platform/messaging/event-log/kafka/kafka.ts';
import { prefixed } from '../../platform/messaging/event-log/prefixed.ts';
import { prefixed as prefixedQueues } from '../../platform/messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from '../../platform/messaging/job-queue/rabbitmq/rabbitmq.ts';
import { MatchComputations, Matches } from '../../schema/messages/matches.ts';
import { type FullConfig, readConfig } from '../../platform/config/config.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { openBrokers } from '../../test/network/brokers.ts';
import { fullEnvironment, fullProcesses } from '../../test/network/full.ts';
import { freePorts, ServiceProcess } from '../../test/network/process.ts';
import { startIssuer } from '../../test/stored/issuer.ts';
import { command, rebuildByWorker, season } from './rebuild.fixture.ts';

const { KAFKA_BROKERS = '', RABBITMQ_URL = '' } = process.env;

(KAFKA_BROKERS === '' ? describe.skip : describe)('npm run rebuild in full mode', () => {
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await createTestDatabase({ migrate: ['matches'] });
    pool = new pg.Pool({ connectionString: database.url, max: 1 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('reads Kafka from its beginning, and leaves no group behind', async () => {
    const log = prefixed(new KafkaEventLog({ brokers: [KAFKA_BROKERS], clientId: 'rebuild-spec' }), prefix);
    const { home, events } = season();
    try {
      await log.ensureTopics([Matches]);
      for (const outcome of await log.append(events)) assert.ok(outcome.ok);
    } finally {
      await log.close();
    }
    const env = {
      PRODVOR_MODE: 'full',
      DATABASE_URL: database.url,
      KAFKA_BROKERS,
      KAFKA_PREFIX: prefix,
      KEYCLOAK_ISSUER: 'http://127.0.0.1:1',
    };
    const ran = await command(['ratings', '--here', '--json'], env);
    assert.equal(ran.code, 0, ran.err);
    const { took: _took, ...figures } = JSON.parse(ran.out) as Record<string, unknown>;
    assert.deepEqual(figures, { name: 'ratings', events: 9, matches: 3, rows: 9, late: 0 });
    const { rows } = await pool.query<{ mu: number }>(
      'SELECT mu FROM matches.rating_changes WHERE subject_id = $1 ORDER BY kickoff_at',
      [home],
    );
    assert.equal(rows.length, 3);
    const admin = new Kafka({ brokers: [KAFKA_BROKERS], clientId: 'rebuild-spec', logLevel: 0 }).admin();
    await admin.connect();
    try {
      const { groups } = await admin.listGroups();
      assert.deepEqual(
        groups.filter(({ groupId }) => groupId.startsWith(prefix)),
        [],
      );
      await admin.deleteTopics({ topics: [`${prefix}${Matches.name}`] });
    } finally {
      await admin.disconnect();
    }
  });

  (RABBITMQ_URL === '' ? it.skip : it)(
    'a worker rebuilds, and cancels, repeats, or gives up, on RabbitMQ',
    async () => {
      const installation = await createTestDatabase();
      const issuer = await startIssuer();
      const own = `t${randomUUID().slice(0, 8)}-`;
      const environment = fullEnvironment({
        databaseUrl: installation.url,
        prefix: own,
        env: {
          KEYCLOAK_ISSUER: issuer.url,
          KEYCLOAK_CLIENT_ID: 'none',
          KEYCLOAK_CLIENT_SECRET: 'none',
          REDIS_URL: 'redis://127.0.0.1:1',
        },
      });
      const closers: (() => Promise<unknown>)[] = [
        () => installation.drop(),
        () => issuer.close(),
        () => openBrokers(readConfig({ env: environment }) as FullConfig).clear(),
      ];
      try {
        const whole = (await fullProcesses({ environment, mailUrl: '' })).get('matches');
        assert.ok(whole);
        const [port = 0] = await freePorts(1);
        const worker = new ServiceProcess('worker', port, whole.environment, [MatchComputations.name]);
        closers.push(() => worker.end('SIGKILL'));
        await worker.start();
        const log = prefixed(new KafkaEventLog({ brokers: [KAFKA_BROKERS], clientId: 'rebuild-spec' }), own);
        closers.push(() => log.close());
        const rabbitMq = await RabbitMqJobQueue.open({ url: RABBITMQ_URL, exchange: `${own}jobs` });
        closers.push(() => rabbitMq.close());
        const queue = prefixedQueues(rabbitMq, own);
        await rebuildByWorker({ databaseUrl: installation.url, environment, log, queue, worker });
      } finally {
        for (const close of closers.reverse()) await close();
      }
    },
    300_000,
  );
});
