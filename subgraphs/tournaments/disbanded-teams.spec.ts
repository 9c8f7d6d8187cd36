import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { fromGlobalId } from '../../platform/graphql/global-id.ts';
import { delivered, person, refused } from '../../platform/testing/service.testing.ts';
import { TeamDisbanded, Teams, TeamSnapshot } from '../../schema/messages/teams.ts';
import { TournamentsConsumers } from './consumers.ts';
import type { Tournament } from './generated/prisma/client.ts';
import { entryIdOf, openTournaments, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
  new TournamentsConsumers(t.consumers, t.prisma, t.results, t.disbanded);
  await t.consumers.onApplicationBootstrap();
});
afterAll(() => t.close());

const organizer = person();
const admin = person('admin');
const disbandedAt = '2026-06-01T00:00:00.000Z';
/** Delivers the event of a team that was disbanded. The timers of its entries wait for {@link t.follow}. */
async function disbands(teamId: string): Promise<void> {
  const payload = { teamId, byUserId: organizer.userId, disbandedAt };
  await t.deliver(delivered({ topic: Teams.name, key: teamId, seq: 10, type: TeamDisbanded.type, payload }));
}
const inputOf = (tournament: Tournament) => ({ tournamentId: tournamentIdOf(tournament) });
const typesOf = async (tournament: Tournament): Promise<string[]> =>
  (await t.toldOf(tournament)).map(({ type }) => type);

describe('a team that was disbanded', () => {
  it('is withdrawn from every tournament before the draw, and who waits gets the place', async () => {
    const [one, two] = [
      await t.published(organizer, { maxTeams: 2 }),
      await t.published(organizer, { registration: 'APPROVAL' }),
    ];
    const [a, , c] = await t.filled(one, 3, { wait: true });
    const { owner, entry } = a ?? assert.fail();
    const team = [...t.elsewhere.teams.values()].find(({ roles }) => roles.has(owner.userId)) ?? assert.fail();
    const pending = await t.enter(owner, two, team);
    await t.life.closeRegistration(organizer, inputOf(one));
    await disbands(entry.teamId);
    await t.follow();
    assert.deepEqual(await t.states(one), ['WITHDRAWN', 'ACCEPTED', 'ACCEPTED']);
    assert.deepEqual(
      (await t.toldOf(one)).slice(-2).map(({ payload }) => payload),
      [
        { tournamentId: one.id, entryId: entry.id, teamId: entry.teamId, state: 'WITHDRAWN', seed: null },
        { tournamentId: one.id, entryId: c?.entry.id, teamId: c?.entry.teamId, state: 'ACCEPTED', seed: null },
      ],
    );
    assert.deepEqual(await t.states(two), ['WITHDRAWN']);
    await refused(t.entering.approve(organizer, { entryId: entryIdOf(pending) }), 'CONFLICT', 'entryId');
    const { lastSeq } = await t.now(one);
    await disbands(entry.teamId); // a repeat
    await t.follow();
    assert.equal((await t.now(one)).lastSeq, lastSeq);
  });

  it('forfeits its matches in a running tournament, and stays in one that is over', async () => {
    const [running, over] = [await t.published(organizer), await t.published(organizer)];
    const teams = await t.filled(running, 3);
    const { owner, entry } = teams[0] ?? assert.fail();
    const team = [...t.elsewhere.teams.values()].find(({ roles }) => roles.has(owner.userId)) ?? assert.fail();
    await t.enter(owner, over, team);
    await t.put(over, 'COMPLETED');
    await t.life.closeRegistration(organizer, inputOf(running));
    await t.life.draw(organizer, inputOf(running));
    await t.life.start(organizer, inputOf(running));
    await disbands(entry.teamId);
    await t.follow();
    assert.deepEqual(await t.states(running), ['WITHDRAWN', 'ACCEPTED', 'ACCEPTED']);
    assert.equal((await typesOf(running)).filter((type) => type === 'MatchForfeited').length, 2);
    assert.deepEqual(await t.states(over), ['ACCEPTED']);
  });

  it('cannot enter or be invited any more, not even by an administrator', async () => {
    const tournament = await t.published(organizer);
    const owner = person();
    const team = t.team(owner);
    await disbands(fromGlobalId('Team', team.id) ?? '');
    for (const viewer of [owner, admin]) await refused(t.enter(viewer, tournament, team), 'CONFLICT', 'teamId');
    const invitation = { ...inputOf(tournament), teamId: team.id };
    await refused(t.entering.invite(organizer, invitation), 'CONFLICT', 'teamId');
    assert.deepEqual(await t.states(tournament), []);
  });

  it('is known also from a snapshot; a snapshot of a team that exists changes nothing', async () => {
    const tournament = await t.published(organizer);
    const [one, two] = await t.filled(tournament, 2);
    const snapshot = async (teamId: string, more: object): Promise<void> => {
      const payload = { teamId, name: 'Foxes', sport: 'FOOTBALL', city: null, members: [], ...more };
      const event = delivered({ topic: Teams.name, key: teamId, seq: 10, type: TeamSnapshot.type, payload });
      await t.deliver({ ...event, snapshot: true });
    };
    await snapshot(one?.entry.teamId ?? '', { disbandedAt });
    await snapshot(two?.entry.teamId ?? '', {});
    await t.follow();
    assert.deepEqual(await t.states(tournament), ['WITHDRAWN', 'ACCEPTED']);
  });

  it('is in no tournament that it enters at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const tournaments = [];
      for (let n = 0; n < 3; n++) tournaments.push(await t.published(organizer));
      const owner = person();
      const team = t.team(owner);
      await Promise.allSettled([
        ...tournaments.map((tournament) => t.enter(owner, tournament, team)),
        disbands(fromGlobalId('Team', team.id) ?? ''),
      ]);
      await t.follow();
      for (const tournament of tournaments) {
        const [state = 'WITHDRAWN'] = await t.states(tournament);
        assert.equal(state, 'WITHDRAWN');
      }
    }
  });
});
