import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { checkPages } from '../../platform/graphql/connection.testing.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { openTeams, teamIdOf, userIdOf } from './teams.fixture.ts';

let t: Awaited<ReturnType<typeof openTeams>>;
beforeAll(async () => {
  t = await openTeams();
});
afterAll(() => t.close());

const unauthenticated = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED';

describe('an invitation', () => {
  it('may be sent by the owner, captains and admins, and nobody else', async () => {
    const [owner, captain, coach, player, stranger, gone, admin] = [
      person(),
      person(),
      person(),
      person(),
      person('captain'),
      person(),
      person('admin'),
    ];
    const team = await t.createTeam(owner);
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
    for (const viewer of [coach, player, stranger, gone])
      await refused(t.invite(viewer, team, person()), 'FORBIDDEN', 'teamId');
    await assert.rejects(t.invite(ANONYMOUS, team, person()), unauthenticated);
  });

  it('is refused for a member and for a missing team or user; the last one to a user counts', async () => {
    const [owner, member, invitee] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    await t.join(owner, team, member);
    await refused(t.invite(owner, team, member), 'CONFLICT', 'userId');
    await refused(t.invite(owner, team, owner), 'CONFLICT', 'userId');
    const invited = await Promise.all(Array.from({ length: 10 }, () => t.invite(owner, team, invitee)));
    const states = await t.prisma.invitation.groupBy({
      by: ['state'],
      where: { teamId: team.id, inviteeId: invitee.userId },
      _count: true,
      orderBy: { state: 'asc' },
    });
    assert.deepEqual(
      states.map(({ state, _count }) => [state, _count]),
      [
        ['PENDING', 1],
        ['REVOKED', 9],
      ],
    );
    const accepted = await Promise.allSettled(invited.map(({ token }) => t.invitations.accept(invitee, { token })));
    assert.equal(accepted.filter(({ status }) => status === 'fulfilled').length, 1);
    await refused(t.invite(owner, team, person(), { userId: 'x' }), 'NOT_FOUND', 'userId');
    await refused(t.invite(owner, team, person(), { userId: teamIdOf(team) }), 'NOT_FOUND', 'userId');
    await refused(t.invite(owner, team, person(), { teamId: toGlobalId('Team', randomUUID()) }), 'NOT_FOUND', 'teamId');
    await refused(t.invite(owner, team, person(), { role: 'OWNER' }), 'INVALID', 'role');
    for (const squadNumber of [-1, 100, 1.5])
      await refused(t.invite(owner, team, person(), { squadNumber }), 'INVALID', 'squadNumber');
  });

  it('is refused for a missing user, and while users does not answer', async () => {
    const [owner, nobody, stranger] = [person(), person(), person()];
    const team = await t.createTeam(owner);
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

  it('can be sent again when it has expired', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const old = await t.invite(owner, team, invitee);
    await t.prisma.invitation.update({
      where: { id: old.invitation.id },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    await refused(t.invitations.accept(invitee, { token: old.token }), 'CONFLICT', 'token');
    const { token } = await t.invite(owner, team, invitee);
    assert.equal((await t.prisma.invitation.findUniqueOrThrow({ where: { id: old.invitation.id } })).state, 'EXPIRED');
    assert.equal((await t.invitations.accept(invitee, { token })).id, team.id);
  });
});

describe('an invitation, accepted', () => {
  it('adds the invited user, in the role and with the number of the invitation', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const { token, invitation } = await t.invite(owner, team, invitee, { role: 'CAPTAIN', squadNumber: 0 });
    assert.equal((await t.invitations.accept(invitee, { token })).id, team.id);
    const { role, squadNumber } = await t.prisma.membership.findFirstOrThrow({
      where: { teamId: team.id, userId: invitee.userId },
    });
    assert.deepEqual([role, squadNumber], ['CAPTAIN', 0]);
    assert.equal((await t.prisma.invitation.findUniqueOrThrow({ where: { id: invitation.id } })).state, 'ACCEPTED');
    const joined = (await t.told()).events.at(-1);
    assert.deepEqual(
      [joined?.type, joined?.seq, joined?.payload],
      ['MemberJoinedTeam', 3, { teamId: team.id, userId: invitee.userId, role: 'CAPTAIN' }],
    );
  });

  it('admits nobody else, even with the token', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const { token } = await t.invite(owner, team, invitee);
    for (const viewer of [person(), owner, person('admin')])
      await refused(t.invitations.accept(viewer, { token }), 'NOT_FOUND', 'token');
    await assert.rejects(t.invitations.accept(ANONYMOUS, { token }), unauthenticated);
    for (const wrong of ['', 'x', `${token} `])
      await refused(t.invitations.accept(invitee, { token: wrong }), 'NOT_FOUND', 'token');
    await refused(t.invitations.accept(invitee, { token: 'x'.repeat(101) }), 'INVALID', 'token');
    assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, 2);
  });

  it('creates one membership and one event for any number of concurrent requests', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const { token } = await t.invite(owner, team, invitee);
    const answers = await Promise.all(Array.from({ length: 20 }, () => t.invitations.accept(invitee, { token })));
    assert.deepEqual([...new Set(answers.map(({ id }) => id))], [team.id]);
    assert.equal(await t.prisma.membership.count({ where: { teamId: team.id, userId: invitee.userId } }), 1);
    assert.equal((await t.told()).events.filter(({ key }) => key === team.id).length, 3);
    assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, 3);
  });

  it('gives a number once, and admits the second user without it', async () => {
    const [owner, first, second] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    const tokens = [
      await t.invite(owner, team, first, { squadNumber: 10 }),
      await t.invite(owner, team, second, { squadNumber: 10 }),
    ].map(({ token }) => token);
    await Promise.all([
      t.invitations.accept(first, { token: tokens[0] }),
      t.invitations.accept(second, { token: tokens[1] }),
    ]);
    const members = await t.prisma.membership.findMany({ where: { teamId: team.id, role: 'PLAYER' } });
    assert.deepEqual(members.map(({ squadNumber }) => squadNumber).sort(), [10, null]);
  });

  it('is not open to a user who left meanwhile', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const { token } = await t.invite(owner, team, invitee);
    await t.invitations.accept(invitee, { token });
    await t.prisma.membership.updateMany({
      where: { teamId: team.id, userId: invitee.userId },
      data: { leftAt: new Date() },
    });
    await refused(t.invitations.accept(invitee, { token }), 'CONFLICT', 'token');
  });
});

describe('the right to invite', () => {
  const stateNow = async (id: string): Promise<string> =>
    (await t.prisma.invitation.findUniqueOrThrow({ where: { id } })).state;

  it('must last until the invitation is accepted: leaving revokes the sent ones', async () => {
    const [owner, captain, invitee, other] = [person(), person(), person(), person()];
    const team = await t.createTeam(owner);
    await t.join(owner, team, captain, { role: 'CAPTAIN' });
    const [sent, ofOwner] = [
      await t.invite(captain, team, invitee, { role: 'CAPTAIN' }),
      await t.invite(owner, team, other),
    ];
    const elsewhere = await t.createTeam(captain);
    const ofOtherTeam = await t.invite(captain, elsewhere, invitee);
    await t.teams.leave(captain, { teamId: teamIdOf(team) });
    assert.deepEqual(await Promise.all([sent, ofOwner, ofOtherTeam].map(({ invitation }) => stateNow(invitation.id))), [
      'REVOKED',
      'PENDING',
      'PENDING',
    ]);
    await refused(t.invitations.accept(invitee, { token: sent.token }), 'CONFLICT', 'token');
    assert.equal(await t.prisma.membership.count({ where: { teamId: team.id, userId: invitee.userId } }), 0);
    for (const [who, { token }] of [
      [other, ofOwner],
      [invitee, ofOtherTeam],
    ] as const)
      await t.invitations.accept(who, { token });
    // A captain who returns must invite again.
    await t.join(owner, team, captain, { role: 'CAPTAIN' });
    await refused(t.invitations.accept(invitee, { token: sent.token }), 'CONFLICT', 'token');
  });

  it('is checked again on acceptance, however it was lost', async () => {
    const lost = [{ role: 'COACH' as const }, { role: 'PLAYER' as const }, { leftAt: new Date() }];
    for (const data of lost) {
      const [owner, captain, invitee] = [person(), person(), person()];
      const team = await t.createTeam(owner);
      await t.join(owner, team, captain, { role: 'CAPTAIN' });
      const { invitation, token } = await t.invite(captain, team, invitee);
      await t.prisma.membership.updateMany({ where: { teamId: team.id, userId: captain.userId }, data });
      await refused(t.invitations.accept(invitee, { token }), 'CONFLICT', 'token');
      assert.equal(await stateNow(invitation.id), 'PENDING', 'nothing was written');
      await t.prisma.membership.updateMany({
        where: { teamId: team.id, userId: captain.userId },
        data: { role: 'CAPTAIN', leftAt: null },
      });
      await t.invitations.accept(invitee, { token });
      await t.teams.leave(captain, { teamId: teamIdOf(team) });
      assert.equal((await t.invitations.accept(invitee, { token })).id, team.id, 'asked again, after the answer');
    }
  });

  it('needs no membership for an administrator', async () => {
    const [owner, admin, invitee] = [person(), person('admin'), person()];
    const team = await t.createTeam(owner);
    const { invitation, token } = await t.invite(admin, team, invitee);
    assert.equal(invitation.asAdmin, true);
    assert.equal((await t.invitations.accept(invitee, { token })).id, team.id);
    const memberToo = person('admin');
    await t.join(owner, team, memberToo, { role: 'CAPTAIN' });
    assert.equal((await t.invite(memberToo, team, person())).invitation.asAdmin, false);
  });

  it('and leaving at once: a member or none, as the state says', async () => {
    for (let round = 0; round < 5; round++) {
      const [owner, captain, invitee] = [person(), person(), person()];
      const team = await t.createTeam(owner);
      await t.join(owner, team, captain, { role: 'CAPTAIN' });
      const { invitation, token } = await t.invite(captain, team, invitee);
      const [accepted] = await Promise.allSettled([
        t.invitations.accept(invitee, { token }),
        t.teams.leave(captain, { teamId: teamIdOf(team) }),
      ]);
      const members = await t.prisma.membership.count({
        where: { teamId: team.id, userId: invitee.userId, leftAt: null },
      });
      assert.deepEqual(
        [members, await stateNow(invitation.id)],
        accepted.status === 'fulfilled' ? [1, 'ACCEPTED'] : [0, 'REVOKED'],
      );
    }
  });
});

describe('invitations of a team', () => {
  const idOf = (id: string): string => toGlobalId('Invitation', id);

  it('are visible to its owner, administrators and, if their own, captains', async () => {
    const [owner, captain, coach, player, admin] = [person(), person(), person(), person(), person('admin')];
    const team = await t.createTeam(owner);
    for (const [who, role] of [
      [captain, 'CAPTAIN'],
      [coach, 'COACH'],
      [player, 'PLAYER'],
    ] as const)
      await t.join(owner, team, who, { role });
    await t.invite(person('admin'), await t.createTeam(owner), person());
    const expired = (await t.invite(owner, team, person())).invitation;
    await t.prisma.invitation.update({ where: { id: expired.id }, data: { expiresAt: new Date(Date.now() - 1000) } });
    const own = (await t.invite(captain, team, person())).invitation;
    const pending = (await t.invite(owner, team, person())).invitation;
    const seen = async (viewer: Parameters<typeof t.invitations.page>[0], more: object = {}) =>
      (await t.invitations.page(viewer, { teamId: teamIdOf(team), ...more }))?.edges.map(({ node }) => node.id) ?? null;
    const all = await seen(owner);
    assert.deepEqual(all?.slice(0, 3), [pending.id, own.id, expired.id]);
    assert.equal(all?.length, 6);
    assert.deepEqual(await seen(admin), all);
    assert.deepEqual(await seen(captain), [own.id]);
    for (const viewer of [coach, player, person('captain', 'organizer'), ANONYMOUS])
      assert.equal(await seen(viewer), null);
    assert.deepEqual(await seen(owner, { state: 'PENDING' }), [pending.id, own.id]);
    assert.deepEqual(await seen(owner, { state: 'EXPIRED' }), [expired.id]);
    assert.equal((await seen(owner, { state: 'ACCEPTED' }))?.length, 3);
    assert.deepEqual(await seen(owner, { state: 'REVOKED' }), []);
    for (const teamId of ['x', '', toGlobalId('Team', randomUUID()), userIdOf(owner)])
      assert.equal(await seen(owner, { teamId }), null);
    await assert.rejects(t.invitations.page({ audience: 'chat:1', roles: [] }, { teamId: teamIdOf(team) }), {
      message: /listeners of a shared stream/,
    });
    const paged: string[] = [];
    for (let after: string | null | undefined; paged.length < 10;) {
      const page = await t.invitations.page(owner, { teamId: teamIdOf(team), first: 4, after });
      paged.push(...(page?.edges.map(({ node }) => node.id) ?? []));
      if (!page?.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    assert.deepEqual(paged, all);
    await checkPages(
      async (args) => (await t.invitations.page(owner, { teamId: teamIdOf(team), ...args })) ?? assert.fail(),
    );
    assert.equal(
      await (await t.invitations.page(captain, { teamId: teamIdOf(team) }))?.totalCount(),
      1,
      'of what the viewer may see',
    );
  });

  it('can be revoked by everybody who sees them, until they are accepted', async () => {
    const [owner, captain, other, player] = [person(), person(), person(), person()];
    const team = await t.createTeam(owner);
    for (const who of [captain, other]) await t.join(owner, team, who, { role: 'CAPTAIN' });
    await t.join(owner, team, player);
    const revoke = (viewer: Parameters<typeof t.invitations.revoke>[0], id: string) =>
      t.invitations.revoke(viewer, { invitationId: idOf(id) });
    for (const viewer of [owner, captain, person('admin')]) {
      const invitee = person();
      const { invitation, token } = await t.invite(captain, team, invitee);
      for (const stranger of [other, player, invitee, person('captain')])
        await refused(revoke(stranger, invitation.id), 'NOT_FOUND', 'invitationId');
      for (let time = 0; time < 2; time++) assert.equal((await revoke(viewer, invitation.id)).state, 'REVOKED');
      await refused(t.invitations.accept(invitee, { token }), 'CONFLICT', 'token');
      await t.join(owner, team, invitee);
    }
    await assert.rejects(revoke(ANONYMOUS, randomUUID()), unauthenticated);
    const accepted = await t.prisma.invitation.findFirstOrThrow({ where: { teamId: team.id, state: 'ACCEPTED' } });
    await refused(revoke(owner, accepted.id), 'CONFLICT', 'invitationId');
    const { invitation: expired } = await t.invite(owner, team, person());
    await t.prisma.invitation.update({ where: { id: expired.id }, data: { expiresAt: new Date(Date.now() - 1000) } });
    await refused(revoke(owner, expired.id), 'CONFLICT', 'invitationId');
    for (const invitationId of ['x', '', teamIdOf(team), idOf(randomUUID())])
      await refused(t.invitations.revoke(owner, { invitationId }), 'NOT_FOUND', 'invitationId');
  });
});
