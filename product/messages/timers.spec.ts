import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Announcements } from '../../platform/messaging/announcements/announcements.ts';
import { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { ParkedInbox } from '../../platform/messaging/parked/parked-inbox.ts';
import { ParkedOutbox } from '../../platform/messaging/parked/parked-outbox.ts';
import { ParkedTimers } from '../../platform/messaging/parked/parked-timers.ts';
import { handle } from '../../platform/messaging/timers/definition.ts';
import { Timers } from '../../platform/messaging/timers/timers.ts';
import {
  createTimerService,
  Deadline,
  SCHEMA,
  type TestService,
} from '../../platform/messaging/timers/timers.testing.ts';
import { drop, find, parked, redrive, status } from './messages.ts';
import { effectOfDrop, parkedText, statusText, whereOf } from './print.ts';
import type { MessageStores } from './stores.ts';

describe('parked timers in npm run messages', () => {
  let service: TestService;
  let stores: MessageStores;
  beforeAll(async () => {
    service = await createTimerService();
    const [outbox, inbox, timers] = [
      new ParkedOutbox(service.pool, SCHEMA),
      new ParkedInbox(service.pool, SCHEMA),
      new ParkedTimers(service.pool, SCHEMA),
    ];
    stores = {
      services: [{ service: SCHEMA, outbox, inbox, timers, announcements: new Announcements(service.pool, SCHEMA) }],
      queues: [],
      lag: undefined,
      mayRun: false,
      notes: [],
      close: async () => undefined,
    };
  });
  afterAll(() => service.drop());

  it('are counted, listed, shown, put back and dropped', async () => {
    const {
      services: [{ timers: there } = assert.fail()],
    } = stores;
    assert.equal(await there?.exist(), true);
    assert.equal(await new ParkedTimers(service.pool, 'nobody').exist(), false);
    const outbox = new Outbox({ schema: SCHEMA });
    const timers = new Timers({ url: service.url, outbox, maxAttempts: 1 });
    const runner = timers.runner(service.prisma, [handle(Deadline, () => Promise.reject(new Error('broken')))]);
    try {
      await service.prisma.$transaction(async (tx) => {
        for (const key of ['one', 'two', 'later'])
          await timers.set(tx, Deadline, { key, after: key === 'later' ? 3_600_000 : 0, payload: { of: key } });
      });
      assert.deepEqual(
        (await status(stores)).timers.map((one) => [one.topic, one.waiting, one.parked]),
        [['deadline', 2, 0]],
      );
      await runner.fireDue();
      assert.match(
        statusText(await status(stores)),
        /\nTimers\n {2}service +timer +due +parked +oldest\n {2}svc +deadline +0 +2 +\d s\n/,
      );
      const [one, two, ...none] = await parked(stores, { limit: 10 });
      assert.ok(one && two && none.length === 0);
      assert.match(parkedText([one]), /timers of svc .* deadline 1 .* broken/);
      assert.deepEqual(await find(stores, one.id), [one]);
      assert.deepEqual(
        [whereOf(one), effectOfDrop(one)],
        ['timers of svc', `The timer deadline of ${one.key} will never fire.`],
      );
      assert.deepEqual(await redrive(stores, { id: two.id }), { outbox: 0, inbox: 0, timers: 1, dead: 0 });
      assert.equal(await drop(stores, two), 'It no longer exists.', 'it is due again');
      const [waiting] = await find(stores, two.id);
      assert.match((await drop(stores, waiting ?? assert.fail())) ?? '', /^It is not parked: it will fire/);
      assert.equal(await drop(stores, one), undefined);
      assert.deepEqual(await parked(stores, { limit: 10 }), []);
      assert.deepEqual(
        (await status(stores)).timers.map((row) => [row.waiting, row.parked]),
        [[1, 0]],
      );
      assert.equal((await redrive(stores, { type: 'deadline' })).timers, 0);
    } finally {
      await timers.close();
    }
  });
});
