import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { checkPages } from '../../platform/graphql/connection.testing.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person, rateLimits, refused } from '../../platform/testing/service.testing.ts';
import type { JoinRequest, Team } from './generated/prisma/client.ts';
import { MAX_PENDING_OF_PERSON, MAX_PENDING_OF_TEAM } from './join-requests.service.ts';
import { openTeams, type Person, teamIdOf } from './teams.fixture.ts';

let t: Awaited<ReturnType<typeof openTeams>>;
beforeAll(async () => {
  t = await openTeams();
});
afterAll(() => t.close());

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;
const request = (viewer: Principal, team: Team, more: object = {}) =>
  t.joinRequests.request(viewer, { teamId: teamIdOf(team), ...more });
const idOf = ({ id }: JoinRequest): { joinRequestId: string } => ({ joinRequestId: toGlobalId('JoinRequest', id) });
const typesOf = async (team: Team): Promise<string[]> => (await t.eventsOf(team)).slice(2).map(([type]) => type);
const roleOf = async (team: Team, who: Person): Promise<string | undefined> =>
  (await t.prisma.membership.findFirst({ where: { teamId: team.id, userId: who.userId, leftAt: null } }))?.role;

describe('a join request', () => {
  it('is one for a user and a team while it is pending, also for concurrent requests', async () => {
    const [owner, user] = [person(), person()];
    const team = await t.createTeam(owner);
    const requests = await Promise.all(Array.from({ length: 10 }, () => request(user, team)));
    const [first = assert.fail()] = requests;
    assert.deepEqual([...new Set(requests.map(({ id }) => id))], [first.id]);
    assert.deepEqual((await t.eventsOf(team)).slice(2), [
      ['JoinRequested', 3, { teamId: team.id, joinRequestId: first.id, userId: user.userId }],
    ]);
    await refused(request(owner, team), 'CONFLICT', 'teamId');
    for (const teamId of ['x', '', toGlobalId('Team', randomUUID()), toGlobalId('User', team.id)])
      await refused(t.joinRequests.request(user, { teamId }), 'NOT_FOUND', 'teamId');
    await assert.rejects(request(ANONYMOUS, team), codeIs('UNAUTHENTICATED'));
  });

  it('with a client id is the same one even after the answer', async () => {
    const [owner, user] = [person(), person()];
    const [team, other] = [await t.createTeam(owner), await t.createTeam(owner)];
    const [made = assert.fail()] = await Promise.all(
      Array.from({ length: 5 }, () => request(user, team, { clientId: 'one' })),
    );
    await t.joinRequests.decline(owner, idOf(made));
    assert.deepEqual(await request(user, team, { clientId: 'one' }), { ...made, state: 'DECLINED' });
    await refused(request(user, other, { clientId: 'one' }), 'CONFLICT', 'clientId');
    assert.notEqual((await request(user, team, { clientId: 'two' })).id, made.id, 'a declined user may ask again');
    assert.notEqual((await request(person(), team, { clientId: 'one' })).id, made.id, 'of somebody else');
  });

  it('is accepted by the owner, captains and administrators, once, as a player', async () => {
    const [owner, captain, coach, player] = [person(), person(), person(), person()];
    const team = await t.createTeam(owner);
    await t.join(owner, team, captain, { role: 'CAPTAIN' });
    await t.join(owner, team, coach, { role: 'COACH' });
    await t.join(owner, team, player);
    const elsewhere = person();
    await t.createTeam(elsewhere);
    for (const leader of [owner, captain, person('admin')]) {
      const user = person();
      const asked = await request(user, team);
      for (const answer of ['accept', 'decline'] as const) {
        const call = (viewer: Principal, input: object) => t.joinRequests[answer](viewer, input);
        for (const stranger of [coach, player, elsewhere])
          await refused(call(stranger, idOf(asked)), 'NOT_FOUND', 'joinRequestId');
        await refused(call(user, idOf(asked)), 'FORBIDDEN', 'joinRequestId');
        await assert.rejects(call(ANONYMOUS, idOf(asked)), codeIs('UNAUTHENTICATED'));
      }
      await refused(t.joinRequests.withdraw(leader, idOf(asked)), 'NOT_FOUND', 'joinRequestId');
      const before = (await t.eventsOf(team)).length;
      const answers = await Promise.all(Array.from({ length: 5 }, () => t.joinRequests.accept(leader, idOf(asked))));
      assert.deepEqual([...new Set(answers.map(({ state }) => state))], ['ACCEPTED']);
      const [teamId, userId] = [team.id, user.userId];
      const closed = { teamId, joinRequestId: asked.id, userId, state: 'ACCEPTED', byUserId: leader.userId };
      assert.deepEqual((await t.eventsOf(team)).slice(before), [
        ['MemberJoinedTeam', before + 1, { teamId, userId, role: 'PLAYER' }],
        ['JoinRequestClosed', before + 2, closed],
      ]);
      await refused(t.joinRequests.decline(leader, idOf(asked)), 'CONFLICT', 'joinRequestId');
      await refused(t.joinRequests.withdraw(user, idOf(asked)), 'CONFLICT', 'joinRequestId');
    }
    for (const joinRequestId of ['x', '', teamIdOf(team), toGlobalId('JoinRequest', randomUUID())])
      await refused(t.joinRequests.accept(owner, { joinRequestId }), 'NOT_FOUND', 'joinRequestId');
  });

  it('is declined by leaders and withdrawn by the user, and stays so', async () => {
    const [owner, one, two] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    const [declined, withdrawn] = [await request(one, team), await request(two, team)];
    for (let time = 0; time < 2; time++) {
      assert.equal((await t.joinRequests.decline(owner, idOf(declined))).state, 'DECLINED');
      assert.equal((await t.joinRequests.withdraw(two, idOf(withdrawn))).state, 'WITHDRAWN');
    }
    for (const closed of [declined, withdrawn])
      await refused(t.joinRequests.accept(owner, idOf(closed)), 'CONFLICT', 'joinRequestId');
    const closed = (await t.eventsOf(team)).slice(4).map(([, , payload]) => payload as Record<string, unknown>);
    assert.deepEqual(
      closed.map(({ state, byUserId }) => [state, byUserId]),
      [
        ['DECLINED', owner.userId],
        ['WITHDRAWN', two.userId],
      ],
    );
    assert.equal(await roleOf(team, one), undefined);
  });

  it('ends in one state when accepted, declined and withdrawn at once', async () => {
    for (let round = 0; round < 5; round++) {
      const [owner, user] = [person(), person()];
      const team = await t.createTeam(owner);
      const asked = await request(user, team);
      const done = await Promise.allSettled([
        t.joinRequests.accept(owner, idOf(asked)),
        t.joinRequests.decline(owner, idOf(asked)),
        t.joinRequests.withdraw(user, idOf(asked)),
      ]);
      const won = done.flatMap((one) => (one.status === 'fulfilled' ? [one.value.state] : []));
      assert.equal(won.length, 1);
      assert.equal(await roleOf(team, user), won[0] === 'ACCEPTED' ? 'PLAYER' : undefined);
      const types = await typesOf(team);
      assert.deepEqual(types.slice(won[0] === 'ACCEPTED' ? 2 : 1), ['JoinRequestClosed']);
    }
  });
});

describe('a join request and an invitation', () => {
  it('that meet make a member at once, in either order, with the role of the invitation', async () => {
    const [owner, asks, invited] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    const asked = await request(asks, team);
    const { invitation, token } = await t.invite(owner, team, asks, { role: 'COACH', clientId: 'meet' });
    assert.deepEqual([invitation.state, token], ['ACCEPTED', null]);
    assert.deepEqual((await t.invite(owner, team, asks, { role: 'COACH', clientId: 'meet' })).invitation, invitation);
    assert.equal((await t.joinRequests.byIds(asks, [asked.id])).get(asked.id)?.state, 'ACCEPTED');
    assert.deepEqual(await typesOf(team), ['JoinRequested', 'MemberJoinedTeam', 'JoinRequestClosed']);

    const sent = await t.invite(owner, team, invited, { role: 'CAPTAIN', squadNumber: 7 });
    assert.equal((await request(invited, team)).state, 'ACCEPTED');
    assert.equal(
      (await t.prisma.invitation.findUniqueOrThrow({ where: { id: sent.invitation.id } })).state,
      'ACCEPTED',
    );
    assert.deepEqual((await typesOf(team)).slice(3), ['InvitationSent', 'MemberJoinedTeam', 'InvitationClosed']);
    assert.deepEqual([await roleOf(team, asks), await roleOf(team, invited)], ['COACH', 'CAPTAIN']);
  });

  it('that meet at the same moment make one member and leave nothing open', async () => {
    for (let round = 0; round < 10; round++) {
      const [owner, user] = [person(), person()];
      const team = await t.createTeam(owner);
      await Promise.all([request(user, team), t.invite(owner, team, user, { role: 'COACH' })]);
      assert.equal(await roleOf(team, user), 'COACH');
      const open = { teamId: team.id, state: 'PENDING' as const };
      assert.deepEqual(
        [await t.prisma.joinRequest.count({ where: open }), await t.prisma.invitation.count({ where: open })],
        [0, 0],
      );
    }
  });

  it('do not meet when the invitation has expired, or its sender may not invite any more', async () => {
    for (const [spoil, state] of [
      [{ expiresAt: new Date(Date.now() - 1000) }, 'EXPIRED'],
      [{ inviterId: randomUUID() }, 'REVOKED'],
    ] as const) {
      const [owner, user] = [person(), person()];
      const team = await t.createTeam(owner);
      const { invitation, token } = await t.invite(owner, team, user);
      await t.prisma.invitation.update({ where: { id: invitation.id }, data: spoil });
      assert.equal((await request(user, team)).state, 'PENDING');
      assert.equal((await t.prisma.invitation.findUniqueOrThrow({ where: { id: invitation.id } })).state, state);
      await refused(t.invitations.accept(user, { token }), 'CONFLICT', 'token');
      assert.equal(await roleOf(team, user), undefined);
    }
  });
});

describe('the number of pending join requests', () => {
  const of = (teamId: string) => ({ id: randomUUID(), userId: randomUUID(), teamId });

  it('is limited for a person over all teams, also for concurrent requests, and for a team', async () => {
    const [owner, user] = [person(), person()];
    const teams = await Promise.all(Array.from({ length: MAX_PENDING_OF_PERSON + 5 }, () => t.createTeam(owner)));
    const asked = await Promise.allSettled(teams.map((team) => request(user, team)));
    const made = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    assert.equal(made.length, MAX_PENDING_OF_PERSON);
    const late = teams.find(({ id }) => !made.some(({ teamId }) => teamId === id)) ?? assert.fail();
    await refused(request(user, late), 'CONFLICT', 'teamId');
    await t.joinRequests.withdraw(user, idOf(made[0] ?? assert.fail()));
    assert.equal((await request(user, late)).state, 'PENDING');

    const full = await t.createTeam(owner);
    await t.prisma.joinRequest.createMany({ data: Array.from({ length: MAX_PENDING_OF_TEAM }, () => of(full.id)) });
    await refused(request(person(), full), 'CONFLICT', 'teamId');
  }, 60_000);

  it('and their rate are limited', async () => {
    const limited = await openTeams(rateLimits({ requestToJoin: { count: 2, seconds: 3_600 } }));
    try {
      const user = person();
      const team = await limited.createTeam(person());
      const input = { teamId: teamIdOf(team), clientId: 'x' };
      const made = await limited.joinRequests.request(user, input);
      await refused(limited.joinRequests.request(user, { teamId: 'x' }), 'NOT_FOUND', 'teamId');
      await assert.rejects(limited.joinRequests.request(user, { teamId: teamIdOf(team) }), codeIs('RATE_LIMITED'));
      assert.deepEqual(await limited.joinRequests.request(user, input), made, 'a repeated one does not count');
    } finally {
      await limited.close();
    }
  });
});

describe('join requests', () => {
  it('are visible to the user and to those who may answer', async () => {
    const [owner, captain, coach] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    await t.join(owner, team, captain, { role: 'CAPTAIN' });
    await t.join(owner, team, coach, { role: 'COACH' });
    const users = [person(), person(), person(), person()] as const;
    const requests = [];
    for (const user of users) requests.push(await request(user, team));
    await t.joinRequests.decline(owner, idOf(requests[0] ?? assert.fail()));
    const newest = requests.map(({ id }) => id).reverse();
    const seen = async (viewer: Principal, more: object = {}) =>
      (await t.joinRequests.page(viewer, { teamId: teamIdOf(team), ...more }))?.edges.map(({ node }) => node.id) ??
      null;
    for (const viewer of [owner, captain, person('admin')]) assert.deepEqual(await seen(viewer), newest);
    for (const viewer of [coach, users[0], person('captain'), ANONYMOUS]) assert.equal(await seen(viewer), null);
    assert.deepEqual(await seen(owner, { state: 'PENDING' }), newest.slice(0, 3));
    assert.deepEqual(await seen(owner, { state: 'DECLINED' }), newest.slice(3));
    for (const teamId of ['x', toGlobalId('Team', randomUUID())]) assert.deepEqual(await seen(owner, { teamId }), null);
    await checkPages(
      async (args) => (await t.joinRequests.page(owner, { teamId: teamIdOf(team), ...args })) ?? assert.fail(),
    );

    const [user] = users;
    const others = [await t.createTeam(owner), await t.createTeam(owner)];
    for (const other of others) await request(user, other);
    const own = async (viewer: Principal, more: object = {}) =>
      (await t.joinRequests.pageOfViewer(viewer, more))?.edges.map(({ node }) => node.teamId) ?? null;
    assert.deepEqual(await own(user), [others[1]?.id, others[0]?.id, team.id]);
    assert.deepEqual(await own(user, { state: 'DECLINED' }), [team.id]);
    assert.deepEqual([await own(owner), await own(ANONYMOUS)], [[], null]);
    await checkPages(async (args) => (await t.joinRequests.pageOfViewer(user, args)) ?? assert.fail());

    const found = async (viewer: Principal) => (await t.joinRequests.byIds(viewer, newest)).size;
    assert.deepEqual(
      await Promise.all([owner, captain, person('admin'), user, coach, ANONYMOUS].map(found)),
      [4, 4, 4, 1, 0, 0],
    );
  });
});
