import assert from 'node:assert/strict';
import { afterAll, beforeAll, it } from '@jest/globals';
import { person } from '../../platform/testing/service.testing.ts';
import { openNotifications } from './notifications.fixture.ts';

let t: Awaited<ReturnType<typeof openNotifications>>;
beforeAll(async () => {
  t = await openNotifications();
});
afterAll(() => t.close());

/** Who was reported as online since the last call. */
const reported = (): string[] => t.elsewhere.online.splice(0);

it('a person is reported while a stream is open, on any number of devices', async () => {
  const [anna, boris] = [person(), person()];
  const [phone, laptop, other] = [
    await t.service.events(anna, null),
    await t.service.events(anna, null),
    await t.service.events(boris, null),
  ];
  assert.deepEqual(reported(), [], 'no stream is read yet');
  const reading = [phone, laptop, other].map((stream) => stream.next());
  assert.deepEqual(reported(), [anna.userId, boris.userId], 'at once, and once for each person');
  await t.presence.reportAll();
  assert.deepEqual(reported(), [anna.userId, boris.userId]);
  await phone.return?.();
  await phone.return?.();
  await t.presence.reportAll();
  assert.deepEqual(reported(), [anna.userId, boris.userId], 'the laptop is still there');
  await laptop.return?.();
  await t.presence.reportAll();
  assert.deepEqual(reported(), [boris.userId]);
  await other.return?.();
  await t.presence.reportAll();
  assert.deepEqual(reported(), []);
  await Promise.all(reading);
});

it('a stream that fails ends too, and one that was never read reports nothing', async () => {
  const anna = person();
  const beyond = await t.service.events(anna, 1000);
  await assert.rejects(beyond.next(), { extensions: { code: 'RESYNC_REQUIRED' } });
  assert.deepEqual(reported(), [anna.userId]);
  const unread = await t.service.events(anna, null);
  await unread.return?.();
  assert.deepEqual(await unread.next(), { done: true, value: undefined });
  await t.presence.reportAll();
  assert.deepEqual(reported(), []);
});

it('the stream goes on while users does not answer, and the next report is tried again', async () => {
  const anna = person();
  t.elsewhere.away = true;
  const stream = await t.service.events(anna, null);
  const reading = stream.next();
  await t.presence.reportAll();
  assert.deepEqual(reported(), []);
  t.elsewhere.away = false;
  await t.presence.reportAll();
  assert.deepEqual(reported(), [anna.userId]);
  await stream.return?.();
  await reading;
});
