import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../../platform/identity/principal.ts';
import { pushSender } from '../../../platform/push/open.ts';
import { PushError, type PushSender } from '../../../platform/push/push-sender.ts';
import { WebPush } from '../../../platform/push/web-push.ts';
import { person, rateLimits, refused } from '../../../platform/testing/service.testing.ts';
import { NotificationsPush } from '../../../schema/messages/notifications.ts';
import { type Browser, CERTIFICATE, type PushService, startPushService } from '../../../test/network/push-service.ts';
import { until } from '../../../test/network/until.ts';
import { withdraw } from '../inbox.ts';
import { HOUR, openNotifications } from '../notifications.fixture.ts';
import { DevicesService } from './devices.service.ts';
import { PushKeys } from './keys.ts';

type Opened = Awaited<ReturnType<typeof openNotifications>>;
type Someone = ReturnType<typeof person>;

let service: PushService;
let sender: PushSender;
let n: Opened;
beforeAll(async () => {
  service = await startPushService();
  sender = pushSender({
    web: new WebPush({
      hosts: [service.host],
      subject: 'mailto:push@prodvor.example',
      ca: CERTIFICATE,
      timeoutMs: 1000,
    }),
  });
  n = await openNotifications(rateLimits({ registerDevice: { count: 60, seconds: 3600 } }), sender);
});
afterAll(async () => {
  await n.close();
  await sender.close();
  await service.close();
});

const register = (who: Someone, { web }: Pick<Browser, 'web'>, more: object = {}) =>
  n.devices.register(who, { clientId: randomUUID(), web, ...more });
const devicesOf = async (who: Someone) => (await n.devices.own(who)) ?? assert.fail('a guest');

describe('devices', () => {
  it('are registered once for each client id, and again as the newest', async () => {
    const who = person();
    const [one, other] = [service.browser(), service.browser()];
    const input = { clientId: 'one', name: 'Firefox on Linux', web: one.web };
    const [first, twin] = await Promise.all([n.devices.register(who, input), n.devices.register(who, input)]);
    assert.equal(first.id, twin.id);
    const second = await register(who, other);
    assert.deepEqual(
      (await devicesOf(who)).map(({ id }) => id),
      [second.id, first.id],
    );
    assert.equal((await n.devices.register(who, input)).id, first.id);
    assert.deepEqual(
      (await devicesOf(who)).map(({ id }) => id),
      [first.id, second.id],
    );
    await refused(n.devices.register(who, { ...input, web: other.web }), 'CONFLICT', 'clientId');
  });

  it('are at most ten: a further one replaces the one that was registered longest ago', async () => {
    const who = person();
    const first = await register(who, service.browser());
    const kept = [];
    for (let i = 0; i < 10; i++) kept.unshift((await register(who, service.browser())).id);
    assert.deepEqual(
      (await devicesOf(who)).map(({ id }) => id),
      kept,
    );
    await Promise.all(Array.from({ length: 5 }, () => register(who, service.browser())));
    assert.equal(await n.prisma.device.count({ where: { userId: who.userId } }), 10);
    assert.equal(await n.prisma.device.findUnique({ where: { id: first.id } }), null);
  });

  it('belong to the user who registered them last', async () => {
    const [anna, boris] = [person(), person()];
    const browser = service.browser();
    const device = await register(anna, browser);
    await register(boris, browser);
    assert.deepEqual([await devicesOf(anna), (await devicesOf(boris)).length], [[], 1]);
    await n.devices.unregister(anna, { deviceId: toGlobalId('Device', device.id) });
    assert.equal((await devicesOf(boris)).length, 1, 'nobody removes the device of another');
    for (const deviceId of [toGlobalId('Device', device.id), toGlobalId('Device', device.id), 'noise'])
      assert.equal(await n.devices.unregister(boris, { deviceId }), deviceId);
    assert.deepEqual(await devicesOf(boris), []);
  });

  it('are never those of another user, also if that one registers the browser at the same moment', async () => {
    const [anna, boris] = [person(), person()];
    const browser = service.browser();
    const input = { clientId: 'one', web: browser.web };
    await n.devices.register(anna, input);
    /** The devices, of which Boris takes one over as soon as somebody has read it. */
    const device = new Proxy(n.prisma.device, {
      get: (devices, name): unknown =>
        name === 'findUnique'
          ? async (args: never) => {
              const found = await devices.findUnique(args);
              if (found && (await devicesOf(boris)).length === 0) await register(boris, browser);
              return found;
            }
          : Reflect.get(devices, name),
    });
    const prisma = { device } as unknown as typeof n.prisma;
    const devices = new DevicesService(prisma, new PushKeys(n.prisma, sender), sender, rateLimits());
    assert.equal((await devices.register(anna, input)).userId, anna.userId);
    assert.deepEqual([(await devicesOf(anna)).length, await devicesOf(boris)], [1, []], 'she registered it last');
  });

  it('have a known push service and real keys', async () => {
    const who = person();
    const { web } = service.browser();
    const endpoint = ['web', 'endpoint'].join('.');
    for (const wrong of [
      'http://127.0.0.1/push',
      'https://127.0.0.1/push',
      'https://169.254.169.254/latest',
      'https://fcm.googleapis.com@evil.example/',
      'noise',
    ])
      await refused(register(who, { web: { ...web, endpoint: wrong } }), 'INVALID', endpoint);
    await refused(
      register(who, { web: { ...web, endpoint: `${web.endpoint}${'x'.repeat(1000)}` } }),
      'INVALID',
      endpoint,
    );
    for (const p256dh of ['', 'x', Buffer.alloc(65, 4).toString('base64url'), `${web.p256dh}\n`])
      await refused(register(who, { web: { ...web, p256dh } }), 'INVALID', 'web.p256dh');
    await refused(register(who, { web: { ...web, auth: 'short' } }), 'INVALID', 'web.auth');
    await refused(n.devices.register(who, { clientId: 'x' }), 'INVALID', null);
    await refused(n.devices.register(who, { clientId: 'x', web, fcmToken: 'y' }), 'INVALID', null);
    await refused(n.devices.register(who, { clientId: 'x', fcmToken: 'y' }), 'CONFLICT', 'fcmToken');
    await assert.rejects(register(ANONYMOUS as Someone, { web }), { extensions: { code: 'UNAUTHENTICATED' } });
    assert.equal(await n.devices.own(ANONYMOUS), null);
    assert.deepEqual(await devicesOf(who), []);
    const padded = { ...web, auth: `${web.auth}==`, p256dh: `${web.p256dh}=` };
    assert.equal((await register(who, { web: padded })).p256dh, web.p256dh);
  });

  it('are registered so often only', async () => {
    const who = person();
    for (let i = 0; i < 60; i++) await n.devices.unregister(who, { deviceId: 'x' });
    await assert.rejects(
      register(who, service.browser()),
      (error) => error instanceof GraphQLError && error.extensions['code'] === 'RATE_LIMITED',
    );
  });

  it('subscribe with one key, which is made once', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => new PushKeys(n.prisma, sender).own()));
    assert.equal(new Set(keys.map(({ privateKey }) => privateKey)).size, 1);
    assert.equal(await n.devices.publicKey(), keys[0]?.publicKey);
    const given = { publicKey: 'public', privateKey: 'private' };
    assert.deepEqual(await new PushKeys(n.prisma, { ...sender, key: given }).own(), given);
  });
});

describe('push messages', () => {
  /**
   * Makes a person with `browsers` browsers and a notification whose push message is due, and the payload of its job.
   */
  async function notified(browsers: number, entries = 1) {
    const who = person();
    const own = [];
    for (let i = 0; i < browsers; i++) {
      const browser = service.browser();
      own.push({ browser, device: await register(who, browser) });
    }
    const foxes = await n.team('Foxes', { [who.userId]: 'OWNER' });
    for (let i = 0; i < entries; i++) await (await n.tournament(`Cup ${i}`)).entry(foxes.id, 'ACCEPTED');
    await n.passes(0);
    const notificationIds = n.handed
      .filter((one) => one.userId === who.userId && one.channel === 'PUSH')
      .flatMap((one) => one.notificationIds);
    return { who, own, payload: { userId: who.userId, notificationIds } };
  }
  /** The jobs that postponed messages of this person have added, each to one device. */
  const postponedOf = async (who: Someone) =>
    (await n.told()).jobs.flatMap(({ id, kind, payload }) => {
      const { success, data } = NotificationsPush.payload.safeParse(payload);
      const isOne = kind === NotificationsPush.kind && success && data.userId === who.userId && data.deviceId;
      return isOne ? [{ id, payload: data }] : [];
    });
  const outcomes = async (outcome: string): Promise<number> => {
    const { values } = (await n.metrics.registry.getSingleMetric('push_messages_total')?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels['outcome'] === outcome)?.value ?? 0;
  };

  it('reach each device with the text in the reader’s language, a link and a constant tag', async () => {
    const { who, own, payload } = await notified(2);
    await n.preferences.set(who, { language: 'RU' });
    const job = { id: randomUUID() };
    await n.pushes.send(payload, job);
    for (const { browser } of own) {
      const [{ topic, ttl, message } = assert.fail(), ...more] = browser.messages;
      assert.deepEqual([more, ttl, message['title']], [[], 86_400, 'ProDvor']);
      assert.equal(message['body'], 'Команда «Foxes» участвует в турнире «Cup 0».');
      assert.match(message['url'] ?? '', /^https:\/\/web\.example\/open\/[\w-]+$/);
      assert.deepEqual([message['kind'], message['language'], message['tag']], ['ENTRY_ACCEPTED', 'ru', topic]);
      assert.equal(message['notificationIds'], toGlobalId('Notification', payload.notificationIds[0] ?? ''));
    }
    // The job is delivered again: nothing is sent. Another job about the same notification has the same tag.
    await n.pushes.send(payload, job);
    await n.pushes.send(payload, { id: randomUUID() });
    for (const { browser } of own)
      assert.deepEqual([browser.messages.length, new Set(browser.messages.map(({ topic }) => topic)).size], [2, 1]);
  });

  it('have one text for several notifications, within the size that push services take', async () => {
    const { own, payload } = await notified(1, 25);
    assert.equal(payload.notificationIds.length, 25);
    await n.pushes.send(payload, { id: randomUUID() });
    const [{ message } = assert.fail()] = own[0]?.browser.messages ?? [];
    assert.equal(message['title'], '25 notifications');
    assert.equal(message['body']?.split('\n').length, 3);
    assert.ok(Buffer.byteLength(JSON.stringify(message)) < 3500);
  });

  it('are not sent when everything is read or switched off, or much too old, or there is no device', async () => {
    const { who, own, payload } = await notified(1);
    n.clock.now += 49 * HOUR;
    await n.pushes.send(payload, { id: randomUUID() });
    n.clock.now -= 49 * HOUR;
    await n.prisma.notification.updateMany({ where: { userId: who.userId }, data: { readAt: new Date() } });
    await n.pushes.send(payload, { id: randomUUID() });
    await n.prisma.notification.updateMany({ where: { userId: who.userId }, data: { readAt: null } });
    const kinds = await n.inboxOf(who);
    await n.preferences.set(who, { kinds: kinds.map(({ kind }) => ({ kind, push: false })) });
    await n.pushes.send(payload, { id: randomUUID() });
    assert.equal(own[0]?.browser.attempts, 0);
    const { who: other, payload: none } = await notified(0);
    assert.deepEqual(none.notificationIds, [], 'nothing is stored for a person without a device');
    assert.equal((await n.inboxOf(other)).length, 1);
  });

  it('end for a device that is gone, and reach the others', async () => {
    for (const status of [404, 410]) {
      const { who, own, payload } = await notified(2);
      const [gone, alive] = own;
      if (!gone || !alive) throw new Error('two browsers');
      gone.browser.answer = { status };
      await n.pushes.send(payload, { id: randomUUID() });
      assert.deepEqual(
        (await devicesOf(who)).map(({ id }) => id),
        [alive.device.id],
      );
      assert.equal(alive.browser.messages.length, 1);
    }
  });

  it('are left to the job queue while a push service is overloaded or slow; a repeat goes only to the missing devices', async () => {
    for (const answer of [{ status: 500 }, { status: 429 }, 'silent'] as const) {
      const { own, payload } = await notified(2);
      const [bad, good] = own;
      if (!bad || !good) throw new Error('two browsers');
      bad.browser.answer = answer;
      const job = { id: randomUUID() };
      await assert.rejects(
        n.pushes.send(payload, job),
        (error) => error instanceof PushError && !error.permanent && error.code === 'PUSH_UNAVAILABLE',
      );
      bad.browser.answer = { status: 201 };
      await n.pushes.send(payload, job);
      assert.deepEqual([bad.browser.messages.length, good.browser.messages.length], [1, 1]);
    }
  });

  it('wait as long as the push service asks, for the device that it asked for', async () => {
    const { who, own, payload } = await notified(2);
    const [late, good] = own;
    if (!late || !good) throw new Error('two browsers');
    late.browser.answer = { status: 429, headers: { 'retry-after': '1800' } };
    const job = { id: randomUUID() };
    await n.pushes.send(payload, job);
    await n.pushes.send(payload, job);
    assert.equal(late.browser.attempts, 1, 'a repeat of the job does not ask again');
    await n.passes(0.4 * HOUR);
    assert.deepEqual(await postponedOf(who), []);
    await n.passes(0.2 * HOUR);
    const [again = assert.fail(), ...more] = await postponedOf(who);
    assert.deepEqual([again.payload, more], [{ ...payload, deviceId: late.device.id }, []]);
    late.browser.answer = { status: 201 };
    await n.pushes.send(again.payload, again);
    assert.deepEqual([late.browser.messages.length, good.browser.messages.length], [1, 1]);
    assert.ok((await outcomes('postponed')) >= 1);
  });

  it('that come late wait for the end of quiet hours, also in the night in which clocks are set back', async () => {
    const { who, own, payload } = await notified(2);
    const [late, good] = own;
    if (!late || !good) throw new Error('two browsers');
    await n.preferences.set(who, { quietHours: { from: '22:00', to: '07:00' }, timeZone: 'Europe/Berlin' });
    // 21:30 in Berlin. At 01:00 UTC clocks there are set back from 03:00 to 02:00, so 07:00 is at 06:00 UTC.
    const evening = Date.parse('2026-10-24T19:30:00.000Z');
    await n.passes(evening - n.clock.now);
    await n.prisma.notification.updateMany({ where: { userId: who.userId }, data: { occurredAt: new Date(evening) } });
    late.browser.answer = { status: 429, headers: { 'retry-after': '21600' } };
    const job = { id: randomUUID() };
    await n.pushes.send(payload, job);
    late.browser.answer = { status: 201 };
    await n.passes(6 * HOUR);
    const [night = assert.fail('the timer of the push service fires in the night')] = await postponedOf(who);
    for (let delivery = 0; delivery < 2; delivery++) await n.pushes.send(night.payload, night);
    // A job that a broker delivers again in the night sends nothing either.
    await n.pushes.send(payload, job);
    await n.passes(4.5 * HOUR - 1);
    assert.deepEqual(
      [(await postponedOf(who)).length, late.browser.messages, good.browser.messages.length],
      [1, [], 1],
    );
    await n.passes(1);
    const [, morning = assert.fail('a job in the morning'), ...more] = await postponedOf(who);
    assert.deepEqual([morning.payload, more], [{ ...payload, deviceId: late.device.id }, []]);
    for (let delivery = 0; delivery < 2; delivery++) await n.pushes.send(morning.payload, morning);
    assert.deepEqual([late.browser.messages.length, good.browser.messages.length], [1, 1]);
  });

  it('that wait are not sent any more when the notification is withdrawn', async () => {
    const { who, own, payload } = await notified(1);
    const [{ browser } = assert.fail()] = own;
    const { kind, cause } = await n.prisma.notification.findFirstOrThrow({ where: { userId: who.userId } });
    await n.outbox.transaction(n.prisma, (tx, emit) => withdraw(tx, emit, { kind, cause }, new Date(n.clock.now)));
    await n.pushes.send(payload, { id: randomUUID() });
    assert.deepEqual(browser.messages, []);
  });

  it('that are refused are reported, and end for a device after twenty in a row', async () => {
    const { who, own, payload } = await notified(1);
    const [{ browser } = assert.fail()] = own;
    const attempt = () => n.pushes.send(payload, { id: randomUUID() });
    browser.answer = { status: 403 };
    for (let i = 0; i < 19; i++)
      await assert.rejects(attempt(), (error) => error instanceof PushError && error.permanent);
    browser.answer = { status: 201 };
    await attempt();
    assert.equal((await devicesOf(who))[0]?.refusals, 0, 'a message that arrives ends the row');
    browser.answer = { status: 403 };
    for (let i = 0; i < 19; i++) await assert.rejects(attempt());
    await attempt();
    assert.deepEqual(await devicesOf(who), []);
  });

  it('do not remove a device that got another address meanwhile', async () => {
    const { who, own, payload } = await notified(1);
    const [{ browser, device } = assert.fail()] = own;
    let letAnswer = (): void => undefined;
    browser.answer = { status: 410, after: new Promise<void>((resolve) => (letAnswer = resolve)) };
    const sending = n.pushes.send(payload, { id: randomUUID() });
    await until('the push service has the message', async () => browser.attempts === 1);
    await n.prisma.device.update({ where: { id: device.id }, data: { address: 'new', addressHash: randomUUID() } });
    letAnswer();
    await sending;
    assert.equal((await devicesOf(who)).length, 1);
  });
});
