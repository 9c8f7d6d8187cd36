import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, createRemoteJWKSet, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import pg from 'pg';
import { createTestDatabase } from '../../test/database.ts';
import { backendClient } from '../../test/services/ports.ts';
import type { IdentityProvider, IdentityRefusal, NewIdentity } from './identity-provider.ts';
import { Keycloak } from './keycloak.ts';
import { trustedProxies } from '../http/client-address.ts';
import { createIdentityHandler } from './local-issuer.http.ts';
import { LocalIssuer } from './local-issuer.ts';

interface Subject {
  readonly provider: IdentityProvider;
  readonly tokenUrl: string;
  readonly verify: (token: string) => Promise<JWTPayload>;
  readonly close: () => Promise<void>;
}

const keycloakIssuer = process.env.KEYCLOAK_ISSUER;

describe('identity-provider contract: local issuer', () => contract(startLocal));
(keycloakIssuer ? describe : describe.skip)('identity-provider contract: Keycloak', () => contract(startKeycloak));

function contract(start: () => Promise<Subject>): void {
  let subject: Subject;
  const created: string[] = [];
  beforeAll(async () => {
    subject = await start();
  });
  afterAll(async () => {
    for (const userId of created) await subject.provider.deleteIdentity(userId);
    await subject.close();
  });

  const create = async (identity: NewIdentity): Promise<string> => {
    const outcome = await subject.provider.createIdentity(identity);
    assert.ok('userId' in outcome, JSON.stringify(outcome));
    created.push(outcome.userId);
    return outcome.userId;
  };
  const refusalsOf = async (identity: NewIdentity): Promise<readonly Pick<IdentityRefusal, 'field' | 'code'>[]> => {
    const outcome = await subject.provider.createIdentity(identity);
    if ('userId' in outcome) created.push(outcome.userId);
    assert.ok('refusals' in outcome, 'it was accepted');
    return outcome.refusals.map(({ field, code }) => ({ field, code }));
  };
  const signIn = async (
    username: string,
    password: string,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(subject.tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'password',
        client_id: 'prodvor-test',
        username,
        password,
        scope: 'openid',
      }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('creates an account that can sign in, and is a player', async () => {
    const person = somebody();
    const userId = await create(person);
    const { status, body } = await signIn(person.username, person.password);
    assert.equal(status, 200, JSON.stringify(body));
    const claims = await subject.verify(String(body.access_token));
    const {
      iss,
      aud,
      sub,
      typ,
      azp,
      roles,
      preferred_username,
      email,
      email_verified,
      scope,
      jti,
      iat = 0,
      exp = 0,
      sid,
    } = claims as JWTPayload & Record<string, unknown>;
    assert.deepEqual(
      { aud, sub, typ, azp, roles, preferred_username, email, email_verified },
      {
        aud: 'prodvor-api',
        sub: userId,
        typ: 'Bearer',
        azp: 'prodvor-test',
        roles: ['player'],
        preferred_username: person.username,
        email: person.email,
        email_verified: false,
      },
    );
    assert.equal(exp - iat, 300);
    // The lifetime is 299 or 300 s: Keycloak counts from the moment when it answers, which may be in the next second.
    assert.ok([299, 300].includes(Number(body.expires_in)), String(body.expires_in));
    assert.equal(body.token_type, 'Bearer');
    assert.deepEqual(String(scope).split(' ').sort(), ['email', 'openid', 'profile']);
    for (const text of [iss, jti, sid]) assert.ok(typeof text === 'string' && text.length > 0);
  });

  it('stores names and addresses in lower case, and signs in by either, in upper or lower case', async () => {
    const person = somebody();
    await create({ ...person, username: person.username.toUpperCase(), email: person.email.toUpperCase() });
    for (const login of [person.username, person.username.toUpperCase(), person.email, person.email.toUpperCase()]) {
      const { status, body } = await signIn(login, person.password);
      assert.equal(status, 200, login);
      const claims = await subject.verify(String(body.access_token));
      assert.deepEqual([claims.preferred_username, claims.email], [person.username, person.email]);
    }
  });

  it('refuses a taken user name, a taken address and both, in upper or lower case', async () => {
    const person = somebody();
    const other = somebody();
    await create(person);
    const username = { field: 'username', code: 'TAKEN' };
    const email = { field: 'email', code: 'TAKEN' };
    assert.deepEqual(await refusalsOf({ ...other, username: person.username }), [username]);
    assert.deepEqual(await refusalsOf({ ...other, username: person.username.toUpperCase() }), [username]);
    assert.deepEqual(await refusalsOf({ ...other, email: person.email }), [email]);
    assert.deepEqual(await refusalsOf({ ...other, email: person.email.toUpperCase() }), [email]);
    assert.deepEqual(await refusalsOf({ ...other, username: person.username, email: person.email }), [username, email]);
  });

  it('registers only one of two people who choose the same name at once', async () => {
    const person = somebody();
    const outcomes = await Promise.all(
      [person, { ...person, email: somebody().email }].map((one) => subject.provider.createIdentity(one)),
    );
    for (const outcome of outcomes) if ('userId' in outcome) created.push(outcome.userId);
    assert.equal(outcomes.filter((outcome) => 'userId' in outcome).length, 1);
    const refused = outcomes.find((outcome) => 'refusals' in outcome);
    assert.deepEqual(
      refused && 'refusals' in refused && refused.refusals.map(({ field, code }) => `${field} ${code}`),
      ['username TAKEN'],
    );
  });

  const cases: readonly [
    string,
    Partial<NewIdentity> | ((person: NewIdentity) => Partial<NewIdentity>),
    IdentityRefusal['field'],
    IdentityRefusal['code'],
  ][] = [
    ['a user name of two characters', { username: 'ab' }, 'username', 'TOO_SHORT'],
    ['a user name of 33 characters', { username: 'a'.repeat(33) }, 'username', 'TOO_LONG'],
    ['a user name with a blank', { username: 'an na' }, 'username', 'INVALID'],
    ['a user name with markup', { username: '<b>anna' }, 'username', 'INVALID'],
    ['a user name in look-alike letters', { username: 'аnna-kyrillic' }, 'username', 'INVALID'],
    ['an address without @', { email: 'nope' }, 'email', 'INVALID'],
    ['an address with two @', { email: 'a@b@example.test' }, 'email', 'INVALID'],
    ['an empty address', { email: '' }, 'email', 'REQUIRED'],
    ['an empty user name', { username: '' }, 'username', 'REQUIRED'],
    ['a short password', { password: '1234567' }, 'password', 'TOO_SHORT'],
    ['a long password', { password: 'x'.repeat(129) }, 'password', 'TOO_LONG'],
    ['an empty password', { password: '' }, 'password', 'REQUIRED'],
    ['the user name as password', (person) => ({ password: person.username }), 'password', 'INVALID'],
    ['a password that everybody tries', { password: '12345678' }, 'password', 'INVALID'],
    ['a password that is a word and a year', { password: 'Football2024!' }, 'password', 'INVALID'],
    ['a password of one repeated letter', { password: 'aaaaaaaaaaaa' }, 'password', 'INVALID'],
    ['a user name of the operators', { username: 'Admin' }, 'username', 'INVALID'],
    ['a user name that looks like one', { username: 'r0.0t' }, 'username', 'INVALID'],
    ['a user name of nothing but dots', { username: '...' }, 'username', 'INVALID'],
    ['the address as password', (person) => ({ password: person.email }), 'password', 'INVALID'],
  ];
  for (const [name, change, field, code] of cases) {
    it(`refuses ${name}, and creates nothing`, async () => {
      const person = somebody();
      const wrong = { ...person, ...(typeof change === 'function' ? change(person) : change) };
      assert.deepEqual(await refusalsOf(wrong), [{ field, code }]);
      if (wrong.username && wrong.password) assert.equal((await signIn(wrong.username, wrong.password)).status, 400);
      await create(person); // The valid name or address is still free.
    });
  }

  it('accepts values at the limits', async () => {
    const { email } = somebody();
    const unique = randomUUID().slice(0, 8);
    await create({ username: `${unique}.Jürgen-Ñ_+@x`, email, password: 'пароль ü😀' });
    await create({
      username: unique.padEnd(32, 'x'),
      email: `a+b.c@${unique}.example.test`,
      password: 'long enough! '.repeat(9) + 'and no more',
    });
    await create({ username: unique.slice(0, 3), email: `x${email}`, password: 'vK9#pLm2' });
  });

  it('answers a wrong password, an unknown name and a deleted account in the same way', async () => {
    const person = somebody();
    const userId = await create(person);
    const wrong = await signIn(person.username, 'not the password');
    const unknown = await signIn(somebody().username, person.password);
    await subject.provider.deleteIdentity(userId);
    const deleted = await signIn(person.username, person.password);
    assert.deepEqual(wrong, { status: 400, body: wrong.body });
    assert.equal(wrong.body.error, 'invalid_grant');
    assert.deepEqual(unknown, wrong);
    assert.deepEqual(deleted, wrong);
  });

  it('tells the address of an account, and marks it as verified while the account has it', async () => {
    const person = somebody();
    const userId = await create({ ...person, email: person.email.toUpperCase() });
    const { provider } = subject;
    assert.deepEqual(await provider.contactOf(userId), { email: person.email, emailVerified: false });
    assert.equal(await provider.markEmailVerified(userId, somebody().email), false);
    assert.deepEqual(await provider.contactOf(userId), { email: person.email, emailVerified: false });
    const before = await claimsOf(person);

    assert.equal(await provider.markEmailVerified(userId, person.email.toUpperCase()), true);
    assert.equal(await provider.markEmailVerified(userId, person.email), true, 'again');
    assert.deepEqual(await provider.contactOf(userId), { email: person.email, emailVerified: true });
    // Nothing else of the account has changed.
    assert.deepEqual(await claimsOf(person), { ...before, email_verified: true });

    await provider.deleteIdentity(userId);
    for (const id of [userId, randomUUID(), '../../clients', '']) {
      assert.equal(await provider.contactOf(id), null, id);
      assert.equal(await provider.markEmailVerified(id, person.email), false, id);
    }
  });

  async function claimsOf({ username, password }: NewIdentity): Promise<Record<string, unknown>> {
    const { body } = await signIn(username, password);
    const { sub, roles, preferred_username, email, email_verified } = (await subject.verify(
      String(body.access_token),
    )) as JWTPayload & Record<string, unknown>;
    return { sub, roles, preferred_username, email, email_verified };
  }

  it('deletes idempotently, including unknown ids', async () => {
    const person = somebody();
    const userId = await create(person);
    await subject.provider.deleteIdentity(userId);
    await subject.provider.deleteIdentity(userId);
    await subject.provider.deleteIdentity(randomUUID());
    await subject.provider.deleteIdentity('../../clients');
    assert.notEqual(await create(person), userId);
  });
}

function somebody(): NewIdentity {
  const name = `t-${randomUUID().slice(0, 18)}`;
  return { username: name, email: `${name}@example.test`, password: 'correct horse battery' };
}

async function startLocal(): Promise<Subject> {
  const database = await createTestDatabase();
  const pool = openPool(database.url);
  let handler: ReturnType<typeof createIdentityHandler> | undefined;
  const server = createServer((req, res) => void handler?.(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/identity`;
  const provider = await LocalIssuer.start({ pool, issuer, hashCost: { N: 2 ** 10, r: 8, p: 1 } });
  handler = createIdentityHandler(provider, {
    origins: ['loopback'],
    trustedProxies: trustedProxies([]),
    onError: (error) => assert.ifError(error),
  });
  const keys = createLocalJWKSet(provider.jwks);
  return {
    provider,
    tokenUrl: `${issuer}/token`,
    verify: async (token) =>
      (await jwtVerify(token, keys, { issuer, audience: 'prodvor-api', algorithms: ['RS256'] })).payload,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await pool.end();
      await database.drop();
    },
  };
}

async function startKeycloak(): Promise<Subject> {
  const issuer = keycloakIssuer ?? '';
  const provider = new Keycloak({
    realmUrl: issuer,
    clientId: process.env.KEYCLOAK_CLIENT_ID ?? backendClient.id,
    clientSecret: process.env.KEYCLOAK_CLIENT_SECRET ?? backendClient.secret,
  });
  const keys = createRemoteJWKSet(new URL(`${issuer}/protocol/openid-connect/certs`));
  return {
    provider,
    tokenUrl: `${issuer}/protocol/openid-connect/token`,
    verify: async (token) =>
      (await jwtVerify(token, keys, { issuer, audience: 'prodvor-api', algorithms: ['RS256'] })).payload,
    close: () => provider.close(),
  };
}

/**
 * Opens a pool that ignores errors. `end()` resolves before the last socket is closed, and dropping the database then
 * cuts that socket, which the pool reports as an error.
 */
function openPool(connectionString: string): pg.Pool {
  return new pg.Pool({ connectionString, max: 4 }).on('error', () => undefined);
}
