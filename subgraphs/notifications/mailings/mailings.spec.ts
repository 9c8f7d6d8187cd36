import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import { UserErrors } from '../../../platform/graphql/user-errors.ts';
import { ANONYMOUS } from '../../../platform/identity/principal.ts';
import { MailError } from '../../../platform/mail/mail-sender.ts';
import { person, refused } from '../../../platform/testing/service.testing.ts';
import { TournamentCancelled, TournamentChanged } from '../../../schema/messages/tournaments.ts';
import { clean } from '../cleaning.ts';
import type { Mailing } from '../generated/prisma/client.ts';
import { HOUR, openNotifications } from '../notifications.fixture.ts';

type Opened = Awaited<ReturnType<typeof openNotifications>>;

const MINUTE = 60_000;
const away = new MailError('MAIL_UNAVAILABLE', 'ECONNREFUSED');
const no = new MailError('MAIL_REFUSED', '550 no');

let n: Opened;
beforeAll(async () => {
  n = await openNotifications(undefined, undefined, { batch: 2 });
});
afterAll(() => n.close());
beforeEach(() => {
  n.elsewhere.away = n.identities.away = false;
  n.elsewhere.onMail = async () => undefined;
  n.mailbox.length = 0;
});

/** Makes an account with a confirmed address. @returns the user's id */
const reader = () => {
  const { userId } = person();
  n.identities.accounts.set(userId, { email: `${userId}@prodvor.example`, emailVerified: true });
  return userId;
};
const addressOf = (userId: string): string => `${userId}@prodvor.example`;

/** A tournament with an organizer, and a team with a place that has this many people. */
async function cup(size: number, name = 'Yard Cup') {
  const organizer = person();
  const tournament = await n.tournament(name);
  n.elsewhere.organizers.add(`${tournament.id} ${organizer.userId}`);
  const people = Array.from({ length: size }, reader).sort();
  const team = await n.team('Foxes', Object.fromEntries(people.map((userId) => [userId, 'PLAYER' as const])));
  const entryId = await tournament.entry(team.id, 'ACCEPTED');
  return { organizer, tournament, team, entryId, people, about: toGlobalId('Tournament', tournament.id) };
}
type Cup = Awaited<ReturnType<typeof cup>>;

const content = { subject: 'Bring both shirts', text: 'We begin at ten.' };
const create = ({ organizer, about }: Pick<Cup, 'organizer' | 'about'>, more: object = {}) =>
  n.mailings.create(organizer, { clientId: randomUUID(), about, ...content, ...more });
const idOf = ({ id }: Pick<Mailing, 'id'>) => ({ mailingId: toGlobalId('Mailing', id) });
async function started(c: Cup, more: object = {}): Promise<Mailing> {
  const mailing = await create(c, more);
  return n.mailings.start(c.organizer, idOf(mailing));
}
async function now({ id }: Mailing) {
  const row = await n.prisma.mailing.findUniqueOrThrow({ where: { id } });
  const { state, reason, total, sent, failed, skipped } = row;
  return { state, reason, total, sent, failed, skipped };
}
async function notSent({ id }: Mailing): Promise<Record<string, number>> {
  const rows = await n.prisma.mailingRecipient.findMany({ where: { mailingId: id, reason: { not: null } } });
  return Object.fromEntries([...Map.groupBy(rows, ({ reason }) => reason)].map(([key, of]) => [key, of.length]));
}
const receivers = (): string[] => n.mailbox.map(({ to }) => to).sort();
const eventsOf = async ({ id }: Mailing): Promise<string[]> =>
  (await n.prisma.mailingEvent.findMany({ where: { mailingId: id }, orderBy: { seq: 'asc' } })).map(({ kind }) => kind);

describe('a mailing', () => {
  it('goes once to each person in the tournament, and is in their inboxes', async () => {
    const c = await cup(3);
    const [shared = ''] = c.people;
    const [late, guest] = [reader(), reader()];
    const other = await n.team('Wolves', { [shared]: 'CAPTAIN', [late]: 'OWNER' });
    await c.tournament.entry(other.id, 'CHECKED_IN');
    const waiting = await n.team('Bears', { [guest]: 'OWNER' });
    await c.tournament.entry(waiting.id, 'WAITING');
    await c.tournament.entry((await n.team('Cats', { [reader()]: 'OWNER' })).id, 'REJECTED');
    assert.deepEqual(await n.mailings.audience(c.organizer, c), { people: 4, unsubscribed: 0 });
    const device = { kind: 'FCM', address: 'token', addressHash: randomUUID(), clientId: randomUUID() } as const;
    await n.prisma.device.create({ data: { userId: shared, ...device } });
    const mailing = await started(c, { entries: ['WAIT_LISTED', 'CONFIRMED'] });
    await n.mailed();
    const all = [...c.people, late, guest];
    assert.deepEqual(await now(mailing), { state: 'FINISHED', reason: null, total: 5, sent: 5, failed: 0, skipped: 0 });
    assert.deepEqual(receivers(), all.map(addressOf).sort());
    assert.equal(new Set(n.mailbox.map(({ messageId }) => messageId)).size, 5);
    for (const mail of n.mailbox) {
      assert.equal(mail.subject, 'Yard Cup: Bring both shirts');
      assert.match(mail.unsubscribeUrl ?? '', /^https:\/\/prodvor\.example\/emails\/unsubscribe\//);
      assert.match(mail.text, /organizers of Yard Cup write to you:\n\nWe begin at ten\./);
      assert.match(mail.html ?? '', /We begin at ten\./);
    }
    for (const userId of all) {
      const [, ...rest] = [null, ...(await n.inboxOf({ userId })).filter(({ kind }) => kind === 'MAILING')];
      assert.deepEqual(
        rest.map(({ subjectId, facts }) => [subjectId, facts]),
        [[c.tournament.id, { from: 'Yard Cup', title: content.subject }]],
      );
    }
    assert.deepEqual(await eventsOf(mailing), ['CREATED', 'STARTED', 'CHOSEN', 'PROGRESS', 'PROGRESS', 'FINISHED']);
    const planned = await n.prisma.delivery.groupBy({ by: ['channel'], where: { kind: 'MAILING' }, _count: true });
    assert.deepEqual(
      planned.map(({ channel, _count }) => [channel, _count]),
      [['PUSH', 1]],
      'its e-mail is no notification e-mail too',
    );
  });

  it('goes to the members of a team for its owner and captains', async () => {
    const [owner, captain, player] = [person(), person(), person()];
    const team = await n.team('Foxes', { [owner.userId]: 'OWNER', [captain.userId]: 'CAPTAIN', [reader()]: 'PLAYER' });
    n.elsewhere.roles.set(`${team.id} ${captain.userId}`, 'CAPTAIN').set(`${team.id} ${player.userId}`, 'PLAYER');
    const about = toGlobalId('Team', team.id);
    await refused(create({ organizer: player, about }), 'FORBIDDEN', 'about');
    await refused(create({ organizer: captain, about }, { entries: ['CONFIRMED'] }), 'INVALID', 'entries');
    const mailing = await create({ organizer: captain, about });
    await n.mailings.start(captain, idOf(mailing));
    await n.mailed();
    assert.deepEqual(await now(mailing), { state: 'FINISHED', reason: null, total: 3, sent: 1, failed: 0, skipped: 2 });
    assert.deepEqual(await notSent(mailing), { NO_ADDRESS: 2 });
  });

  it('is of its organizer: others neither see it nor change it', async () => {
    const c = await cup(1);
    const stranger = person('admin', 'organizer');
    await refused(create({ organizer: stranger, about: c.about }), 'FORBIDDEN', 'about');
    await refused(
      create({ organizer: c.organizer, about: toGlobalId('Tournament', randomUUID()) }),
      'NOT_FOUND',
      'about',
    );
    await refused(create({ organizer: c.organizer, about: 'x' }), 'NOT_FOUND', 'about');
    await refused(n.mailings.preview(stranger, { about: c.about, ...content }), 'FORBIDDEN', 'about');
    assert.equal(await n.mailings.audience(stranger, c), null);
    assert.equal(await n.mailings.audience(ANONYMOUS, c), null);
    const mailing = await create(c);
    for (const change of ['start', 'pause', 'resume', 'cancel'] as const)
      await refused(n.mailings[change](stranger, idOf(mailing)), 'NOT_FOUND', 'mailingId');
    assert.equal((await n.mailings.byIds(stranger, [mailing.id])).size, 0);
    assert.equal((await n.mailings.byIds(c.organizer, [mailing.id])).size, 1);
    await assert.rejects(n.mailings.events(stranger, idOf(mailing).mailingId, 0), {
      extensions: { code: 'NOT_FOUND' },
    });
    // A colleague may stop it, and the log says who did.
    const colleague = person();
    n.elsewhere.organizers.add(`${c.tournament.id} ${colleague.userId}`);
    assert.equal((await n.mailings.byIds(colleague, [mailing.id])).size, 1);
    await n.mailings.cancel(colleague, idOf(mailing));
    const events = await n.prisma.mailingEvent.findMany({ where: { mailingId: mailing.id }, orderBy: { seq: 'asc' } });
    assert.deepEqual(
      events.map(({ kind, byUserId }) => [kind, byUserId]),
      [
        ['CREATED', c.organizer.userId],
        ['CANCELLED', colleague.userId],
      ],
    );
  });

  it('is written once for a client id', async () => {
    const c = await cup(1);
    const clientId = randomUUID();
    const [one, two] = await Promise.all([create(c, { clientId }), create(c, { clientId })]);
    assert.equal(one.id, two.id);
    await refused(create(c, { clientId, text: 'Another text' }), 'CONFLICT', 'clientId');
    const first = await n.mailings.start(c.organizer, idOf(one));
    assert.equal((await n.mailings.start(c.organizer, idOf(one))).lastSeq, first.lastSeq, 'a repeat changes nothing');
    await n.mailed();
    assert.equal((await n.mailings.start(c.organizer, idOf(one))).state, 'FINISHED');
    assert.equal(n.mailbox.length, 1);
  });

  it('shows a preview without markup, with https links only', async () => {
    const c = await cup(2, 'Cup <b>');
    const text =
      'Hi <script>alert(1)</script>\n\nSee (https://web.example/a?b=1&c="x) and https://ok.example/.\nhttp://no.example javascript:alert(1)';
    const { preview, audience } = await n.mailings.preview(c.organizer, { about: c.about, ...content, text });
    assert.deepEqual(audience, { people: 2, unsubscribed: 0 });
    assert.equal(preview.subject, 'Cup <b>: Bring both shirts');
    assert.ok(preview.html.includes('Hi &lt;script&gt;alert(1)&lt;/script&gt;'));
    assert.deepEqual(
      [...preview.html.matchAll(/href="([^"]*)"/g)].map(([, url]) => url),
      [
        'https://web.example/a?b=1&amp;c=',
        'https://ok.example/',
        `https://web.example/open/${c.about}`,
        'https://prodvor.example/emails/unsubscribe/example',
      ],
    );
    assert.ok(preview.html.includes('<br>http://no.example javascript:alert(1)'));
    assert.ok(preview.text.includes(text.split('\n')[0] ?? ''));
    const russian = await n.mailings.preview(c.organizer, { about: c.about, ...content, language: 'RU' });
    assert.match(russian.preview.text, /Пишут организаторы турнира «Cup <b>»:/);
  });

  it('refuses subjects with links, and texts that are empty or too long', async () => {
    const c = await cup(1);
    for (const [field, value] of [
      ['subject', 'See www.evil.example'],
      ['subject', 'Two\r\nBcc: eve@example.org'],
      ['subject', 'x'.repeat(101)],
      ['text', ' '],
      ['text', 'x'.repeat(5001)],
      ['text', '\u0000'],
      ['entries', []],
    ] as const)
      await refused(create(c, { [field]: value }), 'INVALID', field);
  });
});

describe('people who get no e-mail of a mailing', () => {
  it('are counted with the reason', async () => {
    const c = await cup(6);
    const [unsubscribed = '', unverified = '', bounced = '', complained = '', gone = ''] = c.people;
    n.identities.accounts.set(unverified, { email: addressOf(unverified), emailVerified: false });
    n.identities.accounts.delete(gone);
    await n.contacts.block([
      { email: addressOf(bounced), reason: 'BOUNCED' },
      { email: addressOf(complained), reason: 'COMPLAINED' },
    ]);
    const link = await n.links.unsubscribe(unsubscribed, ['MAILING']);
    assert.ok(await n.emails.unsubscribe(link.slice(link.lastIndexOf('/') + 1)));
    assert.deepEqual(await n.mailings.audience(c.organizer, c), { people: 6, unsubscribed: 1 });
    const mailing = await started(c);
    await n.mailed();
    assert.deepEqual(await now(mailing), { state: 'FINISHED', reason: null, total: 6, sent: 1, failed: 0, skipped: 5 });
    assert.deepEqual(await notSent(mailing), {
      UNSUBSCRIBED: 1,
      UNVERIFIED: 1,
      BOUNCED: 1,
      COMPLAINED: 1,
      NO_ADDRESS: 1,
    });
    assert.ok((await n.kindsOf({ userId: unsubscribed })).includes('MAILING'), 'the inbox is another channel');
  });

  it('left or unsubscribed while it runs', async () => {
    const c = await cup(6);
    const mailing = await started(c);
    await n.step();
    await n.step();
    const [, , third = '', fourth = ''] = c.people;
    assert.equal(n.mailbox.length, 2);
    await c.team.leaves(third);
    await n.preferences.switchOff(fourth, ['MAILING'], 'EMAIL');
    // The person unsubscribes between two e-mails of one step.
    const [, , , , fifth = '', sixth = ''] = c.people;
    n.elsewhere.onMail = async ({ to }) => {
      if (to === addressOf(fifth)) await n.preferences.switchOff(fifth, ['MAILING'], 'EMAIL');
    };
    await n.mailed();
    assert.deepEqual(await notSent(mailing), { LEFT: 1, UNSUBSCRIBED: 1 });
    assert.ok(receivers().includes(addressOf(sixth)));
    assert.deepEqual(await now(mailing), { state: 'FINISHED', reason: null, total: 6, sent: 4, failed: 0, skipped: 2 });
  });

  it('are in a team that has no place any more', async () => {
    const c = await cup(3);
    const mailing = await started(c);
    await n.step();
    await c.tournament.entry(c.team.id, 'WITHDRAWN', c.entryId);
    await n.mailed();
    assert.deepEqual(await notSent(mailing), { LEFT: 3 });
    assert.equal((await now(mailing)).state, 'FINISHED');
  });

  it('have quiet hours or a digest: they get it later, and the mailing waits for them', async () => {
    const c = await cup(3);
    const [quiet = '', digest = ''] = c.people;
    // The quiet hours begin with the current hour of the test's clock (UTC) and last two hours.
    const at = new Date(n.clock.now).toISOString().slice(11, 13);
    const to = String((Number(at) + 2) % 24).padStart(2, '0');
    await n.preferences.set({ userId: quiet, roles: [] }, { quietHours: { from: `${at}:00`, to: `${to}:00` } });
    await n.preferences.set({ userId: digest, roles: [] }, { digest: true });
    const mailing = await started(c);
    await n.mailed();
    assert.deepEqual(
      [(await now(mailing)).state, (await now(mailing)).reason, (await now(mailing)).sent],
      ['RUNNING', 'LATER', 1],
    );
    await n.passes(2 * HOUR);
    await n.mailed();
    assert.deepEqual([(await now(mailing)).sent, receivers().includes(addressOf(quiet))], [2, true]);
    await n.passes(24 * HOUR);
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).sent], ['FINISHED', 3]);
  });
});

describe('faults while a mailing runs', () => {
  it('wait for a mail server that is away, and lose nobody', async () => {
    const c = await cup(5);
    let sends = 0;
    n.elsewhere.onMail = async () => {
      if (++sends > 2) throw away;
    };
    const mailing = await started(c);
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).reason], ['RUNNING', 'MAIL_AWAY']);
    for (let outage = 0; outage < 20; outage++) {
      await n.passes(10 * MINUTE);
      await n.mailed();
    }
    assert.deepEqual(await now(mailing), {
      state: 'RUNNING',
      reason: 'MAIL_AWAY',
      total: 5,
      sent: 2,
      failed: 0,
      skipped: 0,
    });
    n.elsewhere.onMail = async () => undefined;
    await n.passes(10 * MINUTE);
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).sent], ['FINISHED', 5]);
    assert.deepEqual(receivers(), c.people.map(addressOf).sort());
  });

  it('skip e-mails that would be 12 hours late', async () => {
    const c = await cup(3);
    n.elsewhere.onMail = async () => {
      throw away;
    };
    const mailing = await started(c);
    await n.mailed();
    n.elsewhere.onMail = async () => undefined;
    await n.passes(13 * HOUR);
    await n.mailed();
    assert.deepEqual(await now(mailing), { state: 'FINISHED', reason: null, total: 3, sent: 0, failed: 0, skipped: 3 });
    assert.deepEqual(await notSent(mailing), { TOO_LATE: 3 });
  });

  it('end an e-mail that the server refuses or that cannot be made, and go on with the others', async () => {
    const c = await cup(6);
    const [refusedOne = '', broken = '', greylisted = ''] = c.people;
    let attempts = 0;
    n.elsewhere.onMail = async ({ to }) => {
      if (to === addressOf(refusedOne)) throw no;
      if (to === addressOf(broken)) throw new TypeError('cannot read properties of undefined');
      if (to === addressOf(greylisted)) {
        attempts++;
        throw away;
      }
    };
    const mailing = await started(c);
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).sent], ['RUNNING', 3]);
    // Only this e-mail is left, so nothing shows that the mail server works. So the e-mail is tried again until it is
    // too late.
    for (let hours = 0; hours < 14; hours++) {
      await n.passes(HOUR);
      await n.mailed();
    }
    assert.ok(attempts > 1);
    const { state, sent, failed, skipped, total } = await now(mailing);
    assert.deepEqual([state, sent, failed, skipped, total], ['FINISHED', 3, 2, 1, 6]);
    assert.deepEqual(await notSent(mailing), { REFUSED: 1, ERROR: 1, TOO_LATE: 1 });
  });

  it('give an address up that the server puts off five times, while it takes others', async () => {
    const c = await cup(14);
    const [greylisted = ''] = c.people;
    n.elsewhere.onMail = async ({ to }) => {
      if (to === addressOf(greylisted)) throw away;
    };
    const mailing = await started(c);
    await n.step();
    for (let step = 0; step < 6; step++) {
      await n.step();
      await n.passes(HOUR);
    }
    await n.mailed();
    assert.deepEqual(await notSent(mailing), { UNAVAILABLE: 1 });
    assert.equal((await now(mailing)).state, 'FINISHED');
  });

  it('stop it when the organizer loses the right, and when the tournament is cancelled', async () => {
    const lost = await cup(4);
    const mailing = await started(lost);
    await n.step();
    await n.step();
    n.elsewhere.organizers.delete(`${lost.tournament.id} ${lost.organizer.userId}`);
    await n.mailed();
    assert.deepEqual(await now(mailing), {
      state: 'STOPPED',
      reason: 'RIGHT_LOST',
      total: 4,
      sent: 2,
      failed: 0,
      skipped: 2,
    });
    await refused(n.mailings.resume(lost.organizer, idOf(mailing)), 'FORBIDDEN', 'mailingId');

    const off = await cup(4);
    const first = await started(off);
    await n.step();
    await n.step();
    const cancelled = { ...off.tournament.facts, state: 'CANCELLED' };
    await off.tournament.tell(TournamentChanged.type, cancelled);
    await off.tournament.tell(TournamentCancelled.type, { reason: 'Rain' });
    await n.mailed();
    assert.deepEqual([(await now(first)).state, (await now(first)).reason], ['STOPPED', 'TOURNAMENT_CANCELLED']);
    // The organizers can still send a mailing that explains the cancellation.
    const second = await started(off);
    await n.mailed();
    assert.deepEqual([(await now(second)).state, (await now(second)).sent], ['FINISHED', 4]);
  });

  it('wait while the right, or the addresses, cannot be found out', async () => {
    const c = await cup(2);
    const mailing = await started(c);
    n.elsewhere.away = true;
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).reason], ['RUNNING', 'RIGHTS_AWAY']);
    n.elsewhere.away = false;
    n.identities.away = true;
    await n.passes(MINUTE);
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).reason], ['RUNNING', 'ADDRESSES_AWAY']);
    n.identities.away = false;
    await n.passes(MINUTE);
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).sent], ['FINISHED', 2]);
  });

  it('a step that is delivered again sends nothing, and a step that was cut sends the rest', async () => {
    const c = await cup(4);
    const mailing = await started(c);
    await n.step();
    const { step } = await n.prisma.mailing.findUniqueOrThrow({ where: { id: mailing.id } });
    // The database fails after an e-mail was sent and before its row is marked as sent, as if the process died there.
    const update = n.prisma.mailingRecipient.updateMany;
    let cut: string | undefined;
    n.elsewhere.onMail = async ({ messageId }) => {
      if (cut !== undefined) throw new Error('nothing else is sent');
      cut = messageId;
      n.prisma.mailingRecipient.updateMany = (() => Promise.reject(new Error('the process ends'))) as never;
    };
    await assert.rejects(n.mailingWork.run({ mailingId: mailing.id, step }), /the process ends/);
    n.prisma.mailingRecipient.updateMany = update;
    n.elsewhere.onMail = async () => undefined;
    await n.mailingWork.run({ mailingId: mailing.id, step });
    await n.mailingWork.run({ mailingId: mailing.id, step });
    await n.mailed();
    assert.deepEqual([(await now(mailing)).state, (await now(mailing)).sent], ['FINISHED', 4]);
    const ids = n.mailbox.map(({ messageId }) => messageId);
    assert.deepEqual(
      [ids.length, new Set(ids).size, ids.filter((id) => id === cut).length],
      [5, 4, 2],
      'only the e-mail that was under way goes twice, with the same Message-ID',
    );
  });

  it('two workers never send one mailing at the same time', async () => {
    const c = await cup(2);
    const mailing = await started(c);
    await n.step();
    const { step } = await n.prisma.mailing.findUniqueOrThrow({ where: { id: mailing.id } });
    const job = { mailingId: mailing.id, step };
    const other = n.worker();
    let tried: Promise<void> | undefined;
    n.elsewhere.onMail = async () => {
      tried ??= assert.rejects(other.run(job), /another worker/);
      await tried;
    };
    await n.mailingWork.run(job);
    assert.ok(tried);
    await tried;
    await n.mailed();
    assert.equal(n.mailbox.length, 2);
  });
});

/** Holds back e-mails until two of them are under way. Then it does the work, and lets both continue. */
function whenTwoAreUnderWay(work: () => Promise<unknown>): () => Promise<void> {
  let underWay = 0;
  const both = Promise.withResolvers<void>();
  return async () => {
    if (++underWay === 2) both.resolve();
    await both.promise;
    await work();
  };
}

describe('an organizer', () => {
  it('pauses, resumes and cancels it; the numbers stay true', async () => {
    const c = await cup(8);
    const mailing = await started(c);
    await n.step();
    // The pause comes while two e-mails are under way: they are sent, and nothing after them.
    n.elsewhere.onMail = whenTwoAreUnderWay(() => n.mailings.pause(c.organizer, idOf(mailing)));
    await n.mailed();
    assert.deepEqual(await now(mailing), { state: 'PAUSED', reason: null, total: 8, sent: 2, failed: 0, skipped: 0 });
    assert.equal((await n.mailings.pause(c.organizer, idOf(mailing))).state, 'PAUSED');
    n.elsewhere.onMail = async () => undefined;
    await n.passes(20 * HOUR);
    await n.mailed();
    assert.equal(n.mailbox.length, 2, 'nothing is sent during a pause');
    await n.mailings.resume(c.organizer, idOf(mailing));
    await n.step();
    assert.equal(n.mailbox.length, 4, 'a pause makes nothing late');
    n.elsewhere.onMail = whenTwoAreUnderWay(() => n.mailings.cancel(c.organizer, idOf(mailing)));
    await n.mailed();
    const ended = await now(mailing);
    assert.deepEqual([ended.state, ended.total, ended.sent, ended.skipped], ['CANCELLED', 8, 6, 2]);
    assert.equal(n.mailbox.length, 6);
    for (const change of ['start', 'pause', 'resume'] as const)
      await refused(n.mailings[change](c.organizer, idOf(mailing)), 'CONFLICT', 'mailingId');
    assert.equal((await n.mailings.cancel(c.organizer, idOf(mailing))).state, 'CANCELLED');
  });

  it('starts it at a time; hours late it stops with a reason', async () => {
    const c = await cup(1);
    const at = new Date(n.clock.now + 48 * HOUR);
    const [timely, late] = [await create(c), await create(c)];
    for (const mailing of [timely, late]) {
      assert.equal((await n.mailings.start(c.organizer, { ...idOf(mailing), at })).state, 'SCHEDULED');
      await refused(n.mailings.start(c.organizer, idOf(mailing)), 'CONFLICT', 'mailingId');
    }
    await n.mailings.cancel(c.organizer, idOf(late));
    await n.passes(47 * HOUR);
    await n.mailed();
    assert.equal(n.mailbox.length, 0);
    await n.passes(HOUR);
    await n.mailed();
    assert.deepEqual([(await now(timely)).state, n.mailbox.length], ['FINISHED', 1]);
    const third = await create(c);
    await n.mailings.start(c.organizer, { ...idOf(third), at: new Date(n.clock.now + HOUR) });
    await n.passes(14 * HOUR);
    await n.mailed();
    assert.deepEqual(await now(third), {
      state: 'STOPPED',
      reason: 'TOO_LATE',
      total: null,
      sent: 0,
      failed: 0,
      skipped: 0,
    });
    await refused(
      n.mailings.start(c.organizer, { ...idOf(await create(c)), at: new Date(n.clock.now + 61 * 24 * HOUR) }),
      'INVALID',
      'at',
    );
  });

  it('starts at most three a day about one tournament, and none without people', async () => {
    const empty = await cup(0);
    await refused(started(empty), 'CONFLICT', 'mailingId');
    const c = await cup(1);
    const four = [await create(c), await create(c), await create(c), await create(c)];
    const outcomes = await Promise.allSettled(four.map((mailing) => n.mailings.start(c.organizer, idOf(mailing))));
    const failed = outcomes.filter((one) => one.status === 'rejected');
    assert.equal(failed.length, 1, 'also at the same time');
    assert.ok(failed[0]?.reason instanceof UserErrors && failed[0].reason.errors[0]?.reason === 'MAILINGS_A_DAY');
    await n.mailed();
    await n.passes(25 * HOUR);
    for (const mailing of four) await n.mailings.start(c.organizer, idOf(mailing));
    await n.mailed();
  });

  it('follows it live, from any event', async () => {
    const c = await cup(3);
    const mailing = await create(c);
    const stream = await n.mailings.events(c.organizer, idOf(mailing).mailingId, 0);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { kind, sent, total } of stream) {
        seen.push(`${kind} ${sent}/${total}`);
        if (kind === 'FINISHED') return;
      }
    })();
    await n.mailings.start(c.organizer, idOf(mailing));
    await n.mailed();
    await n.relay();
    await reading;
    assert.deepEqual(seen, ['CREATED 0/null', 'STARTED 0/null', 'CHOSEN 0/3', 'PROGRESS 2/3', 'FINISHED 3/3']);
    const again = await n.mailings.events(c.organizer, idOf(mailing).mailingId, 3);
    assert.equal((await again.next()).value?.seq, 4);
    await again.return?.();
    await assert.rejects(n.mailings.events(ANONYMOUS, idOf(mailing).mailingId, 0), {
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });
});

describe('mailings that are over', () => {
  it('forget their recipients after 30 days, and everything after a year', async () => {
    const c = await cup(2);
    const mailing = await started(c);
    await n.mailed();
    const recipients = async () => n.prisma.mailingRecipient.count({ where: { mailingId: mailing.id } });
    const passes = async (days: number): Promise<void> => {
      n.clock.now += days * 24 * HOUR;
      while (!(await n.prisma.$transaction((tx) => clean(tx, new Date(n.clock.now)))));
    };
    await passes(29);
    assert.equal(await recipients(), 2);
    await passes(2);
    assert.equal(await recipients(), 0);
    assert.equal((await now(mailing)).sent, 2);
    await passes(336);
    assert.equal(await n.prisma.mailing.count({ where: { id: mailing.id } }), 0);
    assert.equal(await n.prisma.mailingEvent.count({ where: { mailingId: mailing.id } }), 0);
  });
});
