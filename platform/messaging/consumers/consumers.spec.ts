import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { z } from 'zod';
import { currentContext } from '../../observability/request-context.ts';
import { defineEvent, defineJob, defineSnapshot, defineTopic } from '../definitions.ts';
import type { ConsumeOptions, LoggedEvent } from '../event-log/event-log.ts';
import { Inbox } from '../inbox/inbox.ts';
import type { DeliveredJob } from '../job-queue/job-queue.ts';
import {
  Chore,
  Chores,
  createTestService,
  SCHEMA,
  type TestService,
  ThingChanged,
  Things,
} from '../outbox/outbox.testing.ts';
import { type Emit, Outbox } from '../outbox/outbox.ts';
import { groupStarts } from '../inbox/groups.ts';
import { Consumers, type ConsumersOptions } from './consumers.ts';
import { consume, consumeAll, work } from './declare.ts';

const ThingMoved = defineEvent({
  topic: Things,
  type: 'ThingMoved',
  version: 1,
  key: 'id',
  payload: z.object({ id: z.string() }),
});
const Newest = defineTopic({ name: 'newest.v1', partitions: 1, retentionHours: 0, cleanup: 'compact' });
const NewestIs = defineEvent({
  topic: Newest,
  type: 'NewestIs',
  version: 1,
  key: 'id',
  payload: z.object({ id: z.string() }),
});
const Kept = defineTopic({ name: 'kept.v1', partitions: 1, retentionHours: 1, cleanup: 'delete' });
const KeptChanged = defineEvent({
  topic: Kept,
  type: 'KeptChanged',
  version: 1,
  key: 'id',
  payload: z.object({ id: z.string() }),
});
const KeptSnapshot = defineSnapshot({
  topic: Kept,
  type: 'KeptSnapshot',
  version: 1,
  key: 'id',
  payload: z.object({ id: z.string() }),
});
const Mail = defineJob({
  queue: Chores,
  kind: 'Mail',
  reachesPeople: true,
  version: 1,
  payload: z.object({ to: z.string() }),
});

describe('consumers', () => {
  let service: TestService;
  let key: string;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.drop());
  beforeEach(() => {
    key = randomUUID();
  });

  /** Consumers with a log and a queue that deliver only what the test hands them. */
  function open(options: Partial<ConsumersOptions> = {}) {
    const told: string[] = [];
    const handlers = new Map<string, (event: LoggedEvent) => Promise<void>>();
    const together = new Map<string, ConsumeOptions['handleAll']>();
    const workers = new Map<string, (job: DeliveredJob) => Promise<void>>();
    const closes = (what: string) => ({ close: async () => void told.push(`${what} closed`) });
    const consumers = new Consumers({
      service: 'svc',
      log: {
        consume: async ({ group, topics, handler, handleAll }) => (
          told.push(`${group} of ${topics.join()}`),
          handlers.set(group, handler),
          together.set(group, handleAll),
          closes(group)
        ),
      },
      jobs: {
        work: async (queue, { concurrency, handler }) => (
          told.push(`${queue} by ${concurrency}`),
          workers.set(queue, handler),
          closes(queue)
        ),
      },
      inbox: new Inbox({
        schema: SCHEMA,
        maxAttempts: 1,
        onHole: (_, { seq }, last) => told.push(`hole ${last} ${seq}`),
        onParked: (_, { seq }) => told.push(`parked ${seq}`),
        onHeldBack: (_, { seq }) => told.push(`held back ${seq}`),
      }),
      outbox: new Outbox({ schema: SCHEMA }),
      onUnknown: (group, { type }) => told.push(`${group} does not know ${type}`),
      ...options,
    });
    return {
      consumers,
      told,
      start: () => consumers.onApplicationBootstrap(),
      deliver: (group: string, event: LoggedEvent) => handlers.get(group)?.(event) ?? assert.fail(`no ${group}`),
      deliverAll: (group: string, events: readonly LoggedEvent[]) => together.get(group)?.(events) ?? assert.fail(),
      together: (group: string) => together.get(group),
      job: (given: Partial<DeliveredJob> = {}) =>
        workers.get('chores')?.({
          id: randomUUID(),
          queue: 'chores',
          kind: 'Chore',
          version: 1,
          payload: { name: 'sweep' },
          attempt: 1,
          ...given,
        }) ?? assert.fail(),
    };
  }
  const event = (seq: number, given: Partial<LoggedEvent> = {}): LoggedEvent => ({
    topic: 'things.v1',
    key,
    seq,
    eventId: randomUUID(),
    type: 'ThingChanged',
    version: 1,
    occurredAt: '2026-11-22T10:00:00.000Z',
    payload: { id: key },
    partition: 0,
    offset: String(seq),
    ...given,
  });
  const positions = async (): Promise<unknown[]> =>
    (
      await service.pool.query(
        `SELECT consumer, last_seq, parked FROM ${SCHEMA}.inbox WHERE key = $1 ORDER BY consumer`,
        [key],
      )
    ).rows.map((row) => Object.values(row));
  const outbox = async (of = key): Promise<unknown[]> =>
    (await service.pool.query(`SELECT type, payload FROM ${SCHEMA}.outbox WHERE key = $1 ORDER BY id`, [of])).rows;

  it('leave events and queues to other processes on request, and know which queues there are', async () => {
    const queues: string[] = [];
    const { consumers, told, start } = open({
      events: false,
      works: () => false,
      onQueue: (name) => queues.push(name),
    });
    consumers.group('g', service.prisma, [consume(ThingChanged, async () => undefined)]);
    consumers.worker(Chores, 1, [work(Chore, async () => undefined)]);
    await start();
    assert.deepEqual([told, queues], [[], ['chores']]);
    await consumers.onModuleDestroy();
  });

  it('measure each delivery with its end', async () => {
    const seen: string[] = [];
    const { consumers, start, job } = open({
      onJob: (queue, kind) => {
        seen.push(`${queue} ${kind}`);
        return (error) => seen.push(error === undefined ? 'done' : (error as Error).message);
      },
    });
    consumers.worker(Chores, 1, [
      work(Chore, async (_, { attempt }) => {
        if (attempt === 1) throw new Error('no luck');
      }),
    ]);
    await start();
    await assert.rejects(job());
    await job({ attempt: 2 });
    await assert.rejects(job({ kind: 'Sent by a newer program' }));
    assert.deepEqual(seen.slice(0, 5), ['chores Chore', 'no luck', 'chores Chore', 'done', 'chores unknown']);
    await consumers.onModuleDestroy();
  });

  it('start with their declared names and topics, and close after the running handlers have finished', async () => {
    const { consumers, told, start } = open();
    consumers.group('g', service.prisma, [
      consume(ThingChanged, async () => undefined),
      consume(ThingMoved, async () => undefined),
      consume(NewestIs, async () => undefined),
    ]);
    consumers.notice('n', Things, async () => undefined);
    consumers.worker(Chores, 3, [work(Chore, async () => undefined)]);
    assert.throws(
      () =>
        consumers.group('twice', service.prisma, [
          consume(ThingMoved, async () => undefined),
          consume(ThingMoved, async () => undefined),
        ]),
      /twice/,
    );
    assert.deepEqual(told, []);
    await start();
    assert.deepEqual(told.splice(0), ['g of things.v1,newest.v1', 'n of things.v1', 'chores by 3']);
    await consumers.onModuleDestroy();
    assert.deepEqual(told, ['g closed', 'n closed', 'chores closed']);
  });

  it('must handle the snapshots of a topic whose owner announces it; a notice consumer does not receive them', async () => {
    const { consumers, start, deliver } = open();
    assert.throws(
      () => consumers.group('g', service.prisma, [consume(KeptChanged, async () => undefined)]),
      /g consumes kept\.v1, so it must consume KeptSnapshot/,
    );
    const seen: string[] = [];
    consumers.group('g', service.prisma, [
      consume(KeptChanged, async () => seen.push('changed')),
      consume(KeptSnapshot, async ({ id }, { seq }) => seen.push(`${id === key} ${seq}`)),
    ]);
    consumers.notice('n', Kept, async () => seen.push('noticed'));
    await start();
    const snapshot = event(7, { topic: 'kept.v1', type: 'KeptSnapshot', snapshot: true });
    for (const group of ['g', 'n', 'g']) await deliver(group, snapshot);
    await deliver('n', event(8, { topic: 'kept.v1', type: 'KeptChanged' }));
    assert.deepEqual([seen, await positions()], [['true 7', 'noticed'], [['g', 7, false]]]);
  });

  it('hand events that wait to a handler of several in one transaction, and every other event alone', async () => {
    const { consumers, told, start, deliver, deliverAll, together } = open();
    const calls: string[] = [];
    consumers.group('all', service.prisma, [
      consumeAll(KeptChanged, async (_, events) =>
        calls.push(events.map(({ payload, seq }) => `${payload.id === key ? 'this' : payload.id} ${seq}`).join()),
      ),
      consume(KeptSnapshot, async (_, { seq }) => calls.push(`snapshot ${seq}`)),
    ]);
    consumers.group('each', service.prisma, [consume(ThingChanged, async () => undefined)]);
    await start();
    assert.equal(together('each'), undefined);
    const kept = (seq: number, given: Partial<LoggedEvent> = {}): LoggedEvent =>
      event(seq, { topic: 'kept.v1', type: 'KeptChanged', ...given });
    const [other, third] = [randomUUID(), randomUUID()];
    const ofOther = (seq: number, more: Partial<LoggedEvent> = {}): LoggedEvent =>
      kept(seq, { key: other, payload: { id: 'other' }, ...more });
    await deliverAll('all', [
      kept(1),
      ofOther(1),
      // Moves the position, and has no handler.
      kept(2, { type: 'Unknown' }),
      kept(3),
      // The events of a key with a snapshot stay in order.
      kept(1, { key: third, payload: { id: 'third' } }),
      kept(1, { key: third, type: 'KeptSnapshot' }),
      kept(2, { key: third, payload: { id: 'third' } }),
    ]);
    assert.deepEqual(calls.splice(0), ['this 1,other 1,this 3', 'third 1', 'third 2']);
    assert.deepEqual(await positions(), [['all', 3, false]]);
    assert.ok(told.includes('all does not know Unknown'));

    // All of them repeat, except the last.
    await deliverAll('all', [kept(1), kept(2), kept(3), kept(4)]);
    await deliver('all', kept(4));
    assert.deepEqual(calls.splice(0), ['this 4']);

    // A version that this program does not know: nothing is handled together, and alone only that event is held back.
    const events = [ofOther(2, { version: 9 }), kept(5)];
    await assert.rejects(deliverAll('all', events));
    assert.deepEqual(calls, []);
    for (const one of events) await deliver('all', one);
    assert.deepEqual(calls, ['this 5']);
    assert.ok(told.includes('held back 2'));
  });

  it('treat an announced state as a snapshot even if an older process published it without the flag', async () => {
    const { consumers, told, start, deliver } = open();
    const seen: string[] = [];
    consumers.group('g', service.prisma, [
      consume(KeptChanged, async (_, { seq }) => seen.push(`changed ${seq}`)),
      consume(KeptSnapshot, async (_, { seq }) => seen.push(`is ${seq}`)),
    ]);
    await start();
    const kept = (seq: number, type: string) => deliver('g', event(seq, { topic: 'kept.v1', type }));
    await kept(7, 'KeptChanged');
    await kept(7, 'KeptSnapshot');
    await kept(7, 'KeptSnapshot');
    await kept(9, 'KeptSnapshot');
    assert.deepEqual([seen, told.slice(1)], [['changed 7', 'is 7', 'is 9'], []]);
  });

  it('send nothing to people for events older than the group or for snapshots, and do everything else', async () => {
    const started = new Date('2026-11-22T10:00:00.000Z');
    const { consumers, start, deliver } = open({ startOf: async (group) => (assert.equal(group, 'g'), started) });
    const old: boolean[] = [];
    const handler = async (
      { id }: { id: string },
      { emit, seq, isOld }: { emit: Emit; seq: number; isOld: boolean },
    ): Promise<void> => {
      old.push(isOld);
      const because = emit(ThingMoved, { seq, payload: { id: `${id} copy` } });
      emit(Mail, { because, payload: { to: 'anna' } });
      emit(Chore, { because, payload: { name: `${seq}` } });
    };
    consumers.group('g', service.prisma, [consume(KeptChanged, handler), consume(KeptSnapshot, handler)]);
    await start();
    const jobs = async (): Promise<unknown[]> =>
      (
        await service.pool.query(
          `SELECT type FROM ${SCHEMA}.outbox j WHERE kind = 'JOB' AND event_id IN (SELECT event_id FROM ${SCHEMA}.outbox WHERE key = $1) ORDER BY id`,
          [`${key} copy`],
        )
      ).rows.map(({ type }) => type);
    const at = (seq: number, occurredAt: string, more: Partial<LoggedEvent> = {}) =>
      deliver('g', event(seq, { topic: 'kept.v1', type: 'KeptChanged', occurredAt, ...more }));
    await at(1, '2026-11-22T09:59:59.999Z');
    assert.deepEqual(await jobs(), ['Chore']);
    await at(2, '2026-11-22T10:00:00.000Z');
    assert.deepEqual(await jobs(), ['Chore', 'Mail', 'Chore']);
    await at(3, '2026-11-23T10:00:00.000Z', { type: 'KeptSnapshot', snapshot: true });
    assert.deepEqual(await jobs(), ['Chore', 'Mail', 'Chore', 'Chore']);
    assert.deepEqual(old, [true, false, true]);
  });

  it('record their first start once', async () => {
    const startOf = groupStarts(service.pool, SCHEMA);
    const [one, again, other] = [
      await startOf('new'),
      await groupStarts(service.pool, SCHEMA)('new'),
      await startOf('newer'),
    ];
    assert.deepEqual(one, again);
    assert.ok(Math.abs(Date.now() - one.getTime()) < 60_000 && other >= one);
  });

  it('close the consumers that have joined when another cannot join', async () => {
    const { consumers, told, start } = open();
    consumers.notice('n', Things, async () => undefined);
    const broken = open({
      log: {
        consume: ({ group }) =>
          group === 'n'
            ? Promise.resolve({ close: async () => void told.push('n closed') })
            : Promise.reject(new Error('no broker')),
      },
    });
    broken.consumers.notice('n', Things, async () => undefined);
    broken.consumers.notice('m', Things, async () => undefined);
    await assert.rejects(broken.start(), /no broker/);
    await broken.consumers.onModuleDestroy();
    assert.deepEqual(told, ['n closed']);
    await start();
  });

  it('give a handler the payload, place and time, and one transaction for its changes, its events and the position', async () => {
    const { consumers, start, deliver, told } = open();
    const seen: unknown[] = [];
    let fails = false;
    consumers.group('g', service.prisma, [
      consume(ThingChanged, async ({ id }, { tx, emit, ...about }) => {
        await tx.client.query(`INSERT INTO ${SCHEMA}.things VALUES ($1, 1)`, [`${id} copy`]);
        emit(ThingMoved, { seq: 1, payload: { id: `${id} copy` } });
        if (fails) throw new Error('too late');
        seen.push(id, about);
      }),
    ]);
    await start();
    const first = event(1);
    await deliver('g', first);
    await deliver('g', first);
    assert.deepEqual(seen, [
      key,
      { key, seq: 1, eventId: first.eventId, occurredAt: new Date('2026-11-22T10:00:00.000Z'), isOld: false },
    ]);
    assert.deepEqual(await outbox(`${key} copy`), [{ type: 'ThingMoved', payload: { id: `${key} copy` } }]);
    assert.deepEqual(await positions(), [['g', 1, false]]);
    fails = true;
    const other = event(1, { key: `${key} 2`, payload: { id: `${key} 2` } });
    await deliver('g', other);
    assert.deepEqual(told.slice(1), ['parked 1']);
    assert.deepEqual(await outbox(`${key} 2 copy`), []);
    assert.equal(
      (await service.pool.query(`SELECT FROM ${SCHEMA}.things WHERE id = $1`, [`${key} 2 copy`])).rowCount,
      0,
    );
  });

  it('move the position with events that they do not handle, so the next handled event follows no hole', async () => {
    const { consumers, start, deliver, told } = open();
    const seen: number[] = [];
    consumers.group('g', service.prisma, [
      consume(ThingChanged, async (_, { seq }) => seen.push(seq)),
      consume(NewestIs, async (_, { seq }) => seen.push(seq)),
    ]);
    await start();
    told.length = 0;
    await deliver('g', event(1));
    await deliver('g', event(2, { type: 'ThingMoved' }));
    // An event of a newer program. One report is enough, and its version does not matter here.
    for (const seq of [3, 4]) await deliver('g', event(seq, { type: 'ThingSold', version: 7 }));
    await deliver('g', event(5));
    assert.deepEqual(
      [seen.splice(0), told.splice(0), await positions()],
      [[1, 5], ['g does not know ThingSold'], [['g', 5, false]]],
    );
    await deliver('g', event(8));
    assert.deepEqual(told.splice(0), ['hole 5 8']);
    for (const seq of [1, 5, 9]) await deliver('g', event(seq, { topic: 'newest.v1', type: 'NewestIs' }));
    assert.deepEqual([seen, told], [[8, 1, 5, 9], []], 'a compacted topic has holes');
  });

  it('park an event that they cannot read, and continue with other keys', async () => {
    const { consumers, start, deliver, told } = open();
    const seen: string[] = [];
    consumers.group('g', service.prisma, [consume(ThingChanged, async ({ id }) => seen.push(id))]);
    await start();
    told.length = 0;
    await deliver('g', event(1, { payload: { id: 7 } }));
    await deliver('g', event(2));
    await deliver('g', event(1, { key: `${key} 2` }));
    assert.deepEqual([seen, told, await positions()], [[key], ['parked 1'], [['g', 0, true]]]);
  });

  it('notice every event of any type, and store no position', async () => {
    const { consumers, start, deliver } = open();
    const seen: string[] = [];
    let fails = false;
    consumers.notice('n', Things, async (of) => {
      if (fails) throw new Error('no cache');
      seen.push(of);
    });
    await start();
    for (const given of [{}, {}, { version: 9 }, { type: 'ThingSold', payload: null }])
      await deliver('n', event(1, given));
    assert.deepEqual([seen, await positions()], [[key, key, key, key], []]);
    fails = true;
    await assert.rejects(async () => deliver('n', event(2)), /no cache/);
  });

  it('do jobs of known kinds, and reject others with the reason', async () => {
    const { consumers, start, job } = open();
    const done: unknown[] = [];
    consumers.worker(Chores, 1, [work(Chore, async ({ name }, delivery) => done.push(name, delivery))]);
    await start();
    const id = randomUUID();
    await job({ id, attempt: 2 });
    assert.deepEqual(done, ['sweep', { id, attempt: 2 }]);
    await assert.rejects(async () => job({ kind: 'Other' }), { permanent: true, message: 'no handler for Other' });
    await assert.rejects(async () => job({ payload: {} }), { permanent: true, name: 'UnreadableMessage' });
    // The error is not permanent: the queue delivers the job again, perhaps to a newer program.
    await assert.rejects(
      async () => job({ version: 2 }),
      (error: Error) => error.name === 'NewerVersion' && !('permanent' in error),
    );
  });

  it('run each event and each job in the context of the request that caused it', async () => {
    const { consumers, start, deliver, job } = open();
    const seen: unknown[] = [];
    const look = async (): Promise<void> => {
      await Promise.resolve();
      seen.push(currentContext()?.service, currentContext()?.requestId);
    };
    consumers.group('g', service.prisma, [consume(ThingChanged, look)]);
    consumers.notice('n', Things, look);
    consumers.worker(Chores, 1, [work(Chore, look)]);
    await start();
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    await deliver('g', event(1, { requestId: ids[0] }));
    await deliver('n', event(1, { requestId: ids[1] }));
    await job({ requestId: ids[2] });
    assert.deepEqual(
      seen.splice(0),
      ids.flatMap((id) => ['svc', id]),
    );
    await deliver('g', event(2));
    assert.match(String(seen[1]), /^[\w-]{10,}$/);
  });
});
