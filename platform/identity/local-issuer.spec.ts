import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import pg from 'pg';
import { createTestDatabase } from '../../test/database.ts';
import type { TestDatabase } from '../../test/database.ts';
import { trustedProxies } from '../http/client-address.ts';
import { createIdentityHandler } from './local-issuer.http.ts';
import { LocalIssuer } from './local-issuer.ts';
import { HashingBusy } from './password-hash.ts';

const hashCost = { N: 2 ** 10, r: 8, p: 1 };
const password = 'correct horse battery';

describe('local issuer', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let server: Server;
  let issuer: LocalIssuer;
  let origin: string;
  const unexpected: unknown[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = openPool(database.url);
    let handler: ReturnType<typeof createIdentityHandler> | undefined;
    server = createServer((req, res) => {
      if (handler?.(req, res) === false) res.writeHead(404).end('not ours');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    issuer = await LocalIssuer.start({ pool, issuer: `${origin}/identity`, hashCost });
    handler = createIdentityHandler(issuer, {
      origins: ['loopback'],
      demo: true,
      trustedProxies: trustedProxies([]),
      onError: (error) => unexpected.push(error),
    });
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await pool.end();
    await database.drop();
    assert.deepEqual(unexpected, []);
  });

  const call = async (
    path: string,
    init: RequestInit = {},
  ): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> => {
    const response = await fetch(origin + path, init);
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : { text },
      headers: response.headers,
    };
  };
  const token = (form: Record<string, string>) =>
    call('/identity/token', { method: 'POST', body: new URLSearchParams({ client_id: 'prodvor-web', ...form }) });
  const signIn = (username: string, secret = password) => token({ grant_type: 'password', username, password: secret });
  const refresh = (refreshToken: unknown, clientId = 'prodvor-web') =>
    token({ grant_type: 'refresh_token', refresh_token: String(refreshToken), client_id: clientId });
  const register = async (username: string): Promise<string> => {
    const outcome = await issuer.createIdentity({ username, email: `${username}@example.test`, password });
    assert.ok('userId' in outcome, JSON.stringify(outcome));
    return outcome.userId;
  };

  it('is found by discovery, and its keys verify its tokens', async () => {
    const userId = await register('discovered');
    const { body: metadata } = await call('/identity/.well-known/openid-configuration');
    assert.equal(metadata.issuer, issuer.issuer);
    const { body } = await token({ grant_type: 'password', username: 'discovered', password });
    const { payload } = await jwtVerify(
      String(body.access_token),
      createRemoteJWKSet(new URL(String(metadata.jwks_uri))),
      { issuer: issuer.issuer, audience: 'prodvor-api' },
    );
    assert.equal(payload.sub, userId);
    assert.deepEqual(Object.keys(decodeProtectedHeader(String(body.access_token))).sort(), ['alg', 'kid', 'typ']);
  });

  it('publishes no private part of a key', async () => {
    const { body } = await call('/identity/jwks');
    const keys = body.keys as Record<string, unknown>[];
    assert.deepEqual(
      keys.map((key) => Object.keys(key).sort()),
      [['alg', 'e', 'kid', 'kty', 'n', 'use']],
    );
  });

  it('keeps keys and accounts over a restart, and creates one key when several processes start at once', async () => {
    const others = await Promise.all([1, 2, 3].map(() => LocalIssuer.start({ pool, issuer: issuer.issuer, hashCost })));
    for (const other of others) assert.deepEqual(other.jwks, issuer.jwks);
    const fresh = await createTestDatabase();
    const freshPool = openPool(fresh.url);
    try {
      const [one, two] = await Promise.all(
        [1, 2].map(() => LocalIssuer.start({ pool: freshPool, issuer: issuer.issuer, hashCost })),
      );
      assert.deepEqual(one?.jwks, two?.jwks);
      assert.equal(one?.jwks.keys.length, 1);
    } finally {
      await freshPool.end();
      await fresh.drop();
    }
  });

  it('seeds idempotently, with roles, and never takes over a registered account', async () => {
    const seeds = [
      { username: 'Anna', email: 'anna@example.test', roles: ['player', 'admin'], demo: true },
      { username: 'boris', email: 'boris@example.test', password },
    ];
    const ids = await issuer.seed(seeds);
    assert.deepEqual(await issuer.seed(seeds), ids);
    assert.deepEqual(await issuer.seed([{ ...seeds[0]!, roles: ['referee'] }]), [ids[0]]);
    const { body } = await call('/identity/demo-token?user=anna', { method: 'POST' });
    assert.deepEqual(decodeJwt(String(body.access_token)).roles, ['referee']);
    assert.equal((await signIn('boris')).status, 200);
    const registered = await register('carla');
    await assert.rejects(
      issuer.seed([{ username: 'carla', email: 'other@example.test', roles: ['admin'] }]),
      /"carla" cannot be seeded/,
    );
    const carla = await signIn('carla');
    assert.deepEqual(
      [decodeJwt(String(carla.body.access_token)).sub, decodeJwt(String(carla.body.access_token)).roles],
      [registered, ['player']],
    );
    const race = await Promise.all(
      [1, 2, 3].map(() => issuer.seed([{ username: 'dora', email: 'dora@example.test' }])),
    );
    assert.equal(new Set(race.flat()).size, 1);
  });

  it('signs in demo accounts by name, but no others, and not for foreign pages', async () => {
    await issuer.seed([
      { username: 'demo', email: 'demo@example.test', demo: true },
      { username: 'hidden', email: 'hidden@example.test' },
    ]);
    const demo = (user: string, headers: Record<string, string> = {}) =>
      call(`/identity/demo-token?user=${user}`, { method: 'POST', headers });
    assert.equal((await demo('demo')).status, 200);
    assert.equal((await demo('demo', { origin })).status, 200);
    assert.deepEqual((await demo('hidden')).body.error, 'invalid_grant');
    assert.deepEqual((await demo('nobody%00')).body.error, 'invalid_grant');
    assert.deepEqual((await demo('demo', { origin: 'https://evil.example' })).status, 403);
    assert.deepEqual((await demo('demo', { origin: 'null' })).status, 403);
    assert.equal((await call('/identity/demo-token?user=demo')).status, 405);
    // The account has no password.
    for (const guess of ['', 'null', 'undefined']) assert.notEqual((await signIn('demo', guess)).status, 200);
  });

  it('renews the token of a demo account under the conditions under which it issues one', async () => {
    await issuer.seed([{ username: 'demo-renewed', email: 'demo-renewed@example.test', demo: true }]);
    await register('no-demo');
    const renew = (refreshToken: unknown, headers: Record<string, string> = {}, form: Record<string, string> = {}) =>
      call('/identity/token', {
        method: 'POST',
        headers,
        body: new URLSearchParams({
          client_id: 'prodvor-explorer',
          grant_type: 'refresh_token',
          refresh_token: String(refreshToken),
          ...form,
        }),
      });
    const first = (await call('/identity/demo-token?user=demo-renewed', { method: 'POST' })).body;
    const second = await renew(first.refresh_token);
    assert.equal(second.status, 200);
    const [before, now] = [first, second.body].map(({ access_token: token }) => decodeJwt(String(token)));
    assert.deepEqual(
      [now?.azp, now?.sid, now?.sub, now?.preferred_username],
      ['prodvor-explorer', before?.sid, before?.sub, 'demo-renewed'],
    );
    // Another client, a caller elsewhere behind a proxy, and a password are refused. The refusals do not change the
    // session.
    assert.equal((await refresh(second.body.refresh_token)).body.error, 'invalid_grant');
    assert.deepEqual(
      (await renew(second.body.refresh_token, { 'x-forwarded-for': '203.0.113.9' })).body.error,
      'invalid_client',
    );
    assert.deepEqual(
      (await renew('', {}, { grant_type: 'password', username: 'no-demo', password })).body.error,
      'invalid_client',
    );
    const third = await renew(second.body.refresh_token);
    assert.equal(third.status, 200);
    await issuer.seed([{ username: 'demo-renewed', email: 'demo-renewed@example.test', demo: false }]);
    assert.equal((await renew(third.body.refresh_token)).body.error, 'invalid_grant', 'no demo account any more');
  });

  it('renews no demo token where there is no demo, including tokens of an earlier start', async () => {
    await issuer.seed([{ username: 'demo-left', email: 'demo-left@example.test', demo: true }]);
    const { body } = await call('/identity/demo-token?user=demo-left', { method: 'POST' });
    const handler = createIdentityHandler(issuer, {
      origins: ['loopback'],
      trustedProxies: trustedProxies([]),
      onError: (error) => unexpected.push(error),
    });
    const other = createServer((req, res) => void handler(req, res)).listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const form = new URLSearchParams({
        client_id: 'prodvor-explorer',
        grant_type: 'refresh_token',
        refresh_token: String(body.refresh_token),
      });
      const response = await fetch(`http://127.0.0.1:${(other.address() as AddressInfo).port}/identity/token`, {
        method: 'POST',
        body: form,
      });
      assert.deepEqual(
        [response.status, ((await response.json()) as { error: string }).error],
        [401, 'invalid_client'],
      );
    } finally {
      other.closeAllConnections();
      other.close();
    }
  });

  it('accepts each refresh token once; a repeated one ends the session', async () => {
    await register('eva');
    const first = (await signIn('eva')).body;
    const second = await refresh(first.refresh_token);
    assert.equal(second.status, 200);
    assert.equal(decodeJwt(String(second.body.access_token)).sid, decodeJwt(String(first.access_token)).sid);
    assert.notEqual(second.body.refresh_token, first.refresh_token);
    // The token belongs to another client.
    assert.deepEqual((await refresh(second.body.refresh_token, 'prodvor-test')).body.error, 'invalid_grant');
    assert.deepEqual((await refresh(first.refresh_token)).body.error, 'invalid_grant');
    assert.deepEqual((await refresh(second.body.refresh_token)).body.error, 'invalid_grant');
    const other = (await signIn('eva')).body;
    const outcomes = await Promise.all([1, 2, 3].map(() => refresh(other.refresh_token)));
    assert.equal(outcomes.filter(({ status }) => status === 200).length, 1);
  });

  it('refuses a forged refresh token, and a forgery ends no session', async () => {
    await register('fred');
    const { body } = await signIn('fred');
    const [session, , mac = ''] = String(body.refresh_token).split('.');
    for (const forged of [
      '',
      'x',
      `${session}.1.${'A'.repeat(43)}`,
      `${session}.2.${mac}`,
      `${session}.0.${mac}`,
      `not-a-uuid.1.${mac}`,
      `${session}.1.${mac}\0`,
    ]) {
      assert.equal((await refresh(forged)).status, 400, forged);
    }
    assert.equal((await refresh(body.refresh_token)).status, 200);
  });

  it('keeps 20 sessions per person, and none of a deleted person', async () => {
    const userId = await register('gina');
    const tokens: unknown[] = [];
    for (let n = 0; n < 22; n++) tokens.push((await signIn('gina')).body.refresh_token);
    const { rows } = await pool.query<{ n: string }>('SELECT count(*) AS n FROM identity.sessions WHERE user_id = $1', [
      userId,
    ]);
    assert.equal(rows[0]?.n, '20');
    assert.equal((await refresh(tokens[0])).status, 400);
    assert.equal((await refresh(tokens.at(-2))).status, 200);
    await issuer.deleteIdentity(userId);
    assert.equal((await refresh(tokens.at(-1))).status, 400);
  });

  it('locks an account for a time after ten failures, also for the right password, with the same answer', async () => {
    const userId = await register('hugo');
    const wrong = await signIn('hugo', 'wrong password');
    for (let n = 1; n < 10; n++) await signIn('hugo', 'wrong password');
    const locked = await signIn('hugo');
    assert.deepEqual([locked.status, locked.body], [400, wrong.body]);
    const { rows } = await pool.query<{ seconds: number }>(
      'SELECT extract(epoch FROM locked_until - now())::int AS seconds FROM identity.accounts WHERE user_id = $1',
      [userId],
    );
    assert.ok(Math.abs((rows[0]?.seconds ?? 0) - 60) <= 5);
    await pool.query("UPDATE identity.accounts SET locked_until = now() - interval '1 second' WHERE user_id = $1", [
      userId,
    ]);
    assert.equal((await signIn('hugo')).status, 200);
    assert.equal((await signIn('hugo', 'wrong password')).status, 400);
    assert.equal((await signIn('hugo')).status, 200); // The count has started again.
  });

  it('refuses sign-ins when too many passwords wait to be hashed, and recovers', async () => {
    await register('ida');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 90 }, () => issuer.signIn('ida', password, 'prodvor-web')),
    );
    const refused = outcomes.filter(
      (outcome) => outcome.status === 'rejected' && outcome.reason instanceof HashingBusy,
    );
    assert.equal(refused.length, 90 - 2 - 64);
    assert.equal((await signIn('ida')).status, 200);
    jest.spyOn(issuer, 'signIn').mockImplementation(() => Promise.reject(new HashingBusy()));
    const busy = await signIn('ida');
    assert.deepEqual(
      [busy.status, busy.body.error, busy.headers.get('retry-after')],
      [503, 'temporarily_unavailable', '2'],
    );
  });

  it('finds a person by address before another with the same text as user name', async () => {
    const userId = await register('jan');
    await issuer.createIdentity({
      username: 'jan@example.test',
      email: 'thief@example.test',
      password: 'another password',
    });
    assert.equal(decodeJwt(String((await signIn('jan@example.test')).body.access_token)).sub, userId);
  });

  const errors: readonly [string, string, RequestInit, number, string][] = [
    ['an unknown path', '/identity/nothing', {}, 404, 'not_found'],
    ['GET on the token endpoint', '/identity/token', {}, 405, 'invalid_request'],
    [
      'JSON',
      '/identity/token',
      { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } },
      400,
      'invalid_request',
    ],
    [
      'no client',
      '/identity/token',
      { method: 'POST', body: new URLSearchParams({ grant_type: 'password' }) },
      401,
      'invalid_client',
    ],
    [
      'no grant type',
      '/identity/token',
      { method: 'POST', body: new URLSearchParams({ client_id: 'prodvor-web' }) },
      400,
      'invalid_request',
    ],
    [
      'another grant type',
      '/identity/token',
      { method: 'POST', body: new URLSearchParams({ client_id: 'prodvor-web', grant_type: 'implicit' }) },
      400,
      'unsupported_grant_type',
    ],
    [
      'no password',
      '/identity/token',
      {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'prodvor-web', grant_type: 'password', username: 'x' }),
      },
      400,
      'invalid_request',
    ],
    [
      'a parameter twice',
      '/identity/token',
      {
        method: 'POST',
        body: new URLSearchParams([
          ['client_id', 'prodvor-web'],
          ['client_id', 'x'],
        ]),
      },
      400,
      'invalid_request',
    ],
    [
      'a NUL in the name',
      '/identity/token',
      {
        method: 'POST',
        body: new URLSearchParams({ client_id: 'prodvor-web', grant_type: 'password', username: 'a\0b', password }),
      },
      400,
      'invalid_grant',
    ],
    [
      'a body too long',
      '/identity/token',
      { method: 'POST', body: new URLSearchParams({ password: 'x'.repeat(20_000) }) },
      413,
      'invalid_request',
    ],
    ['no demo user', '/identity/demo-token', { method: 'POST' }, 400, 'invalid_request'],
  ];
  for (const [name, path, init, status, error] of errors) {
    it(`answers ${name} with ${status} ${error}`, async () => {
      const answer = await call(path, init);
      assert.deepEqual([answer.status, answer.body.error], [status, error]);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    });
  }

  it('does not answer other paths', async () => {
    for (const path of ['/', '/graphql', '/identity', '/identityx/jwks', '//x/identity/jwks'])
      assert.equal((await call(path)).body.text, 'not ours', path);
  });

  it('answers pages on loopback, and no others', async () => {
    const status = async (from: string) => (await call('/identity/jwks', { headers: { origin: from } })).status;
    assert.equal(await status('http://localhost:3000'), 200);
    assert.equal(await status('https://localhost.evil.example'), 403);
    assert.equal(await status('null'), 403);
  });

  it('answers a cut-off or endless body with at most one answer and no error', async () => {
    const headers: IncomingHttpHeaders = {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '100',
    };
    const req = request(`${origin}/identity/token`, { method: 'POST', headers });
    req.on('error', () => undefined);
    req.write('grant_type=');
    await once(server, 'request');
    req.destroy();
    assert.equal((await call('/identity/jwks')).status, 200);
  });
});

/**
 * Opens a pool that ignores errors. `end()` resolves before the last socket is closed, and dropping the database then
 * cuts that socket, which the pool reports as an error.
 */
function openPool(connectionString: string): pg.Pool {
  return new pg.Pool({ connectionString, max: 4 }).on('error', () => undefined);
}
