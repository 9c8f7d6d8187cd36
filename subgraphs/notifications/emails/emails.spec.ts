import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { openSubgraph, person, type TestSubgraph } from '../../../platform/testing/service.testing.ts';
import { IDENTITY_PROVIDER, MAIL_SENDER, MAIL_SETTINGS, OUTBOX, TIMERS } from '../../../platform/injection/tokens.ts';
import { UserErrors } from '../../../platform/graphql/user-errors.ts';
import { TournamentChanged } from '../../../schema/messages/tournaments.ts';
import { UserRegistered, Users } from '../../../schema/messages/users.ts';
import { PrismaClient } from '../generated/prisma/client.ts';
import { HOUR, openNotifications, WEBHOOK } from '../notifications.fixture.ts';
import { NotificationsModule } from '../notifications.module.ts';
import { type Email, render } from './email.ts';
import { EmailsService } from './emails.service.ts';

type Opened = Awaited<ReturnType<typeof openNotifications>>;

const linkIn = (text: string, purpose: string): string =>
  new RegExp(`https://prodvor\\.example(/emails/${purpose}/[\\w.-]+)`).exec(text)?.[1] ?? '';

describe('an e-mail', () => {
  const email: Email = {
    language: 'RU',
    subject: 'Приглашение <b>',
    heading: 'Команда & <script>alert(1)</script>',
    lines: [{ text: '{{footer}} "кавычки"', url: 'https://web.example/?a=1&b=2' }],
    footer: [{ text: 'Почему' }],
  };

  it('escapes texts, leaves out the button without an action, and says the same in both parts', () => {
    const { subject, html, text } = render(email);
    assert.equal(subject, 'Приглашение <b>');
    assert.ok(html.includes('Команда &amp; &lt;script&gt;alert(1)&lt;/script&gt;'));
    assert.ok(html.includes('{{footer}} &quot;кавычки&quot;'), 'braces in a text are text');
    assert.ok(html.includes('href="https://web.example/?a=1&amp;b=2"'));
    assert.doesNotMatch(html, /<script|\{\{action|<!-- action/);
    assert.match(html, /<html lang="ru"/);
    for (const part of ['Команда & <script>', '{{footer}} "кавычки"', 'https://web.example/?a=1&b=2', 'Почему'])
      assert.ok(text.includes(part), part);
    const withAction = render({ ...email, action: { label: 'Да', url: 'https://prodvor.example/x' } });
    assert.doesNotMatch(withAction.html, /<!--/, 'the comments of the layout are for us');
    assert.match(withAction.html, /href="https:\/\/prodvor\.example\/x"/);
    assert.match(withAction.text, /Да:\nhttps:\/\/prodvor\.example\/x/);
  });

  it('cuts a subject that mail programs would cut', () => {
    assert.equal(render({ ...email, subject: 'я'.repeat(500) }).subject.length, 120);
  });
});

describe('e-mails to people', () => {
  let n: Opened;
  let subgraph: TestSubgraph;
  let origin: string;
  beforeAll(async () => {
    n = await openNotifications();
    subgraph = await openSubgraph(
      'notifications',
      NotificationsModule,
      new Map<symbol, unknown>([
        [OUTBOX, { ...n.outbox, transaction: n.outbox.transaction.bind(n.outbox) }],
        [IDENTITY_PROVIDER, n.identities],
        [MAIL_SENDER, {}],
        [MAIL_SETTINGS, n.settings],
        [TIMERS, { runner: () => ({ start: () => undefined }), set: async () => undefined }],
      ]),
      new Map<never, unknown>([
        [PrismaClient as never, n.prisma],
        [EmailsService as never, n.emails],
      ]),
    );
    subgraph.app.use(
      (
        req: { body?: unknown; method: string; on: (event: string, on: (data?: Buffer) => void) => void },
        _res: unknown,
        next: () => void,
      ) => {
        const chunks: Buffer[] = [];
        req.on('data', (chunk) => chunk && chunks.push(chunk));
        req.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          try {
            req.body = JSON.parse(text);
          } catch {
            req.body = Buffer.from(text);
          }
          next();
        });
      },
    );
    const server = await subgraph.app.listen(0, '127.0.0.1');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await subgraph.close();
    await n.close();
  });

  const reader = (emailVerified: boolean) => {
    const { userId } = person();
    const email = `${userId.slice(0, 8)}@prodvor.example`;
    n.identities.accounts.set(userId, { email, emailVerified });
    return { userId, email, mails: () => n.mailbox.filter(({ to }) => to === email) };
  };
  const post = (path: string, init: RequestInit = {}) => fetch(origin + path, { method: 'POST', ...init });

  /** Notifies a user until the e-mail is due. @returns the ids of the notifications that are handed to the channel */
  async function notified(userId: string): Promise<readonly string[]> {
    const foxes = await n.team('Foxes', { [userId]: 'OWNER' });
    await (await n.tournament('Summer cup')).entry(foxes.id, 'ACCEPTED');
    await n.passes(0);
    return handedTo(userId).at(-1)?.notificationIds ?? assert.fail('no e-mail is handed over');
  }
  const handedTo = (userId: string) => n.handed.filter((one) => one.userId === userId && one.channel === 'EMAIL');

  it('begin with a welcome to a new account, whose link confirms the address', async () => {
    const anna = reader(false);
    await n.happens(Users.name, anna.userId, UserRegistered.type, {
      userId: anna.userId,
      username: 'anna',
      displayName: 'Buy now <b>',
    });
    const job = (await n.told()).jobs.find(({ payload }) => (payload as { userId?: string }).userId === anna.userId);
    assert.deepEqual([job?.queue, job?.kind, job?.payload], ['email-sender', 'WelcomeEmail', { userId: anna.userId }]);
    await n.emails.sendWelcome({ userId: anna.userId }, { id: job?.id ?? '' });
    const [mail, ...more] = anna.mails();
    assert.deepEqual([more, mail?.messageId, mail?.subject], [[], job?.id, 'Welcome to ProDvor']);
    assert.doesNotMatch(`${mail?.text}${mail?.html}`, /Buy now|anna/i, 'nothing that the new user chose');
    const link = linkIn(mail?.text ?? '', 'verify');
    assert.equal(linkIn(mail?.html ?? '', 'verify'), link);

    const asked = await fetch(origin + link);
    assert.deepEqual([asked.status, asked.headers.get('cache-control')], [200, 'no-store']);
    assert.match(await asked.text(), /<form method="post"><button>/);
    assert.equal(n.identities.accounts.get(anna.userId)?.emailVerified, false, 'GET changes nothing');
    for (const _ of [1, 2]) assert.equal((await post(link)).status, 200);
    assert.equal(n.identities.accounts.get(anna.userId)?.emailVerified, true);
    assert.equal((await post(linkIn(mail?.text ?? '', 'verify').replace('verify', 'unsubscribe'))).status, 410);
  });

  it('of an earlier version are sent to the address that the job has', async () => {
    const id = randomUUID();
    await n.emails.sendWelcome({ userId: randomUUID(), to: 'old@prodvor.example' }, { id });
    assert.deepEqual(
      n.mailbox.filter(({ to }) => to === 'old@prodvor.example').map(({ messageId }) => messageId),
      [id],
    );
  });

  it('go to confirmed addresses only, and not when the person has read everything', async () => {
    const [boris, carla, dina] = [reader(true), reader(false), reader(true)];
    for (const { userId } of [boris, carla, dina]) {
      const notificationIds = await notified(userId);
      if (userId === dina.userId)
        await n.prisma.notification.updateMany({ where: { userId }, data: { readAt: new Date() } });
      await n.emails.sendNotifications({ userId, notificationIds }, { id: randomUUID() });
    }
    const [mail, ...more] = boris.mails();
    assert.deepEqual([more.length, carla.mails().length, dina.mails().length], [0, 0, 0]);
    assert.match(mail?.text ?? '', /Foxes plays in Summer cup\.\nhttps:\/\/web\.example\/open\//);
    assert.match(await n.metrics.registry.metrics(), /emails_skipped_total\{reason="UNVERIFIED"[^}]*\} 1/);
  });

  it('are sent once for a job, and again for one whose send failed', async () => {
    const emil = reader(true);
    const notificationIds = await notified(emil.userId);
    const id = randomUUID();
    const send = () => n.emails.sendNotifications({ userId: emil.userId, notificationIds }, { id });
    n.identities.accounts.set(emil.userId, { email: 'no address', emailVerified: true });
    n.identities.accounts.set(emil.userId, { email: emil.email, emailVerified: true });
    await send();
    await send();
    assert.equal(emil.mails().length, 1);
    const fred = reader(true);
    n.identities.away = true;
    await assert.rejects(n.emails.sendWelcome({ userId: fred.userId }, { id: randomUUID() }), { code: 'UNAVAILABLE' });
    n.identities.away = false;
    await n.emails.sendWelcome({ userId: fred.userId }, { id: randomUUID() });
    assert.equal(fred.mails().length, 1);
  });

  it('wait for the end of quiet hours when their job comes late, and are sent once', async () => {
    const ira = reader(true);
    const quietHours = { from: '22:00', to: '07:00' };
    await n.preferences.set({ userId: ira.userId, roles: [] }, { quietHours, timeZone: 'UTC' });
    const days = (hour: number) => (Math.floor(n.clock.now / (24 * HOUR)) + 1) * 24 * HOUR + hour * HOUR;
    await n.passes(days(21) - n.clock.now);
    const notificationIds = await notified(ira.userId);
    const job = { id: randomUUID() };
    const send = (ids: readonly string[], by = job) =>
      n.emails.sendNotifications({ userId: ira.userId, notificationIds: ids }, by);
    // The mail server is away until the quiet hours have begun. The broker delivers the job twice.
    n.elsewhere.onMail = () => Promise.reject(new Error('away'));
    await assert.rejects(send(notificationIds));
    n.elsewhere.onMail = async () => undefined;
    await n.passes(2 * HOUR);
    await Promise.all([send(notificationIds), send(notificationIds)]);
    await n.passes(8 * HOUR - 1);
    await send(notificationIds);
    assert.deepEqual([ira.mails(), handedTo(ira.userId).length], [[], 1]);
    await n.passes(1);
    const [, { notificationIds: again } = assert.fail('a job in the morning'), ...more] = handedTo(ira.userId);
    assert.deepEqual([again, more], [notificationIds, []]);
    const morning = { id: randomUUID() };
    for (let delivery = 0; delivery < 2; delivery++) await send(again, morning);
    await send(notificationIds);
    await n.passes(HOUR);
    assert.deepEqual([ira.mails().length, handedTo(ira.userId).length], [1, 2]);
  });

  it('leave out the kinds that the person has switched off since they were planned', async () => {
    const olga = reader(true);
    await n.preferences.set({ userId: olga.userId, roles: [] }, { digest: true });
    const foxes = await n.team('Foxes', { [olga.userId]: 'OWNER' });
    const cup = await n.tournament('Summer cup');
    await cup.entry(foxes.id, 'ACCEPTED');
    await cup.tell(TournamentChanged.type, { ...cup.facts, state: 'CHECK_IN' });
    await n.passes(24 * HOUR);
    const [{ notificationIds } = assert.fail('a digest is due')] = handedTo(olga.userId);
    assert.equal(notificationIds.length, 2);
    const send = () => n.emails.sendNotifications({ userId: olga.userId, notificationIds }, { id: randomUUID() });
    await n.preferences.switchOff(olga.userId, ['CHECK_IN_OPEN'], 'EMAIL');
    await send();
    await n.preferences.switchOff(olga.userId, ['ENTRY_ACCEPTED'], 'EMAIL');
    await send();
    const [mail, ...more] = olga.mails();
    assert.deepEqual([mail?.subject, more], ['Foxes plays in Summer cup.', []]);
  });

  it('leave out a notification whose data cannot be read, and fail for good when there is no other', async () => {
    const mila = reader(true);
    const [good = ''] = await notified(mila.userId);
    const [bad = ''] = await notified(mila.userId);
    assert.notEqual(good, bad);
    await n.prisma.notification.update({ where: { id: bad }, data: { facts: 'noise' } });
    const send = (notificationIds: string[]) =>
      n.emails.sendNotifications({ userId: mila.userId, notificationIds }, { id: randomUUID() });
    await send([good, bad]);
    const [mail, ...more] = mila.mails();
    assert.deepEqual([mail?.subject, more], ['Foxes plays in Summer cup.', []]);
    await assert.rejects(send([bad]), { name: 'NothingReadable', permanent: true });
    assert.equal(mila.mails().length, 1);
  });

  it('ask the identity provider once for many mails of one person', async () => {
    const gina = reader(true);
    const before = n.identities.calls;
    for (let mail = 0; mail < 5; mail++) await n.emails.sendWelcome({ userId: gina.userId }, { id: randomUUID() });
    assert.deepEqual([gina.mails().length, n.identities.calls - before], [5, 1]);
  });

  it('end with one click: by POST, without signing in, for the kinds of the mail, any number of times', async () => {
    const hugo = reader(true);
    await n.emails.sendNotifications(
      { userId: hugo.userId, notificationIds: await notified(hugo.userId) },
      { id: randomUUID() },
    );
    const [mail] = hugo.mails();
    const path = new URL(mail?.unsubscribeUrl ?? '').pathname;
    assert.equal(linkIn(mail?.text ?? '', 'unsubscribe'), path, 'the reader has the same link');
    const emailOf = async (kind: string): Promise<boolean | undefined> =>
      (await n.preferences.own({ userId: hugo.userId, roles: [] }))?.kinds.find((line) => line.kind === kind)?.email;
    assert.equal(await emailOf('ENTRY_ACCEPTED'), true);
    assert.equal((await fetch(origin + path)).status, 200);
    assert.equal(await emailOf('ENTRY_ACCEPTED'), true, 'GET changes nothing');
    const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
    for (const _ of [1, 2]) assert.equal((await post(path, { body })).status, 200);
    assert.deepEqual([await emailOf('ENTRY_ACCEPTED'), await emailOf('PROTEST')], [false, true]);
    const before = handedTo(hugo.userId).length;
    await (await n.tournament('Winter cup')).entry((await n.team('Bears', { [hugo.userId]: 'OWNER' })).id, 'ACCEPTED');
    await n.passes(HOUR);
    assert.equal(handedTo(hugo.userId).length, before);
  });

  it('refuse links that are forged, too old, or of an earlier address', async () => {
    const ivan = reader(false);
    const link = new URL(await n.links.verify(ivan.userId, ivan.email)).pathname;
    const forged = await new SignJWT({ userId: ivan.userId, address: 'x' })
      .setProtectedHeader({ alg: 'HS256', kid: '1' })
      .setAudience('verify')
      .sign(new Uint8Array(32));
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${link.split('.')[1]}.`;
    for (const token of ['x', forged, unsigned, `${link.split('/').at(-1)}x`])
      assert.equal((await post(`/emails/verify/${token}`)).status, 410);
    n.identities.accounts.set(ivan.userId, { email: 'other@prodvor.example', emailVerified: false });
    assert.equal((await post(link)).status, 410);
    const { secret } = await n.prisma.linkKey.findUniqueOrThrow({ where: { id: 1 } });
    const late = await new SignJWT({ userId: ivan.userId, kinds: ['ENTRY_ACCEPTED'] })
      .setProtectedHeader({ alg: 'HS256', kid: '1' })
      .setAudience('unsubscribe')
      .setExpirationTime('-1s')
      .sign(secret);
    assert.equal((await post(`/emails/unsubscribe/${late}`)).status, 410);
  });

  it('stop after a bounce or a complaint, which only the provider can report', async () => {
    const [jana, kira] = [reader(true), reader(true)];
    const report = (body: unknown, authorization?: string) =>
      post('/emails/reports', {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
      });
    const events = [
      { type: 'BOUNCED', email: jana.email.toUpperCase() },
      { type: 'COMPLAINED', email: kira.email },
    ];
    for (const authorization of [undefined, 'Bearer wrong', WEBHOOK])
      assert.equal((await report({ events }, authorization)).status, 401);
    assert.equal((await report({ events: [{ type: 'BOUNCED', email: 'x\r\ny@z' }] }, `Bearer ${WEBHOOK}`)).status, 422);
    assert.equal((await report({ events }, `Bearer ${WEBHOOK}`)).status, 204);
    assert.equal((await report({ events }, `Bearer ${WEBHOOK}`)).status, 204);
    for (const { userId, mails } of [jana, kira]) {
      await n.emails.sendWelcome({ userId }, { id: randomUUID() });
      assert.deepEqual(mails(), []);
    }
    assert.deepEqual(
      [await n.emails.unreachable(jana.userId), await n.emails.unreachable(kira.userId)],
      ['BOUNCED', 'COMPLAINED'],
    );
    // The address that bounced gets the link. The address with the complaint gets nothing.
    await n.emails.sendVerification({ userId: jana.userId, language: 'RU' }, { id: randomUUID() });
    await n.emails.sendVerification({ userId: kira.userId, language: null }, { id: randomUUID() });
    assert.deepEqual([jana.mails().length, kira.mails().length], [1, 0]);
    assert.equal((await post(linkIn(jana.mails()[0]?.text ?? '', 'verify'))).status, 200);
    assert.equal(await n.emails.unreachable(jana.userId), null);
  });

  it('can be asked for once more while the address is not confirmed', async () => {
    const lena = reader(false);
    const viewer = { userId: lena.userId, roles: [] };
    for (const _ of [1, 2]) assert.equal(await n.emails.requestVerification(viewer, {}), 'UNVERIFIED');
    await n.passes(0);
    const asked = (await n.told()).jobs.filter(({ kind }) => kind === 'VerificationEmail');
    assert.deepEqual(
      asked.map(({ payload }) => payload),
      [{ userId: lena.userId, language: null }],
      'two clicks at once send one mail',
    );
    await n.emails.sendVerification({ userId: lena.userId, language: null }, { id: asked[0]?.id ?? '' });
    assert.equal((await post(linkIn(lena.mails()[0]?.text ?? '', 'verify'))).status, 200);
    await assert.rejects(
      n.emails.requestVerification(viewer, {}),
      (error) => error instanceof UserErrors && error.errors[0]?.code === 'CONFLICT',
    );
    await assert.rejects(
      n.emails.requestVerification(person(), {}),
      (error) => error instanceof UserErrors && error.errors[0]?.code === 'CONFLICT',
    );
  });
});
