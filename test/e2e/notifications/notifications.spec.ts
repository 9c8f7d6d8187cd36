import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { AcceptInvitation, Inbox, InboxEvents, Invite, MarkNotificationsRead } from '../operations.ts';
import { createTeam, join } from '../play.ts';
import { endOf, take } from '../reading.ts';

describe('notifications of two people on one router', () => {
  let network: Network;
  let anna: Person, boris: Person;
  let teamId: string;
  beforeAll(async () => {
    network = await startNetwork({ separate: true });
    [anna, boris] = await Promise.all([network.user('anna'), network.user('boris')]);
    teamId = await createTeam(anna, 'Yard Foxes');
    await network.settled();
  });
  afterAll(() => network?.stop());

  const inboxOf = async (who: Person, language: 'EN' | 'RU' = 'EN') => {
    const { notifications, unreadNotificationCount } = await who.request(Inbox, { language });
    return {
      unread: unreadNotificationCount,
      seq: notifications?.seq,
      rows: notifications?.edges.map(({ node }) => node) ?? assert.fail('a guest'),
    };
  };
  const invite = async (): Promise<string> => {
    const { inviteToTeam } = await anna.request(Invite, { input: { teamId, userId: boris.id, role: 'PLAYER' } });
    return inviteToTeam.token ?? assert.fail(JSON.stringify(inviteToTeam.userErrors));
  };

  it('reach only their person: live, in the list, with text in both languages and their subject', async () => {
    // Both people send the same operation with the same variables to one router. It must not share their streams.
    const streams = {
      anna: anna.subscribe(InboxEvents, { afterSeq: 0 }),
      boris: boris.subscribe(InboxEvents, { afterSeq: 0 }),
    };
    const annas = take(streams.anna, 1);
    const token = await invite();
    const [{ notificationEvents: invited } = assert.fail()] = await take(streams.boris, 1);
    assert.deepEqual(invited, {
      __typename: 'NotificationAdded',
      seq: 1,
      notification: {
        kind: 'INVITED',
        text: 'anna invites you to Yard Foxes. Role: player.',
        subject: { name: 'Yard Foxes' },
      },
    });
    const { unread, seq, rows } = await inboxOf(boris, 'RU');
    assert.deepEqual(
      [unread, seq, rows.map(({ kind, text, readAt, subject }) => [kind, text, readAt, subject])],
      [
        1,
        1,
        [
          [
            'INVITED',
            'anna приглашает вас в команду «Yard Foxes». Роль: игрок.',
            null,
            { __typename: 'Team', name: 'Yard Foxes' },
          ],
        ],
      ],
    );
    assert.deepEqual((await inboxOf(anna)).rows, [], 'not in the inbox of the one who invites');
    const { data } = await anna.execute<{ node: unknown }>('query ($id: ID!) { node(id: $id) { id } }', {
      id: rows[0]?.id,
    });
    assert.equal(data?.node, null, 'nor by its id');
    await boris.request(AcceptInvitation, { input: { token } });
    const [{ notificationEvents: withdrawn } = assert.fail()] = await take(streams.boris, 1);
    assert.deepEqual(withdrawn, { __typename: 'NotificationsWithdrawn', seq: 2, notificationIds: [rows[0]?.id] });
    const [{ notificationEvents: answered } = assert.fail()] = await annas;
    assert.deepEqual([answered.__typename, answered.seq], ['NotificationAdded', 1]);
    assert.ok(answered.__typename === 'NotificationAdded' && answered.notification?.text === 'boris joins Yard Foxes.');
    await Promise.all([streams.anna.return(), streams.boris.return()]);
  });

  it('are read on all devices at once', async () => {
    const { seq = 0, unread } = await inboxOf(anna);
    assert.equal(unread, 1);
    const other = anna.at(anna.url);
    const devices = [anna.subscribe(InboxEvents, { afterSeq: seq }), other.subscribe(InboxEvents, { afterSeq: seq })];
    const input = { allUntilSeq: seq };
    for (const _ of [1, 2])
      assert.deepEqual((await other.request(MarkNotificationsRead, { input })).markNotificationsRead, {
        unreadNotificationCount: 0,
        userErrors: [],
      });
    for (const device of devices) {
      const [{ notificationEvents: event } = assert.fail()] = await take(device, 1);
      assert.deepEqual(event, { __typename: 'NotificationsRead', seq: seq + 1, notificationIds: [], untilSeq: seq });
      await device.return();
    }
    other.close();
    const { rows } = await inboxOf(anna);
    assert.ok(rows.every(({ readAt }) => readAt !== null));
  });

  it('continue after a lost connection, each person’s own', async () => {
    const { seq = 0 } = await inboxOf(anna);
    const before = anna.subscribe(InboxEvents, { afterSeq: seq });
    const clara = await network.user('clara');
    await join(anna, teamId, clara);
    await take(before, 1);
    anna.cut();
    await before.return().catch(() => undefined);
    const denis = await network.user('denis');
    await join(anna, teamId, denis);
    const after = anna.subscribe(InboxEvents, { afterSeq: seq + 1 });
    const [{ notificationEvents: event } = assert.fail()] = await take(after, 1);
    assert.equal(event.seq, seq + 2);
    assert.ok(event.__typename === 'NotificationAdded' && event.notification?.text === 'denis joins Yard Foxes.');
    await after.return();
    const own = boris.subscribe(InboxEvents, { afterSeq: 0 });
    const seen = await take(own, 2);
    assert.deepEqual(
      seen.map(({ notificationEvents: { seq: at } }) => at),
      [1, 2],
    );
    await own.return();
  });

  it('are of nobody who is not signed in, and begin nowhere beyond the inbox', async () => {
    assert.equal(await endOf(network.guest.subscribe(InboxEvents, { afterSeq: 0 })), 'UNAUTHENTICATED');
    assert.deepEqual(await network.guest.request(Inbox), { notifications: null, unreadNotificationCount: null });
    assert.equal(await endOf(boris.subscribe(InboxEvents, { afterSeq: 1000 })), 'RESYNC_REQUIRED');
  });

  it('exist once, however often their events are published', async () => {
    const counts = async (): Promise<(number | undefined)[]> =>
      Promise.all([anna, boris].map(async (who) => (await inboxOf(who)).seq));
    await network.settled();
    const before = await counts();
    await network.republish('teams');
    await network.settled();
    await until('nothing is on its way', async () => (await counts()).length === 2);
    assert.deepEqual(await counts(), before);
  });
});
