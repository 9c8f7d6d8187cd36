import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase } from '../../../../test/database.ts';
import type { TestDatabase } from '../../../../test/database.ts';
import { eventually } from '../contract.process.ts';
import { makeEvent, makeTopic } from '../contract.worker.ts';
import { openPool } from '../../../postgres/pool.ts';
import type { Topic } from '../event-log.ts';
import { postgresHistory } from './postgres-history.ts';
import { PostgresEventLog } from './postgres.ts';
import type { PostgresEventLogOptions } from './postgres.ts';
import { appendStatement, CHANNEL } from './postgres-sql.ts';
import { encodeEvent } from '../record.ts';

/** Tests of this adapter only. contract.ts has the tests for every adapter. */
describe('event log in PostgreSQL', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  const logs: PostgresEventLog[] = [];
  beforeAll(async () => {
    database = await createTestDatabase();
    pool = openPool(database.url, 'test', 4, () => undefined);
  });
  // Each test closes its logs, so that it sees and cuts only its own connections.
  afterEach(() => Promise.all(logs.splice(0).map((log) => log.close())));
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  const newLog = (options: Partial<PostgresEventLogOptions> = {}): PostgresEventLog => {
    const log = new PostgresEventLog({ url: database.url, ...options });
    logs.push(log);
    return log;
  };
  const newTopic = async (log: PostgresEventLog, settings: Partial<Topic> = {}): Promise<string> => {
    const topic = randomUUID();
    await log.ensureTopics([makeTopic(topic, settings)]);
    return topic;
  };

  it('installs and creates topics from many processes at once, and keeps the number of partitions', async () => {
    const topic = randomUUID();
    await Promise.all([3, 5, 3, 5].map((partitions) => newLog().ensureTopics([makeTopic(topic, { partitions })])));
    const { rows } = await pool.query<{ partition: number }>(
      'SELECT partition FROM event_log.partitions WHERE topic = $1',
      [topic],
    );
    assert.ok(rows.length === 3 || rows.length === 5, `${rows.length} partitions`);
  }, 60_000);

  it('skips no event of an append that is paused between taking its offset and committing', async () => {
    const log = newLog({ poolSize: 20 });
    const topic = await newTopic(log, { partitions: 2 });
    const [tailed, consumed]: [string[], string[]] = [[], []];
    await log.tail({ topics: [topic], handler: ({ key, seq }) => void tailed.push(`${key} ${seq}`) });
    await log.consume({
      group: randomUUID(),
      topics: [topic],
      handler: async ({ key, seq }) => void consumed.push(`${key} ${seq}`),
    });
    const { rows: partitions } = await pool.query<{ id: number }>(
      'SELECT id FROM event_log.partitions WHERE topic = $1 ORDER BY id',
      [topic],
    );
    const [partition] = partitions;
    assert.ok(partition);
    // These are enough keys for the paused partition and for another one.
    const keys = Array.from({ length: 16 }, () => randomUUID());
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(
      appendStatement([
        { partitionId: partition.id, key: 'paused', record: encodeEvent(makeEvent(topic, 'paused', 1)) },
      ]),
    );
    const appends = keys.map((key) => log.append([makeEvent(topic, key, 1)]));
    assert.deepEqual(await Promise.any(appends), [{ ok: true }], 'the other partition is not held up');
    await eventually('readers see the other partition', () => tailed.length > 0 && consumed.length > 0);
    assert.ok(!tailed.includes('paused 1'));
    await client.query('COMMIT');
    client.release();
    await Promise.all(appends);
    await log.settled();
    const all = ['paused 1', ...keys.map((key) => `${key} 1`)].sort();
    assert.deepEqual(tailed.toSorted(), all);
    assert.deepEqual(consumed.toSorted(), all);
  }, 60_000);

  it('rolls the offset back with the append', async () => {
    const log = newLog();
    const topic = await newTopic(log, { partitions: 1 });
    const seen: string[] = [];
    await log.consume({
      group: randomUUID(),
      topics: [topic],
      handler: async ({ key, offset }) => void seen.push(`${key}@${offset}`),
    });
    const { rows } = await pool.query<{ id: number }>('SELECT id FROM event_log.partitions WHERE topic = $1', [topic]);
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query(
      appendStatement([
        { partitionId: rows[0]?.id ?? 0, key: 'gone', record: encodeEvent(makeEvent(topic, 'gone', 1)) },
      ]),
    );
    const waiting = log.append([makeEvent(topic, 'stays', 1)]);
    await client.query('ROLLBACK');
    client.release();
    await waiting;
    await log.settled();
    assert.deepEqual(seen, ['stays@0']);
  }, 60_000);

  it('works without notifications: polling finds everything', async () => {
    const [reading, writing] = [newLog({ pollMs: 50 }), newLog()];
    const topic = await newTopic(writing);
    const seen: number[] = [];
    await reading.tail({ topics: [topic], handler: (event) => void seen.push(event.seq) });
    const { rows } = await pool.query<{ id: number }>('SELECT id FROM event_log.partitions WHERE topic = $1', [topic]);
    // Appends as a writer that never notifies.
    await pool.query(
      appendStatement([{ partitionId: rows[0]?.id ?? 0, key: 'k', record: encodeEvent(makeEvent(topic, 'k', 1)) }]),
    );
    await eventually('polled', () => seen.length === 1);
  }, 60_000);

  it('misses nothing and interrupts no tail when every connection is cut', async () => {
    const log = newLog({ pollMs: 60_000 });
    const topic = await newTopic(log);
    const seen: number[] = [];
    await log.tail({
      topics: [topic],
      handler: (event) => void seen.push(event.seq),
      onInterrupted: () => assert.fail('interrupted'),
    });
    const { rows } = await pool.query<{ id: number }>('SELECT id FROM event_log.partitions WHERE topic = $1', [topic]);
    const put = (seq: number): Promise<unknown> =>
      pool.query(
        appendStatement([{ partitionId: rows[0]?.id ?? 0, key: 'k', record: encodeEvent(makeEvent(topic, 'k', seq)) }]),
      );
    await eventually(
      'it listens',
      async () =>
        (
          await pool.query(
            `SELECT FROM pg_stat_activity WHERE application_name = 'listen:event_log' AND datname = current_database()`,
          )
        ).rowCount !== 0,
    );
    await put(1);
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%event%log'`,
    );
    // No notification was sent and the poll is too far away, so it read because it listens again.
    await eventually('read after the reconnect', () => seen.length === 1);
  }, 60_000);

  for (const kind of ['tail', 'group'] as const) {
    it(`reads again by itself when its connection is cut while it reads: ${kind}`, async () => {
      const doings: string[] = [];
      const log = newLog({ pollMs: 60_000, leaseMs: 60_000, onError: (_, doing) => doings.push(doing) });
      const topic = await newTopic(log, { partitions: 1 });
      const seen: number[] = [];
      if (kind === 'tail') await log.tail({ topics: [topic], handler: (event) => void seen.push(event.seq) });
      else
        await log.consume({
          group: randomUUID(),
          topics: [topic],
          handler: async (event) => void seen.push(event.seq),
        });
      await log.append([makeEvent(topic, 'k', 1)]);
      await log.settled();
      const { rows } = await pool.query<{ id: number }>('SELECT id FROM event_log.partitions WHERE topic = $1', [
        topic,
      ]);
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query('LOCK event_log.events IN ACCESS EXCLUSIVE MODE');
      await client.query(
        appendStatement([{ partitionId: rows[0]?.id ?? 0, key: 'k', record: encodeEvent(makeEvent(topic, 'k', 2)) }]),
      );
      // Only the notification wakes the reader. Only the reading connection is cut: a cut listener would also wake the
      // reader when it returns.
      await eventually('a read that waits for the lock is cut', async () => {
        await pool.query('SELECT pg_notify($1, $2)', [CHANNEL, `another\ntopic ${topic}`]);
        const { rowCount } = await pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'event-log' AND wait_event_type = 'Lock'`,
        );
        return rowCount === 1;
      });
      await eventually('it is told', () =>
        doings.some((doing) => doing.startsWith(kind === 'tail' ? 'tail' : 'reading')),
      );
      await client.query('COMMIT');
      client.release();
      await eventually('read again', () => seen.length === 2);
      assert.deepEqual(seen, [1, 2]);
    }, 60_000);
  }

  it("prunes events after the topic's retention, keeps the newest, and reports the hole to readers that were away", async () => {
    const log = newLog();
    const [days, ever] = [randomUUID(), randomUUID()];
    await log.ensureTopics([
      makeTopic(days, { partitions: 1, retentionHours: 720 }),
      makeTopic(ever, { partitions: 1 }),
    ]);
    for (const topic of [days, ever]) await log.append([1, 2, 3, 4, 5].map((seq) => makeEvent(topic, 'k', seq)));
    const left = async (topic: string): Promise<number[]> =>
      (
        await pool.query<{ seq: number }>(
          `SELECT (record->>'seq')::int AS seq FROM event_log.events e JOIN event_log.partitions p ON p.id = e.partition_id WHERE topic = $1 ORDER BY "offset"`,
          [topic],
        )
      ).rows.map(({ seq }) => seq);
    const age = (topic: string, than: number, by: number): Promise<unknown> =>
      pool.query(
        `UPDATE event_log.events e SET appended_at = now() - make_interval(days => $3) FROM event_log.partitions p
         WHERE p.id = e.partition_id AND p.topic = $1 AND (record->>'seq')::int <= $2`,
        [topic, than, by],
      );
    await age(days, 2, 31);
    await age(ever, 5, 3000);
    // Two logs delete old events at the same time. Only one of them gets the turn for each topic.
    for (const pruning of [newLog({ pruneEveryMs: 50 }), newLog({ pruneEveryMs: 50 })])
      await pruning.ensureTopics([makeTopic(days, { partitions: 1, retentionHours: 720 })]);
    await eventually('the old ones are gone', async () => (await left(days)).length < 5);
    assert.deepEqual(await left(days), [3, 4, 5]);
    await age(days, 5, 31);
    await eventually('all but the newest are gone', async () => (await left(days)).length < 3);
    assert.deepEqual([await left(days), await left(ever)], [[5], [1, 2, 3, 4, 5]]);
    const seen: number[] = [];
    await log.consume({ group: randomUUID(), topics: [days], handler: async (event) => void seen.push(event.seq) });
    await log.settled();
    assert.deepEqual(seen, [5]);
  }, 60_000);

  it("calls a tail's onInterrupted when retention deleted events that it had not read", async () => {
    const log = newLog({ pollMs: 60_000 });
    const topic = await newTopic(log, { partitions: 1 });
    const seen: string[] = [];
    await log.tail({
      topics: [topic],
      handler: (event) => void seen.push(String(event.seq)),
      onInterrupted: () => seen.push('interrupted'),
    });
    await log.append([makeEvent(topic, 'k', 1)]);
    await log.settled();
    // Events are appended, and the oldest of them deleted, before the tail reads again.
    const { rows } = await pool.query<{ id: number }>('SELECT id FROM event_log.partitions WHERE topic = $1', [topic]);
    const id = rows[0]?.id ?? 0;
    await pool.query(
      appendStatement(
        [2, 3].map((seq) => ({ partitionId: id, key: 'k', record: encodeEvent(makeEvent(topic, 'k', seq)) })),
      ),
    );
    await pool.query('DELETE FROM event_log.events WHERE partition_id = $1 AND "offset" = 1', [id]);
    await log.append([makeEvent(topic, 'k', 4)]);
    await log.settled();
    assert.deepEqual(seen, ['1', 'interrupted', '3', '4']);
  }, 60_000);

  it('reads the whole history of a topic in the order of each partition, over several pages', async () => {
    const log = newLog();
    const topic = await newTopic(log, { partitions: 2 });
    const all = Array.from({ length: 5000 }, (_, index) => ({ key: `k${index % 2}`, seq: Math.floor(index / 2) + 1 }));
    await log.append(all.map(({ key, seq }) => makeEvent(topic, key, seq)));
    const read: string[] = [];
    const history = postgresHistory(database.url);
    assert.equal(await history.size(topic), all.length);
    for await (const page of history.read(topic)) read.push(...page.map(({ key, seq }) => `${key} ${seq}`));
    for (const key of ['k0', 'k1'])
      assert.deepEqual(
        read.filter((one) => one.startsWith(key)),
        Array.from({ length: 2500 }, (_, index) => `${key} ${index + 1}`),
      );
  }, 60_000);
});
