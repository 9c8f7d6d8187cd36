import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { graphql } from 'graphql';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { Principal } from '../../platform/identity/principal.ts';
import { openSubgraph, person, type TestSubgraph } from '../../platform/testing/service.testing.ts';
import { IDENTITY_PROVIDER, MAIL_SENDER, OUTBOX } from '../../platform/injection/tokens.ts';
import { PrismaClient } from './generated/prisma/client.ts';
import { openUsers } from './users.fixture.ts';
import { UsersModule } from './users.module.ts';

let u: Awaited<ReturnType<typeof openUsers>>;
let subgraph: TestSubgraph;

beforeAll(async () => {
  u = await openUsers();
  const provided = new Map<symbol, unknown>([
    [OUTBOX, u.outbox],
    [IDENTITY_PROVIDER, u.identities],
    [MAIL_SENDER, u.mail],
  ]);
  subgraph = await openSubgraph('users', UsersModule, provided, new Map([[PrismaClient, u.prisma]]));
});
afterAll(async () => {
  await subgraph.close();
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
      const { events, jobs } = await u.told();
      return [
        await u.prisma.user.count({ where: { id: viewer.userId } }),
        events.filter(({ key }) => key === viewer.userId).length,
        jobs.filter(({ payload }) => (payload as { to?: string }).to === viewer.email).length,
      ];
    };
    const others: Record<string, [string, Record<string, unknown>]> = {
      user: ['query ($id: ID!) { user(id: $id) { id } }', { id }],
      profilesHidden: ['query ($ids: [ID!]!) { profilesHidden(among: $ids) }', { ids: [id] }],
      _entities: [ENTITIES, { r: representations([id]) }],
      _service: ['{ _service { sdl } }', {}],
    };
    assert.deepEqual(
      Object.keys(subgraph.schema.getQueryType()?.getFields() ?? {}).sort(),
      [...Object.keys(others), 'me'].sort(),
    );
    for (const [source, variables] of Object.values(others)) await subgraph.ask(source, variables, viewer, 'teams');
    assert.deepEqual(await written(), [0, 0, 0]);
    for (let n = 0; n < 2; n++) {
      assert.deepEqual(await subgraph.ask('{ me { id } }', {}, viewer), { me: { id } });
      assert.deepEqual(await written(), [1, 1, 1]);
    }
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
    // The users, and the private profiles that the viewer may read.
    assert.deepEqual(counts, [2, 2]);
  });
});
