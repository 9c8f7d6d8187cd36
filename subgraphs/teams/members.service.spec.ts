import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import { ANONYMOUS, type Principal } from '../../platform/identity/principal.ts';
import { person, rateLimits, refused } from '../../platform/testing/service.testing.ts';
import { TeamSnapshot } from '../../schema/messages/teams.ts';
import type { Team } from './generated/prisma/client.ts';
import type { MembershipRole } from './generated/prisma/enums.ts';
import { openTeams, type Person, teamIdOf, userIdOf } from './teams.fixture.ts';

let t: Awaited<ReturnType<typeof openTeams>>;
beforeAll(async () => {
  t = await openTeams(rateLimits({ changeMembers: { count: 1000, seconds: 3_600 } }));
});
afterAll(() => t.close());

const unauthenticated = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED';
const named = (team: Team, who: Person, more: object = {}) => ({
  teamId: teamIdOf(team),
  userId: userIdOf(who),
  ...more,
});
const changeRole = (viewer: Principal, team: Team, who: Person, role: string) =>
  t.members.changeRole(viewer, named(team, who, { role }));
const remove = (viewer: Principal, team: Team, who: Person) => t.members.remove(viewer, named(team, who));
const transfer = (viewer: Principal, team: Team, who: Person) => t.members.transfer(viewer, named(team, who));

/** A team with one member of each role, and a second captain. */
async function squad() {
  const people = { owner: person(), captain: person(), other: person(), coach: person(), player: person() };
  const team = await t.createTeam(people.owner);
  await t.join(people.owner, team, people.captain, { role: 'CAPTAIN' });
  await t.join(people.owner, team, people.other, { role: 'CAPTAIN' });
  await t.join(people.owner, team, people.coach, { role: 'COACH' });
  await t.join(people.owner, team, people.player);
  return { team, ...people };
}
/** The roles of the active members, by user. */
async function rolesIn(team: Team): Promise<Map<string, MembershipRole>> {
  const members = await t.prisma.membership.findMany({ where: { teamId: team.id, leftAt: null } });
  return new Map(members.map(({ userId, role }) => [userId, role]));
}
/** The events of the team since `seq`, and that all of them are numbered without gaps. */
async function eventsSince(team: Team, seq: number): Promise<[string, unknown][]> {
  const events = await t.eventsOf(team);
  assert.deepEqual(
    events.map(([, number]) => number),
    events.map((_, index) => index + 1),
  );
  assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, events.length);
  return events.slice(seq).map(([type, , payload]) => [type, payload]);
}
const countOf = async (team: Team): Promise<number> => (await t.eventsOf(team)).length;

describe('leaving a team', () => {
  it('works once for a member', async () => {
    const [owner, member] = [person(), person()];
    const team = await t.createTeam(owner);
    await t.join(owner, team, member, { squadNumber: 7 });
    const before = await countOf(team);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => t.members.leave(member, { teamId: teamIdOf(team) })),
    );
    assert.deepEqual([...new Set(answers.map(({ id }) => id))], [team.id]);
    assert.deepEqual(await eventsSince(team, before), [
      ['MemberLeftTeam', { teamId: team.id, userId: member.userId, role: 'PLAYER' }],
    ]);
    assert.equal((await t.teams.memberCounts([team.id])).get(team.id), 1);
    // A user who left can return, with the number that is free again.
    await t.join(owner, team, member, { squadNumber: 7 });
    assert.equal((await t.teams.memberCounts([team.id])).get(team.id), 2);
  });

  it('is refused for its owner and for others', async () => {
    const owner = person();
    const team = await t.createTeam(owner);
    await refused(t.members.leave(owner, { teamId: teamIdOf(team) }), 'CONFLICT', 'teamId');
    await refused(t.members.leave(person(), { teamId: teamIdOf(team) }), 'NOT_FOUND', 'teamId');
    await refused(t.members.leave(owner, { teamId: toGlobalId('Team', randomUUID()) }), 'NOT_FOUND', 'teamId');
    await refused(t.members.leave(owner, { teamId: 'x' }), 'NOT_FOUND', 'teamId');
    await assert.rejects(t.members.leave(ANONYMOUS, { teamId: teamIdOf(team) }), unauthenticated);
    assert.equal((await t.prisma.team.findUniqueOrThrow({ where: { id: team.id } })).lastSeq, 2);
  });
});

describe('the role of a member', () => {
  it('is changed by the owner, administrators and, for players and coaches, captains', async () => {
    const { team, owner, captain, other, coach, player } = await squad();
    const before = await countOf(team);
    const admin = person('admin');
    const steps = [
      [owner, captain, 'PLAYER'],
      [owner, captain, 'CAPTAIN'],
      [captain, player, 'COACH'],
      [captain, coach, 'CAPTAIN'],
      [admin, other, 'PLAYER'],
    ] as const;
    const told: [string, unknown][] = [];
    for (const [by, who, role] of steps) {
      const previousRole = (await rolesIn(team)).get(who.userId);
      // The second time changes nothing.
      for (let time = 0; time < 2; time++) assert.equal((await changeRole(by, team, who, role)).role, role);
      told.push([
        'MemberRoleChanged',
        { teamId: team.id, userId: who.userId, role, previousRole, byUserId: by.userId },
      ]);
    }
    assert.deepEqual(await eventsSince(team, before), told);
    // The person `coach` is a captain by now, and gives up the role of captain. The second request changes nothing.
    for (let time = 0; time < 2; time++) await changeRole(coach, team, coach, 'PLAYER');
    assert.equal((await rolesIn(team)).get(coach.userId), 'PLAYER');
  });

  it('stays for everybody else, and for leaders whom a captain would demote', async () => {
    const { team, owner, captain, other, coach, player } = await squad();
    const before = await countOf(team);
    for (const viewer of [coach, player, person('captain', 'organizer')]) {
      await refused(changeRole(viewer, team, player, 'CAPTAIN'), 'FORBIDDEN', 'teamId');
      await refused(changeRole(viewer, team, coach, 'PLAYER'), 'FORBIDDEN', 'teamId');
    }
    await refused(changeRole(captain, team, other, 'PLAYER'), 'FORBIDDEN', 'userId');
    await refused(changeRole(captain, team, owner, 'PLAYER'), 'FORBIDDEN', 'userId');
    for (const viewer of [owner, person('admin')])
      await refused(changeRole(viewer, team, owner, 'CAPTAIN'), 'CONFLICT', 'userId');
    await refused(changeRole(owner, team, player, 'OWNER'), 'INVALID', 'role');
    await refused(changeRole(owner, team, person(), 'COACH'), 'NOT_FOUND', 'userId');
    for (const userId of ['x', teamIdOf(team)])
      await refused(
        t.members.changeRole(owner, { teamId: teamIdOf(team), userId, role: 'COACH' }),
        'NOT_FOUND',
        'userId',
      );
    for (const teamId of ['x', toGlobalId('Team', randomUUID())])
      await refused(
        t.members.changeRole(owner, { teamId, userId: userIdOf(player), role: 'COACH' }),
        'NOT_FOUND',
        'teamId',
      );
    await assert.rejects(changeRole(ANONYMOUS, team, player, 'COACH'), unauthenticated);
    assert.deepEqual(await eventsSince(team, before), []);
  });

  it('takes the pending invitations with it, when it was the right to invite', async () => {
    const { team, owner, captain } = await squad();
    const [one, two] = [person(), person()];
    const sent = await t.invite(captain, team, one);
    const kept = await t.invite(owner, team, two);
    const before = await countOf(team);
    await changeRole(owner, team, captain, 'COACH');
    assert.deepEqual(
      (await eventsSince(team, before)).map(([type, payload]) => [type, (payload as { byUserId: string }).byUserId]),
      [
        ['MemberRoleChanged', owner.userId],
        ['InvitationClosed', owner.userId],
      ],
    );
    await refused(t.invitations.accept(one, { token: sent.token }), 'CONFLICT', 'token');
    await t.invitations.accept(two, { token: kept.token });
  });
});

describe('a removal', () => {
  it('is for the owner and administrators, and for captains against players and coaches', async () => {
    const { team, owner, captain, other, coach, player } = await squad();
    const before = await countOf(team);
    const admin = person('admin');
    for (const [by, who, role] of [
      [captain, player, 'PLAYER'],
      [owner, captain, 'CAPTAIN'],
      [admin, coach, 'COACH'],
      [other, other, 'CAPTAIN'],
    ] as const) {
      for (let time = 0; time < 2; time++) assert.equal((await remove(by, team, who)).id, team.id);
      const left = (await eventsSince(team, before)).at(-1);
      const removedById = by === who ? {} : { removedById: by.userId };
      assert.deepEqual(left, ['MemberLeftTeam', { teamId: team.id, userId: who.userId, role, ...removedById }]);
    }
    assert.equal((await eventsSince(team, before)).length, 4);
    assert.deepEqual([...(await rolesIn(team)).values()], ['OWNER']);
  });

  it('is refused for everybody else, and never reaches the owner', async () => {
    const { team, owner, captain, other, coach, player } = await squad();
    const before = await countOf(team);
    for (const viewer of [coach, player, person('captain')])
      await refused(remove(viewer, team, captain), 'FORBIDDEN', 'teamId');
    await refused(remove(captain, team, other), 'FORBIDDEN', 'userId');
    await refused(remove(captain, team, owner), 'FORBIDDEN', 'userId');
    for (const viewer of [owner, person('admin')]) await refused(remove(viewer, team, owner), 'CONFLICT', 'userId');
    await refused(remove(owner, team, person()), 'NOT_FOUND', 'userId');
    await refused(t.members.remove(owner, { teamId: 'x', userId: userIdOf(player) }), 'NOT_FOUND', 'teamId');
    await assert.rejects(remove(ANONYMOUS, team, player), unauthenticated);
    assert.deepEqual(await eventsSince(team, before), []);
  });

  it('leaves no way back: neither an old invitation, nor a request, nor what the member sent', async () => {
    const { team, owner, captain } = await squad();
    const gone = person();
    const { token, invitation } = await t.invite(captain, team, gone, { role: 'CAPTAIN' });
    await t.invitations.accept(gone, { token });
    const friend = person();
    const sent = await t.invite(gone, team, friend);
    await remove(owner, team, gone);
    await refused(t.invitations.accept(gone, { token }), 'CONFLICT', 'token');
    const invitationId = toGlobalId('Invitation', invitation.id);
    await refused(t.invitations.accept(gone, { invitationId }), 'CONFLICT', 'invitationId');
    await refused(t.invitations.accept(friend, { token: sent.token }), 'CONFLICT', 'token');
    await refused(t.invite(gone, team, person()), 'FORBIDDEN', 'teamId');
    assert.equal((await t.joinRequests.request(gone, { teamId: teamIdOf(team) })).state, 'PENDING');
    assert.equal((await rolesIn(team)).has(gone.userId), false);
  });
});

describe('a transfer of ownership', () => {
  it('makes the previous owner a captain, with one event for each', async () => {
    const { team, owner, player } = await squad();
    const before = await countOf(team);
    for (let time = 0; time < 2; time++) assert.equal((await transfer(owner, team, player)).id, team.id);
    const both = { teamId: team.id, byUserId: owner.userId };
    assert.deepEqual(await eventsSince(team, before), [
      ['MemberRoleChanged', { ...both, userId: owner.userId, role: 'CAPTAIN', previousRole: 'OWNER' }],
      ['MemberRoleChanged', { ...both, userId: player.userId, role: 'OWNER', previousRole: 'PLAYER' }],
    ]);
    await refused(transfer(owner, team, owner), 'FORBIDDEN', 'teamId');
    // The previous owner can leave, and the new one cannot.
    await t.members.leave(owner, { teamId: teamIdOf(team) });
    await refused(t.members.leave(player, { teamId: teamIdOf(team) }), 'CONFLICT', 'teamId');
  });

  it('is for the owner and administrators, to a member', async () => {
    const { team, owner, captain, coach, player } = await squad();
    const before = await countOf(team);
    for (const viewer of [captain, coach, player, person('captain')])
      await refused(transfer(viewer, team, player), 'FORBIDDEN', 'teamId');
    await refused(transfer(coach, team, owner), 'FORBIDDEN', 'teamId');
    await refused(transfer(owner, team, person()), 'NOT_FOUND', 'userId');
    await refused(t.members.transfer(owner, { teamId: teamIdOf(team), userId: 'x' }), 'NOT_FOUND', 'userId');
    await refused(t.members.transfer(owner, { teamId: 'x', userId: userIdOf(player) }), 'NOT_FOUND', 'teamId');
    await assert.rejects(transfer(ANONYMOUS, team, player), unauthenticated);
    assert.deepEqual(await eventsSince(team, before), []);
    await transfer(person('admin'), team, coach);
    const roles = await rolesIn(team);
    assert.deepEqual([roles.get(coach.userId), roles.get(owner.userId)], ['OWNER', 'CAPTAIN']);
  });

  it('leaves exactly one owner, whatever happens at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const { team, owner, captain, other, coach, player } = await squad();
      const admin = person('admin');
      await Promise.allSettled([
        transfer(owner, team, captain),
        transfer(owner, team, player),
        transfer(admin, team, coach),
        t.members.leave(captain, { teamId: teamIdOf(team) }),
        remove(owner, team, player),
        changeRole(owner, team, captain, 'PLAYER'),
        changeRole(owner, team, other, 'PLAYER'),
        remove(admin, team, other),
        t.members.leave(owner, { teamId: teamIdOf(team) }),
      ]);
      const roles = await rolesIn(team);
      assert.equal([...roles.values()].filter((role) => role === 'OWNER').length, 1);
      // The events lead to the rows of the table.
      const told = new Map<string, string>();
      for (const [type, payload] of await eventsSince(team, 0)) {
        const { userId, role } = payload as { userId: string; role: string };
        if (type === 'MemberJoinedTeam' || type === 'MemberRoleChanged') told.set(userId, role);
        if (type === 'MemberLeftTeam') told.delete(userId);
      }
      assert.deepEqual(new Map([...told].sort()), new Map([...roles].sort()));
    }
  }, 60_000);

  it('is checked by the database too: not two owners, and not none', async () => {
    const { team, owner, player } = await squad();
    const where = (who: Person) => ({ teamId: team.id, userId: who.userId });
    const update = t.prisma.membership.updateMany;
    await assert.rejects(update({ where: where(player), data: { role: 'OWNER' } }), { code: 'P2002' });
    for (const data of [{ role: 'COACH' as const }, { leftAt: new Date() }])
      await assert.rejects(update({ where: where(owner), data }), /has no owner/);
    await assert.rejects(t.prisma.membership.deleteMany({ where: where(owner) }), /has no owner/);
    await t.prisma.$transaction([
      update({ where: where(owner), data: { role: 'COACH' } }),
      update({ where: where(player), data: { role: 'OWNER' } }),
    ]);
    assert.equal((await rolesIn(team)).get(player.userId), 'OWNER');
  });
});

const disband = (viewer: Principal, team: Team) => t.members.disband(viewer, { teamId: teamIdOf(team) });

describe('a team that is disbanded', () => {
  it('ends its memberships, invitations and requests, and says so in events, the last one about the team', async () => {
    const { team, owner, captain, player } = await squad();
    const [invitee, late, asking] = [person(), person(), person()];
    const { invitation } = await t.invite(captain, team, invitee);
    const { invitation: expired } = await t.invite(owner, team, late);
    await t.prisma.invitation.update({ where: { id: expired.id }, data: { expiresAt: new Date(Date.now() - 1) } });
    const request = await t.joinRequests.request(asking, { teamId: teamIdOf(team) });
    const before = await countOf(team);
    const { disbandedAt } = await disband(owner, team);
    const by = { teamId: team.id, byUserId: owner.userId };
    const events = await eventsSince(team, before);
    assert.deepEqual(
      events.filter(([type]) => type !== 'MemberLeftTeam'),
      [
        [
          'InvitationClosed',
          {
            teamId: team.id,
            invitationId: expired.id,
            userId: late.userId,
            inviterId: owner.userId,
            state: 'EXPIRED',
            byUserId: null,
          },
        ],
        [
          'InvitationClosed',
          { ...by, invitationId: invitation.id, userId: invitee.userId, inviterId: captain.userId, state: 'REVOKED' },
        ],
        ['JoinRequestClosed', { ...by, joinRequestId: request.id, userId: asking.userId, state: 'DECLINED' }],
        ['TeamDisbanded', { ...by, disbandedAt: disbandedAt?.toISOString() }],
      ],
    );
    assert.equal(events.at(-1)?.[0], 'TeamDisbanded');
    const left = new Map(
      events.filter(([type]) => type === 'MemberLeftTeam').map(([, told]) => [(told as Person).userId, told]),
    );
    assert.equal(left.size, 5);
    const gone = { teamId: team.id, disbanded: true };
    assert.deepEqual(left.get(owner.userId), { ...gone, userId: owner.userId, role: 'OWNER' });
    assert.deepEqual(left.get(player.userId), {
      ...gone,
      userId: player.userId,
      role: 'PLAYER',
      removedById: owner.userId,
    });
    assert.equal((await rolesIn(team)).size, 0);
    assert.deepEqual(
      (await t.teams.byIds([team.id])).get(team.id)?.disbandedAt,
      disbandedAt,
      'the team stays readable',
    );
  });

  it('is disbanded by its owner or an administrator only, once', async () => {
    const { team, owner, captain, coach, player } = await squad();
    for (const viewer of [captain, coach, player, person()])
      await refused(disband(viewer, team), 'FORBIDDEN', 'teamId');
    await assert.rejects(disband(ANONYMOUS, team), unauthenticated);
    for (const teamId of ['', 'x', toGlobalId('Team', randomUUID()), userIdOf(owner)])
      await refused(t.members.disband(owner, { teamId }), 'NOT_FOUND', 'teamId');
    await transfer(owner, team, captain);
    await refused(disband(owner, team), 'FORBIDDEN', 'teamId');
    const answers = await Promise.all(Array.from({ length: 5 }, () => disband(captain, team)));
    const events = await countOf(team);
    assert.equal(new Set(answers.map(({ disbandedAt }) => disbandedAt?.toISOString())).size, 1);
    for (const again of [captain, person('admin')])
      assert.deepEqual((await disband(again, team)).disbandedAt, answers[0]?.disbandedAt);
    for (const other of [owner, player, person()]) await refused(disband(other, team), 'FORBIDDEN', 'teamId');
    assert.equal(await countOf(team), events);

    const other = await t.createTeam(owner);
    await disband(person('admin'), other);
    assert.equal((await rolesIn(other)).size, 0);
  });

  it('cannot be joined, invited to or changed, by nobody', async () => {
    const { team, owner, captain, player } = await squad();
    const [invitee, asking, admin] = [person(), person(), person('admin')];
    const { invitation, token } = await t.invite(owner, team, invitee);
    const request = await t.joinRequests.request(asking, { teamId: teamIdOf(team) });
    await disband(owner, team);
    const before = await countOf(team);
    const joinRequestId = toGlobalId('JoinRequest', request.id);
    const invitationId = toGlobalId('Invitation', invitation.id);
    for (const viewer of [owner, captain, admin]) {
      await refused(t.invite(viewer, team, person()), 'CONFLICT', 'teamId');
      await refused(changeRole(viewer, team, player, 'COACH'), 'CONFLICT', 'teamId');
      await refused(remove(viewer, team, player), 'CONFLICT', 'teamId');
      await refused(transfer(viewer, team, player), 'CONFLICT', 'teamId');
    }
    await refused(t.joinRequests.request(asking, { teamId: teamIdOf(team) }), 'CONFLICT', 'teamId');
    await refused(t.invitations.accept(invitee, { token }), 'CONFLICT', 'token');
    await refused(t.joinRequests.accept(admin, { joinRequestId }), 'CONFLICT', 'joinRequestId');
    await refused(t.joinRequests.accept(owner, { joinRequestId }), 'NOT_FOUND', 'joinRequestId');
    // A stranger learns nothing about what there was.
    await refused(t.joinRequests.accept(person(), { joinRequestId }), 'NOT_FOUND', 'joinRequestId');
    await refused(t.invitations.revoke(person(), { invitationId }), 'NOT_FOUND', 'invitationId');
    // Repeats of what was done before are answered as before.
    assert.equal((await t.members.leave(player, { teamId: teamIdOf(team) })).id, team.id);
    assert.equal((await t.invitations.revoke(admin, { invitationId })).state, 'REVOKED');
    await t.fire(new Date(Date.now() + 15 * 24 * 3_600_000)); // the timer of the invitation
    assert.equal(await countOf(team), before);
    await assert.rejects(
      t.prisma.$transaction([
        t.prisma.membership.create({ data: { teamId: team.id, userId: asking.userId, role: 'PLAYER' } }),
        t.prisma.team.update({ where: { id: team.id }, data: { lastSeq: { increment: 1 } } }),
      ]),
      /has members/,
      'nor by a process of a version that does not know of it',
    );
  });

  it('has every member in the events, whoever joins or leaves at the same time', async () => {
    for (let round = 0; round < 5; round++) {
      const { team, owner, captain, player } = await squad();
      const joining = person();
      const { token } = await t.invite(owner, team, joining);
      await Promise.allSettled([
        t.invitations.accept(joining, { token }),
        t.members.leave(player, { teamId: teamIdOf(team) }),
        disband(owner, team),
        transfer(owner, team, captain),
        t.invite(captain, team, person()),
      ]);
      await Promise.allSettled([disband(owner, team), disband(captain, team)]);
      const members = new Set<string>();
      for (const [type, payload] of await eventsSince(team, 0)) {
        const { userId } = payload as Person;
        if (type === 'MemberJoinedTeam') members.add(userId);
        if (type === 'MemberLeftTeam') assert.ok(members.delete(userId), 'a member leaves once');
      }
      assert.deepEqual([members.size, (await rolesIn(team)).size], [0, 0]);
      assert.equal((await eventsSince(team, 0)).at(-1)?.[0], 'TeamDisbanded');
      assert.equal(await t.prisma.invitation.count({ where: { teamId: team.id, state: 'PENDING' } }), 0);
    }
  });

  it('is left out of the list of teams, unless it is asked for', async () => {
    const owner = person();
    const sport = 'BEACH_VOLLEYBALL';
    const [old] = [
      await t.createTeam(owner, { name: 'Dunes', sport }),
      await t.createTeam(owner, { name: 'Shore', sport }),
    ];
    await disband(owner, old);
    const names = async (more: object): Promise<[string[], number | null]> => {
      const page = await t.teams.page({ sport, ...more });
      return [page.edges.map(({ node }) => node.name), await page.totalCount()];
    };
    assert.deepEqual(await names({}), [['Shore'], 1]);
    assert.deepEqual(await names({ name: 'dun' }), [[], 0]);
    assert.deepEqual(await names({ includeDisbanded: true }), [['Dunes', 'Shore'], 2]);
    assert.deepEqual(await names({ includeDisbanded: true, name: 'dun' }), [['Dunes'], 1]);
    const { endCursor } = (await t.teams.page({ sport, first: 1 })).pageInfo;
    await assert.rejects(
      t.teams.page({ sport, after: endCursor, includeDisbanded: true }),
      /not a cursor of this list/,
    );
  });

  it('is announced as disbanded', async () => {
    const owner = person();
    const team = await t.createTeam(owner);
    const { disbandedAt } = await disband(owner, team);
    const states = await t.outbox.transaction(t.prisma, async (tx) => t.teams.states(tx, { after: null, limit: 1000 }));
    const { payload, seq } = states.find((state) => state.payload.teamId === team.id) ?? assert.fail();
    assert.deepEqual([payload.disbandedAt, payload.members, seq], [disbandedAt?.toISOString(), [], 4]);
    assert.equal(TeamSnapshot.payload.parse(payload).disbandedAt, disbandedAt?.toISOString());
  });
});

describe('changes of members', () => {
  it('of one role and a removal at once end in a state that the events describe', async () => {
    for (let round = 0; round < 5; round++) {
      const { team, owner, captain, player } = await squad();
      const before = await countOf(team);
      const [changed] = await Promise.allSettled([
        changeRole(captain, team, player, 'CAPTAIN'),
        remove(owner, team, player),
      ]);
      assert.equal((await rolesIn(team)).has(player.userId), false);
      const types = (await eventsSince(team, before)).map(([type]) => type);
      assert.deepEqual(
        types,
        changed.status === 'fulfilled' ? ['MemberRoleChanged', 'MemberLeftTeam'] : ['MemberLeftTeam'],
      );
    }
  });

  it('are limited in number, refused attempts included', async () => {
    const limited = await openTeams(rateLimits({ changeMembers: { count: 3, seconds: 3_600 } }));
    try {
      const [owner, stranger] = [person(), person()];
      const team = await limited.createTeam(owner);
      const attempts: (() => Promise<unknown>)[] = [
        () => limited.members.remove(stranger, named(team, owner)),
        () => limited.members.transfer(stranger, named(team, stranger)),
        () => limited.members.changeRole(stranger, named(team, owner, { role: 'PLAYER' })),
      ];
      for (const attempt of attempts) await refused(attempt(), 'FORBIDDEN', 'teamId');
      const others = [
        () => limited.members.leave(stranger, { teamId: teamIdOf(team) }),
        () => limited.members.disband(stranger, { teamId: teamIdOf(team) }),
      ];
      for (const attempt of [...attempts, ...others])
        await assert.rejects(attempt(), (error) => (error as GraphQLError).extensions['code'] === 'RATE_LIMITED');
    } finally {
      await limited.close();
    }
  });
});
