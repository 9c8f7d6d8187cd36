import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { EventLog, LoggedEvent } from '../../platform/event-log/event-log.ts';
import { delivered } from '../../platform/subgraph/service.testing.ts';
import { MemberJoinedTeam, TEAMS_TOPIC } from '../../schema/events/teams.ts';
import { UsersEvents } from './events.ts';
import { openUsers } from './users.fixture.ts';

let u: Awaited<ReturnType<typeof openUsers>>;
let deliver: (event: LoggedEvent) => Promise<void>;
before(async () => {
  u = await openUsers();
  const log: Pick<EventLog, 'consume'> = {
    consume: async ({ handler }) => {
      deliver = handler;
      return { close: async () => undefined };
    },
  };
  await new UsersEvents(log as EventLog, u.users).onApplicationBootstrap();
});
after(() => u.close());

describe('what users hears of', () => {
  it('parks what it cannot read and what is behind it, and goes on with other keys', async () => {
    const [unreadable, newer, good] = [randomUUID(), randomUUID(), randomUUID()];
    const joined = (teamId: string, seq: number): LoggedEvent =>
      delivered({ topic: TEAMS_TOPIC, key: teamId, seq, type: MemberJoinedTeam.type, payload: { teamId, userId: randomUUID(), role: 'PLAYER' } });
    await deliver({ ...joined(unreadable, 1), payload: { teamId: unreadable } });
    await deliver(joined(unreadable, 2));
    await deliver({ ...joined(newer, 1), version: 2 });
    await deliver(joined(good, 1));
    const rows = await u.prisma.$queryRawUnsafe<{ key: string; seq: number }[]>('SELECT key, seq FROM users.inbox_parked ORDER BY parked_at, seq');
    assert.deepEqual(rows, [{ key: unreadable, seq: 1 }, { key: unreadable, seq: 2 }, { key: newer, seq: 1 }]);
    assert.deepEqual((await u.prisma.teamMembership.findMany()).map(({ teamId }) => teamId), [good]);
  });
});
