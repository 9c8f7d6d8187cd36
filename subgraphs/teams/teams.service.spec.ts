import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { checkPages, forged, pageOf } from '../../platform/graphql/connection.testing.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { person, refused } from '../../platform/testing/service.testing.ts';
import { MemberJoinedTeam, TeamCreated } from '../../schema/messages/teams.ts';
import type { Team } from './generated/prisma/client.ts';
import { openTeams, type Person } from './teams.fixture.ts';

let t: Awaited<ReturnType<typeof openTeams>>;
beforeAll(async () => {
  t = await openTeams();
});
afterAll(() => t.close());

const codeIs =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof GraphQLError && error.extensions.code === code;
const toldOf = async ({ id }: Team) => (await t.told()).events.filter(({ key }) => key === id);

describe('a created team', () => {
  it('has its creator as owner, and publishes both', async () => {
    const owner = person();
    const team = await t.createTeam(owner, { name: ' Brick Rovers ', city: 'Riga' });
    const { name, sport, city } = team;
    assert.deepEqual({ name, sport, city }, { name: 'Brick Rovers', sport: 'FOOTBALL', city: 'Riga' });
    const [created, joined, ...more] = await toldOf(team);
    assert.deepEqual(
      [created?.type, created?.seq, joined?.type, joined?.seq, more],
      ['TeamCreated', 1, 'MemberJoinedTeam', 2, []],
    );
    assert.deepEqual(TeamCreated.payload.parse(created?.payload), {
      teamId: team.id,
      name: 'Brick Rovers',
      sport: 'FOOTBALL',
      city: 'Riga',
    });
    assert.deepEqual(MemberJoinedTeam.payload.parse(joined?.payload), {
      teamId: team.id,
      userId: owner.userId,
      role: 'OWNER',
    });
  });

  it('is created once for any number of requests with the same client id, also concurrent ones', async () => {
    const owner = person();
    const clientId = randomUUID();
    const teams = await Promise.all(Array.from({ length: 10 }, () => t.createTeam(owner, { clientId })));
    assert.equal(new Set([...teams, await t.createTeam(owner, { clientId })].map(({ id }) => id)).size, 1);
    const { id } = teams[0] ?? assert.fail();
    assert.equal(await t.prisma.membership.count({ where: { teamId: id } }), 1);
    assert.equal((await toldOf(teams[0] ?? assert.fail())).length, 2);
    // The client of another user may use the same client id.
    assert.notEqual((await t.createTeam(person(), { clientId })).id, id);
  });

  it('refuses guests and wrong values', async () => {
    await assert.rejects(t.teams.create(ANONYMOUS, {}), codeIs('UNAUTHENTICATED'));
    const owner = person();
    await refused(t.createTeam(owner, { name: ' ' }), 'INVALID', 'name');
    await refused(t.createTeam(owner, { name: 'x'.repeat(81) }), 'INVALID', 'name');
    await refused(t.createTeam(owner, { name: 'a\u0000b' }), 'INVALID', 'name');
    await refused(t.createTeam(owner, { city: 'a\nb' }), 'INVALID', 'city');
    await refused(t.createTeam(owner, { sport: 'CHESS' }), 'INVALID', 'sport');
    await refused(t.createTeam(owner, { clientId: '' }), 'INVALID', 'clientId');
    assert.equal(await t.prisma.team.count({ where: { founderId: owner.userId } }), 0);
  });
});

describe('pages', () => {
  it('of teams are sorted by name, and each team is on one page', async () => {
    const owner = person();
    const names = ['delta', 'alpha', 'charlie', 'bravo', 'bravo'];
    for (const name of names) await t.createTeam(owner, { name, sport: 'HOCKEY' });
    const seen: string[] = [];
    for (let after: string | null | undefined; seen.length < 10;) {
      const { edges, pageInfo } = await t.teams.page({ first: 2, after, sport: 'HOCKEY' });
      seen.push(...edges.map(({ node }) => node.name));
      assert.equal(pageInfo.hasPreviousPage, after !== undefined);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    assert.deepEqual(seen, [...names].sort());
    await checkPages((args) => t.teams.page({ ...args, sport: 'HOCKEY' }));
    assert.equal(await (await t.teams.page({ first: 1, sport: 'HOCKEY' })).totalCount(), names.length);
  });

  it('of teams are found by the beginnings of words of their names', async () => {
    const owner = person();
    const names = ['1.FC Köln', 'Ёлки-Палки', 'Yard Foxes', "O'Neil Yard", 'Foxes of the Yard 2'];
    for (const name of names) await t.createTeam(owner, { name, sport: 'BASKETBALL_3X3' });
    await t.createTeam(owner, { name: 'Yard Foxes', sport: 'VOLLEYBALL' });
    const found = async (name: string): Promise<string[]> =>
      (await t.teams.page({ name, sport: 'BASKETBALL_3X3' })).edges.map(({ node }) => node.name);
    for (const [name, expected] of [
      ['fox yar', ['Foxes of the Yard 2', 'Yard Foxes']],
      ['FOXES', ['Foxes of the Yard 2', 'Yard Foxes']],
      ['oxes', []],
      ['ёл па', ['Ёлки-Палки']],
      ['fc kö', ['1.FC Köln']],
      ['1 fc', ['1.FC Köln']],
      // Here `ö` is two characters: the letter and the sign.
      ['ko\u0308', ['1.FC Köln']],
      ["o'n", ["O'Neil Yard"]],
      ["yard' & !fox | x:*", []],
    ] as const)
      assert.deepEqual(await found(name), expected, name);
    await checkPages((args) => t.teams.page({ ...args, name: 'yard' }));
    const { totalCount, pageInfo } = await t.teams.page({ first: 1, name: 'yard foxes', sport: 'BASKETBALL_3X3' });
    assert.equal(await totalCount(), 2);
    await assert.rejects(t.teams.page({ after: pageInfo.endCursor, name: 'yard' }), codeIs('INVALID_CURSOR'));
    for (const name of ['', ' ', '!&|', 'x'.repeat(201), 'a '.repeat(11)])
      await assert.rejects(t.teams.page({ name }), codeIs('BAD_USER_INPUT'), name);
  });

  it('of members are sorted by role, number and time; several teams need one statement', async () => {
    const [one, two] = [person(), person()];
    const teams = [await t.createTeam(one), await t.createTeam(two)];
    const members: Record<string, Person> = {};
    for (const [name, more] of Object.entries({
      ten: { squadNumber: 10 },
      none: {},
      nine: { squadNumber: 9 },
      coach: { role: 'COACH' },
      captain: { role: 'CAPTAIN' },
    })) {
      members[name] = person();
      await t.join(one, teams[0] ?? assert.fail(), members[name], more);
    }
    await t.join(two, teams[1] ?? assert.fail(), person());
    const ids = teams.map(({ id }) => id);
    const earlier = t.statements.length;
    const whole = await t.teams.members(ids, {});
    assert.equal(t.statements.length - earlier, 1);
    const expected = [one, members['captain'], members['coach'], members['nine'], members['ten'], members['none']].map(
      (each) => each?.userId,
    );
    assert.deepEqual(
      pageOf(whole, ids[0]).edges.map(({ node }) => node.userId),
      expected,
    );
    assert.equal(pageOf(whole, ids[1]).edges.length, 2);
    const seen: (string | undefined)[] = [];
    for (let after: string | null | undefined; seen.length < 10;) {
      const { edges, pageInfo } = pageOf(await t.teams.members(ids, { first: 2, after }), ids[0]);
      seen.push(...edges.map(({ node }) => node.userId));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    assert.deepEqual(seen, expected);
    await checkPages(async (args) => pageOf(await t.teams.members(ids, args), ids[0]));
  });

  it('refuse invalid sizes and cursors', async () => {
    const owner = person();
    const team = (await t.createTeam(owner)).id;
    await t.createTeam(owner, { sport: 'HOCKEY' });
    const ofTeams = (await t.teams.page({})).pageInfo.endCursor;
    const ofHockey = (await t.teams.page({ sport: 'HOCKEY' })).pageInfo.endCursor;
    const ofMembers = pageOf(await t.teams.members([team], {}), team).pageInfo.endCursor;
    const keys = [
      [],
      ['a'],
      ['a', 'b'],
      ['a', 'b', 'c', 'd'],
      ['a\u0000', randomUUID()],
      ['BOSS', '1', new Date().toISOString(), randomUUID()],
      ['PLAYER', '1e9', new Date().toISOString(), randomUUID()],
      ['PLAYER', '1', 'yesterday', randomUUID()],
    ];
    const noise = ['', 'x', 'undefined', Buffer.from('{"length":2}').toString('base64url')];
    for (const after of [...noise, ofMembers, ofHockey, ...keys.map((key) => forged(ofTeams, ...key))]) {
      await assert.rejects(t.teams.page({ after }), codeIs('INVALID_CURSOR'), String(after));
    }
    await assert.rejects(t.teams.page({ after: ofTeams, sport: 'HOCKEY' }), codeIs('INVALID_CURSOR'));
    const another = (await t.createTeam(owner)).id;
    for (const after of [...noise, ofTeams, ...keys.map((key) => forged(ofMembers, ...key))]) {
      const pages = await t.teams.members([team], { after });
      assert.throws(() => pageOf(pages, team), codeIs('INVALID_CURSOR'), String(after));
    }
    // A cursor of one team fails the other team only.
    const pages = await t.teams.members([team, another], {
      after: forged(ofMembers, 'OWNER', '0', new Date().toISOString(), randomUUID()),
    });
    assert.equal(pageOf(pages, team).edges.length, 1);
    assert.throws(() => pageOf(pages, another), codeIs('INVALID_CURSOR'));
    for (const first of [0, -1, 101]) {
      await assert.rejects(t.teams.page({ first }), codeIs('BAD_USER_INPUT'));
      await assert.rejects(t.teams.members([randomUUID()], { first }), codeIs('BAD_USER_INPUT'));
    }
  });
});

describe('the cached read of teams', () => {
  it('queries the database once for all missing teams, until an event reports a change', async () => {
    const teams = await Promise.all([1, 2, 3].map(() => t.createTeam(person())));
    const ids = [...teams.map(({ id }) => id), randomUUID()];
    const statements = async (): Promise<number> => {
      const earlier = t.statements.length;
      const found = await t.teams.byIds(ids);
      assert.deepEqual([...found.keys()], ids.slice(0, 3));
      assert.deepEqual([...found.values()], teams); // each column of its own type, from the cache too
      return t.statements.length - earlier;
    };
    assert.deepEqual([await statements(), await statements()], [1, 1]); // the second query is for the missing team
    ids.pop();
    assert.equal(await statements(), 0);
    await t.prisma.team.update({ where: { id: ids[0] }, data: { name: 'Renamed' } });
    await t.teams.dropFromCache(ids[0] ?? '');
    assert.equal((await t.teams.byIds(ids)).get(ids[0] ?? '')?.name, 'Renamed');
  });

  it('never returns a value older than a handled event, for any concurrent reads', async () => {
    const { id } = await t.createTeam(person());
    const nameOf = async (): Promise<number> => Number((await t.teams.byIds([id])).get(id)?.name);
    let version = 0;
    await t.prisma.team.update({ where: { id }, data: { name: '0' } });
    let reading = true;
    const readers = Array.from({ length: 4 }, async () => {
      while (reading) {
        const handled = version;
        assert.ok((await nameOf()) >= handled);
        await turn(); // cache hits never leave the microtask queue, so nothing else would run
      }
    });
    for (let next = 1; next <= 40; next++) {
      await t.prisma.team.update({ where: { id }, data: { name: String(next) } });
      await t.teams.dropFromCache(id);
      version = next;
    }
    reading = false;
    await Promise.all(readers);
    assert.equal(await nameOf(), 40);
  });
});
