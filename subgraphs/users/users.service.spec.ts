import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import { IdentityUnavailable } from '../../platform/identity/identity-provider.ts';
import { ANONYMOUS } from '../../platform/identity/principal.ts';
import { delivered, person, refused } from '../../platform/testing/service.testing.ts';
import { MemberJoinedTeam, MemberLeftTeam, Teams } from '../../schema/messages/teams.ts';
import { UserProfileUpdated, UserRegistered } from '../../schema/messages/users.ts';
import { openUsers } from './users.fixture.ts';

let u: Awaited<ReturnType<typeof openUsers>>;
beforeAll(async () => {
  Logger.overrideLogger(false);
  u = await openUsers();
});
afterAll(() => u.close());
afterEach(async () => {
  u.identities.away = false;
  u.identities.accounts.clear();
  await u.prisma.$executeRaw`TRUNCATE users.users, users.team_memberships, users.outbox, users.inbox`;
});

const unauthenticated = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED';

describe('registration', () => {
  it('creates an account and a profile with its id', async () => {
    const user = await u.users.register(ANONYMOUS, {
      ...u.anna,
      username: ' Anna ',
      displayName: ' Anna L. ',
      city: null,
      sports: ['HOCKEY', 'FOOTBALL', 'HOCKEY'],
    });
    assert.deepEqual([...u.identities.accounts], [[user.id, u.anna]]);
    const { id, username, displayName, visibility, city, sports } = user;
    assert.deepEqual(
      { username, displayName, visibility, city, sports },
      { username: 'anna', displayName: 'Anna L.', visibility: 'PUBLIC', city: null, sports: ['HOCKEY', 'FOOTBALL'] },
    );
    const { events } = await u.told();
    assert.deepEqual(
      events.map(({ topic, key, seq, type }) => [topic, key, seq, type]),
      [['users.v1', id, 1, 'UserRegistered']],
    );
    assert.deepEqual(UserRegistered.payload.parse(events[0]?.payload), {
      userId: id,
      username: 'anna',
      displayName: 'Anna L.',
    });
  });

  it('reports every wrong value at once, and creates nothing', async () => {
    const wrong: [object, string[]][] = [
      [{}, ['username', 'email', 'password']],
      [{ ...u.anna, username: 'a b', email: 'anna', password: 'short' }, ['username', 'email', 'password']],
      [
        { ...u.anna, username: 'ab', displayName: ' ', city: 'x'.repeat(81), sports: ['CHESS'] },
        ['username', 'displayName', 'city', 'sports.0'],
      ],
      [{ ...u.anna, displayName: 'a\u0000b', city: '\ud800' }, ['displayName', 'city']],
      [{ ...u.anna, password: 'x'.repeat(129), email: `${'x'.repeat(250)}@prodvor.example` }, ['email', 'password']],
    ];
    for (const [input, fields] of wrong) {
      await assert.rejects(
        u.users.register(ANONYMOUS, input),
        (error: { errors?: { field: string[]; code: string }[] }) => {
          assert.deepEqual(
            error.errors?.map(({ field, code }) => `${code} ${field.join('.')}`),
            fields.map((field) => `INVALID ${field}`),
            JSON.stringify(input),
          );
          return true;
        },
      );
    }
    await assert.rejects(u.users.register(ANONYMOUS, 'anna'));
    assert.equal(u.identities.accounts.size, 0);
  });

  it("returns refusals of the identity provider with the input's fields", async () => {
    await u.users.register(ANONYMOUS, u.anna);
    await refused(u.users.register(ANONYMOUS, { ...u.anna, email: 'other@prodvor.example' }), 'TAKEN', 'username');
    await refused(u.users.register(ANONYMOUS, { ...u.anna, username: 'other' }), 'TAKEN', 'email');
    await refused(
      u.users.register(ANONYMOUS, { username: 'same-same', email: 's@prodvor.example', password: 'same-same' }),
      'INVALID',
      'password',
    );
    assert.equal(await u.prisma.user.count(), 1);
  });

  it('creates nothing while the identity provider is away', async () => {
    u.identities.away = true;
    await assert.rejects(u.users.register(ANONYMOUS, u.anna), IdentityUnavailable);
    assert.equal(await u.prisma.user.count(), 0);
  });

  it('leaves no account without a profile; if deleting the account fails too, the first error is returned', async () => {
    await u.users.me({ ...person(), username: 'anna' });
    await refused(u.users.register(ANONYMOUS, u.anna), 'TAKEN', 'username');
    assert.equal(u.identities.accounts.size, 0);
    const create = u.identities.createIdentity.bind(u.identities);
    u.identities.createIdentity = async (identity) => {
      const created = await create(identity);
      u.identities.away = true;
      return created;
    };
    await refused(u.users.register(ANONYMOUS, u.anna), 'TAKEN', 'username');
    u.identities.createIdentity = create;
  });

  it('gives a name once, for any number of concurrent requests', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, n) =>
        u.users.register(ANONYMOUS, { ...u.anna, email: `anna${n}@prodvor.example` }),
      ),
    );
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.deepEqual(
      [u.identities.accounts.size, await u.prisma.user.count(), (await u.told()).events.length],
      [1, 1, 1],
    );
  });
});

describe('me', () => {
  it('is null for a guest', async () => {
    assert.equal(await u.users.me(ANONYMOUS), null);
  });

  it('creates the profile of an account from its token, once, also concurrently', async () => {
    const viewer = { ...person(), username: 'boris', email: 'boris@prodvor.example' };
    const found = await Promise.all(Array.from({ length: 12 }, () => u.users.me(viewer)));
    assert.deepEqual(new Set(found.map((user) => user?.id)), new Set([viewer.userId]));
    assert.deepEqual([found[0]?.username, found[0]?.displayName], ['boris', 'boris']);
    assert.equal((await u.told()).events.length, 1);
  });

  it('uses the id if the name is missing or taken', async () => {
    const nameless = person();
    assert.equal((await u.users.me(nameless))?.username, nameless.userId);
    await u.users.me({ ...person(), username: 'boris' });
    const namesake = { ...person(), username: 'boris' };
    const user = await u.users.me(namesake);
    assert.deepEqual([user?.username, user?.displayName], [namesake.userId, 'boris']);
  });
});

describe('a changed profile', () => {
  it('changes the given fields, clears null ones, and keeps the others', async () => {
    const viewer = { ...person(), username: 'dina' };
    await u.users.updateProfile(viewer, {
      displayName: 'Dina',
      city: 'Riga',
      sports: ['VOLLEYBALL'],
      visibility: 'PRIVATE',
    });
    const kept = await u.users.updateProfile(viewer, {});
    assert.deepEqual(
      [kept.displayName, kept.city, kept.sports, kept.visibility],
      ['Dina', 'Riga', ['VOLLEYBALL'], 'PRIVATE'],
    );
    const cleared = await u.users.updateProfile(viewer, { city: null, sports: null });
    assert.deepEqual([cleared.city, cleared.sports, cleared.visibility], [null, [], 'PRIVATE']);
    const { events } = await u.told();
    assert.deepEqual(
      events.map(({ seq, type }) => [seq, type]),
      [
        [1, 'UserRegistered'],
        [2, 'UserProfileUpdated'],
        [3, 'UserProfileUpdated'],
        [4, 'UserProfileUpdated'],
      ],
    );
    assert.deepEqual(UserProfileUpdated.payload.parse(events.at(-1)?.payload), {
      userId: viewer.userId,
      username: 'dina',
      displayName: 'Dina',
    });
  });

  it('refuses guests and wrong values', async () => {
    await assert.rejects(u.users.updateProfile(ANONYMOUS, {}), unauthenticated);
    const viewer = person();
    await refused(u.users.updateProfile(viewer, { displayName: ' ' }), 'INVALID', 'displayName');
    await refused(u.users.updateProfile(viewer, { visibility: 'SECRET' }), 'INVALID', 'visibility');
    assert.equal(await u.prisma.user.count(), 0);
  });
});

it('clears null fields: the display name falls back to the username', async () => {
  const viewer = person();
  await u.users.updateProfile(viewer, {
    displayName: 'Somebody',
    city: 'Kassel',
    sports: ['HOCKEY'],
    visibility: 'PRIVATE',
  });
  const { displayName, username, city, sports, visibility } = await u.users.updateProfile(viewer, {
    displayName: null,
    city: null,
    sports: null,
    visibility: null,
  });
  assert.deepEqual(
    { displayName, city, sports, visibility },
    { displayName: username, city: null, sports: [], visibility: 'PRIVATE' },
  );
});

describe('a private profile', () => {
  it('is open to its owner, to current team mates, and to admins', async () => {
    const [anna, boris, stranger, admin] = [person(), person(), person(), person('admin')];
    const teamId = randomUUID();
    const membership = (seq: number, { type }: { type: string }, userId: string) =>
      delivered({ topic: Teams.name, key: teamId, seq, type, payload: { teamId, userId, role: 'PLAYER' } });
    const mayRead = async (viewer: typeof anna | typeof ANONYMOUS): Promise<boolean> =>
      (await u.users.mayReadPrivate(viewer, [anna.userId])).get(anna.userId) ?? false;
    const readers = (): Promise<boolean[]> => Promise.all([ANONYMOUS, anna, boris, stranger, admin].map(mayRead));
    assert.deepEqual(await readers(), [false, true, false, false, true]);
    const joined = [membership(1, MemberJoinedTeam, anna.userId), membership(2, MemberJoinedTeam, boris.userId)];
    for (const event of joined) await u.deliver(event);
    assert.deepEqual(await readers(), [false, true, true, false, true]);
    const left = membership(3, MemberLeftTeam, boris.userId);
    await u.deliver(left);
    assert.deepEqual(await readers(), [false, true, false, false, true]);
    // Delivering the joining event again changes nothing.
    await u.deliver(joined[1] ?? left);
    assert.deepEqual(await readers(), [false, true, false, false, true]);
  });
});
