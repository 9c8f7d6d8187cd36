// A team is disbanded, and every service follows: nobody leads it any more, tournaments withdraw it, its friendlies are
// cancelled, its room is closed to its members, and they are notified. What was played keeps its name.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, type Person, startNetwork, until } from '../../network.ts';
import { FinishMatch, RoomEvents } from '../operations.ts';
import { codesOf, createTeam, join, kickOff, perform, roomOfTeam } from '../play.ts';
import { endOf, take } from '../reading.ts';

describe('a team that is disbanded', () => {
  let network: Network;
  let anna: Person, boris: Person, carl: Person, dina: Person, olga: Person, admin: Person;
  let teamId: string, otherId: string, thirdId: string;
  /** One tournament that registers teams, and one that is being played. */
  let open: string, running: string;
  beforeAll(async () => {
    network = await startNetwork();
    [anna, boris, carl, dina, olga, admin] = (await Promise.all([
      ...['anna', 'boris', 'carl', 'dina'].map((name) => network.user(name)),
      network.user('olga', { roles: ['organizer', 'referee'] }),
      network.user('root', { roles: ['admin'] }),
    ])) as [Person, Person, Person, Person, Person, Person];
    teamId = await createTeam(anna, 'Yard Foxes');
    otherId = await createTeam(olga, 'Brick Rovers');
    thirdId = await createTeam(olga, 'Stone Wolves');
    await join(anna, teamId, boris, { role: 'CAPTAIN' });
    await join(anna, teamId, carl);
    open = await tournament('Yard Cup', [teamId, otherId]);
    running = await tournament('Street League', [teamId, otherId, thirdId]);
    for (const step of ['closeRegistration', 'drawTournament', 'startTournament'])
      await perform(olga, step, 'tournament', { tournamentId: running });
  });
  afterAll(() => network?.stop());

  async function tournament(name: string, teams: string[]): Promise<string> {
    const tournamentId = await perform(olga, 'createTournament', 'tournament', {
      clientId: randomUUID(),
      name,
      sport: 'FOOTBALL',
      timeZone: 'UTC',
      startsAt: '2030-06-01T08:00:00.000Z',
    });
    const stages = [{ name: 'League', format: { roundRobin: {} } }];
    await perform(olga, 'setStages', 'tournament', { tournamentId, stages });
    await perform(olga, 'publishTournament', 'tournament', { tournamentId });
    for (const id of teams)
      await perform(id === teamId ? anna : olga, 'enterTournament', 'entry', { tournamentId, teamId: id });
    return tournamentId;
  }
  const friendly = (kickoffAt = new Date().toISOString()) => ({
    clientId: randomUUID(),
    sport: 'FOOTBALL',
    homeTeamId: teamId,
    awayTeamId: otherId,
    kickoffAt,
    competition: 'Friendly',
  });
  const scheduled = (): Promise<string> => perform(olga, 'scheduleMatch', 'match', friendly());
  /** The answer's data as a guest reads it. */
  async function read<T>(query: string, variables: object, who: Person = olga): Promise<T> {
    const { data, errors } = await who.execute<T>(query, variables as Record<string, unknown>);
    assert.deepEqual(errors ?? [], []);
    return data ?? assert.fail();
  }
  const stateOf = async (id: string): Promise<string> =>
    (await read<{ match: { state: string } }>('query ($id: ID!) { match(id: $id) { state } }', { id })).match.state;
  async function entriesOf(id: string): Promise<string[]> {
    const { tournament: found } = await read<{
      tournament: { entries: { edges: { node: { state: string; team: { name: string } } }[] } };
    }>('query ($id: ID!) { tournament(id: $id) { entries { edges { node { state team { name } } } } } }', { id });
    return found.entries.edges.map(({ node }) => `${node.team.name} ${node.state}`);
  }
  const teams = async (more: string): Promise<string[]> =>
    (
      await read<{ teams: { edges: { node: { name: string } }[] } }>(
        `{ teams(name: "yard foxes"${more}) { edges { node { name } } } }`,
        {},
      )
    ).teams.edges.map(({ node }) => node.name);

  it('ends everywhere, and stays readable', async () => {
    const [planned, played] = [await scheduled(), await scheduled()];
    await kickOff(olga, played);
    await olga.request(FinishMatch, { input: { matchId: played } });
    const invitationId = await perform(boris, 'inviteToTeam', 'invitation', { teamId, userId: olga.id });
    const joinRequestId = await perform(dina, 'requestToJoin', 'joinRequest', { teamId });
    await carl.execute(
      'mutation { updateProfile(input: { city: "Kassel", visibility: PRIVATE }) { userErrors { code } } }',
    );
    const city = async (): Promise<unknown> =>
      (await read<{ user: { city: unknown } }>('query ($id: ID!) { user(id: $id) { city } }', { id: carl.id }, boris))
        .user.city;
    await until('a team mate sees the private profile', async () => (await city()) === 'Kassel');
    const roomId = await roomOfTeam(carl, teamId);
    const stream = carl.subscribe(RoomEvents, { roomId });
    await take(stream, 1);
    const end = endOf(stream);

    assert.deepEqual(await codesOf(anna, 'leaveTeam', 'team', { teamId }), ['CONFLICT']);
    for (const viewer of [boris, carl, dina])
      assert.deepEqual(await codesOf(viewer, 'disbandTeam', 'team', { teamId }), ['FORBIDDEN']);
    assert.equal(await perform(anna, 'disbandTeam', 'team', { teamId }), teamId);

    // Nobody leads it from this moment on. Other services ask teams for the role, so they need no event for this.
    for (const attempt of [
      codesOf(anna, 'confirmResult', 'match', { matchId: played }),
      codesOf(boris, 'protestResult', 'match', { matchId: played, reason: 'none' }),
      codesOf(boris, 'setLineup', 'match', { matchId: planned, side: 'HOME', starters: [{ name: 'Ada' }] }),
      codesOf(anna, 'enterTournament', 'entry', { tournamentId: open, teamId }),
      codesOf(anna, 'setTeamLogo', 'team', { teamId, fileId: null }),
    ])
      assert.deepEqual(await attempt, ['FORBIDDEN']);
    for (const viewer of [anna, admin]) {
      assert.deepEqual(await codesOf(viewer, 'inviteToTeam', 'invitation', { teamId, userId: dina.id }), ['CONFLICT']);
      assert.equal(await perform(viewer, 'disbandTeam', 'team', { teamId }), teamId);
    }
    assert.deepEqual(await codesOf(dina, 'requestToJoin', 'joinRequest', { teamId }), ['CONFLICT']);
    assert.deepEqual(await codesOf(olga, 'acceptInvitation', 'team', { invitationId }), ['CONFLICT']);
    assert.deepEqual(await codesOf(admin, 'acceptJoinRequest', 'joinRequest', { joinRequestId }), ['CONFLICT']);

    // Every other service follows the events.
    await until(
      'it is withdrawn before the draw',
      async () => (await entriesOf(open)).join() === 'Yard Foxes WITHDRAWN,Brick Rovers ACCEPTED',
    );
    await until('it is withdrawn after the draw', async () =>
      (await entriesOf(running)).includes('Yard Foxes WITHDRAWN'),
    );
    await until('its friendly is cancelled', async () => (await stateOf(planned)) === 'CANCELLED');
    assert.equal(await stateOf(played), 'FINISHED');
    await until('its matches of the running tournament are lost', async () => {
      const { matches } = await read<{
        matches: { edges: { node: { state: string; homeTeam: { id: string }; awayTeam: { id: string } } }[] };
      }>(
        'query ($id: ID!) { matches(tournamentId: $id) { edges { node { state homeTeam { id } awayTeam { id } } } } }',
        { id: running },
      );
      const states = matches.edges
        .filter(({ node }) => [node.homeTeam.id, node.awayTeam.id].includes(teamId))
        .map(({ node }) => node.state);
      return states.join() === 'WALKOVER,WALKOVER';
    });
    assert.equal(await end, 'FORBIDDEN');
    assert.equal(await endOf(carl.subscribe(RoomEvents, { roomId })), 'NOT_FOUND');
    await until('a former team mate does not see the private profile', async () => (await city()) === null);
    const inbox = async (who: Person): Promise<string[]> =>
      (
        await read<{ notifications: { edges: { node: { kind: string; text: string } }[] } }>(
          '{ notifications { edges { node { kind text } } } }',
          {},
          who,
        )
      ).notifications.edges.flatMap(({ node }) => (node.kind === 'TEAM_DISBANDED' ? [node.text] : []));
    for (const member of [boris, carl])
      await until('a member is notified', async () => (await inbox(member)).length === 1);
    assert.deepEqual(await inbox(anna), []);

    // And none of them takes it up again.
    assert.deepEqual(await codesOf(olga, 'scheduleMatch', 'match', friendly()), ['CONFLICT']);
    assert.deepEqual(await codesOf(admin, 'enterTournament', 'entry', { tournamentId: open, teamId }), ['CONFLICT']);
    assert.deepEqual(await codesOf(olga, 'inviteTeamToTournament', 'tournament', { tournamentId: open, teamId }), [
      'CONFLICT',
    ]);
    const { match, team } = await read<{
      match: { homeTeam: { name: string } };
      team: { name: string; disbandedAt: string | null; memberCount: number };
    }>(
      'query ($match: ID!, $team: ID!) { match(id: $match) { homeTeam { name } } team(id: $team) { name disbandedAt memberCount } }',
      { match: played, team: teamId },
    );
    assert.equal(match.homeTeam.name, 'Yard Foxes');
    assert.deepEqual([team.name, team.memberCount, team.disbandedAt === null], ['Yard Foxes', 0, false]);
    assert.deepEqual([await teams(''), await teams(', includeDisbanded: true')], [[], ['Yard Foxes']]);
  });
});
