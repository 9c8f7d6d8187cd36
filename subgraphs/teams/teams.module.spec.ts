import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Type } from '@nestjs/common';
import { graphql } from 'graphql';
import { Consumers } from '../../platform/messaging/consumers/consumers.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { openSubgraph, person, type TestSubgraph } from '../../platform/testing/service.testing.ts';
import { OUTBOX, QUESTIONS, TIMERS } from '../../platform/injection/tokens.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { openTeams, teamIdOf, userIdOf } from './teams.fixture.ts';
import { TeamsModule } from './teams.module.ts';

let t: Awaited<ReturnType<typeof openTeams>>;
let subgraph: TestSubgraph;

beforeAll(async () => {
  t = await openTeams();
  subgraph = await openSubgraph(
    'teams',
    TeamsModule,
    new Map<symbol | Type, unknown>([
      [OUTBOX, t.outbox],
      [Consumers, t.consumers],
      [QUESTIONS, t.questions],
      [TIMERS, { runner: () => ({ start: () => undefined }), set: t.timers.set.bind(t.timers) }],
    ]),
    new Map([[PrismaClient, t.prisma]]),
  );
});
afterAll(async () => {
  await subgraph.close();
  await t.close();
});

const PAGE = `query ($first: Int, $sport: Sport) { teams(first: $first, sport: $sport) { edges { node {
  id name createdAt memberCount members(first: 3) { edges { node { id role squadNumber joinedAt user { id } } } pageInfo { hasNextPage } }
} } } }`;

describe('the subgraph teams', () => {
  it('works from creating a team to leaving it', async () => {
    const [owner, invitee] = [person(), person()];
    const create =
      'mutation ($input: CreateTeamInput!) { createTeam(input: $input) { team { id name sport city memberCount } userErrors { code } } }';
    const input = { clientId: randomUUID(), name: 'Foxes', sport: 'MINI_FOOTBALL' };
    const { createTeam } = (await subgraph.ask(create, { input }, owner)) as { createTeam: { team: { id: string } } };
    const { id } = createTeam.team;
    assert.deepEqual(createTeam, {
      team: { id, name: 'Foxes', sport: 'MINI_FOOTBALL', city: null, memberCount: 1 },
      userErrors: [],
    });
    const invite = `mutation ($input: InviteToTeamInput!) { inviteToTeam(input: $input) {
      token invitation { id role state expiresAt team { id name } invitee { id } inviter { id } } userErrors { field code } } }`;
    const { inviteToTeam } = (await subgraph.ask(
      invite,
      { input: { teamId: id, userId: userIdOf(invitee) } },
      owner,
    )) as {
      inviteToTeam: {
        token: string;
        invitation: { id: string; role: string; team: object; invitee: object; inviter: object };
      };
    };
    const { role, team, invitee: invited, inviter } = inviteToTeam.invitation;
    assert.deepEqual(
      { role, team, invited, inviter },
      {
        role: 'PLAYER',
        team: { id, name: 'Foxes' },
        invited: { id: userIdOf(invitee) },
        inviter: { id: userIdOf(owner) },
      },
    );
    const list =
      'query ($teamId: ID!) { invitations(teamId: $teamId, state: PENDING) { edges { node { id state invitee { id } } } pageInfo { hasNextPage } } }';
    const edges = [{ node: { id: inviteToTeam.invitation.id, state: 'PENDING', invitee: { id: userIdOf(invitee) } } }];
    assert.deepEqual(await subgraph.ask(list, { teamId: id }, owner), {
      invitations: { edges, pageInfo: { hasNextPage: false } },
    });
    for (const viewer of [invitee, undefined])
      assert.deepEqual(await subgraph.ask(list, { teamId: id }, viewer), { invitations: null });
    const revoke =
      'mutation ($input: RevokeInvitationInput!) { revokeInvitation(input: $input) { invitation { id state } userErrors { field code } } }';
    assert.deepEqual(await subgraph.ask(revoke, { input: { invitationId: inviteToTeam.invitation.id } }, invitee), {
      revokeInvitation: { invitation: null, userErrors: [{ field: ['invitationId'], code: 'NOT_FOUND' }] },
    });
    const accept =
      'mutation ($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { team { id memberCount } userErrors { field code } } }';
    const { token } = inviteToTeam;
    assert.deepEqual(await subgraph.ask(accept, { input: { token } }, owner), {
      acceptInvitation: { team: null, userErrors: [{ field: ['token'], code: 'NOT_FOUND' }] },
    });
    assert.deepEqual(await subgraph.ask(accept, { input: { token } }, invitee), {
      acceptInvitation: { team: { id, memberCount: 2 }, userErrors: [] },
    });
    const leave =
      'mutation ($input: LeaveTeamInput!) { leaveTeam(input: $input) { team { memberCount } userErrors { field code message } } }';
    const totals =
      'query ($id: ID!) { team(id: $id) { members(last: 1) { totalCount edges { node { role } } } } teams(first: 1, sport: MINI_FOOTBALL) { totalCount } invitations(teamId: $id) { totalCount } }';
    assert.deepEqual(await subgraph.ask(totals, { id }, owner), {
      team: { members: { totalCount: 2, edges: [{ node: { role: 'PLAYER' } }] } },
      teams: { totalCount: 1 },
      invitations: { totalCount: 1 },
    });
    assert.deepEqual(await subgraph.ask(leave, { input: { teamId: id } }, invitee), {
      leaveTeam: { team: { memberCount: 1 }, userErrors: [] },
    });
    assert.deepEqual(await subgraph.ask(leave, { input: { teamId: id } }, owner), {
      leaveTeam: {
        team: null,
        userErrors: [{ field: ['teamId'], code: 'CONFLICT', message: 'the owner cannot leave the team' }],
      },
    });
  });

  it('shows a page of teams with members in as many statements for ten as for two', async () => {
    for (let number = 0; number < 10; number++) {
      const owner = person();
      const team = await t.createTeam(owner, { sport: 'VOLLEYBALL', name: `Team ${number}` });
      for (let member = 0; member < 3; member++) await t.join(owner, team, person());
    }
    const counts: number[] = [];
    for (const first of [2, 10]) {
      const earlier = t.statements.length;
      const { teams } = (await subgraph.ask(PAGE, { first, sport: 'VOLLEYBALL' })) as {
        teams: {
          edges: { node: { memberCount: number; members: { edges: unknown[]; pageInfo: { hasNextPage: boolean } } } }[];
        };
      };
      counts.push(t.statements.length - earlier);
      assert.deepEqual(
        teams.edges.map(
          ({ node: { memberCount, members } }) =>
            `${memberCount} ${members.edges.length} ${members.pageInfo.hasNextPage}`,
        ),
        Array<string>(first).fill('4 3 true'),
      );
    }
    // Three statements: the page, the counts of members, and the members. Their number does not depend on the page's
    // size.
    assert.deepEqual(counts, [3, 3]);
  });

  it('hides members whose profile is hidden, and asks users once for all teams of a page', async () => {
    const hidden = person();
    t.elsewhere.hidden.add(userIdOf(hidden));
    const owners = [];
    for (let number = 0; number < 5; number++) {
      const owner = person();
      owners.push(owner);
      const team = await t.createTeam(owner, { sport: 'BASKETBALL_3X3', name: `Court ${number}` });
      await t.join(owner, team, hidden, { squadNumber: 7 });
    }
    const members = async (viewer?: Parameters<TestSubgraph['ask']>[2]) => {
      const { teams } = (await subgraph.ask(PAGE, { first: 5, sport: 'BASKETBALL_3X3' }, viewer)) as {
        teams: {
          edges: {
            node: {
              memberCount: number;
              members: { edges: { node: { squadNumber: number | null; user: { id: string } | null } }[] };
            };
          }[];
        };
      };
      return teams.edges.map(({ node }) => [
        node.memberCount,
        ...node.members.edges.map(({ node: { user, squadNumber } }) => [squadNumber, user?.id ?? null]),
      ]);
    };
    t.elsewhere.asked.length = 0;
    const stranger = person();
    for (const viewer of [undefined, stranger])
      assert.deepEqual(
        await members(viewer),
        owners.map((owner) => [2, [null, userIdOf(owner)], [7, null]]),
      );
    assert.deepEqual(
      await members(hidden),
      owners.map((owner) => [2, [null, userIdOf(owner)], [7, userIdOf(hidden)]]),
    );
    // A new member is a team mate immediately, before the subgraph users has the event. So teams does not ask users
    // about members of the viewer's own team.
    const [mate] = owners;
    assert.deepEqual(
      await members(mate),
      owners.map((owner, n) => [2, [null, userIdOf(owner)], [7, n === 0 ? userIdOf(hidden) : null]]),
    );
    assert.deepEqual(t.elsewhere.asked, [
      [undefined, 6],
      [stranger.userId, 6],
      [mate?.userId, 5],
    ]);
    const before = t.statements.length;
    await members(stranger);
    assert.equal(t.statements.length - before, 4, 'the page, how many members, the members, the own teams');
    t.elsewhere.away = true;
    try {
      const source =
        'query ($sport: Sport) { teams(sport: $sport) { edges { node { name members { edges { node { role user { id } } } } } } } }';
      const { data, errors = [] } = await graphql({
        schema: subgraph.schema,
        source,
        variableValues: { sport: 'BASKETBALL_3X3' },
        contextValue: { principal: owners[0], requestId: 'test' },
      });
      const [first] = (data as { teams: { edges: { node: object }[] } }).teams.edges;
      const roles = [
        { node: { role: 'OWNER', user: { id: userIdOf(owners[0] ?? assert.fail()) } } },
        { node: { role: 'PLAYER', user: { id: userIdOf(hidden) } } },
      ];
      assert.deepEqual(JSON.parse(JSON.stringify(first?.node)), { name: 'Court 0', members: { edges: roles } });
      assert.ok(
        errors.length === 8 &&
          errors.every(({ originalError }) => (originalError as { code?: string } | undefined)?.code === 'UNAVAILABLE'),
      );
    } finally {
      t.elsewhere.away = false;
    }
  });

  it('resolves references and ids, and returns null for missing ones', async () => {
    const team = await t.createTeam(person(), { name: 'Referred' });
    const ids = [teamIdOf(team), toGlobalId('Team', randomUUID()), 'x', toGlobalId('User', team.id)];
    const representations = ids.map((id) => ({ __typename: 'Team', id }));
    assert.deepEqual(
      await subgraph.ask('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Team { name } } }', {
        r: representations,
      }),
      { _entities: [{ name: 'Referred' }, null, null, null] },
    );
    assert.deepEqual(await subgraph.ask('query ($id: ID!) { team(id: $id) { name } }', { id: ids[0] }), {
      team: { name: 'Referred' },
    });
    assert.deepEqual(await subgraph.ask('query ($id: ID!) { team(id: $id) { name } }', { id: ids[3] }), { team: null });
  });

  it('returns to other subgraphs a team with its players, which only its leaders and administrators get', async () => {
    const [owner, player, coach, gone] = [person(), person(), person(), person()];
    const team = await t.createTeam(owner, { city: 'Ulm' });
    for (const each of [player, gone]) await t.join(owner, team, each);
    await t.join(owner, team, coach, { role: 'COACH' });
    await t.members.leave(gone, { teamId: teamIdOf(team) });
    const asked = async (viewer?: Parameters<TestSubgraph['ask']>[2]) => {
      const { teamsAsViewer } = (await subgraph.ask(
        'query ($ids: [ID!]!) { teamsAsViewer(ids: $ids) { sport city role playerIds } }',
        { ids: [toGlobalId('Team', randomUUID()), teamIdOf(team), 'x'] },
        viewer,
        'chat',
      )) as { teamsAsViewer: ({ playerIds: string[] } | null)[] };
      return teamsAsViewer;
    };
    const about = { sport: 'FOOTBALL', city: 'Ulm' };
    const players = [userIdOf(owner), userIdOf(player)];
    assert.deepEqual(await asked(owner), [null, { ...about, role: 'OWNER', playerIds: players }, null]);
    for (const [viewer, role] of [
      [player, 'PLAYER'],
      [coach, 'COACH'],
      [gone, null],
      [person(), null],
      [undefined, null],
    ] as const)
      assert.deepEqual((await asked(viewer))[1], { ...about, role, playerIds: [] });
    assert.deepEqual((await asked(person('admin')))[1], { ...about, role: null, playerIds: players });
  });

  it("returns to other subgraphs the viewer's current teams among the given, in one statement", async () => {
    const [owner, member, gone] = [person(), person(), person()];
    const [mine, other] = [await t.createTeam(owner), await t.createTeam(owner)];
    for (const each of [member, gone]) await t.join(owner, mine, each);
    await t.join(owner, other, gone);
    await t.members.leave(gone, { teamId: teamIdOf(mine) });
    const among = [teamIdOf(mine), teamIdOf(other), toGlobalId('Team', randomUUID()), userIdOf(owner), 'x'];
    const asked = async (viewer?: Parameters<TestSubgraph['ask']>[2]) => {
      const { teamsOfViewer } = (await subgraph.ask(
        'query ($among: [ID!]!) { teamsOfViewer(among: $among) }',
        { among },
        viewer,
        'chat',
      )) as { teamsOfViewer: string[] };
      return teamsOfViewer.sort();
    };
    const earlier = t.statements.length;
    assert.deepEqual(await asked(owner), [teamIdOf(mine), teamIdOf(other)].sort());
    assert.equal(t.statements.length - earlier, 1);
    assert.deepEqual(await Promise.all([member, gone, person(), person('admin'), undefined].map(asked)), [
      [teamIdOf(mine)],
      [teamIdOf(other)],
      [],
      [],
      [],
    ]);
  });

  it('says to other subgraphs what the viewer is in teams now, and who is in them, each in one statement', async () => {
    const [owner, captain, gone] = [person(), person(), person()];
    const [mine, other] = [await t.createTeam(owner), await t.createTeam(owner)];
    await t.join(owner, mine, captain, { role: 'CAPTAIN' });
    await t.join(owner, mine, gone);
    await t.members.leave(gone, { teamId: teamIdOf(mine) });
    const teams = [teamIdOf(other), 'x', teamIdOf(mine), toGlobalId('Team', randomUUID())];
    const roles = (viewer?: Parameters<TestSubgraph['ask']>[2]) =>
      subgraph.ask('query ($in: [ID!]!) { rolesOfViewer(in: $in) }', { in: teams }, viewer, 'matches');
    const earlier = t.statements.length;
    assert.deepEqual(await roles(owner), { rolesOfViewer: ['OWNER', null, 'OWNER', null] });
    assert.equal(t.statements.length - earlier, 1);
    assert.deepEqual(await roles(captain), { rolesOfViewer: [null, null, 'CAPTAIN', null] });
    for (const stranger of [gone, person('admin'), undefined])
      assert.deepEqual(await roles(stranger), { rolesOfViewer: [null, null, null, null] });

    const of = [captain, owner, gone].flatMap((who) =>
      [mine, other].map((team) => ({ teamId: teamIdOf(team), userId: userIdOf(who) })),
    );
    const before = t.statements.length;
    const { membersAmong } = await subgraph.ask(
      'query ($of: [TeamMemberInput!]!) { membersAmong(of: $of) }',
      { of: [...of, { teamId: 'x', userId: 'x' }] },
      undefined,
      'matches',
    );
    assert.deepEqual(membersAmong, [true, false, true, true, false, false, false]);
    assert.equal(t.statements.length - before, 1);
  });

  it("serves from the cache until it has handled the team's event", async () => {
    const team = await t.createTeam(person(), { name: 'Before' });
    const name = async (): Promise<unknown> =>
      subgraph.ask('query ($id: ID!) { team(id: $id) { name } }', { id: teamIdOf(team) });
    assert.deepEqual(await name(), { team: { name: 'Before' } });
    await t.prisma.team.update({ where: { id: team.id }, data: { name: 'After' } });
    assert.deepEqual(await name(), { team: { name: 'Before' } });
    const event = (await t.told()).events.find(({ key }) => key === team.id) ?? assert.fail();
    await t.deliver(event);
    assert.deepEqual(await name(), { team: { name: 'After' } });
  });
});
