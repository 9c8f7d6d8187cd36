import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { z } from 'zod';
import { createErrorFormatter } from '../observability/format-error.ts';
import { defineEvent, defineTopic, type EventDefinition, from } from '../messaging/definitions.ts';
import { PostgresEventLog } from '../messaging/event-log/postgres/postgres.ts';
import { createTestService, SCHEMA, type TestService } from '../messaging/outbox/outbox.testing.ts';
import { LiveEvents, type Sequenced } from './live-events.ts';

const Things = defineTopic({ name: 'things.v1', partitions: 1, retentionHours: null, cleanup: 'delete' });
const one = z.object({ id: z.string(), name: z.string() });
const two = z.object({ id: z.string(), names: z.array(z.string()) });
const common = { topic: Things, type: 'ThingNamed', key: 'id' } as const;
const ThingNamed = {
  1: defineEvent({ ...common, version: 1, payload: one }),
  2: defineEvent({
    ...common,
    version: 2,
    payload: two,
    upcast: { 1: from(one, ({ id, name }) => ({ id, names: [name] })) },
  }),
};
type Version = keyof typeof ThingNamed;

interface Seen extends Sequenced {
  readonly payload: unknown;
}

describe('live streams and rows of different versions', () => {
  let service: TestService;
  let log: PostgresEventLog;
  const programs: LiveEvents[] = [];
  beforeAll(async () => {
    service = await createTestService();
    await service.pool.query(
      `CREATE TABLE ${SCHEMA}.thing_events (key text, seq integer, version integer NOT NULL DEFAULT 1, payload jsonb, PRIMARY KEY (key, seq))`,
    );
    log = new PostgresEventLog({ url: service.url });
    await log.ensureTopics([Things]);
  });
  afterEach(async () => {
    for (const live of programs.splice(0)) await live.close();
  });
  afterAll(async () => {
    await log.close();
    await service.drop();
  });

  /** A program of this version: it writes rows, announces them, and reads them. */
  function start(version: Version) {
    const event: EventDefinition<unknown> = ThingNamed[version];
    const live = new LiveEvents(log);
    programs.push(live);
    return {
      settled: () => live.settled(),
      async write(key: string, seq: number) {
        const payload = version === 1 ? { id: key, name: `n${seq}` } : { id: key, names: [`n${seq}`] };
        await service.pool.query(`INSERT INTO ${SCHEMA}.thing_events VALUES ($1, $2, $3, $4)`, [
          key,
          seq,
          version,
          payload,
        ]);
        await log.append([
          {
            topic: Things.name,
            key,
            seq,
            eventId: randomUUID(),
            type: event.type,
            version,
            occurredAt: new Date().toISOString(),
            payload,
          },
        ]);
      },
      stream: (key: string, afterSeq: number) =>
        live.stream<Seen>({
          topic: Things.name,
          key,
          afterSeq,
          async read(after, limit) {
            const { rows } = await service.pool.query<{ seq: number; version: number; payload: unknown }>(
              `SELECT seq, version, payload FROM ${SCHEMA}.thing_events WHERE key = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
              [key, after, limit],
            );
            return rows.map((row) => ({
              seq: row.seq,
              event: () => ({ seq: row.seq, payload: event.read(row.version, row.payload, `row ${row.seq}`) }),
            }));
          },
          newestSeq: async () =>
            (
              await service.pool.query<{ n: number }>(
                `SELECT coalesce(max(seq), 0) AS n FROM ${SCHEMA}.thing_events WHERE key = $1`,
                [key],
              )
            ).rows[0]?.n ?? 0,
          fromLog({ seq, version: of, payload }) {
            const read = event.tryRead(of, payload);
            return read === null ? null : { seq, payload: read };
          },
        }),
    };
  }
  const take = async (stream: AsyncIterator<Seen>, count: number): Promise<unknown[]> => {
    const taken: unknown[] = [];
    while (taken.length < count) {
      const { value, done } = (await stream.next()) as IteratorResult<Seen, undefined>;
      if (done) break;
      taken.push([value.seq, value.payload]);
    }
    return taken;
  };
  const unavailable = (error: Error): boolean => {
    const format = createErrorFormatter({ report: (unexpected) => assert.fail(`reported: ${String(unexpected)}`) });
    return format({ message: error.message }, error).extensions?.['code'] === 'UNAVAILABLE';
  };

  it('producer first: an older stream ends with UNAVAILABLE before an unknown version, each time; a newer one continues there', async () => {
    const key = randomUUID();
    const [older, newer] = [start(1), start(2)];
    await older.write(key, 1);
    const live = older.stream(key, 0);
    assert.deepEqual(await take(live, 1), [[1, { id: key, name: 'n1' }]]);
    const next = live.next();
    await older.settled();
    await newer.write(key, 2);
    await assert.rejects(next, unavailable);
    // A later event of a known version does not replace the event that the older program cannot read.
    await older.write(key, 3);
    await assert.rejects(older.stream(key, 1).next(), unavailable);
    const all = older.stream(key, 0);
    assert.deepEqual(await take(all, 1), [[1, { id: key, name: 'n1' }]]);
    await assert.rejects(all.next(), unavailable);
    assert.deepEqual(await take(newer.stream(key, 1), 2), [
      [2, { id: key, names: ['n2'] }],
      [3, { id: key, names: ['n3'] }],
    ]);
  });

  it('consumer first: rows and events of an older version are read as the current one', async () => {
    const key = randomUUID();
    const [older, newer] = [start(1), start(2)];
    await older.write(key, 1);
    const stream = newer.stream(key, 0);
    assert.deepEqual(await take(stream, 1), [[1, { id: key, names: ['n1'] }]]);
    const live = take(stream, 2);
    await newer.settled();
    await older.write(key, 2);
    await newer.write(key, 3);
    assert.deepEqual(await live, [
      [2, { id: key, names: ['n2'] }],
      [3, { id: key, names: ['n3'] }],
    ]);
  });

  it('rollback: the older program skips no event that the newer one wrote, and the newer one finds all of them', async () => {
    const key = randomUUID();
    const newer = start(2);
    await newer.write(key, 1);
    assert.deepEqual(await take(newer.stream(key, 0), 1), [[1, { id: key, names: ['n1'] }]]);
    const back = start(1);
    await assert.rejects(back.stream(key, 0).next(), unavailable);
    await back.write(key, 2);
    await assert.rejects(back.stream(key, 0).next(), unavailable);
    // A client that has seen the newer event continues with the ones after it.
    assert.deepEqual(await take(back.stream(key, 1), 1), [[2, { id: key, name: 'n2' }]]);
    assert.deepEqual(await take(start(2).stream(key, 0), 2), [
      [1, { id: key, names: ['n1'] }],
      [2, { id: key, names: ['n2'] }],
    ]);
  });
});
