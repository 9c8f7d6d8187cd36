import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { confirmAddress, decoded, pagesOf } from '../mails.ts';
import { CreateMailing, InboxBodies, MailingEvents, MailingNow, PreviewMailing, StartMailing } from '../operations.ts';
import { createTeam, perform } from '../play.ts';
import { endOf, take } from '../reading.ts';

const text = 'Hello!\n\nWe begin at ten: https://web.example/way. Bring <b>both</b> shirts.';

describe('a mailing of an organizer', () => {
  let network: Network;
  let anna: Person, boris: Person, clara: Person;
  let about: string;
  beforeAll(async () => {
    network = await startNetwork();
    [anna, boris, clara] = await Promise.all([network.user('anna'), network.user('boris'), network.user('clara')]);
    about = await perform(anna, 'createTournament', 'tournament', {
      clientId: randomUUID(),
      name: 'Yard Cup',
      sport: 'FOOTBALL',
      timeZone: 'UTC',
      startsAt: '2030-06-01T08:00:00.000Z',
    });
    await perform(anna, 'publishTournament', 'tournament', { tournamentId: about });
    for (const captain of [boris, clara]) {
      const teamId = await createTeam(captain, `Team of ${captain.name}`);
      await perform(captain, 'enterTournament', 'entry', { tournamentId: about, teamId });
    }
    await confirmAddress(network, boris);
    await network.settled();
  });
  afterAll(() => network?.stop());

  const create = async (subject: string): Promise<string> => {
    const input = { clientId: randomUUID(), about, subject, text };
    const { createMailing } = await anna.request(CreateMailing, { input });
    return createMailing?.mailing?.id ?? assert.fail(JSON.stringify(createMailing?.userErrors));
  };
  const mailTo = (who: Person, subject: string) =>
    until(`a mail to ${who.name}`, async () =>
      (await network.mailsTo(who.email)).find(({ raw }) => raw.includes(`Subject: Yard Cup: ${subject}\r\n`)),
    );

  it('is shown to the organizer before it is sent, and to nobody else', async () => {
    const input = { about, subject: 'Shirts', text };
    const { previewMailing } = await anna.request(PreviewMailing, { input });
    assert.deepEqual(previewMailing?.audience, { people: 2, unsubscribed: 0 });
    assert.equal(previewMailing?.preview?.subject, 'Yard Cup: Shirts');
    assert.match(previewMailing?.preview?.html ?? '', /href="https:\/\/web\.example\/way".*&lt;b&gt;both/);
    const refusal = await boris.request(PreviewMailing, { input });
    assert.deepEqual(refusal.previewMailing, { preview: null, audience: null, userErrors: [{ code: 'FORBIDDEN' }] });
    assert.deepEqual(
      (await boris.request(CreateMailing, { input: { ...input, clientId: randomUUID() } })).createMailing?.userErrors,
      [{ field: ['about'], code: 'FORBIDDEN', reason: 'MAY_NOT_MAIL' }],
    );
  });

  it('reaches each person once, by e-mail and in the inbox; only its author follows it live', async () => {
    const mailingId = await create('Shirts');
    // All three send the same operation with the same variables to one router. It must not share their streams.
    const stream = anna.subscribe(MailingEvents, { mailingId, afterSeq: 0 });
    const events = take(stream, 4);
    assert.equal(await endOf(boris.subscribe(MailingEvents, { mailingId, afterSeq: 0 })), 'NOT_FOUND');
    assert.equal(await endOf(network.guest.subscribe(MailingEvents, { mailingId, afterSeq: 0 })), 'UNAUTHENTICATED');
    assert.deepEqual((await anna.request(StartMailing, { input: { mailingId } })).startMailing?.userErrors, []);
    assert.deepEqual(
      (await events).map(({ mailingEvents: { seq, kind, counts } }) => [seq, kind, counts]),
      [
        [1, 'CREATED', { total: null, sent: 0, skipped: 0, waiting: 0 }],
        [2, 'STARTED', { total: null, sent: 0, skipped: 0, waiting: 0 }],
        [3, 'CHOSEN', { total: 2, sent: 0, skipped: 0, waiting: 2 }],
        [4, 'FINISHED', { total: 2, sent: 1, skipped: 1, waiting: 0 }],
      ],
    );
    await stream.return();
    const { mailing, myMailings } = await anna.request(MailingNow, { id: mailingId });
    assert.deepEqual(mailing, {
      state: 'FINISHED',
      reason: null,
      counts: { total: 2, sent: 1, failed: 0, skipped: 1, waiting: 0 },
      notSent: [{ reason: 'UNVERIFIED', count: 1 }],
      about: { __typename: 'Tournament', name: 'Yard Cup' },
      author: { id: anna.id },
      log: [
        { kind: 'CREATED', by: { id: anna.id } },
        { kind: 'STARTED', by: { id: anna.id } },
        { kind: 'CHOSEN', by: null },
        { kind: 'FINISHED', by: null },
      ],
      seq: 4,
    });
    assert.equal(myMailings?.totalCount, 1);
    const others = await boris.request(MailingNow, { id: mailingId });
    assert.deepEqual([others.mailing, others.myMailings?.totalCount], [null, 0]);
    for (const who of [boris, clara]) {
      const { notifications } = await who.request(InboxBodies);
      const found = notifications?.edges.filter(({ node }) => node.kind === 'MAILING').map(({ node }) => node);
      assert.deepEqual(found, [{ kind: 'MAILING', text: 'Yard Cup: Shirts', body: text }]);
    }
    const { raw } = await mailTo(boris, 'Shirts');
    assert.match(decoded(raw), /We begin at ten: https:\/\/web\.example\/way\. Bring <b>both<\/b> shirts\./);
    assert.equal((await network.mailsTo(clara.email)).length, 1, 'only the welcome');
  });

  it('is not sent to a person who unsubscribed with the button of the mail program', async () => {
    const { raw } = await mailTo(boris, 'Shirts');
    assert.match(raw, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    const folded = raw.replaceAll(/\r\n[ \t]+/g, ' ');
    const link = /^List-Unsubscribe: <\s*https?:\/\/[^/]+(\/emails\/unsubscribe\/[\w.-]+)>/m.exec(folded)?.[1] ?? '';
    assert.equal((await fetch(pagesOf(network) + link, { method: 'POST' })).status, 200);
    const mailingId = await create('Balls');
    await anna.request(StartMailing, { input: { mailingId } });
    const notSent = await until('it finishes', async () => {
      const { mailing } = await anna.request(MailingNow, { id: mailingId });
      return mailing?.state === 'FINISHED' && mailing.notSent;
    });
    assert.deepEqual(notSent, [
      { reason: 'UNSUBSCRIBED', count: 1 },
      { reason: 'UNVERIFIED', count: 1 },
    ]);
  });
});
