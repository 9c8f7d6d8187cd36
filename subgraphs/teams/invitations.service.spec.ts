import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { GraphQLError } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person, refused } from '../../platform/subgraph/service.testing.ts';
import { openTeams, teamIdOf, userIdOf } from './teams.fixture.ts';

let t: Awaited<ReturnType<typeof openTeams>>;
before(async () => {
  t = await openTeams();
});
after(() => t.close());

const unauthenticated = (error: unknown): boolean => error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED';

describe('an invitation', () => {
  it('is the owner’s, captains’ and admins’ to make, nobody else’s', async () => {
    const [owner, captain, coach, player, stranger, gone, admin] = [person(), person(), person(), person(), person('captain'), person(), person('admin')];
    const team = await t.found(owner);
    await t.join(owner, team, captain, { role: 'CAPTAIN' });
    await t.join(owner, team, coach, { role: 'COACH' });
    await t.join(owner, team, player);
    await t.join(owner, team, gone, { role: 'CAPTAIN' });
    await t.teams.leave(gone, { teamId: teamIdOf(team) });
    for (const viewer of [owner, captain, admin]) {
      const { invitation, token } = await t.invite(viewer, team, person());
      assert.deepEqual([invitation.state, invitation.inviterId], ['PENDING', viewer.userId]);
      assert.doesNotMatch(JSON.stringify(invitation), new RegExp(token));
    }
    for (const viewer of [coach, player, stranger, gone]) await refused(t.invite(viewer, team, person()), 'FORBIDDEN', 'teamId');
    await assert.rejects(t.invite(ANONYMOUS, team, person()), unauthenticated);
  });

  it('is refused for who is in and for what does not exist; the last of several to one user counts', async () => {
    const [owner, member, invitee] = [person(), person(), person()];
    const team = await t.found(owner);
    await t.join(owner, team, member);
    await refused(t.invite(owner, team, member), 'CONFLICT', 'userId');
    await refused(t.invite(owner, team, owner), 'CONFLICT', 'userId');
    const invited = await Promise.all(Array.from({ length: 10 }, () => t.invite(owner, team, invitee)));
    const states = await t.prisma.invitation.groupBy({ by: ['state'], where: { teamId: team.id, inviteeId: invitee.userId }, _count: true, orderBy: { state: 'asc' } });
    assert.deepEqual(states.map(({ state, _count }) => [state, _count]), [['PENDING', 1], ['REVOKED', 9]]);
    const accepted = await Promise.allSettled(invited.map(({ token }) => t.invitations.accept(invitee, { token })));
    assert.equal(accepted.filter(({ status }) => status === 'fulfilled').length, 1);
    await refused(t.invite(owner, team, person(), { userId: 'x' }), 'NOT_FOUND', 'userId');
    await refused(t.invite(owner, team, person(), { userId: teamIdOf(team) }), 'NOT_FOUND', 'userId');
    await refused(t.invite(owner, team, person(), { teamId: toGlobalId('Team', randomUUID()) }), 'NOT_FOUND', 'teamId');
    await refused(t.invite(owner, team, person(), { role: 'OWNER' }), 'INVALID', 'role');
    for (const squadNumber of [-1, 100, 1.5]) await refused(t.invite(owner, team, person(), { squadNumber }), 'INVALID', 'squadNumber');
  });

  it('is refused for a user who does not exist, to who may invite; nobody is invited while that cannot be found out', async () => {
    const [owner, nobody, stranger] = [person(), person(), person()];
    const team = await t.found(owner);
    t.elsewhere.missing.add(userIdOf(nobody));
    await refused(t.invite(owner, team, nobody), 'NOT_FOUND', 'userId');
    await refused(t.invite(stranger, team, nobody), 'FORBIDDEN', 'teamId');
    t.elsewhere.away = true;
    try {
      await assert.rejects(t.invite(owner, team, person()), { code: 'UNAVAILABLE' });
      await refused(t.invite(stranger, team, person()), 'FORBIDDEN', 'teamId');
    } finally {
      t.elsewhere.away = false;
    }
    assert.equal(await t.prisma.invitation.count({ where: { teamId: team.id } }), 0);
  });

  it('makes place for a new one when it has expired', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.found(owner);
    const old = await t.invite(owner, team, invitee);
    await t.prisma.invitation.update({ where: { id: old.invitation.id }, data: { expiresAt: new Date(Date.now() - 1000) } });
    await refused(t.invitations.accept(invitee, { token: old.token }), 'CONFLICT', 'token');
    const { token } = await t.invite(owner, team, invitee);
    assert.equal((await t.prisma.invitation.findUniqueOrThrow({ where: { id: old.invitation.id } })).state, 'EXPIRED');
    assert.equal((await t.invitations.accept(invitee, { token })).id, team.id);
  });
});

describe('an invitation, accepted', () => {
  it('lets in who was invited, in the role and with the number of the invitation', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.found(owner);
    const { token, invitation } = await t.invite(owner, team, invitee, { role: 'CAPTAIN', squadNumber: 0 });
    assert.equal((await t.invitations.accept(invitee, { token })).id, team.id);
    const { role, squadNumber } = await t.prisma.membership.findFirstOrThrow({ where: { teamId: team.id, userId: invitee.userId } });
    assert.deepEqual([role, squadNumber], ['CAPTAIN', 0]);
    assert.equal((await t.prisma.invitation.findUniqueOrThrow({ where: { id: invitation.id } })).state, 'ACCEPTED');
    const joined = (await t.told()).events.at(-1);
    assert.deepEqual([joined?.type, joined?.seq, joined?.payload], ['MemberJoinedTeam', 3, { teamId: team.id, userId: invitee.userId, role: 'CAPTAIN' }]);
  });

  it('lets nobody else in, whoever has the token', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.found(owner);
    const { token } = await t.invite(owner, team, invitee);
    for (const viewer of [person(), owner, person('admin')]) await refused(t.invitations.accept(viewer, { token }), 'NOT_FOUND', 'token');
    await assert.rejects(t.invitations.accept(ANONYMOUS, { token }), unauthenticated);
    for (const wrong of ['', 'x', `${token} `]) await refused(t.invitations.accept(invitee, { token: wrong }), 'NOT_FOUND', 'token');
    await refused(t.invitations.accept(invitee, { token: 'x'.repeat(101) }), 'INVALID', 'token');
    assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, 2);
  });

  it('makes one membership and one event, however many accept at once', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.found(owner);
    const { token } = await t.invite(owner, team, invitee);
    const answers = await Promise.all(Array.from({ length: 20 }, () => t.invitations.accept(invitee, { token })));
    assert.deepEqual([...new Set(answers.map(({ id }) => id))], [team.id]);
    assert.equal(await t.prisma.membership.count({ where: { teamId: team.id, userId: invitee.userId } }), 1);
    assert.equal((await t.told()).events.filter(({ key }) => key === team.id).length, 3);
    assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, 3);
  });

  it('gives a number once, and lets in who comes second without it', async () => {
    const [owner, first, second] = [person(), person(), person()];
    const team = await t.found(owner);
    const tokens = [await t.invite(owner, team, first, { squadNumber: 10 }), await t.invite(owner, team, second, { squadNumber: 10 })].map(({ token }) => token);
    await Promise.all([t.invitations.accept(first, { token: tokens[0] }), t.invitations.accept(second, { token: tokens[1] })]);
    const members = await t.prisma.membership.findMany({ where: { teamId: team.id, role: 'PLAYER' } });
    assert.deepEqual(members.map(({ squadNumber }) => squadNumber).sort(), [10, null]);
  });

  it('is not open to who left meanwhile', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.found(owner);
    const { token } = await t.invite(owner, team, invitee);
    await t.invitations.accept(invitee, { token });
    await t.prisma.membership.updateMany({ where: { teamId: team.id, userId: invitee.userId }, data: { leftAt: new Date() } });
    await refused(t.invitations.accept(invitee, { token }), 'CONFLICT', 'token');
  });
});
