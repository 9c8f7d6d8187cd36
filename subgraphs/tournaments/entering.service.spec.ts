import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { UserErrors } from '../../platform/graphql/user-errors.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { dayOf, MAX_ENTRIES } from './entering.service.ts';
import { entryIdOf, openTournaments, type Person, tournamentIdOf } from './tournaments.fixture.ts';

let t: Awaited<ReturnType<typeof openTournaments>>;
beforeAll(async () => {
  t = await openTournaments();
});
afterAll(() => t.close());
beforeEach(() => {
  t.elsewhere.away = false;
  t.elsewhere.unfit.clear();
  t.elsewhere.rules.length = 0;
});

const organizer = person();
const idOf = ({ userId }: Person): string => toGlobalId('User', userId);
/** The outcome of each of several concurrent requests, sorted: `done`, or the reason of the refusal. */
const outcomes = async (work: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(work))
    .map((one) =>
      one.status === 'fulfilled' ? 'done' : String((one.reason as UserErrors).errors[0]?.reason ?? one.reason),
    )
    .sort();

describe('a team', () => {
  it('enters an open tournament, once, and the entry is told', async () => {
    const tournament = await t.published(organizer);
    const owner = person();
    const team = t.team(owner);
    const entry = await t.enter(owner, tournament, team);
    assert.deepEqual([entry.state, entry.number, entry.seed], ['ACCEPTED', 1, null]);
    assert.equal((await t.enter(owner, tournament, team)).id, entry.id);
    const told = (await t.toldOf(tournament)).filter(({ type }) => type === 'EntryChanged');
    assert.deepEqual(
      told.map(({ payload }) => payload),
      [{ tournamentId: tournament.id, entryId: entry.id, teamId: entry.teamId, state: 'ACCEPTED', seed: null }],
    );
  });

  it('is entered by who leads it now', async () => {
    const tournament = await t.published(organizer);
    const [owner, captain, player, coach, admin] = [person(), person(), person(), person(), person('admin')];
    const team = t.team(owner);
    team.roles.set(captain.userId, 'CAPTAIN').set(player.userId, 'PLAYER').set(coach.userId, 'COACH');
    for (const who of [person(), player, coach, organizer])
      await refused(t.enter(who, tournament, team), 'FORBIDDEN', 'teamId');
    const entry = await t.enter(captain, tournament, team);
    team.roles.set(captain.userId, 'PLAYER'); // no longer the captain
    await refused(t.entering.withdraw(captain, { entryId: entryIdOf(entry) }), 'FORBIDDEN', 'entryId');
    assert.equal((await t.entering.withdraw(admin, { entryId: entryIdOf(entry) })).state, 'WITHDRAWN');
    assert.equal((await t.enter(owner, tournament, team)).state, 'ACCEPTED');
  });

  it('that does not exist, or plays something else, does not enter', async () => {
    const tournament = await t.published(organizer);
    const owner = person();
    const nobody = { ...t.team(owner), id: toGlobalId('Team', randomUUID()) };
    await refused(t.enter(owner, tournament, nobody), 'NOT_FOUND', 'teamId');
    await refused(t.enter(owner, tournament, { ...nobody, id: 'x' }), 'NOT_FOUND', 'teamId');
    await refused(t.enter(owner, tournament, t.team(owner, { sport: 'HOCKEY' })), 'INVALID', 'teamId');
    await refused(t.enter(owner, { ...tournament, id: randomUUID() }, t.team(owner)), 'NOT_FOUND', 'tournamentId');
    await refused(t.enter(owner, await t.made(organizer), t.team(owner)), 'NOT_FOUND', 'tournamentId');
    await refused(t.enter(organizer, await t.made(organizer), t.team(organizer)), 'CONFLICT', 'tournamentId');
    t.elsewhere.away = true;
    await assert.rejects(t.enter(owner, tournament, t.team(owner)), { code: 'UNAVAILABLE' });
    assert.deepEqual(await t.states(tournament), []);
  });

  it('comes back with a new number after it has left, but not after it was thrown out', async () => {
    const tournament = await t.published(organizer);
    const [one] = await t.filled(tournament, 2);
    const { owner, entry } = one ?? assert.fail();
    const team = [...t.elsewhere.teams.values()].find(({ id }) => id === toGlobalId('Team', entry.teamId));
    assert.ok(team);
    await t.entering.withdraw(owner, { entryId: entryIdOf(entry) });
    const back = await t.enter(owner, tournament, team);
    assert.deepEqual([back.id, back.number, back.state], [entry.id, 3, 'ACCEPTED']);
    await t.entering.disqualify(organizer, { entryId: entryIdOf(entry), reason: 'Two shirts' });
    await refused(t.enter(owner, tournament, team), 'CONFLICT', 'teamId');
  });
});

describe('the number of entries', () => {
  it('is limited by teams, not by how often they enter', async () => {
    const tournament = await t.published(organizer, { maxTeams: 64 });
    const [first] = await t.filled(tournament, 1);
    const { owner, entry } = first ?? assert.fail();
    // As after a team that left and came back again and again.
    await t.prisma.tournament.update({ where: { id: tournament.id }, data: { lastEntry: MAX_ENTRIES } });
    await t.filled(tournament, 1);
    await t.prisma.entry.createMany({
      data: Array.from({ length: MAX_ENTRIES - 2 }, (_, index) => ({
        ...{ tournamentId: tournament.id, teamId: randomUUID(), state: 'WITHDRAWN' as const, number: index + 10_000 },
        ...{ enteredBy: owner.userId, enteredAt: new Date() },
      })),
    });
    await t.prisma.tournament.update({ where: { id: tournament.id }, data: { lastEntry: 20_000 } });
    await refused(t.enter(owner, tournament, t.team(owner)), 'CONFLICT', 'tournamentId');
    await t.entering.withdraw(owner, { entryId: entryIdOf(entry) });
    const team = t.elsewhere.teams.get(toGlobalId('Team', entry.teamId)) ?? assert.fail();
    assert.equal((await t.enter(owner, tournament, team)).state, 'ACCEPTED');
  });
});

describe('places', () => {
  it('are given once: of ten at once for the last one, one wins', async () => {
    const tournament = await t.published(organizer, { maxTeams: 2 });
    await t.filled(tournament, 1);
    const owners = Array.from({ length: 10 }, () => person());
    const work = owners.map((owner) => t.enter(owner, tournament, t.team(owner)));
    assert.deepEqual(await outcomes(work), [...Array.from({ length: 9 }, () => 'TOURNAMENT_FULL'), 'done']);
    assert.deepEqual(await t.states(tournament), ['ACCEPTED', 'ACCEPTED']);
  });

  it('that become free go to who has waited longest', async () => {
    const tournament = await t.published(organizer, { maxTeams: 2 });
    const teams = await t.filled(tournament, 4, { wait: true });
    assert.deepEqual(await t.states(tournament), ['ACCEPTED', 'ACCEPTED', 'WAITING', 'WAITING']);
    const [a, b] = teams;
    await t.entering.withdraw(a?.owner ?? organizer, { entryId: entryIdOf(a?.entry ?? { id: '' }) });
    assert.deepEqual(await t.states(tournament), ['WITHDRAWN', 'ACCEPTED', 'ACCEPTED', 'WAITING']);
    await t.life.closeRegistration(organizer, { tournamentId: tournamentIdOf(tournament) });
    await t.entering.disqualify(organizer, { entryId: entryIdOf(b?.entry ?? { id: '' }) });
    assert.deepEqual(await t.states(tournament), ['WITHDRAWN', 'DISQUALIFIED', 'ACCEPTED', 'ACCEPTED']);
    assert.deepEqual(
      (await t.toldOf(tournament)).slice(-2).map(({ payload }) => (payload as { state: string }).state),
      ['DISQUALIFIED', 'ACCEPTED'],
    );
  });

  it('are not refilled after the draw', async () => {
    const tournament = await t.published(organizer, { maxTeams: 2 });
    const [a] = await t.filled(tournament, 3, { wait: true });
    const input = { tournamentId: tournamentIdOf(tournament) };
    await t.life.closeRegistration(organizer, input);
    await t.life.draw(organizer, input);
    await t.entering.withdraw(a?.owner ?? organizer, { entryId: entryIdOf(a?.entry ?? { id: '' }) });
    assert.deepEqual(await t.states(tournament), ['WITHDRAWN', 'ACCEPTED', 'WAITING']);
  });
});

describe('the organizer', () => {
  it('approves and rejects; of two approvals for the last place one wins', async () => {
    const tournament = await t.published(organizer, { mode: 'APPROVAL', maxTeams: 2 });
    const teams = await t.filled(tournament, 4);
    assert.deepEqual(await t.states(tournament), ['PENDING', 'PENDING', 'PENDING', 'PENDING']);
    const [a, b, c, d] = teams.map(({ entry }) => ({ entryId: entryIdOf(entry) }));
    await refused(t.entering.approve(person(), a), 'FORBIDDEN', 'entryId');
    await refused(t.entering.approve(teams[0]?.owner ?? organizer, a), 'FORBIDDEN', 'entryId');
    await t.entering.approve(organizer, a);
    assert.equal((await t.entering.approve(organizer, a)).state, 'ACCEPTED');
    const both = [t.entering.approve(organizer, b), t.entering.approve(organizer, c)];
    assert.deepEqual(await outcomes(both), ['TOURNAMENT_FULL', 'done']);
    assert.equal((await t.entering.reject(organizer, { ...d, reason: 'No' })).reason, 'No');
    await refused(t.entering.approve(organizer, d), 'CONFLICT', 'entryId');
    await refused(t.entering.reject(organizer, a), 'CONFLICT', 'entryId');
    await refused(t.entering.approve(organizer, { entryId: 'x' }), 'NOT_FOUND', 'entryId');
  });

  it('invites teams, and only they enter then', async () => {
    const tournament = await t.published(organizer, { mode: 'INVITATION' });
    const owner = person();
    const [invited, other] = [t.team(owner), t.team(owner)];
    const input = { tournamentId: tournamentIdOf(tournament), teamId: invited.id };
    await refused(t.entering.invite(owner, input), 'FORBIDDEN', 'tournamentId');
    await refused(t.entering.invite(organizer, { ...input, teamId: toGlobalId('Team', randomUUID()) }), 'NOT_FOUND', 'teamId'); // prettier-ignore
    await t.entering.invite(organizer, input);
    const again = await t.entering.invite(organizer, input);
    assert.equal(again.lastSeq, 3, 'invited once');
    assert.equal((await t.enter(owner, tournament, invited)).state, 'ACCEPTED');
    await refused(t.enter(owner, tournament, other), 'FORBIDDEN', 'teamId');
  });

  it('sends the invitations to a draft when it is published, but not to a team that is disbanded since then', async () => {
    const draft = await t.planned(organizer, { mode: 'INVITATION' });
    const input = { tournamentId: tournamentIdOf(draft) };
    const [invited, gone] = [t.team(person()), t.team(person())];
    for (const { id: teamId } of [invited, gone]) await t.entering.invite(organizer, { ...input, teamId });
    const typesOf = async () => (await t.toldOf(draft)).map(({ type }) => type);
    assert.equal((await typesOf()).includes('TeamInvitedToTournament'), false);
    await t.prisma.disbandedTeam.create({ data: { id: fromGlobalId('Team', gone.id) ?? '', disbandedAt: new Date() } });
    await t.life.publish(organizer, input);
    assert.deepEqual((await typesOf()).slice(-2), ['TournamentPublished', 'TeamInvitedToTournament']);
    const { payload } = (await t.toldOf(draft)).at(-1) ?? {};
    assert.deepEqual(payload, { tournamentId: draft.id, teamId: fromGlobalId('Team', invited.id) });
  });

  it('and the check-in at the same moment leave one state, whoever is first', async () => {
    for (let n = 0; n < 5; n++) {
      const tournament = await t.published(organizer);
      const teams = await t.filled(tournament, 2);
      const input = { tournamentId: tournamentIdOf(tournament) };
      await t.life.closeRegistration(organizer, input);
      const [a] = teams;
      const checkIn = t.entering.checkIn(a?.owner ?? organizer, { entryId: entryIdOf(a?.entry ?? { id: '' }) });
      const [came, ended] = await Promise.allSettled([checkIn, t.life.endCheckIn(organizer, input)]);
      assert.equal(ended.status, 'fulfilled');
      const expected = came.status === 'fulfilled' ? 'CHECKED_IN' : 'MISSED_CHECK_IN';
      assert.deepEqual(await t.states(tournament), [expected, 'MISSED_CHECK_IN']);
      if (came.status === 'rejected') assert.equal((came.reason as UserErrors).errors[0]?.reason, 'CHECK_IN_CLOSED');
    }
  });
});

describe('rules of entry', () => {
  it('ask about every player on the first day in the time zone, and in the sport', async () => {
    const startsAt = new Date('2030-05-31T23:30:00Z'); // June 1 in Berlin
    const tournament = await t.published(organizer, { startsAt, minAge: 18, maxLevel: 5 });
    const [owner, player, coach] = [person(), person(), person()];
    const team = t.team(owner);
    team.roles.set(player.userId, 'PLAYER').set(coach.userId, 'COACH');
    await t.enter(owner, tournament, team);
    assert.deepEqual(
      t.elsewhere.rules,
      [owner, player].flatMap((one) => [
        { userId: idOf(one), on: '2030-06-01', sport: null, min: 18, max: null },
        { userId: idOf(one), on: null, sport: 'FOOTBALL', min: null, max: 5 },
      ]),
    );
  });

  it('refuse a team with a player who does not keep them, and say which when players are named', async () => {
    const tournament = await t.published(organizer, { minAge: 18 });
    const [owner, young] = [person(), person()];
    const team = t.team(owner);
    team.roles.set(young.userId, 'PLAYER');
    t.elsewhere.unfit.add(idOf(young));
    await refused(t.enter(owner, tournament, team), 'INVALID', 'teamId');
    const playerIds = [idOf(owner), idOf(young)];
    await refused(t.enter(owner, tournament, team, { playerIds }), 'INVALID', 'playerIds.1');
    const entry = await t.enter(owner, tournament, team, { playerIds: [idOf(owner)] });
    assert.deepEqual(entry.playerIds, [owner.userId]);
  });

  it('take players of the team only, each once', async () => {
    const tournament = await t.published(organizer);
    const [owner, coach] = [person(), person()];
    const team = t.team(owner);
    team.roles.set(coach.userId, 'COACH');
    for (const [playerIds, field] of [
      [[idOf(person())], 'playerIds.0'],
      [[idOf(owner), idOf(coach)], 'playerIds.1'],
      [[idOf(owner), idOf(owner)], 'playerIds.1'],
      [[], 'playerIds'],
    ] as const)
      await refused(t.enter(owner, tournament, team, { playerIds }), 'INVALID', field);
  });

  it('know where a team is at home', async () => {
    const tournament = await t.published(organizer, { entryCity: 'Ulm' });
    const owner = person();
    for (const team of [t.team(owner), t.team(owner, { city: 'Jena' })])
      await refused(t.enter(owner, tournament, team), 'INVALID', 'teamId');
    assert.equal((await t.enter(owner, tournament, t.team(owner, { city: 'ULM' }))).state, 'ACCEPTED');
  });

  it('know the day of a moment anywhere', () => {
    const at = new Date('2026-03-29T00:30:00Z');
    for (const [zone, day] of [
      ['UTC', '2026-03-29'],
      ['Pacific/Kiritimati', '2026-03-29'],
      ['America/New_York', '2026-03-28'],
      ['Pacific/Pago_Pago', '2026-03-28'],
    ] as const)
      assert.equal(dayOf(at, zone), day, zone);
    assert.equal(dayOf(new Date('1930-07-13T18:00:00Z'), 'America/Montevideo'), '1930-07-13');
  });
});
