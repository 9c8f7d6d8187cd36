import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Outbox } from './outbox.ts';
import { bump, changeThing, Chore, createTestService, SCHEMA, ThingChanged } from './outbox.testing.ts';
import type { TestService } from './outbox.testing.ts';
import { uuidV5 } from './uuid.ts';

describe('outbox', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.drop());
  const rows = async (key: string): Promise<Record<string, unknown>[]> =>
    (await service.pool.query(`SELECT * FROM ${SCHEMA}.outbox WHERE key = $1 ORDER BY id`, [key])).rows;

  it('writes emitted events with the change, in order, and fills in missing fields', async () => {
    const outbox = new Outbox({ schema: SCHEMA, requestId: () => 'r-1' });
    await outbox.transaction(service.prisma, async (tx, emit) => {
      await bump(tx, 'a');
      emit(ThingChanged, { seq: 1, payload: { id: 'a', more: { text: 'ключ "⚽"', none: null } } });
      emit(ThingChanged, { seq: 2, payload: { id: 'a' }, requestId: 'r-2', occurredAt: '2026-11-22T10:00:00.123Z' });
    });
    const [one, two] = await rows('a');
    assert.deepEqual(
      [one?.topic, one?.seq, one?.type, one?.version, one?.request_id],
      ['things.v1', 1, 'ThingChanged', 1, 'r-1'],
    );
    assert.deepEqual(one?.payload, { id: 'a', more: { text: 'ключ "⚽"', none: null } });
    assert.ok(one?.occurred_at instanceof Date && Math.abs(Date.now() - one.occurred_at.getTime()) < 60_000);
    assert.deepEqual(
      [two?.seq, two?.request_id, two?.payload, two?.occurred_at],
      [2, 'r-2', { id: 'a' }, new Date('2026-11-22T10:00:00.123Z')],
    );
  });

  it('writes nothing and wakes nobody when the transaction fails or emits nothing', async () => {
    const outbox = new Outbox({ schema: SCHEMA });
    let woken = 0;
    outbox.onCommitted(() => woken++);
    const failing = outbox.transaction(service.prisma, async (tx, emit) => {
      emit(ThingChanged, { seq: await bump(tx, 'b'), payload: { id: 'b' } });
      throw new Error('changed my mind');
    });
    await assert.rejects(failing, /changed my mind/);
    await outbox.transaction(service.prisma, async () => undefined);
    assert.equal(woken, 0);
    assert.deepEqual(await rows('b'), []);
    assert.equal(await changeThing(outbox, service.prisma, 'b'), 1, 'the seq was not burnt');
    assert.equal(woken, 1);
  });

  it('reports the commit of a transaction once to those who asked in it, and a rollback to nobody', async () => {
    const outbox = new Outbox({ schema: SCHEMA });
    const calls: string[] = [];
    let late: object | undefined;
    await outbox.transaction(service.prisma, async (tx) => {
      late = tx;
      assert.equal(
        outbox.onceCommitted(tx, () => calls.push('committed')),
        true,
      );
      assert.deepEqual(calls, []);
    });
    assert.deepEqual(calls, ['committed']);
    const failing = outbox.transaction(service.prisma, async (tx) => {
      outbox.onceCommitted(tx, () => calls.push('rolled back'));
      throw new Error('changed my mind');
    });
    await assert.rejects(failing, /changed my mind/);
    await service.prisma.$transaction(async (tx) =>
      assert.equal(
        outbox.onceCommitted(tx, () => calls.push('of nobody')),
        false,
      ),
    );
    assert.ok(late);
    assert.deepEqual(calls, ['committed']);
  });

  it('refuses an event that does not match its definition together with the whole change, and stores only the fields that the definition names', async () => {
    const outbox = new Outbox({ schema: SCHEMA });
    const told = (payload: object): Promise<string> =>
      outbox.transaction(service.prisma, async (tx, emit) =>
        emit(ThingChanged, { seq: await bump(tx, 'refused'), payload: payload as { id: string } }),
      );
    for (const wrong of [{}, { id: 1 }, { id: '' }, { id: 'refused', more: Symbol('none') }]) {
      await assert.rejects(
        told(wrong),
        (error: Error & { code?: string }) => error.code === 'MESSAGE_REFUSED' && !/none|refused/.test(error.message),
      );
    }
    await told({ id: 'refused', password: 'secret' });
    assert.deepEqual(
      (await rows('refused')).map(({ seq, payload }) => [seq, payload]),
      [[1, { id: 'refused' }]],
    );
  });

  it('rejects a seq that was used before, and rolls the change back', async () => {
    const outbox = new Outbox({ schema: SCHEMA });
    await changeThing(outbox, service.prisma, 'c');
    const again = outbox.transaction(service.prisma, async (tx, emit) => {
      await bump(tx, 'c');
      emit(ThingChanged, { seq: 1, payload: { id: 'c' } });
    });
    await assert.rejects(again, { code: '23505' });
    assert.equal(await changeThing(outbox, service.prisma, 'c'), 2);
  });

  it('derives the id of a job from the id of its event', async () => {
    const outbox = new Outbox({ schema: SCHEMA });
    const payload = { name: 'sweep' };
    const ids = await outbox.transaction(service.prisma, async (tx, emit) => {
      const because = emit(ThingChanged, { seq: await bump(tx, 'd'), payload: { id: 'd' } });
      return {
        because,
        job: emit(Chore, { because, payload }),
        other: emit(Chore, { because, payload, discriminator: 'x' }),
      };
    });
    assert.equal(ids.job, uuidV5(ids.because, 'Chore'));
    assert.notEqual(ids.job, ids.other);
    const [row] = await rows(ids.job);
    assert.deepEqual([row?.kind, row?.topic, row?.event_id, row?.payload], ['JOB', 'chores', ids.because, payload]);
    await assert.rejects(
      outbox.transaction(service.prisma, async (_, emit) => emit(Chore, { because: ids.because, payload })),
      /neither handles nor emits/,
    );
  });

  it('writes one statement, as the last of the transaction, and never notifies inside it', async () => {
    const outbox = new Outbox({ schema: SCHEMA });
    const statements: string[] = [];
    const recording: typeof service.prisma = {
      $transaction: (work) =>
        service.prisma.$transaction((tx) => {
          const query = tx.client.query.bind(tx.client);
          const spied = Object.assign(Object.create(tx.client), {
            query: (sql: string, values: unknown[]) => (statements.push(sql), query(sql, values)),
          });
          return work({
            client: spied,
            $executeRawUnsafe: async (sql, ...values) => (await spied.query(sql, values)).rowCount,
            $queryRawUnsafe: async (sql, ...values) => (await spied.query(sql, values)).rows,
          });
        }),
    };
    await outbox.transaction(recording, async (tx, emit) => {
      for (const seq of [1, 2, 3]) emit(ThingChanged, { seq, payload: { id: 'e' } });
      for (let n = 0; n < 3; n++) await bump(tx, 'e');
    });
    assert.equal(statements.length, 4);
    assert.match(statements.at(-1) ?? '', /INSERT INTO "svc"."outbox"/);
    assert.ok(!statements.some((sql) => /notify/i.test(sql)));
    assert.equal((await rows('e')).length, 3);
  });

  it('makes version 5 UUIDs as RFC 9562 does', () => {
    // The example of RFC 9562, appendix A.4: the DNS namespace and the name www.example.com.
    assert.equal(
      uuidV5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com'),
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });
});
