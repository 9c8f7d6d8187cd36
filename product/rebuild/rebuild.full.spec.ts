import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Kafka } from 'kafkajs';
import pg from 'pg';
import { KafkaEventLog } from '../../platform/messaging/event-log/kafka/kafka.ts';
import { prefixed } from '../../platform/messaging/event-log/prefixed.ts';
import { Matches } from '../../schema/messages/matches.ts';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { command, season } from './rebuild.fixture.ts';

const { KAFKA_BROKERS = '' } = process.env;

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
    const ran = await command(['ratings', '--json'], env);
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
});
