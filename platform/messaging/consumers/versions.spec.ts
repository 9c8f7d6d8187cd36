import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, it, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import { defineEvent, defineTopic, type EventDefinition, from } from '../definitions.ts';
import { eventually } from '../event-log/contract.process.ts';
import { type LogConfig, makeLog } from '../event-log/contract.worker.ts';
import type { EventLog } from '../event-log/event-log.ts';
import { Inbox } from '../inbox/inbox.ts';
import { createTestService, SCHEMA, type TestService } from '../outbox/outbox.testing.ts';
import { Outbox } from '../outbox/outbox.ts';
import { Redriver } from '../parked/redriver.ts';
import { Consumers } from './consumers.ts';
import { consume } from './declare.ts';

interface Thing {
  readonly id: string;
  readonly names: readonly string[];
}

/** A topic and its one event, as three versions of a program define it. */
function versions() {
  const topic = defineTopic({
    name: `versions-${randomUUID()}`,
    partitions: 2,
    retentionHours: null,
    cleanup: 'delete',
  });
  const one = z.object({ id: z.string(), name: z.string() });
  const two = z.object({ id: z.string(), name: z.string().nullable(), more: z.array(z.string()) });
  const three = z.object({ id: z.string(), names: z.array(z.string()) });
  const common = { topic, type: 'ThingNamed', key: 'id' } as const;
  const named = [
    defineEvent({ ...common, version: 1, payload: one }),
    defineEvent({
      ...common,
      version: 2,
      payload: two,
      upcast: { 1: from(one, ({ id, name }) => ({ id, name, more: [] })) },
    }),
    defineEvent({
      ...common,
      version: 3,
      payload: three,
      upcast: {
        1: from(one, ({ id, name }) => ({ id, names: [name] })),
        2: from(two, ({ id, name, more }) => ({ id, names: [...(name === null ? [] : [name]), ...more] })),
      },
    }),
  ] as const;
  return {
    topic,
    named,
    payload: (version: number, { id, names: [name = '', ...more] }: Thing) =>
      [
        { id, name },
        { id, name, more },
        { id, names: [name, ...more] },
      ][version - 1],
  };
}

function describeVersions(
  adapter: string,
  configOf: (service: TestService) => LogConfig,
  clear: (topics: readonly string[]) => Promise<void>,
): void {
  describe(`consumers of different versions: ${adapter}`, () => {
    let service: TestService;
    let writing: EventLog;
    const running = new Set<{ stop(): Promise<void> }>();
    const topics: string[] = [];
    beforeAll(async () => {
      service = await createTestService();
      await service.pool.query(
        `CREATE TABLE ${SCHEMA}.seen (id bigserial, key text, seq integer, payload jsonb, by integer)`,
      );
      writing = await makeLog(configOf(service));
    });
    afterEach(async () => {
      for (const program of running) await program.stop();
    });
    afterAll(async () => {
      await writing.close();
      await clear(topics);
      await service.drop();
    });

    /** A deployment of its own: starts versions of the program, and appends events for them. */
    async function open() {
      const { topic, named, payload } = versions();
      topics.push(topic.name);
      await writing.ensureTopics([topic]);
      const group = `g-${randomUUID()}`;
      const alarms: string[] = [];
      const heldBack: string[] = [];
      const wentOn: number[] = [];
      return {
        alarms,
        heldBack,
        wentOn,
        /** Starts a process of this version. */
        async start(version: 1 | 2 | 3) {
          const log = await makeLog(configOf(service));
          const redriver = new Redriver({
            pool: service.pool,
            service: SCHEMA,
            onError: (error) => alarms.push(error.message),
            onKnown: (_, keys) => wentOn.push(keys),
            lookForKnownEveryMs: 100,
          });
          const inbox = new Inbox({
            schema: SCHEMA,
            onHole: () => alarms.push('hole'),
            onParked: (_, __, error) => alarms.push(error.message),
            onHeldBack: (_, { key, seq }) => heldBack.push(`${key} ${seq}`),
          });
          const consumers = new Consumers({
            service: 'svc',
            log,
            jobs: { work: () => assert.fail() },
            inbox,
            outbox: new Outbox({ schema: SCHEMA }),
            redriver,
          });
          const event = named[version - 1] as EventDefinition<{ readonly id: string }>;
          consumers.group(group, service.prisma, [
            consume(event, async (read, { tx, key, seq }) =>
              tx.client.query(`INSERT INTO ${SCHEMA}.seen (key, seq, payload, by) VALUES ($1, $2, $3, $4)`, [
                key,
                seq,
                read,
                version,
              ]),
            ),
          ]);
          await consumers.onApplicationBootstrap();
          const program = {
            async stop() {
              running.delete(program);
              await Promise.all([consumers.onModuleDestroy(), redriver.close()]);
              await log.close();
            },
          };
          running.add(program);
          return program;
        },
        async tell(version: number, key: string, seq: number) {
          const event = {
            topic: topic.name,
            key,
            seq,
            eventId: randomUUID(),
            type: 'ThingNamed',
            version,
            occurredAt: new Date().toISOString(),
            payload: payload(version, { id: key, names: [`n${seq}`] }),
          };
          for (const outcome of await writing.append([event])) if (!outcome.ok) throw outcome.error;
        },
        seen: async (key: string) =>
          (
            await service.pool.query<{ seq: number; payload: object; by: number }>(
              `SELECT seq, payload, by FROM ${SCHEMA}.seen WHERE key = $1 ORDER BY id`,
              [key],
            )
          ).rows,
        seqs: async (key: string) =>
          (
            await service.pool.query<{ seq: number }>(`SELECT seq FROM ${SCHEMA}.seen WHERE key = $1 ORDER BY id`, [
              key,
            ])
          ).rows.map(({ seq }) => seq),
        parked: async () =>
          (
            await service.pool.query<{ seq: number; error: string | null }>(
              `SELECT seq, error FROM ${SCHEMA}.inbox_parked WHERE consumer = $1 ORDER BY key, seq`,
              [group],
            )
          ).rows,
      };
    }

    it('producer first: a newer event is held back with its key, and a newer consumer continues in order', async () => {
      const { start, tell, seqs, seen, parked, alarms, heldBack, wentOn } = await open();
      const [key, other] = [randomUUID(), randomUUID()];
      const old = await start(1);
      await tell(1, key, 1);
      await tell(2, key, 2);
      await tell(1, key, 3);
      for (const seq of [1, 2]) await tell(1, other, seq);
      await eventually('the other key goes on', async () => (await seqs(other)).length === 2);
      await eventually('what is behind waits too', async () => (await parked()).length === 2);
      assert.deepEqual([await seqs(key), heldBack, alarms], [[1], [`${key} 2`], []]);
      const [first, behind] = await parked();
      assert.match(first?.error ?? '', /^NEWER_VERSION: versions-.*#2 is ThingNamed version 2; version 1 can be read$/);
      assert.equal(behind?.error, null);
      await old.stop();
      // A program that does not know the version either changes nothing.
      const same = await start(1);
      await tell(3, key, 4);
      await eventually('it waits as well', async () => (await parked()).length === 3);
      await same.stop();
      assert.deepEqual(wentOn, []);
      const newer = await start(2);
      await eventually('it goes on as far as it can read', async () => (await parked()).length === 1);
      assert.deepEqual(await seqs(key), [1, 2, 3]);
      await tell(1, key, 5);
      await newer.stop();
      await start(3);
      await tell(3, key, 6);
      await eventually('all of it is handled', async () => (await seqs(key)).length === 6);
      assert.deepEqual(
        [(await seen(key)).map(({ seq, by }) => [seq, by]), await parked(), alarms],
        [
          [
            [1, 1],
            [2, 2],
            [3, 2],
            [4, 3],
            [5, 3],
            [6, 3],
          ],
          [],
          [],
        ],
      );
    }, 120_000);

    it('consumer first: older versions are read as the current one', async () => {
      const { start, tell, seen, seqs, alarms, heldBack } = await open();
      const key = randomUUID();
      await start(3);
      for (const seq of [1, 2, 3]) await tell(seq, key, seq);
      await tell(1, key, 4);
      await eventually('all are handled', async () => (await seqs(key)).length === 4);
      assert.deepEqual(
        (await seen(key)).map(({ payload }) => payload),
        [1, 2, 3, 4].map((seq) => ({ id: key, names: [`n${seq}`] })),
      );
      assert.deepEqual([alarms, heldBack], [[], []]);
    }, 120_000);

    it('rollback: events of the newer version wait, none is lost or handled twice, and the next upgrade handles them', async () => {
      const { start, tell, seqs, parked, alarms } = await open();
      const keys = [randomUUID(), randomUUID()];
      const newer = await start(2);
      for (const key of keys) await tell(2, key, 1);
      await eventually('both are handled', async () =>
        (await Promise.all(keys.map(seqs))).every((all) => all.length === 1),
      );
      await newer.stop();
      const back = await start(1);
      for (const key of keys) {
        await tell(2, key, 2);
        await tell(1, key, 3);
      }
      await eventually('all wait', async () => (await parked()).length === 4);
      await back.stop();
      await start(2);
      for (const key of keys) await tell(2, key, 4);
      await eventually('all are handled', async () =>
        (await Promise.all(keys.map(seqs))).every((all) => all.length === 4),
      );
      assert.deepEqual(
        [await Promise.all(keys.map(seqs)), await parked(), alarms],
        [
          [
            [1, 2, 3, 4],
            [1, 2, 3, 4],
          ],
          [],
          [],
        ],
      );
    }, 120_000);

    it('side by side: a newer process handles what an older one holds back', async () => {
      const { start, tell, seen, seqs, parked, alarms, heldBack } = await open();
      const keys = Array.from({ length: 8 }, () => randomUUID());
      await Promise.all([start(2), start(1)]);
      // The older process gets its share of the keys a moment after it starts.
      const probes: string[] = [];
      await eventually('both have a part of the keys', async () => {
        const probe = randomUUID();
        probes.push(probe);
        await tell(2, probe, 1);
        return heldBack.length > 0;
      });
      for (let seq = 1; seq <= 6; seq++) await Promise.all(keys.map((key) => tell(seq % 3 === 0 ? 1 : 2, key, seq)));
      await eventually(
        'all are handled',
        async () => (await Promise.all(keys.map(seqs))).every((all) => all.length === 6),
        90_000,
      );
      for (const key of keys) assert.deepEqual(await seqs(key), [1, 2, 3, 4, 5, 6]);
      await eventually('the probes are handled', async () =>
        (await Promise.all(probes.map(seqs))).every((all) => all.length === 1),
      );
      const by = (await Promise.all([...keys, ...probes].map(seen))).flat();
      assert.ok(
        by.every((row) => row.by === 2 || row.seq % 3 === 0),
        'only who knows a version handles it',
      );
      assert.deepEqual([await parked(), alarms], [[], []]);
    }, 120_000);
  });
}

describeVersions(
  'PostgreSQL',
  ({ url }) => ({ adapter: 'postgres', url }),
  async () => undefined,
);

const brokers = process.env.KAFKA_BROKERS?.split(',');
if (brokers === undefined) {
  test.skip('consumers of different versions: Kafka', () => undefined);
} else {
  describeVersions(
    'Kafka',
    () => ({ adapter: 'kafka', brokers }),
    async (topics) => {
      const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.deleteTopics({ topics: [...topics] });
      await admin.disconnect();
    },
  );
}
