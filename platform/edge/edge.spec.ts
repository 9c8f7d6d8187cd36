import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { createNonceCache } from '../../signature/nonces.ts';
import { trustedProxies } from '../http/client-address.ts';
import { keyRing, signingKey, verifyRequest } from '../../signature/signature.ts';
import { createEdge } from './edge.ts';

const KEY = signingKey('edge', 'a secret of enough bytes');

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
  readonly body: { errors?: { extensions: { code: string } }[] };
}

/** Chunks without a length, or one body with its length. */
function post(url: string, body: string | readonly string[], headers: IncomingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const req = request(url, { method: 'POST', headers: { ...headers, ...(typeof body === 'string' ? { 'content-length': Buffer.byteLength(body) } : {}) } }, (res) => {
      answered = true;
      void text(res).then((answer) => resolve({ status: res.statusCode, body: JSON.parse(answer) as Answer['body'] }), reject);
    });
    // The rest of a body that is refused may meet a closed socket; the answer is what counts.
    req.on('error', (error: NodeJS.ErrnoException) => (['EPIPE', 'ECONNRESET'].includes(error.code ?? '') && answered ? undefined : reject(error)));
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
  let behave: 'answer' | 'cut' = 'answer';
  before(async () => {
    origins.set('users', await listen((req, res) => {
      if (behave === 'cut') return void req.socket.destroy();
      void text(req).then((body) => {
        seen.push({ url: req.url, headers: req.headers, body });
        res.writeHead(201, { 'content-type': 'application/json', 'x-request-id': 'made' }).end('{}');
      }, () => undefined);
    }));
    const edge = createEdge({ services: origins, allowedOrigins: ['loopback'], signingKey: KEY, trustedProxies: trustedProxies(['127.0.0.1']) });
    origin = await listen((req, res) => {
      if (!edge(req, res)) res.writeHead(404).end('{}');
    });
  });
  after(() => servers.forEach((server) => server.close().closeAllConnections()));

  it('takes a public route to its service, and of the headers what a client may say', async () => {
    const forged = { 'x-client-address': '192.0.2.66', 'x-userinfo': 'e30', 'x-authenticated-userid': 'admin', 'x-audience': 'a', signature: 'sig1=:x:', 'signature-input': 'sig1=()', 'content-digest': 'sha-256=:x:' };
    const { status } = await post(`${origin}/register?a=b`, '{"a":1}', { ...forged, 'x-request-id': 'mine', authorization: 'Bearer x', 'x-forwarded-for': '203.0.113.9, 198.51.100.7' });
    assert.equal(status, 201);
    const [call] = seen.splice(0);
    assert.deepEqual([call?.url, call?.body, call?.headers['x-request-id']], ['/register?a=b', '{"a":1}', 'mine']);
    assert.deepEqual(Object.entries(forged).filter(([name, value]) => call?.headers[name] === value), []);
    const verifier = { target: 'users', keys: keyRing(KEY), nonces: createNonceCache() };
    const verified = verifyRequest(verifier, { method: 'POST', path: '/register', headers: call?.headers ?? {}, body: call?.body ?? '' });
    assert.deepEqual(verified, { ok: true, principal: { clientAddress: '198.51.100.7' }, requestId: 'mine', keyId: 'edge' });
  });

  it('leaves every other path alone, and no other method through', async () => {
    for (const path of ['/', '/register/', '/REGISTER', '/register%2f', '/graphql', '//register']) assert.equal((await post(`${origin}${path}`, '{}')).status, 404, path);
    const answer = await fetch(`${origin}/register`, { method: 'DELETE' });
    assert.deepEqual([answer.status, (await answer.text()).includes('METHOD_NOT_ALLOWED')], [405, true]);
    assert.equal(seen.length, 0);
  });

  it('bounds the body, announced or not', async () => {
    assert.deepEqual(code(await post(`${origin}/register`, 'x'.repeat(100_001))), [413, ['PAYLOAD_TOO_LARGE']]);
    assert.deepEqual(code(await post(`${origin}/register`, Array(30).fill('x'.repeat(10_000)))), [413, ['PAYLOAD_TOO_LARGE']]);
    assert.equal(seen.length, 0);
    assert.equal((await post(`${origin}/register`, Array(10).fill('x'.repeat(10_000)))).status, 201);
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
