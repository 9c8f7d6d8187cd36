import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { GraphQLError } from 'graphql';
import { renderMetrics } from '../../platform/observability/metrics.ts';
import { NotificationsEmail } from '../../schema/messages/notifications.ts';
import { HOUR, openNotifications } from './notifications.fixture.ts';
import type { Notice } from './notice.ts';

let t: Awaited<ReturnType<typeof openNotifications>>;
beforeAll(async () => {
  t = await openNotifications();
});
afterAll(() => t.close());
beforeEach(() => void t.handed.splice(0));

type Someone = Principal & { readonly userId: string };
const MINUTE = 60_000;

/** Notifies people of an event that happened now. `more` overrides parts of the notice. */
async function give(to: readonly Someone[], more: Partial<Notice> = {}): Promise<void> {
  await t.withApp(...to);
  await t.outbox.transaction(t.prisma, (tx, emit) =>
    t.notices.give(tx, emit, {
      kind: 'CUP_WON',
      cause: randomUUID(),
      subject: { type: 'Tournament', id: randomUUID() },
      facts: { tournament: 'Yard Cup', team: 'Foxes' },
      occurredAt: new Date(t.clock.now).toISOString(),
      to: { users: to.map(({ userId }) => userId) },
      ...more,
    }),
  );
}
/** How many notifications each message to a person by this channel has, in the order in which they were sent. */
const sent = (who: Someone, channel = 'EMAIL'): number[] =>
  t.handed
    .filter((one) => one.userId === who.userId && one.channel === channel)
    .map(({ notificationIds }) => notificationIds.length);
/** Moves the clock to this hour (UTC) of the next day, and fires the timers that are due. */
const sleepUntil = async (hour: number): Promise<void> => {
  const midnight = Math.ceil((t.clock.now + 1) / (24 * HOUR)) * 24 * HOUR;
  await t.passes(midnight + hour * HOUR - t.clock.now);
};

describe('a new notification', () => {
  it('is handed to each channel of its kind at once, and once', async () => {
    const who = person();
    await give([who]);
    await t.passes(0);
    await t.passes(HOUR);
    assert.deepEqual([sent(who), sent(who, 'PUSH')], [[1], [1]]);
    const [{ id } = { id: '' }] = await t.inboxOf(who);
    assert.ok(t.handed.every(({ notificationIds, because }) => notificationIds[0] === id && because.length === 36));
    await give([who], { kind: 'RESULT' });
    await t.passes(0);
    assert.deepEqual([sent(who), sent(who, 'PUSH')], [[1], [1, 1]], 'results are not mailed by default');
  });

  it('is handed to the channels that the person chose; without the inbox it is not in it', async () => {
    const who = person();
    await t.preferences.set(who, { kinds: [{ kind: 'CUP_WON', inApp: false, push: false }] });
    await give([who]);
    await t.passes(0);
    assert.deepEqual([sent(who), sent(who, 'PUSH'), await t.inboxOf(who)], [[1], [], []]);
    assert.equal(await t.service.unreadCount(who), 0);
    await t.preferences.set(who, { kinds: [{ kind: 'CUP_WON', email: false }] });
    await give([who]);
    assert.equal(await t.prisma.notification.count({ where: { userId: who.userId } }), 1, 'nobody wants it');
  });

  it('is not sent when it is read first', async () => {
    const who = person();
    await t.preferences.set(who, { quietHours: { from: '00:00', to: '23:59' } });
    await give([who]);
    await t.service.markRead(who, { allUntilSeq: 1 });
    await t.passes(24 * HOUR);
    const { text } = await renderMetrics();
    assert.match(text, /notifications_added_total\{kind="CUP_WON",service="notifications"\} [1-9]/);
    for (const outcome of ['handed', 'dropped'])
      assert.match(text, new RegExp(`deliveries_total\\{channel="EMAIL",outcome="${outcome}",[^}]*\\} [1-9]`));
    assert.deepEqual([sent(who), await t.prisma.delivery.count({ where: { userId: who.userId } })], [[], 0]);
  });

  it('waits for the end of quiet hours in the person’s zone; all that happened in them is one message', async () => {
    const who = person();
    await t.preferences.set(who, { quietHours: { from: '22:00', to: '07:00' }, timeZone: 'Europe/Moscow' });
    await sleepUntil(20);
    for (let n = 0; n < 3; n++) await give([who]);
    await t.passes(8 * HOUR - 1);
    assert.deepEqual(sent(who), []);
    await t.passes(1);
    assert.deepEqual([sent(who), sent(who, 'PUSH')], [[3], [3]]);
  });

  it('waits no longer when the person ends quiet hours or the digest, or shortens them', async () => {
    const [who, other, same] = [person(), person(), person()];
    await t.preferences.set(who, { quietHours: { from: '22:00', to: '07:00' }, digest: true });
    await t.preferences.set(other, { quietHours: { from: '22:00', to: '07:00' } });
    await t.preferences.set(same, { quietHours: { from: '22:00', to: '07:00' } });
    await sleepUntil(23);
    await give([who, other, same]);
    await t.preferences.set(who, { quietHours: null });
    await t.preferences.set(other, { quietHours: { from: '22:00', to: '06:00' } });
    await t.preferences.set(same, { language: 'RU' });
    await t.passes(0);
    assert.deepEqual([sent(who), sent(who, 'PUSH')], [[], [1]], 'e-mails wait for the digest');
    await t.preferences.set(who, { digest: false });
    await t.passes(0);
    assert.deepEqual([sent(who), sent(other), sent(same)], [[1], [], []]);
    await t.passes(7 * HOUR);
    assert.deepEqual([sent(other, 'PUSH'), sent(same, 'PUSH')], [[1], []]);
    await t.passes(HOUR);
    assert.deepEqual([sent(other), sent(same), sent(who)], [[1], [1], [1]]);
  });

  it('waits for others of its kind as long as before when the person changes these times', async () => {
    const [who, subject] = [person(), { type: 'Tournament' as const, id: randomUUID() }];
    for (let n = 0; n < 2; n++) {
      await give([who], { subject });
      await t.passes(1);
    }
    await t.preferences.set(who, { digest: true });
    await t.preferences.set(who, { digest: false });
    await t.passes(14 * MINUTE);
    assert.deepEqual(sent(who), [1]);
    await t.passes(MINUTE);
    assert.deepEqual(sent(who), [1, 1]);
  });

  it('waits for the end of quiet hours too when its timer fires late in them, after an outage', async () => {
    const [who, awake] = [person(), person()];
    await t.preferences.set(who, { quietHours: { from: '22:00', to: '07:00' } });
    await sleepUntil(21);
    await give([who, awake]);
    await t.passes(2 * HOUR);
    assert.deepEqual([sent(who), sent(who, 'PUSH'), sent(awake)], [[], [], [1]]);
    await give([who]);
    await t.passes(8 * HOUR - 1);
    assert.deepEqual([sent(who), sent(who, 'PUSH')], [[], []]);
    await t.passes(1);
    await t.passes(HOUR);
    assert.deepEqual([sent(who), sent(who, 'PUSH')], [[2], [2]]);
  });

  it('of a digest waits for nine in the morning by e-mail, and not on devices', async () => {
    const who = person();
    await t.preferences.set(who, { digest: true });
    await sleepUntil(10);
    await give([who]);
    await t.passes(1000);
    await give([who]);
    await t.passes(23 * HOUR - 1001);
    assert.deepEqual([sent(who), sent(who, 'PUSH')], [[], [1, 1]]);
    await t.passes(1);
    assert.deepEqual(sent(who), [2]);
  });

  it('of the same kind and subject waits a quarter of an hour for others', async () => {
    const who = person();
    const subject = { type: 'Tournament' as const, id: randomUUID() };
    for (let n = 0; n < 4; n++) {
      await give([who], { subject });
      await t.passes(MINUTE);
    }
    assert.deepEqual(sent(who), [1]);
    await t.passes(15 * MINUTE);
    assert.deepEqual(sent(who), [1, 3]);
  });

  it('that arrives while others are handed over is neither forgotten nor sent twice', async () => {
    const who = person();
    const subject = { type: 'Tournament' as const, id: randomUUID() };
    for (let round = 0; round < 10; round++) {
      await give([who], { subject });
      await Promise.all([t.passes(15 * MINUTE), give([who], { subject }), give([who], { subject })]);
    }
    await t.passes(15 * MINUTE);
    await t.passes(15 * MINUTE);
    // Only jobs of committed transactions count: a timer that was moved while its handler ran fires again.
    const ids = (await t.told()).jobs
      .filter(({ kind }) => kind === NotificationsEmail.kind)
      .map(({ payload }) => NotificationsEmail.payload.parse(payload))
      .flatMap(({ userId, notificationIds }) => (userId === who.userId ? notificationIds : []));
    assert.deepEqual([ids.length, new Set(ids).size], [30, 30]);
  });

  it('of many people at once is one message for each, as each of them wishes', async () => {
    const people = Array.from({ length: 250 }, () => person());
    const [digest, quiet, silent, reader] = people as [Someone, Someone, Someone, Someone];
    await t.preferences.set(digest, { digest: true });
    await t.preferences.set(quiet, { quietHours: { from: '20:00', to: '23:00' } });
    await t.preferences.set(silent, { kinds: [{ kind: 'CUP_WON', email: false }] });
    await sleepUntil(21);
    await give(people);
    await t.service.markRead(reader, { allUntilSeq: 1 });
    await t.passes(0);
    const others = people.slice(4);
    assert.ok(others.every((who) => sent(who).length === 1 && sent(who, 'PUSH').length === 1));
    for (const who of [digest, quiet, silent, reader]) assert.deepEqual(sent(who), []);
    assert.equal(new Set(t.handed.map(({ because }) => because)).size, t.handed.length, 'each has its own cause');
    await t.passes(2 * HOUR);
    assert.deepEqual([sent(quiet), sent(digest)], [[1], []]);
    await t.passes(10 * HOUR);
    assert.deepEqual([sent(quiet), sent(digest), sent(silent), sent(reader)], [[1], [1], [], []]);
    assert.ok(others.every((who) => sent(who).length === 1 && sent(who, 'PUSH').length === 1));
  });

  it('is not sent a day late: a service that was down does not send old news', async () => {
    const who = person();
    await give([who]);
    await t.passes(24 * HOUR + 1);
    assert.deepEqual([sent(who), (await t.inboxOf(who)).length], [[], 1]);
    await give([who], { occurredAt: new Date(t.clock.now - 24 * HOUR - 1).toISOString() });
    await t.passes(0);
    assert.deepEqual([sent(who), (await t.inboxOf(who)).length], [[], 2]);
  });

  it('of an event before the first start of the service is stored and not sent', async () => {
    const who = person();
    const startedAt = new Date(t.clock.now);
    await t.prisma.inboxGroup.create({ data: { consumer: 'notifications', startedAt } });
    await give([who], { occurredAt: new Date(t.clock.now - 1).toISOString() });
    await t.passes(0);
    assert.deepEqual([sent(who), sent(who, 'PUSH'), (await t.inboxOf(who)).length], [[], [], 1]);
    await give([who]);
    await t.passes(0);
    assert.deepEqual(sent(who), [1]);
  });

  it('is forgotten by its channel after a day', async () => {
    const who = person();
    await give([who]);
    await t.passes(0);
    const { clean } = await import('./cleaning.ts');
    const left = () => t.prisma.delivery.count({ where: { userId: who.userId } });
    await t.prisma.$transaction((tx) => clean(tx, new Date(t.clock.now + 24 * HOUR)));
    assert.equal(await left(), 2);
    await t.prisma.$transaction((tx) => clean(tx, new Date(t.clock.now + 24 * HOUR + 1)));
    assert.equal(await left(), 0);
  });
});

describe('preferences', () => {
  it('are the defaults until the person chooses, field by field', async () => {
    const who = person();
    assert.equal(await t.preferences.own(ANONYMOUS), null);
    const first = await t.preferences.own(who);
    const line = (kind: string, from = first) => from?.kinds.find((one) => one.kind === kind);
    assert.deepEqual(
      { ...first, kinds: first?.kinds.length },
      { kinds: first?.kinds.length, quietHours: null, timeZone: null, language: null, digest: false },
    );
    assert.deepEqual(line('TOURNAMENT_ANNOUNCED'), {
      kind: 'TOURNAMENT_ANNOUNCED',
      inApp: false,
      email: false,
      push: false,
    });
    assert.deepEqual(line('RESULT'), { kind: 'RESULT', inApp: true, email: false, push: true });
    const quietHours = { from: '22:00', to: '07:00' };
    await t.preferences.set(who, { quietHours, timeZone: 'Europe/Moscow', language: 'RU' });
    await t.preferences.set(who, { kinds: [{ kind: 'RESULT', email: true, push: null }], digest: true });
    const now = await t.preferences.set(who, { timeZone: null });
    assert.deepEqual(
      [now.quietHours, now.timeZone, now.language, now.digest, line('RESULT', now)],
      [quietHours, null, 'RU', true, { kind: 'RESULT', inApp: true, email: true, push: true }],
    );
    assert.deepEqual((await t.preferences.set(who, { quietHours: null })).quietHours, null);
  });

  it('are refused for guests and with wrong values', async () => {
    await assert.rejects(
      t.preferences.set(ANONYMOUS, {}),
      (error: unknown) => error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED',
    );
    const who = person();
    for (const [input, field] of [
      [{ timeZone: 'Moscow' }, 'timeZone'],
      [{ timeZone: '+03:00' }, 'timeZone'],
      [{ quietHours: { from: '22:00', to: '22:00' } }, 'quietHours'],
      [{ quietHours: { from: '24:00', to: '07:00' } }, 'quietHours.from'],
      [{ quietHours: { from: '22:00', to: '7' } }, 'quietHours.to'],
      [{ kinds: [{ kind: 'NOTHING' }] }, 'kinds.0.kind'],
      [{ language: 'DE' }, 'language'],
    ] as const)
      await refused(t.preferences.set(who, input), 'INVALID', field);
    assert.equal(await t.prisma.settings.count({ where: { userId: who.userId } }), 0);
  });
});

describe('a notification for many', () => {
  it('is written in batches that continue after a failure, each person once', async () => {
    const people = Array.from({ length: 2_300 }, () => randomUUID());
    const team = await t.team('Everybody');
    await t.prisma.knownMember.createMany({
      data: people.map((userId) => ({ teamId: team.id, userId, role: 'PLAYER' })),
    });
    const cause = randomUUID();
    const to = { teams: [team.id], roles: ['PLAYER' as const], except: people[0] ?? null };
    await give([], { cause, to });
    const written = () => t.prisma.notification.count({ where: { cause } });
    assert.equal(await written(), 0, 'nothing in the transaction of the event');
    // The third batch fails, as in a process that dies. Its transaction is rolled back, and the batch is written again.
    const { plan } = t.deliveries;
    let batches = 0;
    t.deliveries.plan = async (...args) => {
      if (++batches === 3) throw new Error('killed');
      return plan.apply(t.deliveries, args);
    };
    await t.passes(0);
    assert.deepEqual([await written(), await t.prisma.fanOut.count()], [1_000, 1]);
    t.deliveries.plan = plan;
    await t.passes(10_000);
    assert.deepEqual([await written(), await t.prisma.fanOut.count()], [2_299, 0]);
    // The same notice again, as after a redelivery of its event, adds nothing.
    await give([], { cause, to });
    await t.passes(10_000);
    assert.equal(await written(), 2_299);
    assert.equal(await t.prisma.inboxEvent.count({ where: { userId: { in: people } } }), 2_299);
    assert.equal(await t.prisma.inbox.count({ where: { userId: { in: people }, lastSeq: 1, kept: 1 } }), 2_299);
  });
});
