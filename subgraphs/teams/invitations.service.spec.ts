import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { checkPages } from '../../platform/graphql/connection.testing.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { MAX_PENDING_INVITATIONS } from './invitations.service.ts';
import { openTeams, teamIdOf, userIdOf } from './teams.fixture.ts';

const MIGRATION = path.join(
  import.meta.dirname,
  '../../prisma/teams/migrations/20261129121500_join_requests/migration.sql',
);
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
    await t.members.leave(gone, { teamId: teamIdOf(team) });
    for (const viewer of [owner, captain, admin]) {
      const { invitation, token } = await t.invite(viewer, team, person());
      assert.deepEqual([invitation.state, invitation.inviterId], ['PENDING', viewer.userId]);
      assert.doesNotMatch(JSON.stringify(invitation), new RegExp(token ?? assert.fail()));
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
    const [teamId, userId, inviterId, invitationId] = [team.id, invitee.userId, owner.userId, invitation.id];
    const expiresAt = invitation.expiresAt.toISOString();
    assert.deepEqual((await t.eventsOf(team)).slice(2), [
      ['InvitationSent', 3, { teamId, invitationId, userId, inviterId, role: 'CAPTAIN', expiresAt }],
      ['MemberJoinedTeam', 4, { teamId, userId, role: 'CAPTAIN' }],
      ['InvitationClosed', 5, { teamId, invitationId, userId, inviterId, state: 'ACCEPTED', byUserId: userId }],
    ]);
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
    assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, 3);
  });

  it('creates one membership and one event for any number of concurrent requests', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const { token } = await t.invite(owner, team, invitee);
    const answers = await Promise.all(Array.from({ length: 20 }, () => t.invitations.accept(invitee, { token })));
    assert.deepEqual([...new Set(answers.map(({ id }) => id))], [team.id]);
    assert.equal(await t.prisma.membership.count({ where: { teamId: team.id, userId: invitee.userId } }), 1);
    assert.equal((await t.told()).events.filter(({ key }) => key === team.id).length, 5);
    assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, 5);
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
    await t.members.leave(captain, { teamId: teamIdOf(team) });
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
      await t.members.leave(captain, { teamId: teamIdOf(team) });
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
        t.members.leave(captain, { teamId: teamIdOf(team) }),
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

describe('an invited user', () => {
  const idOf = (invitation: { id: string }) => ({ invitationId: toGlobalId('Invitation', invitation.id) });

  it('accepts and declines by the id, and nobody else does', async () => {
    const [owner, one, two] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    const accepted = (await t.invite(owner, team, one, { role: 'COACH' })).invitation;
    const { invitation: declined, token } = await t.invite(owner, team, two);
    for (const answer of ['accept', 'decline'] as const) {
      for (const viewer of [owner, two, person('admin')])
        await refused(t.invitations[answer](viewer, idOf(accepted)), 'NOT_FOUND', 'invitationId');
      await assert.rejects(t.invitations[answer](ANONYMOUS, idOf(accepted)), unauthenticated);
      for (const invitationId of ['', 'x', teamIdOf(team), toGlobalId('Invitation', randomUUID())])
        await refused(t.invitations[answer](one, { invitationId }), 'NOT_FOUND', 'invitationId');
    }
    for (const input of [{}, { token, ...idOf(declined) }, { token: null, invitationId: null }])
      await refused(t.invitations.accept(two, input), 'INVALID', null);
    for (let time = 0; time < 2; time++) {
      assert.equal((await t.invitations.accept(one, idOf(accepted))).id, team.id);
      assert.equal((await t.invitations.decline(two, idOf(declined))).state, 'DECLINED');
    }
    await refused(t.invitations.decline(one, idOf(accepted)), 'CONFLICT', 'invitationId');
    await refused(t.invitations.accept(two, idOf(declined)), 'CONFLICT', 'invitationId');
    await refused(t.invitations.accept(two, { token }), 'CONFLICT', 'token');
    await refused(t.invitations.revoke(owner, idOf(declined)), 'CONFLICT', 'invitationId');
    const events = (await t.eventsOf(team)).slice(4);
    assert.deepEqual(
      events.map(([type, , payload]) => [type, (payload as { state?: string }).state]),
      [
        ['MemberJoinedTeam', undefined],
        ['InvitationClosed', 'ACCEPTED'],
        ['InvitationClosed', 'DECLINED'],
      ],
    );
    await t.invite(owner, team, two); // a declined user can be invited again
  });

  it('sees their own invitations, the pending ones first of all', async () => {
    const user = person();
    const sent = [];
    for (let number = 0; number < 5; number++) {
      const owner = person();
      const team = await t.createTeam(owner);
      sent.push({ owner, ...(await t.invite(owner, team, user)) });
      await t.invite(owner, team, person());
    }
    const [first, second, third] = sent;
    await t.invitations.decline(user, idOf(first?.invitation ?? assert.fail()));
    await t.invitations.revoke(second?.owner ?? ANONYMOUS, idOf(second?.invitation ?? assert.fail()));
    await t.prisma.invitation.update({
      where: { id: third?.invitation.id ?? '' },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    const ids = sent.map(({ invitation }) => invitation.id).reverse();
    const seen = async (viewer: Parameters<typeof t.invitations.pageOfViewer>[0], state?: 'PENDING' | 'EXPIRED') =>
      (await t.invitations.pageOfViewer(viewer, { state }))?.edges.map(({ node }) => node.id) ?? null;
    assert.deepEqual(await seen(user), ids);
    assert.deepEqual(await seen(user, 'PENDING'), ids.slice(0, 2));
    assert.deepEqual(await seen(user, 'EXPIRED'), ids.slice(2, 3));
    assert.deepEqual([await seen(person('admin')), await seen(ANONYMOUS)], [[], null]);
    await checkPages(async (args) => (await t.invitations.pageOfViewer(user, args)) ?? assert.fail());
    assert.equal((await t.invitations.byIds(user, ids)).size, 5);
    assert.equal((await t.invitations.byIds(person(), ids)).size, 0);
  });

  it('and a revocation at once: a member or none, as the state says', async () => {
    for (let round = 0; round < 5; round++) {
      const [owner, invitee] = [person(), person()];
      const team = await t.createTeam(owner);
      const { invitation } = await t.invite(owner, team, invitee);
      const done = await Promise.allSettled([
        t.invitations.accept(invitee, idOf(invitation)),
        t.invitations.revoke(owner, idOf(invitation)),
        t.invitations.decline(invitee, idOf(invitation)),
      ]);
      assert.equal(done.filter(({ status }) => status === 'fulfilled').length, 1);
      const members = await t.prisma.membership.count({ where: { teamId: team.id, userId: invitee.userId } });
      const { state } = await t.prisma.invitation.findUniqueOrThrow({ where: { id: invitation.id } });
      const winner = ['ACCEPTED', 'REVOKED', 'DECLINED'][done.findIndex(({ status }) => status === 'fulfilled')];
      assert.deepEqual([state, members], [winner, winner === 'ACCEPTED' ? 1 : 0]);
      assert.deepEqual(
        (await t.eventsOf(team)).map(([, seq]) => seq),
        winner === 'ACCEPTED' ? [1, 2, 3, 4, 5] : [1, 2, 3, 4],
      );
    }
  });
});

describe('an invitation that nobody answers', () => {
  it('expires with an event, once, and an answered one does not', async () => {
    const [owner, late, joined] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    const { invitation } = await t.invite(owner, team, late);
    await t.join(owner, team, joined);
    const before = (await t.eventsOf(team)).length;
    await t.fire(new Date(invitation.expiresAt.getTime() - 1));
    assert.equal((await t.eventsOf(team)).length, before);
    await t.fire(new Date(invitation.expiresAt.getTime() + 60_000));
    const [teamId, invitationId, userId, inviterId] = [team.id, invitation.id, late.userId, owner.userId];
    assert.deepEqual((await t.eventsOf(team)).slice(before), [
      ['InvitationClosed', before + 1, { teamId, invitationId, userId, inviterId, state: 'EXPIRED', byUserId: null }],
    ]);
    assert.equal((await t.prisma.invitation.findUniqueOrThrow({ where: { id: invitationId } })).state, 'EXPIRED');
    assert.equal(await t.prisma.timer.count({ where: { key: invitationId } }), 0);
  });

  it('expires too when an earlier version sent it: the migration sets its timer', async () => {
    const [owner, late, joined] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    const { invitation } = await t.invite(owner, team, late);
    await t.join(owner, team, joined);
    await t.prisma.timer.deleteMany();
    const migration = readFileSync(MIGRATION, 'utf8');
    const [, statement] = migration.split(/^(?=INSERT INTO timers)/m);
    await t.prisma.$transaction([
      t.prisma.$executeRaw`SET LOCAL search_path = teams`,
      t.prisma.$executeRawUnsafe(statement ?? assert.fail()),
    ]);
    const accepted = { teamId: team.id, state: 'ACCEPTED' as const };
    const { id } = await t.prisma.invitation.findFirstOrThrow({ where: accepted });
    assert.equal(await t.prisma.timer.count({ where: { key: id } }), 0);
    await t.fire(new Date(invitation.expiresAt.getTime() + 60_000));
    assert.equal((await t.prisma.invitation.findUniqueOrThrow({ where: { id: invitation.id } })).state, 'EXPIRED');
    assert.deepEqual(await t.prisma.timer.findMany(), []);
  });
});

describe('sending invitations', () => {
  it('again with the same client id returns the invitation without its token', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const more = { clientId: 'one', squadNumber: 7 };
    const sent = await Promise.all(Array.from({ length: 5 }, () => t.invite(owner, team, invitee, more)));
    assert.equal(new Set(sent.map(({ invitation }) => invitation.id)).size, 1);
    assert.equal(sent.filter(({ token }) => token !== null).length, 1);
    assert.equal((await t.eventsOf(team)).length, 3);
    for (const other of [{ squadNumber: 8 }, { squadNumber: null }, { role: 'COACH' }])
      await refused(t.invite(owner, team, invitee, { ...more, ...other }), 'CONFLICT', 'clientId');
    await refused(t.invite(owner, team, person(), more), 'CONFLICT', 'clientId');
    await refused(t.invite(owner, await t.createTeam(owner), invitee, more), 'CONFLICT', 'clientId');
    assert.notEqual((await t.invite(person('admin'), team, person(), more)).token, null);
  });

  it('is limited to a number of pending ones in a team', async () => {
    const [owner, invitee] = [person(), person()];
    const team = await t.createTeam(owner);
    const open = (count: number) => ({
      data: Array.from({ length: count }, () => ({
        teamId: team.id,
        inviteeId: randomUUID(),
        inviterId: owner.userId,
        role: 'PLAYER' as const,
        tokenHash: randomUUID(),
        expiresAt: new Date(Date.now() + 60_000),
      })),
    });
    await t.prisma.invitation.createMany(open(MAX_PENDING_INVITATIONS - 1));
    await t.invite(owner, team, invitee);
    await refused(t.invite(owner, team, person()), 'CONFLICT', 'teamId');
    const { invitation } = await t.invite(owner, team, invitee); // replaces the pending one
    await t.invitations.decline(invitee, { invitationId: toGlobalId('Invitation', invitation.id) });
    await t.invite(owner, team, person());
  });

  it('again closes the earlier invitation with an event, as leaving does', async () => {
    const [owner, captain, invitee] = [person(), person(), person()];
    const team = await t.createTeam(owner);
    await t.join(owner, team, captain, { role: 'CAPTAIN' });
    await t.invite(owner, team, invitee);
    await t.invite(captain, team, invitee);
    await t.members.leave(captain, { teamId: teamIdOf(team) });
    assert.deepEqual(
      (await t.eventsOf(team)).slice(5).map(([type, , payload]) => {
        const { state, byUserId, inviterId } = payload as Record<string, unknown>;
        return [type, inviterId, state, byUserId];
      }),
      [
        ['InvitationSent', owner.userId, undefined, undefined],
        ['InvitationClosed', owner.userId, 'REVOKED', captain.userId],
        ['InvitationSent', captain.userId, undefined, undefined],
        ['MemberLeftTeam', undefined, undefined, undefined],
        ['InvitationClosed', captain.userId, 'REVOKED', captain.userId],
      ],
    );
  });
});
