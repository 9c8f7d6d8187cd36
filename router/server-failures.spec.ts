import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from '@jest/globals';
import { keyRing, signingKey, verifyRequest, verifySubscribe } from '../signature/signature.ts';
import { createNonceCache } from '../signature/nonces.ts';
import { RawClient, startIssuer, startNetwork, until } from './server.fixture.ts';
import type { Answer } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const code = (answer: Answer) => answer.errors?.[0]?.extensions['code'];

test('subgraphs that are slow, down, send too much or no GraphQL: UNAVAILABLE in the field, without internals', async () => {
  const logged: string[] = [];
  const log = {
    warn: (message: string) => void logged.push(message),
    error: (message: string) => void logged.push(message),
  };
  const network = await startNetwork({ log, limits: { subgraphMs: 150, subgraphResponseBytes: 100_000 } });
  afterTest(() => network.close());
  const expectUnavailable = async (query: string, message: RegExp): Promise<void> => {
    const { status, body } = await network.query(query);
    assert.equal(status, 200);
    assert.equal(code(body), 'UNAVAILABLE');
    assert.match(logged.pop() ?? '', message);
    assert.doesNotMatch(JSON.stringify(body), /127\.0\.0\.1|ECONN|stack/);
  };
  await expectUnavailable('{ slow }', /rooms did not answer within 150 ms/);
  await expectUnavailable('{ huge }', /larger than 100000 bytes/);
  await network.rooms.close();
  await expectUnavailable('{ echo(text: "x") }', /rooms cannot be reached/);
  const { body } = await network.query('{ echo(text: "x") user(id: "1") { name } }');
  assert.deepEqual(
    body.data,
    { echo: null, user: { name: 'name of 1' } },
    'one dead subgraph empties its own fields only',
  );
});

test('a subgraph that returns an HTML page', async () => {
  const logged: string[] = [];
  const network = await startNetwork(
    { log: { warn: (message) => void logged.push(message), error: (message) => void logged.push(message) } },
    { pageInstead: true },
  );
  afterTest(() => network.close());
  const { body } = await network.query('{ me }');
  assert.equal(code(body), 'UNAVAILABLE');
  assert.match(logged[0] ?? '', /did not answer with JSON \(status 502\)/);
});

test('cancels an operation that takes too long', async () => {
  const network = await startNetwork({ limits: { operationMs: 100 } });
  afterTest(() => network.close());
  assert.equal(code((await network.query('{ slow }')).body), 'UNAVAILABLE');
});

test("cancels a body that never ends at the operation's time limit, and does not delay closing", async () => {
  const logged: string[] = [];
  const log = {
    warn: (message: string) => void logged.push(message),
    error: (message: string) => void logged.push(message),
  };
  const slow = await startNetwork({ log, limits: { operationMs: 100 } });
  const closing = await startNetwork({ log });
  afterTest(() => slow.close());
  const half = async (origin: string) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{"query"',
    );
    return { closed };
  };
  await (
    await half(slow.origin)
  ).closed;
  const waiting = await half(closing.origin);
  await until(() => closing.router.stats().requests === 1);
  await closing.close();
  await waiting.closed;
  await until(() => slow.router.stats().requests === 0);
  assert.deepEqual(logged, []);
});

test('variables that are nested too deep to be serialised do no harm', async () => {
  const network = await startNetwork();
  afterTest(() => network.close());
  const deep = `${'['.repeat(40_000)}1${']'.repeat(40_000)}`;
  const response = await fetch(`${network.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"query":"query ($m: [Int!]) { echo(text: \\"x\\", more: $m) }","variables":{"m":${deep}}}`,
  });
  assert.ok(((await response.json()) as Answer).errors?.length);
  assert.deepEqual((await network.query('{ echo(text: "x") }')).body, { data: { echo: 'x' } });
});

test('every way in which a token can be invalid', async () => {
  const issuer = await startIssuer();
  const network = await startNetwork({ authentication: issuer.authentication });
  afterTest(() => Promise.all([network.close(), issuer.close()]));
  const ask = (token: string) => network.query('{ me }', { headers: { authorization: `Bearer ${token}` } });
  const good = await issuer.token();
  const { body } = await ask(good);
  assert.deepEqual(body, { data: { me: 'anna' } });
  const { headers } = network.users.requests.at(-1)!;
  const claims = JSON.parse(Buffer.from(String(headers['x-userinfo']), 'base64url').toString()) as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    claims,
    { sub: 'anna', iss: 'https://issuer.test', aud: 'prodvor', name: 'Anna' },
    'no lifetime claims',
  );
  assert.equal(headers['authorization'], undefined);

  const now = Math.floor(Date.now() / 1000);
  const wrong: [string, string, RegExp][] = [
    ['expired', await issuer.token({ exp: now - 60 }), /has expired/],
    ['not yet', await issuer.token({ nbf: now + 60 }), /not valid yet/],
    ['forged', await issuer.token({}, { forged: true }), /signature is wrong/],
    ['unknown key', await issuer.token({}, { kid: 'b' }), /unknown key/],
    ['issuer', await issuer.token({ iss: 'https://other.test' }), /unknown issuer/],
    ['audience', await issuer.token({ aud: 'other' }), /another audience/],
    ['no subject', await issuer.token({ sub: undefined }), /no "sub"/],
    ['subject for a header', await issuer.token({ sub: 'a\r\nb' }), /subject cannot be used/],
    [
      'not signed',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${good.split('.')[1]}.`,
      /signed with RS256|malformed/,
    ],
    ['rubbish', 'abc', /malformed/],
  ];
  for (const [name, token, message] of wrong) {
    const answer = await ask(token);
    assert.equal(answer.status, 401, name);
    assert.equal(code(answer.body), 'UNAUTHENTICATED', name);
    assert.match(answer.body.errors?.[0]?.message ?? '', message, name);
    assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer error="invalid_token"/);
  }
  assert.equal((await network.query('{ me }', { headers: { authorization: 'Basic x' } })).status, 401);
  assert.deepEqual(
    (await network.query('{ me }')).body,
    { data: { me: null } },
    'anonymous clients may read what is public',
  );
  // Sends the same token again, which the router now has in its cache. A cached token is also accepted only until it
  // expires.
  assert.deepEqual((await ask(good)).body, { data: { me: 'anna' } });
});

test('a missing token where one is required; no keys to check with', async () => {
  const issuer = await startIssuer();
  const strict = await startNetwork({ authentication: { ...issuer.authentication, required: true } });
  const blind = await startNetwork({
    authentication: { ...issuer.authentication, jwksUrl: 'http://127.0.0.1:9/jwks' },
  });
  afterTest(() => Promise.all([strict.close(), blind.close(), issuer.close()]));
  assert.equal((await strict.query('{ me }')).status, 401);
  const socket = new RawClient(strict.origin);
  await socket.open();
  assert.equal(socket.closed?.code, 4403);
  const { status, body } = await blind.query('{ me }', {
    headers: { authorization: `Bearer ${await issuer.token()}` },
  });
  assert.equal(status, 503);
  assert.equal(code(body), 'UNAVAILABLE');
  assert.equal((await blind.query('{ me }')).status, 200);
});

test('without an issuer, tokens are ignored', async () => {
  const network = await startNetwork();
  afterTest(() => network.close());
  assert.deepEqual((await network.query('{ me }', { headers: { authorization: 'Bearer rubbish' } })).body, {
    data: { me: null },
  });
});

test('calls are signed: queries and subscriptions, with the identity', async () => {
  const issuer = await startIssuer();
  const key = signingKey('k1', 'a secret of enough bytes');
  const network = await startNetwork({ signingKey: key, authentication: issuer.authentication });
  afterTest(() => Promise.all([network.close(), issuer.close()]));
  const token = await issuer.token();
  await network.query('{ me }', { headers: { authorization: `Bearer ${token}` } });
  const request = network.users.requests.at(-1)!;
  const verifier = (target: string) => ({ target, keys: keyRing(key), nonces: createNonceCache() });
  const verified = verifyRequest(verifier('users'), { method: 'POST', ...request });
  assert.ok(verified.ok);
  assert.equal(verified.principal.userId, 'anna');
  assert.equal(verifyRequest(verifier('rooms'), { method: 'POST', ...request }).ok, false);

  const client = await new RawClient(network.origin).open({ authorization: `Bearer ${token}` });
  afterTest(() => client.end());
  client.subscribe('1', 'subscription ($r: ID!) { messages(room: $r) { id author { name } } }', { r: 'x' });
  await until(() => network.rooms.listeners.size === 1);
  const payload = network.rooms.subscribes.at(-1)!;
  const subscribed = verifySubscribe(verifier('rooms'), payload);
  assert.ok(subscribed.ok, JSON.stringify(subscribed));
  assert.equal(subscribed.principal.userId, 'anna');
  for (const queue of network.rooms.listeners) queue.push({ id: 'm', text: 't', author: { id: 'u' } });
  await client.until(() => client.of('1').length === 1);
  const completed = network.users.requests.at(-1)!;
  const entity = verifyRequest(verifier('users'), { method: 'POST', ...completed });
  assert.ok(entity.ok && entity.principal.userId === 'anna', 'the completion of an event carries the identity too');
});
