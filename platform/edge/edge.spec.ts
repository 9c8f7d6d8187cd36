import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { createNonceCache } from '../../signature/nonces.ts';
import { trustedProxies } from '../http/client-address.ts';
import { keyRing, signingKey, verifyRequest } from '../../signature/signature.ts';
import { createEdge } from './edge.ts';
import { isRoutePath, routePattern, type ServedRoute } from './routes.ts';

const KEY = signingKey('edge', 'a secret of enough bytes');

const route = {
  service: 'users',
  method: 'POST',
  body: 'json',
  maxBodyBytes: 100_000,
  timeoutMs: 30_000,
  rateLimit: { minute: 1_000 },
} as const;
const ROUTES: readonly ServedRoute[] = [
  { ...route, path: '/register' },
  { ...route, path: '/files/:id', method: 'PUT', body: 'raw', maxBodyBytes: 10 },
  { ...route, path: '/files/:id', method: 'GET' },
  { ...route, path: '/slow', timeoutMs: 100 },
  { ...route, path: '/often', rateLimit: { minute: 2, hour: 3 } },
];

const servers: Server[] = [];
async function listen(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Answer {
  readonly status: number | undefined;
  readonly body: { errors?: { message: string; extensions: { code: string } }[] };
}

/** Sends chunks without a length, or one body with its length. */
function post(url: string, body: string | readonly string[], headers: IncomingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const req = request(
      url,
      {
        method: 'POST',
        headers: { ...headers, ...(typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}) },
      },
      (res) => {
        answered = true;
        void text(res).then(
          (answer) => resolve({ status: res.statusCode, body: JSON.parse(answer) as Answer['body'] }),
          reject,
        );
      },
    );
    // Errors of the request are ignored once there is an answer: the rest of a refused body may meet a closed socket.
    req.on('error', (error: NodeJS.ErrnoException) =>
      ['EPIPE', 'ECONNRESET'].includes(error.code ?? '') && answered ? undefined : reject(error),
    );
    if (typeof body === 'string') return void req.end(body);
    for (const chunk of body) req.write(chunk);
    req.end();
  });
}
const code = ({ status, body }: Answer): unknown => [status, body.errors?.map(({ extensions }) => extensions.code)];

describe('the edge', () => {
  const seen: { url?: string; headers: IncomingHttpHeaders; body: string }[] = [];
  let origin: string;
  const origins = new Map<string, string>();
  let behave: 'answer' | 'cut' | 'keep' = 'answer';
  beforeAll(async () => {
    origins.set(
      'users',
      await listen((req, res) => {
        if (behave === 'cut') return void req.socket.destroy();
        if (behave === 'keep') return;
        void text(req).then(
          (body) => {
            seen.push({ url: req.url, headers: req.headers, body });
            res.writeHead(201, { 'content-type': 'application/json', 'x-request-id': 'made' }).end('{}');
          },
          () => undefined,
        );
      }),
    );
    const edge = createEdge({
      routes: ROUTES,
      services: origins,
      allowedOrigins: ['loopback'],
      signingKey: KEY,
      trustedProxies: trustedProxies(['127.0.0.1']),
    });
    origin = await listen((req, res) => {
      if (!edge(req, res)) res.writeHead(404).end('{}');
    });
  });
  afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));

  it('forwards a public route to its service, without the headers that clients must not set', async () => {
    const forged = {
      'x-client-address': '192.0.2.66',
      'x-userinfo': 'e30',
      'x-authenticated-userid': 'admin',
      'x-audience': 'a',
      signature: 'sig1=:x:',
      'signature-input': 'sig1=()',
      'content-digest': 'sha-256=:x:',
    };
    const { status } = await post(`${origin}/register?a=b`, '{"a":1}', {
      ...forged,
      'x-request-id': 'mine',
      authorization: 'Bearer x',
      'x-forwarded-for': '203.0.113.9, 198.51.100.7',
    });
    assert.equal(status, 201);
    const [call] = seen.splice(0);
    assert.deepEqual([call?.url, call?.body, call?.headers['x-request-id']], ['/register?a=b', '{"a":1}', 'mine']);
    assert.deepEqual(
      Object.entries(forged).filter(([name, value]) => call?.headers[name] === value),
      [],
    );
    const verifier = { target: 'users', keys: keyRing(KEY), nonces: createNonceCache() };
    const verified = verifyRequest(verifier, {
      method: 'POST',
      path: '/register',
      headers: call?.headers ?? {},
      body: call?.body ?? '',
    });
    assert.deepEqual(verified, {
      ok: true,
      principal: { clientAddress: '198.51.100.7' },
      requestId: 'mine',
      keyId: 'edge',
    });
  });

  it('ignores every other path, and refuses other methods', async () => {
    for (const path of ['/', '/register/', '/REGISTER', '/register%2f', '/graphql', '//register'])
      assert.equal((await post(`${origin}${path}`, '{}')).status, 404, path);
    const answer = await fetch(`${origin}/register`, { method: 'DELETE' });
    assert.deepEqual([answer.status, (await answer.text()).includes('METHOD_NOT_ALLOWED')], [405, true]);
    assert.equal(seen.length, 0);
  });

  it('limits the body, with and without an announced length', async () => {
    assert.deepEqual(code(await post(`${origin}/register`, 'x'.repeat(100_001))), [413, ['PAYLOAD_TOO_LARGE']]);
    assert.deepEqual(code(await post(`${origin}/register`, Array(30).fill('x'.repeat(10_000)))), [
      413,
      ['PAYLOAD_TOO_LARGE'],
    ]);
    assert.equal(seen.length, 0);
    assert.equal((await post(`${origin}/register`, Array(10).fill('x'.repeat(10_000)))).status, 201);
  });

  it('finds a route by its pattern, and lists its methods', async () => {
    seen.length = 0;
    const put = (path: string, body: string) => fetch(`${origin}${path}`, { method: 'PUT', body });
    assert.equal((await put('/files/a.b-c?x=1', 'bytes')).status, 201);
    const [call] = seen.splice(0);
    assert.deepEqual([call?.url, call?.body], ['/files/a.b-c?x=1', 'bytes']);
    const verifier = { target: 'users', keys: keyRing(KEY), nonces: createNonceCache() };
    assert.equal(
      verifyRequest(verifier, { method: 'PUT', path: '/files/a.b-c', headers: call?.headers ?? {}, body: 'bytes' }).ok,
      true,
      'the path that was asked for is signed',
    );
    assert.equal((await put('/files/a', 'x'.repeat(11))).status, 413, 'a limit of its own');
    for (const path of ['/files', '/files/', '/files/a/b', '/filesx/a'])
      assert.equal((await put(path, '')).status, 404, path);
    const refused = await post(`${origin}/files/a`, '');
    assert.deepEqual(
      [code(refused), refused.body.errors?.[0]?.message],
      [[405, ['METHOD_NOT_ALLOWED']], 'use PUT or GET'],
    );
    assert.equal(seen.length, 0);
  });

  it('accepts only patterns that Kong and Express match in the same way', () => {
    for (const path of ['/register', '/files/:id', '/.well-known/x', '/a/:one/b/:two', '/v1.json'])
      assert.equal(isRoutePath(path), !path.startsWith('/.'), path);
    for (const path of [
      '',
      '/',
      'register',
      '/a/',
      '//a',
      '/a/*',
      '/a(b)',
      '/:id?',
      '/a b',
      '/:',
      '/a:b',
      '/A',
      '/a/{b}',
      '/a+',
    ])
      assert.equal(isRoutePath(path), false, path);
    assert.deepEqual(
      [routePattern('/files/:id/v1.json'), new RegExp(`^${routePattern('/v1.json')}$`).test('/v1xjson')],
      [String.raw`/files/[^/]+/v1\.json`, false],
    );
  });

  it("waits for an answer for the route's timeout", async () => {
    behave = 'keep';
    assert.deepEqual(code(await post(`${origin}/slow`, '{}')), [502, ['UNAVAILABLE']]);
    behave = 'answer';
  }, 10_000);

  it('limits the requests of one address, and says when to retry', async () => {
    const ask = (from: string) =>
      fetch(`${origin}/often`, { method: 'POST', body: '{}', headers: { 'x-forwarded-for': from } });
    assert.deepEqual([(await ask('192.0.2.1')).status, (await ask('192.0.2.1')).status], [201, 201]);
    const refused = await ask('192.0.2.1');
    const { errors } = (await refused.json()) as Answer['body'];
    assert.deepEqual([refused.status, errors?.[0]?.extensions.code], [429, 'RATE_LIMITED']);
    const seconds = Number(refused.headers.get('retry-after'));
    assert.ok(seconds > 50 && seconds <= 60, String(seconds));
    assert.deepEqual(
      [
        (await ask('192.0.2.2')).status,
        (await ask('2001:db8::1')).status,
        (await ask('2001:db8::2')).status,
        (await ask('2001:db8::3')).status,
      ],
      [201, 201, 201, 429],
    );
  });

  it('answers with a code when the service is away', async () => {
    behave = 'cut';
    assert.deepEqual(code(await post(`${origin}/register`, '{}')), [502, ['UNAVAILABLE']]);
    behave = 'answer';
    const users = origins.get('users') ?? '';
    origins.delete('users');
    assert.deepEqual(code(await post(`${origin}/register`, '{}')), [503, ['UNAVAILABLE']]);
    origins.set('users', users);
  });
});
