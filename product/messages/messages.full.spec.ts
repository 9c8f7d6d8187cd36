import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { KafkaEventLog } from '../../platform/messaging/event-log/kafka/kafka.ts';
import { prefixed as prefixedTopics } from '../../platform/messaging/event-log/prefixed.ts';
import { prefixed } from '../../platform/messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from '../../platform/messaging/job-queue/rabbitmq/rabbitmq.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { messages, type Ran } from './messages.fixture.ts';

const { RABBITMQ_URL = '', KAFKA_BROKERS = '' } = process.env;
const SKIP = RABBITMQ_URL === '' || KAFKA_BROKERS === '' ? 'RABBITMQ_URL or KAFKA_BROKERS is not set' : false;

(SKIP ? describe.skip : describe)('npm run messages in full mode', () => {
  const prefix = `t${randomUUID().slice(0, 8)}-`;
  let database: TestDatabase;
  let pool: pg.Pool;
  let env: Record<string, string>;
  beforeAll(async () => {
    database = await createTestDatabase({ migrate: Object.keys(subgraphs) });
    pool = new pg.Pool({ connectionString: database.url, max: 1 });
    env = {
      PRODVOR_MODE: 'full',
      DATABASE_URL: database.url,
      RABBITMQ_URL,
      KAFKA_BROKERS,
      RABBITMQ_PREFIX: prefix,
      KAFKA_PREFIX: prefix,
      KEYCLOAK_ISSUER: 'http://127.0.0.1:1',
    };
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  const run = (...args: string[]): Promise<Ran> => messages(args, { env });

  it('shows, redrives and drops dead jobs of RabbitMQ, and shows the lag of the groups of Kafka', async () => {
    const rabbitMq = await RabbitMqJobQueue.open({ url: RABBITMQ_URL, exchange: `${prefix}jobs` });
    const queue = prefixed(rabbitMq, prefix);
    const held = Promise.withResolvers<void>();
    const log = prefixedTopics(new KafkaEventLog({ brokers: [KAFKA_BROKERS], clientId: 'messages-spec' }), prefix);
    try {
      assert.match((await run('status')).err, /the queue email-sender was not made yet/);
      await queue.ensureQueues([
        { name: 'email-sender', maxDeliveries: 1, retryDelayMs: 100 },
        { name: 'computations', maxDeliveries: 1, retryDelayMs: 100 },
        { name: 'mass-mailing', maxDeliveries: 1, retryDelayMs: 100 },
        { name: 'match-computations', maxDeliveries: 1, retryDelayMs: 100 },
        { name: 'media-processor', maxDeliveries: 1, retryDelayMs: 100 },
        { name: 'notification-computations', maxDeliveries: 1, retryDelayMs: 100 },
        { name: 'push-sender', maxDeliveries: 1, retryDelayMs: 100 },
        { name: 'report-generator', maxDeliveries: 1, retryDelayMs: 100 },
      ]);
      const ids = [randomUUID(), randomUUID(), randomUUID()];
      const [again = '', gone = '', third = ''] = ids;
      const done: string[] = [];
      let broken = true;
      const worker = await queue.work('email-sender', {
        concurrency: 1,
        async handler({ id }) {
          if (broken) throw new Error('no luck');
          done.push(id);
        },
      });
      await queue.enqueue(
        ids.map((id) => ({
          id,
          queue: 'email-sender',
          kind: id === third ? 'Reminder' : 'WelcomeEmail',
          version: 1,
          payload: { to: 'anna@example.test' },
        })),
      );
      await queue.settled(['email-sender']);
      broken = false;

      const topic = { name: 'things.v1', partitions: 8, retentionHours: null, cleanup: 'delete' } as const;
      await log.ensureTopics([topic]);
      const event = {
        topic: topic.name,
        key: 'k',
        eventId: randomUUID(),
        type: 'T',
        version: 1,
        occurredAt: new Date().toISOString(),
        payload: 1,
      };
      const entered = Promise.withResolvers<void>();
      await log.consume({ group: 'slow', topics: [topic.name], handler: () => (entered.resolve(), held.promise) });
      await log.append([1, 2, 3].map((seq) => ({ ...event, seq })));
      await entered.promise;

      const status = await run('status', '--json');
      const { dead, lag } = JSON.parse(status.out) as {
        dead: { queue: string; dead: number; oldest: string }[];
        lag: unknown[];
      };
      assert.deepEqual(
        [dead.map((one) => `${one.queue} ${one.dead}`).toSorted(), lag],
        [
          [
            'computations 0',
            'email-sender 3',
            'mass-mailing 0',
            'match-computations 0',
            'media-processor 0',
            'notification-computations 0',
            'push-sender 0',
            'report-generator 0',
          ],
          [{ group: 'slow', topic: 'things.v1', events: 3 }],
        ],
      );
      assert.equal(status.err, '', 'kafkajs says nothing of its own');
      held.resolve();
      const listed = await run('dead');
      for (const id of ids) assert.ok(listed.out.includes(id) && listed.out.includes('Error: no luck'), listed.out);
      assert.match((await run('show', again)).out, /anna@example\.test/);

      assert.equal((await run('redrive', again)).code, 0);
      assert.equal((await run('drop', gone, '--yes')).code, 0);
      assert.equal((await run('redrive', '--type', 'Reminder')).code, 0);
      await queue.settled(['email-sender']);
      assert.deepEqual(done, [again, third]);
      assert.equal(await queue.deadCount('email-sender'), 0);
      assert.equal((await run('redrive', '--all')).code, 1);
      await worker.close();
    } finally {
      held.resolve();
      await Promise.all([rabbitMq.close(), log.close()]);
    }
  });

  it('needs no Kafka and no RabbitMQ for messages parked in databases, and says what it may not read', async () => {
    await pool.query(`INSERT INTO teams.outbox (kind, topic, key, seq, event_id, type, version, occurred_at, payload, parked_at, last_error)
      VALUES ('EVENT', 'teams.v1', gen_random_uuid(), 1, gen_random_uuid(), 'TeamCreated', 1, now(), '{}', now(), 'too large')`);
    const role = `${new URL(database.url).pathname.slice(1)}_teams`;
    await pool.query(
      `CREATE ROLE "${role}" LOGIN PASSWORD 'of-teams-only'; GRANT USAGE ON SCHEMA teams TO "${role}"; GRANT ALL ON ALL TABLES IN SCHEMA teams TO "${role}"`,
    );
    const url = new URL(database.url);
    Object.assign(url, { username: role, password: 'of-teams-only' });
    const { RABBITMQ_URL: _, KAFKA_BROKERS: __, ...rest } = env;
    try {
      const of = (...args: string[]): Promise<Ran> => messages(args, { env: { ...rest, DATABASE_URL: url.href } });
      const status = await of('status', '--json');
      const { outbox, lag } = JSON.parse(status.out) as {
        outbox: { service: string; parked: number }[];
        lag?: unknown;
      };
      assert.deepEqual([outbox.map(({ service, parked }) => [service, parked]), lag], [[['teams', 1]], undefined]);
      for (const line of ['may not read users', 'dead jobs are not shown'])
        assert.ok(status.err.includes(line), status.err);
      assert.equal((await of('redrive', '--all')).code, 0);
      assert.equal((await pool.query('SELECT FROM teams.outbox WHERE parked_at IS NULL')).rowCount, 1);
    } finally {
      await pool.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
    }
  });
});
