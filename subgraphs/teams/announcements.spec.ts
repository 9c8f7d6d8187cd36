import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { Announcements } from '../../platform/messaging/announcements/announcements.ts';
import { Announcer } from '../../platform/messaging/announcements/announcer.ts';
import { openPool } from '../../platform/postgres/pool.ts';
import { person } from '../../platform/testing/service.testing.ts';
import {
  MemberJoinedTeam,
  MemberLeftTeam,
  MemberRoleChanged,
  Teams,
  TeamSnapshot,
} from '../../schema/messages/teams.ts';
import { until } from '../../test/network/until.ts';
import { TeamsAnnouncements } from './announcements.ts';
import { openTeams, teamIdOf, userIdOf } from './teams.fixture.ts';
import { afterTest } from '../../test/after-test.ts';

let t: Awaited<ReturnType<typeof openTeams>>;
beforeAll(async () => {
  t = await openTeams();
});
afterAll(() => t.close());

describe('the announcement of teams', () => {
  it('contains each team as of its newest event, before the next one, for any number of announcers and concurrent changes', async () => {
    const pool = openPool(t.url, 'announcements', 4, (error) => assert.fail(error));
    afterTest(() => pool.end());
    const announcements = new Announcements(pool, 'teams');
    const owner = person();
    const teams = [];
    for (const name of ['One', 'Two', 'Three', 'Four', 'Five'])
      teams.push(await t.createTeam(owner, { name, sport: 'BEACH_VOLLEYBALL', city: 'Пермь' }));
    const announcers = [1, 2].map(
      () =>
        new Announcer({ pool, service: 'teams', outbox: t.outbox, keys: 2, onError: (error) => assert.fail(error) }),
    );
    for (const announcer of announcers) {
      new TeamsAnnouncements(announcer, t.prisma, t.teams);
      announcer.onApplicationBootstrap();
    }
    const announced = async (): Promise<void> => {
      await announcements.ask(Teams.name);
      await until('it is announced', async () => (await announcements.of(Teams.name))?.finished);
    };
    let busy = true;
    const changing = Promise.all(
      teams.map(async (team, turn) => {
        for (let n = 0; busy; n++) {
          const member = person();
          await t.join(owner, team, member);
          if ((n + turn) % 4 === 0)
            await t.members.changeRole(owner, { teamId: teamIdOf(team), userId: userIdOf(member), role: 'CAPTAIN' });
          if ((n + turn) % 3 > 0) await t.members.leave(member, { teamId: teamIdOf(team) });
        }
      }),
    );
    for (let n = 0; n < 3; n++) await announced().catch((error: unknown) => ((busy = false), Promise.reject(error)));
    busy = false;
    await changing;
    await announced();
    for (const announcer of announcers) await announcer.onModuleDestroy();

    const total = await t.prisma.team.count();
    assert.equal((await announcements.of(Teams.name))?.keys, total);
    const { events } = await t.told();
    for (const team of teams) {
      const members = new Map<string, string>();
      let seq = 0;
      let snapshots = 0;
      for (const event of events.filter(({ key }) => key === team.id)) {
        if (event.snapshot) {
          const payload = TeamSnapshot.payload.parse(event.payload);
          assert.equal(event.seq, seq, 'it repeats the newest seq');
          const { members: told, ...rest } = payload;
          assert.deepEqual(rest, { teamId: team.id, name: team.name, sport: 'BEACH_VOLLEYBALL', city: 'Пермь' });
          assert.deepEqual(
            new Map(told.map(({ userId, role }) => [userId, role])),
            members,
            'it is what the events before it make',
          );
          snapshots++;
          continue;
        }
        assert.equal(event.seq, ++seq, 'events stay dense');
        const { userId, role } = event.payload as { userId: string; role: string };
        if (event.type === MemberJoinedTeam.type || event.type === MemberRoleChanged.type) members.set(userId, role);
        if (event.type === MemberLeftTeam.type) members.delete(userId);
      }
      assert.equal(snapshots, 4);
      assert.ok(seq > 4, 'much happened meanwhile');
    }
  }, 60_000);

  it('continues after a stop, and does nothing without a request', async () => {
    const pool = openPool(t.url, 'announcements', 4, (error) => assert.fail(error));
    afterTest(() => pool.end());
    const announcements = new Announcements(pool, 'teams');
    const total = await t.prisma.team.count();
    const before = (await t.told()).events.length;
    await announcements.ask(Teams.name);
    let pages = 0;
    const announcer = (stopAfter: number): Announcer => {
      const made = new Announcer({
        pool,
        service: 'teams',
        outbox: t.outbox,
        keys: 2,
        onError: (error) => assert.fail(error),
      });
      made.announces(TeamSnapshot, t.prisma, async (tx, page) => {
        pages++;
        if (pages >= stopAfter) void made.onModuleDestroy();
        return t.teams.states(tx, page);
      });
      made.onApplicationBootstrap();
      return made;
    };
    const first = announcer(1);
    await until('a page is announced', async () => (await announcements.of(Teams.name))?.keys === 2);
    await first.onModuleDestroy();
    assert.deepEqual(await announcements.of(Teams.name).then((one) => [one?.keys, one?.finished]), [2, false]);
    await announcements.ask(Teams.name); // it is running, so it continues
    const second = announcer(Infinity);
    await until('all is announced', async () => (await announcements.of(Teams.name))?.finished);
    await second.onModuleDestroy();
    assert.equal(pages, Math.floor(total / 2) + 1);
    const told = (await t.told()).events.slice(before);
    assert.deepEqual(
      [told.length, new Set(told.map(({ key }) => key)).size, told.every(({ snapshot }) => snapshot)],
      [total, total, true],
    );
  });
});
