import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals';
import { IdentityUnavailable } from './identity-provider.ts';
import { Keycloak } from './keycloak.ts';

const person = { username: 'anna', email: 'anna@example.test', password: 'correct horse battery' };

/** The answers of a Keycloak 26.7, by method and path without the query. */
type Script = (call: {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string;
  readonly body: string;
}) => [number, unknown, Record<string, string>?] | null;

describe('Keycloak adapter', () => {
  let server: Server;
  let keycloak: Keycloak;
  let script: Script;
  let tokensGiven = 0;
  const calls: string[] = [];

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const url = new URL(req.url ?? '', 'http://any');
    const body = await text(req);
    const token = (req.headers.authorization ?? '').replace('Bearer ', '');
    calls.push(`${req.method} ${url.pathname}`);
    const given = script({ method: req.method ?? '', path: url.pathname, query: url.searchParams, token, body });
    if (given === null) return; // never answers
    const [status, json, headers = {}] = given;
    res
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(json === undefined ? '' : typeof json === 'string' ? json : JSON.stringify(json));
  };
  const withToken =
    (rest: Script): Script =>
    (call) =>
      call.path === '/realms/prodvor/protocol/openid-connect/token'
        ? [200, { access_token: `token-${++tokensGiven}`, expires_in: 300 }]
        : rest(call);
  const users = '/admin/realms/prodvor/users';

  beforeAll(async () => {
    server = createServer((req, res) => void answer(req, res));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  const connect = (timeoutMs = 2000): Keycloak => {
    tokensGiven = 0;
    calls.length = 0;
    const { port } = server.address() as AddressInfo;
    return (keycloak = new Keycloak({
      realmUrl: `http://127.0.0.1:${port}/realms/prodvor`,
      clientId: 'backend',
      clientSecret: 's',
      timeoutMs,
    }));
  };
  afterEach(async () => {
    server.closeAllConnections();
    await keycloak.close();
  });
  afterAll(() => void server.close());

  const refused = async (status: number, body: unknown, identity = person): Promise<unknown> => {
    script = withToken(() => [status, body]);
    const outcome = await connect().createIdentity(identity);
    return 'refusals' in outcome ? outcome.refusals.map(({ field, code }) => `${field} ${code}`) : outcome;
  };

  it('sends no request for a reserved name or a common password', async () => {
    script = () => assert.fail('Keycloak was asked');
    const provider = connect();
    const refusals = async (changed: object): Promise<unknown> => {
      const outcome = await provider.createIdentity({ ...person, ...changed });
      return 'refusals' in outcome && outcome.refusals.map(({ field, code }) => `${field} ${code}`);
    };
    assert.deepEqual(await refusals({ username: 'adm1n' }), ['username INVALID']);
    assert.deepEqual(await refusals({ password: 'Football2024!' }), ['password INVALID']);
    assert.deepEqual(await refusals({ username: 'root', password: '12345678' }), [
      'username INVALID',
      'password INVALID',
    ]);
    assert.deepEqual(calls, []);
  });

  it('creates an account with a permanent password', async () => {
    let sent: unknown;
    script = withToken(({ body }) => {
      sent = JSON.parse(body);
      return [201, undefined, { location: `http://elsewhere${users}/5f0c` }];
    });
    assert.deepEqual(await connect().createIdentity(person), { userId: '5f0c' });
    assert.deepEqual(sent, {
      username: 'anna',
      email: person.email,
      enabled: true,
      emailVerified: false,
      credentials: [{ type: 'password', value: person.password, temporary: false }],
    });
  });

  it('reads one fault, several faults, the password policy and a missing name', async () => {
    assert.deepEqual(
      await refused(400, { field: 'email', errorMessage: 'error-invalid-email', params: ['email', 'nope'] }),
      ['email INVALID'],
    );
    assert.deepEqual(
      await refused(400, { field: 'email', errorMessage: 'error-user-attribute-required', params: ['email'] }),
      ['email REQUIRED'],
    );
    assert.deepEqual(
      await refused(
        400,
        { field: 'username', errorMessage: 'error-invalid-length', params: ['username', 3, 32] },
        { ...person, username: 'ab' },
      ),
      ['username TOO_SHORT'],
    );
    assert.deepEqual(
      await refused(
        400,
        { field: 'username', errorMessage: 'error-invalid-length', params: ['username', '3', '32'] },
        { ...person, username: 'a'.repeat(33) },
      ),
      ['username TOO_LONG'],
    );
    assert.deepEqual(
      await refused(400, {
        errors: [
          { field: 'username', errorMessage: 'error-username-invalid-character' },
          { field: 'email', errorMessage: 'error-invalid-email' },
        ],
      }),
      ['username INVALID', 'email INVALID'],
    );
    for (const [error, expected] of Object.entries({
      invalidPasswordMinLengthMessage: 'TOO_SHORT',
      invalidPasswordMaxLengthMessage: 'TOO_LONG',
      invalidPasswordNotEmailMessage: 'INVALID',
      invalidPasswordNotUsernameMessage: 'INVALID',
      invalidPasswordHistoryMessage: 'INVALID',
    })) {
      assert.deepEqual(await refused(400, { error, error_description: 'Invalid password: …' }), [
        `password ${expected}`,
      ]);
    }
    assert.deepEqual(await refused(400, { errorMessage: 'User name is missing' }), ['username REQUIRED']);
  });

  it('refuses an empty password without a request', async () => {
    assert.deepEqual(await refused(201, undefined, { ...person, password: '' }), ['password REQUIRED']);
    assert.deepEqual(calls, []);
  });

  it('asks which of name and address is taken', async () => {
    for (const [takenUsername, takenEmail, expected] of [
      [true, false, ['username TAKEN']],
      [false, true, ['email TAKEN']],
      [true, true, ['username TAKEN', 'email TAKEN']],
    ] as const) {
      script = withToken(({ method, query }) => {
        if (method === 'POST') return [409, { errorMessage: 'User exists with same email' }];
        assert.equal(query.get('exact'), 'true');
        return [200, (query.has('username') ? takenUsername : takenEmail) ? [{ id: 'x' }] : []];
      });
      const outcome = await connect().createIdentity(person);
      assert.deepEqual(
        'refusals' in outcome && outcome.refusals.map(({ field, code }) => `${field} ${code}`),
        expected,
      );
    }
  });

  it('fetches one token for all calls, and a new one once when it is refused', async () => {
    let good = 'token-1';
    script = withToken(({ token }) => (token === good ? [204, undefined] : [401, { error: 'HTTP 401 Unauthorized' }]));
    connect();
    await Promise.all([1, 2, 3].map(() => keycloak.deleteIdentity('x')));
    assert.equal(tokensGiven, 1);
    good = 'token-2';
    await Promise.all([1, 2, 3].map(() => keycloak.deleteIdentity('x')));
    assert.equal(tokensGiven, 2);
    good = 'none';
    calls.length = 0;
    await assert.rejects(keycloak.deleteIdentity('x'), IdentityUnavailable);
    assert.equal(calls.filter((call) => call.startsWith('DELETE')).length, 2);
  });

  it('requests a token again after a failure', async () => {
    script = () => [500, 'oops'];
    await assert.rejects(connect().deleteIdentity('x'), IdentityUnavailable);
    script = withToken(() => [204, undefined]);
    await keycloak.deleteIdentity('x');
  });

  it('accepts a missing account as deleted, and keeps an id within its path segment', async () => {
    script = withToken(() => [404, { error: 'User not found' }]);
    await connect().deleteIdentity('../clients');
    assert.equal(calls.at(-1), `DELETE ${users}/..%2Fclients`);
  });

  const unavailable: readonly [string, number, unknown][] = [
    ['an unknown JSON field', 400, { error: 'Invalid json representation for UserRepresentation.' }],
    [
      'a fault of an attribute that nobody typed',
      400,
      { field: 'firstName', errorMessage: 'error-user-attribute-required' },
    ],
    ['a shape that it does not know', 400, { problem: true }],
    ['no JSON', 400, '<html>Bad Gateway</html>'],
    ['created without a place', 201, undefined],
    ['a server error', 500, { error: 'unknown_error' }],
    ['forbidden', 403, { error: 'HTTP 403 Forbidden' }],
    ['a redirect', 302, undefined],
    ['an endless answer', 400, JSON.stringify({ errorMessage: 'x'.repeat(300_000) })],
  ];
  for (const [name, status, body] of unavailable) {
    it(`is unavailable on ${name}`, async () => {
      script = withToken(() => [status, body]);
      await assert.rejects(
        connect().createIdentity(person),
        (error) =>
          error instanceof IdentityUnavailable &&
          error.code === 'UNAVAILABLE' &&
          !error.message.includes('correct horse'),
      );
    });
  }

  it('grants the roles that an account does not have, and says which ones the realm does not have', async () => {
    const roles = (...names: string[]) => names.map((name) => ({ id: `id of ${name}`, name, composite: false }));
    const granted: unknown[] = [];
    script = withToken(({ method, path, body }) => {
      if (path === `${users}/u/role-mappings/realm/composite`) return [200, roles('player')];
      if (path === `${users}/u/role-mappings/realm/available`) return [200, roles('player', 'organizer', 'referee')];
      if (method === 'POST' && path === `${users}/u/role-mappings/realm`) granted.push(JSON.parse(body));
      return [204, undefined];
    });
    const provider = connect();
    await provider.grantRoles('u', ['player', 'organizer']);
    assert.deepEqual(granted, [roles('organizer')]);
    await provider.grantRoles('u', ['player']);
    assert.equal(granted.length, 1);
    await assert.rejects(provider.grantRoles('u', ['organizer', 'umpire']), /the realm has no role umpire/);
    assert.equal(granted.length, 1);
    script = withToken(() => [403, { error: 'HTTP 403 Forbidden' }]);
    await assert.rejects(provider.grantRoles('u', ['organizer']), IdentityUnavailable);
  });

  it('is unavailable when its secret is wrong, when the server never answers, and when nothing listens', async () => {
    script = () => [401, { error: 'unauthorized_client' }];
    await assert.rejects(connect().createIdentity(person), /401 \(signing in as client backend\)/);
    script = withToken(() => null);
    await assert.rejects(connect(50).createIdentity(person), IdentityUnavailable);
    await keycloak.close();
    keycloak = new Keycloak({ realmUrl: 'http://127.0.0.1:1/realms/prodvor', clientId: 'backend', clientSecret: 's' });
    await assert.rejects(keycloak.createIdentity(person), IdentityUnavailable);
  });
});
