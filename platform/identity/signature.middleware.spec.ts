import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { createNonceCache } from '../../signature/nonces.ts';
import { encodeUserinfo, keyRing, signingKey, signRequest, signSubscribe } from '../../signature/signature.ts';
import type { SignedPrincipal } from '../../signature/signature.ts';
import { currentContext, runInContext } from '../observability/request-context.ts';
import { ANONYMOUS, hasRole, principalOf, readPrincipal, requireUser, viewerOf } from './principal.ts';
import type { CallGuardOptions } from './signature.middleware.ts';
import { checkSubscribe, signatureMiddleware } from './signature.middleware.ts';

const key = signingKey('k1', 'a secret of enough bytes');
const stranger = signingKey('k1', 'another secret altogether');
const ANNA = '0b6a4c1e-3f44-4e7b-9a35-0d0e6f1f2a01';
const BORIS = '0b6a4c1e-3f44-4e7b-9a35-0d0e6f1f2a02';
const room: SignedPrincipal = { audience: 'chat:room:7' };
const anna: SignedPrincipal = {
  userId: ANNA,
  userinfo: encodeUserinfo({ sub: ANNA, roles: ['player', 'admin'], preferred_username: 'anna' }),
};

describe('principal', () => {
  it('is read only from claims that belong to the user', () => {
    assert.deepEqual(readPrincipal(anna), { userId: ANNA, roles: ['player', 'admin'], username: 'anna' });
    assert.deepEqual(readPrincipal({}), ANONYMOUS);
    for (const wrong of [
      { userId: ANNA },
      { userinfo: anna.userinfo ?? '' },
      { userId: BORIS, userinfo: anna.userinfo ?? '' },
      { userId: ANNA, userinfo: '!!' },
      { ...anna, ...room },
      { userId: ANNA, ...room },
      { userinfo: anna.userinfo ?? '', ...room },
      { userId: ANNA, userinfo: encodeUserinfo({ sub: ANNA, roles: 'admin' }) },
      { userId: '', userinfo: encodeUserinfo({ sub: '' }) },
      { userId: 'anna', userinfo: encodeUserinfo({ sub: 'anna' }) },
    ])
      assert.equal(readPrincipal(wrong), null, JSON.stringify(wrong));
  });

  it('must be a user where a user is required', () => {
    assert.equal(requireUser({ userId: 'u', roles: [] }).userId, 'u');
    assert.throws(
      () => requireUser(ANONYMOUS),
      (error) => error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED',
    );
    assert.deepEqual([viewerOf({ userId: 'u', roles: [] }), viewerOf(ANONYMOUS)], ['u', undefined]);
    assert.deepEqual([hasRole({ roles: ['admin'] }, 'admin'), hasRole(ANONYMOUS, 'admin')], [true, false]);
  });
});

describe('the principal of a call for an audience', () => {
  it('has no roles, and is neither a user nor a guest: asking for the viewer fails with its own code', () => {
    const audience = readPrincipal(room);
    assert.deepEqual(audience, { audience: 'chat:room:7', roles: [] });
    for (const ask of [viewerOf, requireUser])
      assert.throws(
        () => ask(audience ?? ANONYMOUS),
        (error) => error instanceof GraphQLError && error.extensions.code === 'AUDIENCE_HAS_NO_VIEWER',
      );
  });
});

describe('signature middleware', () => {
  const refusals: string[] = [];
  const seen: { body?: unknown; principal?: unknown; headers?: unknown; loggedUser?: unknown }[] = [];
  let server: Server;
  let port: number;
  let gate: ReturnType<typeof signatureMiddleware>;
  const options = (more: Partial<CallGuardOptions> = {}): CallGuardOptions => ({
    verifier: { target: 'teams', keys: keyRing(key), nonces: createNonceCache() },
    allowUnsigned: false,
    publicRoute: (method, path) =>
      method === 'POST'
        ? {
            '/register': { body: 'json', maxBodyBytes: 1000 } as const,
            '/files': { body: 'raw', maxBodyBytes: 10 } as const,
          }[path]
        : undefined,
    onRefused: ({ reason }) => refusals.push(reason),
    maxBodyBytes: 1000,
    ...more,
  });

  beforeAll(async () => {
    server = createServer((req: IncomingMessage & { body?: unknown }, res: ServerResponse) =>
      runInContext({ requestId: 'r', service: 'teams' }, () =>
        gate(req, res, () => {
          seen.push({
            body: req.body,
            principal: principalOf(req),
            headers: ['x-userinfo', 'x-authenticated-userid', 'x-audience'].map((name) => req.headers[name]),
            loggedUser: currentContext()?.userId,
          });
          res.end('{}');
        }),
      ),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close().closeAllConnections());
  beforeEach(() => {
    gate = signatureMiddleware(options());
    refusals.length = 0;
    seen.length = 0;
  });

  const identityHeaders = ({ userId, userinfo, audience }: SignedPrincipal): Record<string, string> => ({
    ...(userId === undefined ? {} : { 'x-authenticated-userid': userId }),
    ...(userinfo === undefined ? {} : { 'x-userinfo': userinfo }),
    ...(audience === undefined ? {} : { 'x-audience': audience }),
  });
  const signed = (
    body: string,
    principal: SignedPrincipal = anna,
    more: Partial<Parameters<typeof signRequest>[1]> = {},
    by = key,
  ): Record<string, string> => ({
    'content-type': 'application/json',
    'x-request-id': 'edge-1234567',
    ...identityHeaders(principal),
    ...signRequest(by, {
      method: 'POST',
      path: '/graphql',
      body,
      principal,
      requestId: 'edge-1234567',
      target: 'teams',
      ...more,
    }),
  });
  const send = async (
    body: string,
    headers: Record<string, string>,
    path = '/graphql',
    method = 'POST',
  ): Promise<[number, string | undefined]> => {
    const req = request({
      port,
      host: '127.0.0.1',
      path,
      method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
    });
    req.end(body);
    const [res] = (await once(req, 'response')) as [IncomingMessage];
    const answer = JSON.parse(await text(res)) as { errors?: { extensions: { code: string } }[] };
    return [res.statusCode ?? 0, answer.errors?.[0]?.extensions.code];
  };
  const body = '{"query":"{ me { id } }"}';

  it('admits the router, with its principal and the parsed body', async () => {
    assert.deepEqual(await send(body, signed(body)), [200, undefined]);
    assert.deepEqual(
      [seen[0]?.body, seen[0]?.principal, seen[0]?.loggedUser],
      [JSON.parse(body), { userId: ANNA, roles: ['player', 'admin'], username: 'anna' }, ANNA],
    );
    assert.deepEqual(await send(body, signed(body, {})), [200, undefined]);
    assert.deepEqual(seen[1]?.principal, ANONYMOUS);
    assert.deepEqual(await send(body, signed(body, room)), [200, undefined]);
    assert.deepEqual([seen[2]?.principal, seen[2]?.loggedUser], [readPrincipal(room), undefined]);
  });

  it('refuses everybody else', async () => {
    const cases: [string, string, Record<string, string>, string?][] = [
      ['UNSIGNED_REQUEST', body, { 'content-type': 'application/json', ...identityHeaders(anna) }],
      ['SIGNATURE_INVALID', body.replace('me', 'you'), signed(body)],
      ['SIGNATURE_INVALID', body, { ...signed(body, {}), ...identityHeaders(anna) }],
      ['SIGNATURE_INVALID', body, { ...signed(body), ...identityHeaders({ userId: BORIS }) }],
      ['UNSIGNED_REQUEST', body, { 'content-type': 'application/json', ...identityHeaders(room) }],
      ['SIGNATURE_INVALID', body, { ...signed(body), ...identityHeaders(room) }],
      ['SIGNATURE_INVALID', body, signed(body, { ...anna, ...room })],
      ['SIGNATURE_INVALID', body, signed(body, anna, {}, stranger)],
      ['SIGNATURE_INVALID', body, signed(body, anna, { target: 'users' })],
      ['SIGNATURE_INVALID', body, signed(body), '/other'],
      ['SIGNATURE_INVALID', body, signed(body), '/graphql?query={secret}'],
      ['SIGNATURE_INVALID', body, signed(body, { userId: BORIS, userinfo: anna.userinfo ?? '' })],
      ['SIGNATURE_STALE', body, signed(body, anna, { now: Date.now() - 60_000 })],
      ['SIGNATURE_STALE', body, signed(body, anna, { now: Date.now() + 60_000 })],
    ];
    for (const [code, sent, headers, path] of cases)
      assert.deepEqual(await send(sent, headers, path), [401, code], JSON.stringify([path, refusals.at(-1)]));
    const replayed = signed(body);
    assert.deepEqual(await send(body, replayed), [200, undefined]);
    assert.deepEqual(await send(body, replayed), [401, 'SIGNATURE_REPLAYED']);
    assert.equal(seen.length, 1);
    assert.equal(refusals.length, cases.length + 1);
  });

  it('passes public routes on, without identity headers', async () => {
    assert.deepEqual(await send(body, identityHeaders({ ...anna, ...room }), '/register?x=1'), [200, undefined]);
    assert.deepEqual(seen[0], {
      body: undefined,
      principal: { ...ANONYMOUS, clientAddress: '127.0.0.1' },
      headers: [undefined, undefined, undefined],
      loggedUser: undefined,
    });
    for (const path of ['/health/live', '/health/ready', '/metrics'])
      assert.deepEqual(await send('', {}, path, 'GET'), [200, undefined]);
    for (const [path, method] of [
      ['/register', 'GET'],
      ['/register/', 'POST'],
      ['/health/live/../../graphql', 'POST'],
      ['/health', 'GET'],
      ['/Metrics', 'GET'],
    ] as const) {
      assert.deepEqual(await send('', {}, path, method), [401, 'UNSIGNED_REQUEST'], path);
    }
  });

  it('gives a public route its body in its own form and up to its own length, signed or not', async () => {
    const json = { 'content-type': 'application/json' };
    const edge = (sent: string, path: string) => ({
      ...signed(sent, { clientAddress: '192.0.2.1' }, { path }),
      'x-client-address': '192.0.2.1',
    });
    for (const [path, sent, received] of [
      ['/register', '{"a":1}', { a: 1 }],
      ['/files', '{"a":1}', Buffer.from('{"a":1}')],
      ['/files', '{"a":', Buffer.from('{"a":')],
    ] as const) {
      for (const headers of [json, edge(sent, path)]) {
        assert.deepEqual(await send(sent, headers, path), [200, undefined], path);
        assert.deepEqual(seen.pop()?.body, received);
      }
    }
    for (const headers of [json, edge('{"a":', '/register')])
      assert.deepEqual(await send('{"a":', headers, '/register'), [400, 'BAD_REQUEST']);
    const long = 'x'.repeat(11);
    for (const headers of [json, edge(long, '/files')])
      assert.deepEqual(await send(long, headers, '/files'), [413, 'PAYLOAD_TOO_LARGE']);
    assert.equal(seen.length, 0);
  });

  it('trusts the client address only from a signature, on public routes too', async () => {
    const from = (path: string, method = 'POST') => ({
      ...signed(body, { clientAddress: '192.0.2.1' }, { path, method }),
      'x-client-address': '192.0.2.1',
    });
    assert.deepEqual(await send(body, from('/graphql')), [200, undefined]);
    assert.deepEqual(await send(body, from('/register'), '/register?x=1'), [200, undefined]);
    for (const { principal } of seen) assert.deepEqual(principal, { ...ANONYMOUS, clientAddress: '192.0.2.1' });
    assert.deepEqual(await send(body, { 'x-client-address': '192.0.2.1' }, '/register'), [401, 'UNSIGNED_REQUEST']);
    for (const path of ['/graphql', '/register']) {
      for (const other of ['192.0.2.2', 'anywhere', ''])
        assert.deepEqual(
          await send(body, { ...from(path), 'x-client-address': other }, path),
          [401, 'SIGNATURE_INVALID'],
          other,
        );
    }
    assert.deepEqual(await send(body, { ...signed(body), 'x-client-address': '192.0.2.1' }), [
      401,
      'SIGNATURE_INVALID',
    ]);
    assert.equal(seen.length, 2);
  });

  it('limits the body, and requires JSON', async () => {
    const long = JSON.stringify({ query: 'x'.repeat(2000) });
    assert.deepEqual(await send(long, signed(long)), [413, 'PAYLOAD_TOO_LARGE']);
    const chunked = request({
      port,
      host: '127.0.0.1',
      path: '/graphql',
      method: 'POST',
      headers: { ...signed(long), 'transfer-encoding': 'chunked' },
    });
    chunked.on('error', () => undefined).write(long);
    const [res] = (await once(chunked, 'response')) as [IncomingMessage];
    assert.equal(res.resume().statusCode, 413);
    chunked.destroy();
    assert.deepEqual(await send('{broken', signed('{broken')), [400, 'BAD_REQUEST']);
    assert.equal(seen.length, 0);
  });

  it('answers 503 when nonces arrive too fast', async () => {
    gate = signatureMiddleware(
      options({ verifier: { target: 'teams', keys: keyRing(key), nonces: createNonceCache({ maxPerGeneration: 1 }) } }),
    );
    assert.deepEqual(await send(body, signed(body)), [200, undefined]);
    assert.deepEqual(await send(body, signed(body)), [503, 'UNAVAILABLE']);
  });

  it('trusts headers without keys only if configured', async () => {
    assert.throws(() => signatureMiddleware(options({ verifier: undefined })), /signing keys/);
    gate = signatureMiddleware(options({ verifier: undefined, allowUnsigned: true }));
    assert.deepEqual(await send(body, { 'content-type': 'application/json', ...identityHeaders(anna) }), [
      200,
      undefined,
    ]);
    assert.deepEqual(seen[0]?.principal, readPrincipal(anna));
    assert.deepEqual(await send(body, { 'content-type': 'application/json', ...identityHeaders(room) }), [
      200,
      undefined,
    ]);
    assert.deepEqual(seen[1]?.principal, ANONYMOUS, 'nobody is believed to be an audience');
    assert.deepEqual(await send(body, identityHeaders({ userId: ANNA })), [401, 'SIGNATURE_INVALID']);
  });

  it('checks subscribe messages in the same way', () => {
    const operation = { query: 'subscription { x }', variables: { afterSeq: 3 } };
    const identity = { ...anna, requestId: 'edge-1234567' };
    const payload = (by = key) => ({
      ...operation,
      extensions: { identity, signature: signSubscribe(by, { operation, identity, target: 'teams' }) },
    });
    const guard = options();
    const codeOf = (outcome: ReturnType<typeof checkSubscribe>): unknown =>
      Array.isArray(outcome) ? (outcome[0] as GraphQLError).extensions.code : outcome;
    const good = payload();
    assert.deepEqual(codeOf(checkSubscribe(guard, good)), {
      principal: readPrincipal(anna),
      requestId: 'edge-1234567',
    });
    assert.equal(codeOf(checkSubscribe(guard, good)), 'SIGNATURE_REPLAYED');
    assert.equal(codeOf(checkSubscribe(guard, operation)), 'UNSIGNED_REQUEST');
    assert.equal(codeOf(checkSubscribe(guard, payload(stranger))), 'SIGNATURE_INVALID');
    assert.equal(codeOf(checkSubscribe(guard, { ...payload(), variables: { afterSeq: 0 } })), 'SIGNATURE_INVALID');
    const shared = { ...room, requestId: 'edge-1234567' };
    const forRoom = {
      ...operation,
      extensions: { identity: shared, signature: signSubscribe(key, { operation, identity: shared, target: 'teams' }) },
    };
    assert.deepEqual(codeOf(checkSubscribe(guard, forRoom)), {
      principal: readPrincipal(room),
      requestId: 'edge-1234567',
    });
    const open = options({ verifier: undefined, allowUnsigned: true });
    assert.deepEqual(codeOf(checkSubscribe(open, { ...operation, extensions: { identity: shared } })), {
      principal: ANONYMOUS,
      requestId: 'edge-1234567',
    });
    assert.deepEqual(codeOf(checkSubscribe(open, { ...operation, extensions: { identity } })), {
      principal: readPrincipal(anna),
      requestId: 'edge-1234567',
    });
    assert.throws(() => checkSubscribe(options({ verifier: undefined }), operation), /signing keys/);
  });
});
