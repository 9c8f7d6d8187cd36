// When the roles of a team's members change, every service soon knows the new roles: matches and tournaments ask teams
// for the role, chat and users handle the events.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { FinishMatch, RoomEvents, ScheduleMatch, SendMessage, TeamPage } from '../operations.ts';
import { codesOf, createTeam, join, kickOff, perform, roomOfTeam } from '../play.ts';
import { endOf, take } from '../reading.ts';

describe('the leaders of a team', () => {
  let network: Network;
  let anna: Person, boris: Person, carl: Person, dina: Person, olga: Person;
  let teamId: string, otherId: string, tournamentId: string;
  beforeAll(async () => {
    network = await startNetwork();
    [anna, boris, carl, dina, olga] = (await Promise.all([
      ...['anna', 'boris', 'carl', 'dina'].map((name) => network.user(name)),
      network.user('olga', { roles: ['organizer', 'referee'] }),
    ])) as [Person, Person, Person, Person, Person];
    teamId = await createTeam(anna, 'Yard Foxes');
    otherId = await createTeam(olga, 'Brick Rovers');
    await join(anna, teamId, boris, { role: 'CAPTAIN' });
    await join(anna, teamId, carl);
    tournamentId = await perform(olga, 'createTournament', 'tournament', {
      clientId: randomUUID(),
      name: 'Yard Cup',
      sport: 'FOOTBALL',
      timeZone: 'UTC',
      startsAt: '2030-06-01T08:00:00.000Z',
    });
    const stages = [{ name: 'Cup', format: { singleElimination: {} } }];
    await perform(olga, 'setStages', 'tournament', { tournamentId, stages });
    await perform(olga, 'publishTournament', 'tournament', { tournamentId });
    await perform(olga, 'enterTournament', 'entry', { tournamentId, teamId: otherId });
  });
  afterAll(() => network?.stop());

  /** A match of the team, by its organizer. */
  async function scheduled(): Promise<string> {
    const input = {
      clientId: randomUUID(),
      sport: 'FOOTBALL' as const,
      homeTeamId: teamId,
      awayTeamId: otherId,
      kickoffAt: new Date().toISOString(),
      competition: 'Friendly',
    };
    const { scheduleMatch } = await olga.request(ScheduleMatch, { input });
    return scheduleMatch.match?.id ?? assert.fail(JSON.stringify(scheduleMatch.userErrors));
  }
  async function finished(): Promise<string> {
    const matchId = await scheduled();
    await kickOff(olga, matchId);
    await olga.request(FinishMatch, { input: { matchId } });
    return matchId;
  }
  const lineup = (matchId: string) => ({ matchId, side: 'HOME', starters: [{ name: 'Ada' }] });

  it('who lose the role lose every right of it at once, and the next captain has them', async () => {
    const [planned, played] = [await scheduled(), await finished()];
    await perform(boris, 'setLineup', 'match', lineup(planned));
    assert.deepEqual(await codesOf(carl, 'setLineup', 'match', lineup(planned)), ['FORBIDDEN']);
    const sent = await perform(boris, 'inviteToTeam', 'invitation', { teamId, userId: olga.id });

    await perform(anna, 'changeMemberRole', 'membership', { teamId, userId: carl.id, role: 'CAPTAIN' });
    await perform(anna, 'changeMemberRole', 'membership', { teamId, userId: boris.id, role: 'PLAYER' });
    const enter = { tournamentId, teamId };
    for (const attempt of [
      codesOf(boris, 'setLineup', 'match', lineup(planned)),
      codesOf(boris, 'confirmResult', 'match', { matchId: played }),
      codesOf(boris, 'protestResult', 'match', { matchId: played, reason: 'none' }),
      codesOf(boris, 'enterTournament', 'entry', enter),
      codesOf(boris, 'inviteToTeam', 'invitation', { teamId, userId: dina.id }),
      codesOf(boris, 'removeMember', 'team', { teamId, userId: carl.id }),
      codesOf(boris, 'changeMemberRole', 'membership', { teamId, userId: carl.id, role: 'PLAYER' }),
    ])
      assert.deepEqual(await attempt, ['FORBIDDEN']);
    assert.deepEqual(await codesOf(olga, 'acceptInvitation', 'team', { invitationId: sent }), ['CONFLICT']);

    await perform(carl, 'setLineup', 'match', lineup(planned));
    await perform(carl, 'confirmResult', 'match', { matchId: played });
    await perform(carl, 'enterTournament', 'entry', enter);
  });

  it('change with the ownership: the new owner leads, the previous one can be removed', async () => {
    const played = await finished();
    await perform(anna, 'transferOwnership', 'team', { teamId, userId: carl.id });
    const { team } = await network.guest.request(TeamPage, { id: teamId });
    assert.deepEqual(
      team?.members.edges.map(({ node }) => [node.user?.displayName, node.role]),
      [
        ['carl', 'OWNER'],
        ['anna', 'CAPTAIN'],
        ['boris', 'PLAYER'],
      ],
    );
    assert.deepEqual(await codesOf(anna, 'removeMember', 'team', { teamId, userId: carl.id }), ['FORBIDDEN']);
    await perform(olga, 'closeRegistration', 'tournament', { tournamentId });
    const { data } = await olga.execute<{
      tournament: { entries: { edges: { node: { id: string; team: { id: string } } }[] } };
    }>('query ($id: ID!) { tournament(id: $id) { entries { edges { node { id team { id } } } } } }', {
      id: tournamentId,
    });
    const entry = data?.tournament.entries.edges.find(({ node }) => node.team.id === teamId)?.node.id ?? '';

    const roomId = await roomOfTeam(anna, teamId);
    const stream = anna.subscribe(RoomEvents, { roomId });
    await take(stream, 1);
    const end = endOf(stream);
    await perform(carl, 'removeMember', 'team', { teamId, userId: anna.id });
    assert.deepEqual(await codesOf(anna, 'checkIn', 'entry', { entryId: entry }), ['FORBIDDEN']);
    assert.deepEqual(await codesOf(anna, 'confirmResult', 'match', { matchId: played }), ['FORBIDDEN']);
    assert.deepEqual(await codesOf(anna, 'setLineup', 'match', lineup(await scheduled())), ['FORBIDDEN']);
    await perform(carl, 'checkIn', 'entry', { entryId: entry });

    assert.equal(await end, 'FORBIDDEN');
    assert.equal((await anna.request(TeamPage, { id: teamId })).team?.room, null);
    assert.equal(await endOf(anna.subscribe(RoomEvents, { roomId })), 'NOT_FOUND');
    const { sendMessage } = await anna.request(SendMessage, {
      input: { roomId, clientMessageId: 'after', text: 'still here?' },
    });
    assert.deepEqual(
      sendMessage.userErrors.map(({ code }) => code),
      ['NOT_FOUND'],
    );
    const { data: page } = await anna.execute('query ($id: ID!) { room(id: $id) { id } }', { id: roomId });
    assert.deepEqual(page, { room: null });
  });

  it('answer requests to join, and the new member is one everywhere', async () => {
    await dina.execute(
      'mutation { updateProfile(input: { city: "Kassel", visibility: PRIVATE }) { userErrors { code } } }',
    );
    const joinRequestId = await perform(dina, 'requestToJoin', 'joinRequest', { teamId });
    const mine = 'query { myJoinRequests { edges { node { state team { name } } } } }';
    assert.deepEqual((await dina.execute(mine)).data, {
      myJoinRequests: { edges: [{ node: { state: 'PENDING', team: { name: 'Yard Foxes' } } }] },
    });
    const asked =
      'query ($id: ID!) { joinRequests(teamId: $id, state: PENDING) { edges { node { user { displayName } } } } }';
    assert.deepEqual((await boris.execute(asked, { id: teamId })).data, { joinRequests: null });
    assert.deepEqual((await carl.execute(asked, { id: teamId })).data, {
      joinRequests: { edges: [{ node: { user: { displayName: 'dina' } } }] },
    });
    assert.deepEqual(await codesOf(boris, 'acceptJoinRequest', 'joinRequest', { joinRequestId }), ['NOT_FOUND']);
    await perform(carl, 'acceptJoinRequest', 'joinRequest', { joinRequestId });
    const roomId = await roomOfTeam(dina, teamId);
    const stream = dina.subscribe(RoomEvents, { roomId });
    await take(stream, 1);
    await stream.return();
    const city = async (who: Person): Promise<unknown> =>
      (await who.execute<{ user: { city: unknown } }>('query ($id: ID!) { user(id: $id) { city } }', { id: dina.id }))
        .data?.user.city;
    await until('a team mate sees the private profile', async () => (await city(boris)) === 'Kassel');
    await perform(carl, 'removeMember', 'team', { teamId, userId: boris.id });
    await until('the removed member does not', async () => (await city(boris)) === null);
    assert.equal(await city(carl), 'Kassel');
  });

  it('invite by id: the user finds the invitation, declines it, and accepts the next one', async () => {
    const own =
      'query ($state: InvitationState) { myInvitations(state: $state) { edges { node { id team { name } } } } }';
    const found = async (): Promise<string[]> => {
      const { data } = await boris.execute<{ myInvitations: { edges: { node: { id: string } }[] } }>(own, {
        state: 'PENDING',
      });
      return data?.myInvitations.edges.map(({ node }) => node.id) ?? [];
    };
    const first = await perform(carl, 'inviteToTeam', 'invitation', { teamId, userId: boris.id });
    assert.deepEqual(await found(), [first]);
    await perform(boris, 'declineInvitation', 'invitation', { invitationId: first });
    assert.deepEqual(await found(), []);
    assert.deepEqual(await codesOf(boris, 'acceptInvitation', 'team', { invitationId: first }), ['CONFLICT']);
    const second = await perform(carl, 'inviteToTeam', 'invitation', { teamId, userId: boris.id, role: 'CAPTAIN' });
    await perform(boris, 'acceptInvitation', 'team', { invitationId: second });
    await perform(boris, 'setLineup', 'match', lineup(await scheduled()));
  });
});
