import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { LoggedEvent } from '../../platform/messaging/event-log/event-log.ts';
import { delivered } from '../../platform/testing/service.testing.ts';
import { MemberJoinedTeam, Teams, TeamCreated, TeamSnapshot } from '../../schema/messages/teams.ts';
import { openUsers } from './users.fixture.ts';

let u: Awaited<ReturnType<typeof openUsers>>;
beforeAll(async () => {
  u = await openUsers();
});
afterAll(() => u.close());

describe('the consumers of users', () => {
  it('follow each event of a team, so no later event seems to follow a hole', async () => {
    const teamId = randomUUID();
    const payloads = {
      [TeamCreated.type]: { teamId, name: 'Foxes', sport: 'HOCKEY', city: null },
      [MemberJoinedTeam.type]: { teamId, userId: randomUUID(), role: 'OWNER' },
    };
    for (const [index, type] of [
      TeamCreated.type,
      MemberJoinedTeam.type,
      TeamCreated.type,
      TeamCreated.type,
    ].entries()) {
      await u.deliver(
        delivered({ topic: Teams.name, key: teamId, seq: Math.min(index + 1, 3), type, payload: payloads[type] }),
      );
      const [position] = await u.prisma.inboxPosition.findMany({ where: { key: teamId } });
      assert.equal(position?.lastSeq, Math.min(index + 1, 3));
    }
    assert.equal(await u.prisma.teamMembership.count({ where: { teamId } }), 1);
    await u.prisma.teamMembership.deleteMany();
  });

  it('take the members of a team from a snapshot, and do not change other teams', async () => {
    const [teamId, other, gone, stays, comes] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (const [team, userId, seq] of [
      [teamId, gone, 5],
      [teamId, stays, 6],
      [other, gone, 1],
    ] as const) {
      await u.deliver(
        delivered({
          topic: Teams.name,
          key: team,
          seq,
          type: MemberJoinedTeam.type,
          payload: { teamId: team, userId, role: 'PLAYER' },
        }),
      );
    }
    const members = [stays, comes].map((userId) => ({ userId, role: 'PLAYER' }));
    await u.deliver({
      ...delivered({
        topic: Teams.name,
        key: teamId,
        seq: 6,
        type: TeamSnapshot.type,
        payload: { teamId, name: 'Foxes', sport: 'HOCKEY', city: null, members },
      }),
      snapshot: true,
    });
    const plays = async (team: string): Promise<string[]> =>
      (await u.prisma.teamMembership.findMany({ where: { teamId: team } })).map(({ userId }) => userId).sort();
    assert.deepEqual([await plays(teamId), await plays(other)], [[stays, comes].sort(), [gone]]);
    await u.prisma.teamMembership.deleteMany();
  });

  it('park an unreadable event and the ones behind it, and continue with other keys', async () => {
    const [unreadable, newer, good] = [randomUUID(), randomUUID(), randomUUID()];
    const joined = (teamId: string, seq: number): LoggedEvent =>
      delivered({
        topic: Teams.name,
        key: teamId,
        seq,
        type: MemberJoinedTeam.type,
        payload: { teamId, userId: randomUUID(), role: 'PLAYER' },
      });
    await u.deliver({ ...joined(unreadable, 1), payload: { teamId: unreadable } });
    await u.deliver(joined(unreadable, 2));
    await u.deliver({ ...joined(newer, 1), version: 2 });
    await u.deliver(joined(good, 1));
    const rows = await u.prisma.$queryRawUnsafe<{ key: string; seq: number }[]>(
      'SELECT key, seq FROM users.inbox_parked ORDER BY parked_at, seq',
    );
    assert.deepEqual(rows, [
      { key: unreadable, seq: 1 },
      { key: unreadable, seq: 2 },
      { key: newer, seq: 1 },
    ]);
    assert.deepEqual(
      (await u.prisma.teamMembership.findMany()).map(({ teamId }) => teamId),
      [good],
    );
  });
});
