// The command `npm run rebuild -- notifications` against the running product: what inboxes lack comes back as it was, and
// nothing is sent.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import pg from 'pg';
import { fromGlobalId } from '../../../platform/graphql/global-id.ts';
import { command } from '../../../product/rebuild/rebuild.fixture.ts';
import { RebuildNotifications } from '../../../schema/messages/notifications.ts';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { confirmAddress } from '../mails.ts';
import { Inbox, InboxEvents, MarkNotificationsRead } from '../operations.ts';
import { createTeam, join, perform } from '../play.ts';
import { take } from '../reading.ts';

describe('npm run rebuild -- notifications, while the product runs', () => {
  let network: Network;
  let environment: Readonly<Record<string, string>>;
  let pool: pg.Pool;
  let anna: Person, boris: Person;
  let teamId: string;
  beforeAll(async () => {
    network = await startNetwork({
      prepare: async (given) => {
        environment = given;
        pool = new pg.Pool({ connectionString: given['DATABASE_URL'], max: 1 });
      },
    });
    [anna, boris] = await Promise.all([network.user('anna'), network.user('boris')]);
    await confirmAddress(network, boris);
    teamId = await createTeam(anna, 'Yard Foxes');
    await join(anna, teamId, boris);
    for (const role of ['COACH', 'CAPTAIN', 'PLAYER'])
      await perform(anna, 'changeMemberRole', 'membership', { teamId, userId: boris.id, role });
    await network.settled();
    await until('three notifications', async () => (await inbox()).length === 3);
  });
  afterAll(async () => {
    await pool?.end();
    await network?.stop();
  });

  const all = async () => (await boris.request(Inbox)).notifications ?? assert.fail('a guest');
  const inbox = async () => (await all()).edges.map(({ node }) => node);
  const rowsOf = async (sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> =>
    (await pool.query<Record<string, unknown>>(sql, values)).rows;
  /** Everything that was sent, or will be. */
  const sent = async () => ({
    mails: (await network.mailsTo(boris.email)).length,
    deliveries: await rowsOf('SELECT * FROM notifications.deliveries ORDER BY notification_id, channel'),
    // Without the job of the rebuild itself.
    jobs: await rowsOf(
      `SELECT id FROM notifications.outbox WHERE kind = 'JOB' AND type <> $1 ORDER BY id`,
      RebuildNotifications.kind,
    ),
    fanOuts: await rowsOf('SELECT * FROM notifications.fan_outs'),
  });
  async function rebuilt(): Promise<Record<string, unknown>> {
    const { code, out, err } = await command(['notifications', '--json'], environment);
    assert.equal(code, 0, err);
    return JSON.parse(out) as Record<string, unknown>;
  }

  it('brings back what inboxes lack with its seq and read mark, sends nothing, and the inbox goes on', async () => {
    const [newest, , oldest] = await inbox();
    const input = { ids: [oldest?.id ?? ''] };
    await boris.request(MarkNotificationsRead, { input });
    await network.settled();
    const [before, was] = [await inbox(), await all()];
    assert.deepEqual(
      before.map(({ kind, readAt }) => [kind, readAt !== null]),
      [
        ['ROLE_CHANGED', false],
        ['ROLE_CHANGED', false],
        ['ROLE_CHANGED', true],
      ],
    );
    const nothing = await rebuilt();
    assert.deepEqual([nothing['restored'], nothing['added']], [0, 0]);
    assert.deepEqual(await all(), was);

    // As a fault of a disk would do: a read notification and an unread one are lost, with their deliveries.
    const lost = [newest?.id, oldest?.id].map((id) => fromGlobalId('Notification', id ?? ''));
    const { length } = await rowsOf(
      'DELETE FROM notifications.notifications WHERE id = ANY ($1::uuid[]) RETURNING id',
      lost,
    );
    assert.equal(length, 2);
    await rowsOf('UPDATE notifications.inboxes SET kept = kept - 2 WHERE user_id = $1', fromGlobalId('User', boris.id));
    assert.equal((await inbox()).length, 1);
    const sentBefore = await sent();
    const figures = await rebuilt();
    assert.deepEqual([figures['restored'], figures['added']], [2, 0]);
    await network.settled();
    assert.deepEqual(await all(), was, 'the same list, seq and read marks');
    assert.deepEqual(await sent(), sentBefore, 'nothing is sent');

    const stream = boris.subscribe(InboxEvents, { afterSeq: was.seq });
    await perform(anna, 'changeMemberRole', 'membership', { teamId, userId: boris.id, role: 'COACH' });
    const [{ notificationEvents: next } = assert.fail()] = await take(stream, 1);
    assert.deepEqual([next.__typename, next.seq], ['NotificationAdded', was.seq + 1]);
    await stream.return();
    const again = await rebuilt();
    assert.deepEqual([again['restored'], again['added']], [0, 0]);
  });
});
