import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { isFull, type Network, type Person, startNetwork, until } from '../../network.ts';
import { Inbox, InboxEvents, LeaveTeam, MarkRoomRead, Online, SendMessage, Unread } from '../operations.ts';
import { createTeam, join, roomOfTeam } from '../play.ts';
import { take, upTo } from '../reading.ts';

/**
 * The number of seconds after which unread messages are reported. Twelve messages can be sent in this time, even on a
 * busy machine.
 */
const MISSED_AFTER_S = 8;
const env = { PRESENCE_SECONDS: '3', CHAT_MISSED_SECONDS: String(MISSED_AFTER_S) };

/** Creates a team of these people. Resolves to the ids of the team and its room. */
async function teamOf(owner: Person, ...members: Person[]): Promise<{ teamId: string; roomId: string }> {
  const teamId = await createTeam(owner, 'Yard Foxes');
  for (const member of members) await join(owner, teamId, member);
  return { teamId, roomId: await roomOfTeam(members.at(-1) ?? owner, teamId) };
}
async function say(author: Person, roomId: string, text: string): Promise<number> {
  const { sendMessage } = await author.request(SendMessage, { input: { roomId, clientMessageId: text, text } });
  assert.deepEqual(sendMessage.userErrors, []);
  return sendMessage.message?.seq ?? assert.fail();
}
const unread = async (who: Pick<Person, 'request'>, id: string): Promise<number | null | undefined> =>
  (await who.request(Unread, { id })).room?.unreadCount;
async function markRead(who: Pick<Person, 'request'>, roomId: string, seq: number): Promise<number | null | undefined> {
  const { markRoomRead } = await who.request(MarkRoomRead, { input: { roomId, seq } });
  assert.deepEqual(markRoomRead.userErrors, []);
  return markRoomRead.room?.unreadCount;
}
const isOnline = async (viewer: Pick<Person, 'request'>, { id }: Person): Promise<boolean | null | undefined> =>
  (await viewer.request(Online, { id })).user?.isOnline;
/** The person's notifications of unread messages in rooms. */
const missed = async (who: Person) =>
  ((await who.request(Inbox, {})).notifications?.edges ?? [])
    .map(({ node }) => node)
    .filter(({ kind }) => kind === 'CHAT_MISSED');

describe('unread messages of a room', () => {
  let network: Network;
  let anna: Person, boris: Person, clara: Person, stranger: Person;
  let teamId: string, roomId: string;
  beforeAll(async () => {
    network = await startNetwork({ env });
    [anna, boris, clara, stranger] = await Promise.all([
      network.user('anna'),
      network.user('boris'),
      network.user('clara'),
      network.user('stranger'),
    ]);
    ({ teamId, roomId } = await teamOf(anna, boris, clara));
    await network.settled();
  });
  afterAll(() => network?.stop());

  it('are counted at once after a read mark, on all devices, and own messages never', async () => {
    const seqs = [];
    for (const text of ['first', 'second', 'third']) seqs.push(await say(anna, roomId, text));
    assert.deepEqual([await unread(anna, roomId), await unread(boris, roomId)], [0, 3]);
    const phone = boris.at(boris.url);
    assert.equal(await markRead(phone, roomId, seqs[1] ?? 0), 1);
    assert.deepEqual([await unread(boris, roomId), await unread(phone, roomId)], [1, 1]);
    assert.equal(await markRead(boris, roomId, seqs[0] ?? 0), 1, 'a mark only rises');
    await say(boris, roomId, 'an answer');
    assert.deepEqual([await unread(boris, roomId), await unread(anna, roomId)], [1, 1]);
    assert.equal(await markRead(boris, roomId, seqs[2] ?? 0), 0);
    phone.close();
  });

  it('show who is online to teammates only, and become one notification of who is not', async () => {
    for (const who of [anna, boris, clara]) {
      const { room } = await who.request(Unread, { id: roomId });
      await markRead(who, roomId, room?.lastSeq ?? 0);
    }
    assert.deepEqual([await isOnline(anna, boris), await isOnline(anna, clara)], [false, false]);
    const watching = boris.at(boris.url);
    const reading = watching
      .subscribe(InboxEvents, { afterSeq: null })
      .next()
      .catch(() => undefined);
    await until('boris is online', async () => (await isOnline(anna, boris)) === true);
    assert.deepEqual(
      [await isOnline(boris, boris), await isOnline(stranger, boris), await isOnline(network.guest, boris)],
      [true, null, null],
    );
    await Promise.all(upTo(12).map((n) => say(anna, roomId, `message ${n}`)));
    const [notification] = await until(
      'clara is notified',
      async () => {
        const found = await missed(clara);
        return found.length > 0 && found;
      },
      60_000,
    );
    assert.deepEqual(
      [notification?.text, notification?.subject],
      ['12 new messages in the chat of Yard Foxes.', { __typename: 'Room' }],
    );
    await say(anna, roomId, 'one more of the same burst');
    assert.equal(await isOnline(anna, boris), true, 'longer than a report is valid');
    assert.deepEqual(await missed(boris), []);
    assert.deepEqual(await missed(anna), [], 'own messages');

    // After the person has read the room on one device, the notification is withdrawn on another.
    const { notifications } = await clara.request(Inbox, {});
    const device = clara.subscribe(InboxEvents, { afterSeq: notifications?.seq ?? 0 });
    const other = clara.at(clara.url);
    await markRead(other, roomId, (await clara.request(Unread, { id: roomId })).room?.lastSeq ?? 0);
    const [{ notificationEvents: event } = assert.fail()] = await take(device, 1);
    assert.deepEqual(event, {
      __typename: 'NotificationsWithdrawn',
      seq: (notifications?.seq ?? 0) + 1,
      notificationIds: [notification?.id],
    });
    other.close();
    await device.return();

    // boris has not read the messages. After he is no longer online, he is notified too.
    watching.cut();
    await reading;
    await until('boris is not online', async () => (await isOnline(anna, boris)) === false, 20_000);
    const [later] = await until(
      'boris is notified',
      async () => {
        const found = await missed(boris);
        return found.length > 0 && found;
      },
      60_000,
    );
    assert.equal(later?.text, '13 new messages in the chat of Yard Foxes.');
    assert.deepEqual(await missed(clara), []);
  }, 180_000);

  it('are cleared when a member leaves', async () => {
    assert.equal((await missed(boris)).length, 1);
    const { leaveTeam } = await boris.request(LeaveTeam, { input: { teamId } });
    assert.deepEqual(leaveTeam.userErrors, []);
    await network.settled();
    assert.deepEqual([await missed(boris), (await boris.request(Unread, { id: roomId })).room], [[], null]);
  });
});

describe('kill -9', () => {
  let network: Network;
  let anna: Person, boris: Person;
  beforeAll(async () => {
    network = await startNetwork({ killable: true, env });
    [anna, boris] = await Promise.all([network.user('anna'), network.user('boris')]);
  });
  afterAll(() => network?.stop());

  it('of chat and notifications leaves nobody online, and loses no unread message', async () => {
    const { roomId } = await teamOf(anna, boris);
    const reading = boris
      .subscribe(InboxEvents, { afterSeq: null })
      .next()
      .catch(() => undefined);
    await until('boris is online', async () => (await isOnline(anna, boris)) === true);
    await say(anna, roomId, 'hello');
    const killed = isFull ? ['chat', 'notifications'] : ['all'];
    for (const service of killed) await network.kill(service);
    boris.cut();
    await reading;
    if (isFull) await until('boris is not online', async () => (await isOnline(anna, boris)) === false, 20_000);
    for (const service of killed) await network.restart(service);
    assert.equal(await isOnline(anna, boris), false);
    const [notification] = await until(
      'boris is notified',
      async () => {
        const found = await missed(boris);
        return found.length > 0 && found;
      },
      60_000,
    );
    assert.equal(notification?.text, '1 new message in the chat of Yard Foxes.');
  }, 120_000);
});
