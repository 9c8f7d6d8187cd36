import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { Cache } from 'cache-manager';
import { graphql } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { openSubgraph, person, type TestSubgraph } from '../../platform/testing/service.testing.ts';
import { DELAYS, IDENTITY_PROVIDER, OUTBOX } from '../../platform/injection/tokens.ts';
import { Metrics } from '../../platform/observability/metrics.ts';
import { countInto } from '../../platform/cache/cache.utils.ts';
import { NoAnswer } from '../../platform/questions/definition.ts';
import { until } from '../../test/network/until.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { PresenceService } from './presence.service.ts';
import { openUsers } from './users.fixture.ts';
import { UsersModule } from './users.module.ts';

let u: Awaited<ReturnType<typeof openUsers>>;
let subgraph: TestSubgraph;
const delays = { presenceMs: 60_000, chatMissedMs: 0 };
const metrics = new Metrics('users-of-this-test');

beforeAll(async () => {
  u = await openUsers();
  const provided = new Map<symbol, unknown>([
    [OUTBOX, u.outbox],
    [IDENTITY_PROVIDER, u.identities],
    [DELAYS, delays],
  ]);
  subgraph = await openSubgraph('users', UsersModule, provided, new Map([[PrismaClient, u.prisma]]));
});
afterAll(async () => {
  await subgraph.close();
  metrics.close();
  await u.close();
});

const ENTITIES = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id username city sports } } }';
const representations = (ids: readonly string[]) => ids.map((id) => ({ __typename: 'User', id }));

describe('the subgraph users', () => {
  it('registers users, and returns expected failures as data', async () => {
    const register =
      'mutation ($input: RegisterInput!) { register(input: $input) { user { id username createdAt visibility } userErrors { field code reason params { name value } message } } }';
    const { register: done } = (await subgraph.ask(register, { input: u.anna })) as {
      register: { user: { id: string; createdAt: string } };
    };
    const { id } = await u.prisma.user.findUniqueOrThrow({ where: { username: 'anna' } });
    assert.deepEqual(done, {
      user: { id: toGlobalId('User', id), username: 'anna', createdAt: done.user.createdAt, visibility: 'PUBLIC' },
      userErrors: [],
    });
    assert.match(done.user.createdAt, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(await subgraph.ask(register, { input: { ...u.anna, password: '' } }), {
      register: {
        user: null,
        userErrors: [
          {
            field: ['password'],
            code: 'INVALID',
            reason: 'TOO_SHORT',
            params: [{ name: 'min', value: '8' }],
            message: 'must have at least 8 characters',
          },
        ],
      },
    });
  });

  it('creates the profile of an account by its first `me`; no other query writes', async () => {
    const viewer = { ...person(), username: 'first-use', email: 'first-use@prodvor.example' };
    const id = toGlobalId('User', viewer.userId);
    const written = async (): Promise<number[]> => {
      const { events } = await u.told();
      return [
        await u.prisma.user.count({ where: { id: viewer.userId } }),
        events.filter(({ key }) => key === viewer.userId).length,
      ];
    };
    const others: Record<string, [string, Record<string, unknown>]> = {
      user: ['query ($id: ID!) { user(id: $id) { id } }', { id }],
      profilesHidden: ['query ($ids: [ID!]!) { profilesHidden(among: $ids) }', { ids: [id] }],
      playersFit: [
        'query ($of: [PlayerRuleInput!]!) { playersFit(of: $of) }',
        { of: [{ userId: id, on: '2026-01-01' }] },
      ],
      peopleFit: [
        'query ($of: [PersonRuleInput!]!) { peopleFit(of: $of) }',
        { of: [{ userId: id, city: 'Kazan', sport: 'FOOTBALL' }] },
      ],
      keepOnline: ['query ($of: [ID!]!) { keepOnline(of: $of) }', { of: [id] }],
      peopleOnline: ['query ($of: [ID!]!) { peopleOnline(among: $of) }', { of: [id] }],
      _entities: [ENTITIES, { r: representations([id]) }],
      _service: ['{ _service { sdl } }', {}],
    };
    assert.deepEqual(
      Object.keys(subgraph.schema.getQueryType()?.getFields() ?? {}).sort(),
      [...Object.keys(others), 'me'].sort(),
    );
    for (const [source, variables] of Object.values(others)) await subgraph.ask(source, variables, viewer, 'teams');
    assert.deepEqual(await written(), [0, 0]);
    for (let n = 0; n < 2; n++) {
      assert.deepEqual(await subgraph.ask('{ me { id } }', {}, viewer), { me: { id } });
      assert.deepEqual(await written(), [1, 1]);
    }
  });

  it('knows who is online, for a limited time, and shows it only to the person, teammates and administrators', async () => {
    const [anna, boris, stranger, admin] = [person(), person(), person(), person('admin')];
    for (const one of [anna, boris]) await u.users.me({ ...one, username: one.userId.slice(0, 20) });
    const teamId = randomUUID();
    await u.prisma.teamMembership.createMany({ data: [anna, boris].map(({ userId }) => ({ teamId, userId })) });
    const idOf = ({ userId }: { userId: string }) => toGlobalId('User', userId);
    const keep = (of: string[]) =>
      subgraph.ask('query ($of: [ID!]!) { keepOnline(of: $of) }', { of }, undefined, 'notifications');
    const online = async (...among: string[]) =>
      (await subgraph.ask('query ($of: [ID!]!) { peopleOnline(among: $of) }', { of: among }, undefined, 'chat'))[
        'peopleOnline'
      ];
    const seenBy = async (viewer?: Principal) =>
      (await subgraph.ask('query ($id: ID!) { user(id: $id) { isOnline } }', { id: idOf(anna) }, viewer))['user'];
    const everybody = [anna, boris, admin, stranger, undefined];
    assert.deepEqual(await online(idOf(anna), idOf(boris)), []);
    assert.deepEqual(await Promise.all(everybody.map(seenBy)), [
      { isOnline: false },
      { isOnline: false },
      { isOnline: false },
      { isOnline: null },
      { isOnline: null },
    ]);
    assert.deepEqual(await keep([idOf(anna), idOf(anna), 'noise']), { keepOnline: [true, true, true] });
    assert.deepEqual(await online(idOf(anna), idOf(boris), 'noise'), [idOf(anna)]);
    assert.deepEqual(await Promise.all(everybody.map(seenBy)), [
      { isOnline: true },
      { isOnline: true },
      { isOnline: true },
      { isOnline: null },
      { isOnline: null },
    ]);
    delays.presenceMs = 30;
    await keep([idOf(anna)]);
    await until('the mark has expired', async () => ((await online(idOf(anna))) as string[]).length === 0);
    assert.deepEqual(await seenBy(boris), { isOnline: false });
    // Only other subgraphs may ask this. Even an administrator may not.
    const { errors } = await graphql({
      schema: subgraph.schema,
      source: `{ peopleOnline(among: ["${idOf(anna)}"]) }`,
      contextValue: { principal: admin, requestId: 'test' },
    });
    assert.equal(errors?.[0]?.extensions['code'], 'FORBIDDEN');
  });

  it('does not know who is online while the cache is away, and takes nobody for offline', async () => {
    const away: Pick<Cache, 'stores'> = {
      stores: [
        {
          getMany: async () => Promise.reject(new Error('cut off')),
          setMany: async () => Promise.reject(new Error('cut off')),
        },
      ] as unknown as Cache['stores'],
    };
    countInto(metrics, away as Cache);
    const presence = new PresenceService(u.users, away as Cache, delays);
    const anna = person();
    await assert.rejects(presence.online([anna.userId]), NoAnswer);
    await assert.rejects(presence.keep([anna.userId]), NoAnswer);
    assert.deepEqual(await presence.seenBy(anna, [anna.userId]), new Map());
  });

  it('says of which city and sport people are, yes or no', async () => {
    const [anna, boris] = [person(), person()];
    for (const one of [anna, boris]) await u.users.me({ ...one, username: one.userId.slice(0, 20) });
    await u.prisma.user.update({ where: { id: anna.userId }, data: { city: 'Королёв', sports: ['FOOTBALL'] } });
    const fits = async (userId: string, city: string, sport: string): Promise<unknown> =>
      (
        await subgraph.ask(
          'query ($of: [PersonRuleInput!]!) { peopleFit(of: $of) }',
          { of: [{ userId: toGlobalId('User', userId), city, sport }] },
          undefined,
          'notifications',
        )
      )['peopleFit'];
    const { userId } = anna;
    assert.deepEqual(await fits(userId, ' королев', 'FOOTBALL'), [true]);
    assert.deepEqual(await fits(userId, 'Королёв', 'HOCKEY'), [false]);
    assert.deepEqual(await fits(userId, 'Казань', 'FOOTBALL'), [false]);
    assert.deepEqual(await fits(boris.userId, 'Королёв', 'FOOTBALL'), [false], 'has set neither');
    assert.deepEqual(await fits(randomUUID(), 'Королёв', 'FOOTBALL'), [false]);
  });

  it('keeps birth date and levels to their owner; other subgraphs get yes or no', async () => {
    const [anna, admin, mate] = [person(), person('admin'), person()];
    for (const one of [anna, mate]) await u.users.me({ ...one, username: one.userId.slice(0, 20) });
    const teamId = randomUUID();
    for (const { userId } of [anna, mate]) await u.prisma.teamMembership.create({ data: { teamId, userId } });
    const id = toGlobalId('User', anna.userId);
    const update = `mutation ($input: UpdateProfileInput!) {
      updateProfile(input: $input) { user { birthDate levels { sport level } } userErrors { field code reason } } }`;
    const levels = [{ sport: 'FOOTBALL', level: 7 }];
    assert.deepEqual(await subgraph.ask(update, { input: { birthDate: '2008-02-29', levels } }, anna), {
      updateProfile: { user: { birthDate: '2008-02-29', levels }, userErrors: [] },
    });
    const read = 'query ($id: ID!) { user(id: $id) { birthDate levels { level } } }';
    for (const viewer of [undefined, admin, mate, person()])
      assert.deepEqual(await subgraph.ask(read, { id }, viewer), { user: { birthDate: null, levels: null } });
    const told = JSON.stringify((await u.told()).events.filter(({ key }) => key === anna.userId));
    assert.ok(!/2008|level/.test(told), 'no event carries them');

    const nobody = toGlobalId('User', randomUUID());
    const fits = async (...of: object[]) =>
      (
        (await subgraph.ask(
          'query ($of: [PlayerRuleInput!]!) { playersFit(of: $of) }',
          { of },
          undefined,
          'teams',
        )) as { playersFit: boolean[] }
      ).playersFit;
    const on = (day: string, more: object) => ({ userId: id, on: day, ...more });
    assert.deepEqual(
      await fits(
        on('2026-02-28', { min: 18 }),
        on('2026-03-01', { min: 18 }),
        on('2028-02-29', { min: 20, max: 20 }),
        on('2027-02-28', { max: 18 }),
        on('2027-03-01', { max: 18 }),
        { userId: id, sport: 'FOOTBALL', min: 7, max: 7 },
        { userId: id, sport: 'FOOTBALL', min: 8 },
        { userId: id, sport: 'FOOTBALL', max: 6 },
        { userId: id, sport: 'HOCKEY', min: 1 },
        { userId: nobody, on: '2026-03-01', min: 1 },
        { userId: toGlobalId('User', mate.userId), on: '2026-03-01', min: 0 },
        { userId: 'x', sport: 'HOCKEY', max: 10 },
      ),
      [false, true, true, true, false, true, false, false, false, false, false, false],
    );
    const wrong = async (input: object) =>
      (
        (await subgraph.ask(update, { input }, anna)) as { updateProfile: { userErrors: { field: string[] }[] } }
      ).updateProfile.userErrors[0]?.field.join('.');
    for (const [input, field] of [
      [{ birthDate: '2007-02-29' }, 'birthDate'],
      [{ birthDate: '1899-12-31' }, 'birthDate'],
      [{ birthDate: '2999-01-01' }, 'birthDate'],
      [{ birthDate: 'yesterday' }, 'birthDate'],
      [{ levels: [{ sport: 'HOCKEY', level: 11 }] }, 'levels.0.level'],
      [{ levels: [{ sport: 'HOCKEY', level: 0 }] }, 'levels.0.level'],
    ] as const)
      assert.equal(await wrong(input), field);
    assert.deepEqual(await subgraph.ask(update, { input: { birthDate: null, levels: null } }, anna), {
      updateProfile: { user: { birthDate: null, levels: [] }, userErrors: [] },
    });
  });

  it('shows me, and updates me', async () => {
    const viewer = { ...person(), username: 'ben' };
    assert.deepEqual(await subgraph.ask('{ me { id } }'), { me: null });
    assert.deepEqual(await subgraph.ask('{ me { username } }', {}, viewer), { me: { username: 'ben' } });
    const update =
      'mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) { user { displayName city } userErrors { code } } }';
    assert.deepEqual(await subgraph.ask(update, { input: { displayName: 'Ben', city: 'Oslo' } }, viewer), {
      updateProfile: { user: { displayName: 'Ben', city: 'Oslo' }, userErrors: [] },
    });
  });

  it('shows an audience what a guest sees, and refuses to answer me', async () => {
    const mates = [
      { ...person(), username: 'carl' },
      { ...person(), username: 'dora' },
    ] as const;
    for (const [number, each] of mates.entries())
      await u.users.updateProfile(each, { city: 'Riga', visibility: number ? 'PRIVATE' : 'PUBLIC' });
    const r = representations(mates.map(({ userId }) => toGlobalId('User', userId)));
    const audience = { audience: `chat:${randomUUID()}:7`, roles: [] };
    const { _entities: found } = (await subgraph.ask(ENTITIES, { r }, audience)) as {
      _entities: { username: string; city: string | null }[];
    };
    assert.deepEqual(
      found.map(({ username, city }) => [username, city]),
      [
        ['carl', 'Riga'],
        ['', null],
      ],
    );
    assert.deepEqual({ _entities: found }, await subgraph.ask(ENTITIES, { r }));
    const { data, errors } = await graphql({
      schema: subgraph.schema,
      source: '{ me { id } }',
      contextValue: { principal: audience, requestId: 'test' },
    });
    assert.deepEqual(
      [{ ...data }, errors?.map(({ extensions }) => extensions['code'])],
      [{ me: null }, ['AUDIENCE_HAS_NO_VIEWER']],
    );
  });

  it('shows only the name of a private profile, except to its owner, team mates and administrators', async () => {
    const [hidden, mate, open] = ['eva', 'finn', 'gita'].map((username) => ({ ...person(), username })) as [
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
    ];
    await u.users.updateProfile(hidden, {
      displayName: 'Eva',
      city: 'Riga',
      sports: ['HOCKEY'],
      visibility: 'PRIVATE',
    });
    for (const each of [mate, open]) await u.users.me(each);
    const teamId = randomUUID();
    for (const { userId } of [hidden, mate]) await u.prisma.teamMembership.create({ data: { teamId, userId } });
    const ids = [hidden, mate, open].map(({ userId }) => toGlobalId('User', userId));
    const query =
      'query ($id: ID!, $among: [ID!]!) { user(id: $id) { displayName handle username visibleTo visibility city sports createdAt } profilesHidden(among: $among) }';
    const ask = async (viewer?: Principal) => {
      const { user, profilesHidden } = (await subgraph.ask(
        query,
        { id: ids[0], among: [...ids, 'x', toGlobalId('User', randomUUID())] },
        viewer,
        'teams',
      )) as { user: { createdAt: string | null }; profilesHidden: string[] };
      return { user: { ...user, createdAt: user.createdAt === null ? null : 'a time' }, profilesHidden };
    };
    const all = {
      displayName: 'Eva',
      handle: 'eva',
      username: 'eva',
      visibleTo: 'PRIVATE',
      visibility: 'PRIVATE',
      city: 'Riga',
      sports: ['HOCKEY'],
      createdAt: 'a time',
    };
    for (const viewer of [hidden, mate, person('admin')])
      assert.deepEqual(await ask(viewer), { user: all, profilesHidden: [] });
    const name = {
      displayName: 'Eva',
      handle: null,
      username: '',
      visibleTo: null,
      visibility: 'PRIVATE',
      city: null,
      sports: [],
      createdAt: null,
    };
    for (const viewer of [undefined, open, person('captain', 'organizer'), { audience: 'chat:1', roles: [] }])
      assert.deepEqual(await ask(viewer), { user: name, profilesHidden: [ids[0]] });
  });

  it('finds nobody under foreign ids', async () => {
    for (const id of ['', 'x', toGlobalId('User', randomUUID()), toGlobalId('Team', randomUUID())]) {
      assert.deepEqual(await subgraph.ask('query ($id: ID!) { user(id: $id) { id } }', { id }), { user: null });
    }
  });

  it('resolves references in as many statements for many as for few, and hides private fields', async () => {
    const people = Array.from({ length: 20 }, () => ({ ...person(), username: randomUUID().slice(0, 8) }));
    for (const [number, each] of people.entries()) {
      await u.users.updateProfile(each, {
        city: 'Riga',
        sports: ['HOCKEY'],
        visibility: number % 2 ? 'PRIVATE' : 'PUBLIC',
      });
    }
    const ids = people.map(({ userId }) => toGlobalId('User', userId));
    const counts: number[] = [];
    for (const size of [4, 20]) {
      const earlier = u.statements.length;
      const viewer = people[1];
      const { _entities: found } = (await subgraph.ask(
        ENTITIES,
        { r: representations([...ids.slice(0, size), toGlobalId('User', randomUUID()), 'x']) },
        viewer,
      )) as { _entities: ({ id: string; city: string | null; sports: string[] } | null)[] };
      counts.push(u.statements.length - earlier);
      assert.deepEqual(
        found.map((user) => user?.id ?? null),
        [...ids.slice(0, size), null, null],
      );
      const open = (number: number): boolean => number % 2 === 0 || number === 1;
      assert.deepEqual(
        found.slice(0, size).map((user) => [user?.city, user?.sports]),
        people.slice(0, size).map((_, n) => (open(n) ? ['Riga', ['HOCKEY']] : [null, []])),
      );
    }
    // Two statements: the users, and the private profiles that the viewer may read.
    assert.deepEqual(counts, [2, 2]);
  });
});
