// The credentials of a WebSocket, in the forms that client libraries and their examples use. A client that tries to
// sign in must never be anonymous without knowing it.
import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { RawClient, startIssuer, startNetwork } from './server.fixture.ts';
import type { Network } from './server.fixture.ts';

let network: Network;
let issuer: Awaited<ReturnType<typeof startIssuer>>;
let authorization: string;
beforeAll(async () => {
  issuer = await startIssuer();
  network = await startNetwork({ authentication: issuer.authentication });
  authorization = `Bearer ${await issuer.token()}`;
});
afterAll(() => Promise.all([network.close(), issuer.close()]));

/** The client's identity as the subgraphs receive it. */
async function whoIs(client: RawClient): Promise<unknown> {
  assert.equal(client.closed, undefined);
  client.subscribe('me', '{ me }');
  await client.until(() => client.of('me').length === 2);
  client.end();
  return client.of('me')[0]?.payload;
}

test('authorization identifies a user: in upper or lower case, at the top level, below headers, or in the upgrade request', async () => {
  const payloads = [
    { authorization },
    { Authorization: authorization },
    { AUTHORIZATION: authorization },
    { headers: { Authorization: authorization } },
    { headers: { authorization } },
    { lang: 'ru', headers: { 'x-tenant': 'a', Authorization: authorization } },
    { authorization, token: 'ignored', authToken: 'ignored' },
    { authorization: null, headers: { authorization } },
  ];
  for (const payload of payloads)
    assert.deepEqual(
      await whoIs(await new RawClient(network.origin).open(payload)),
      { data: { me: 'anna' } },
      JSON.stringify(payload),
    );
  const upgraded = new RawClient(network.origin, undefined, { authorization });
  assert.deepEqual(await whoIs(await upgraded.open({})), { data: { me: 'anna' } });
});

test('a client without credentials, or with empty ones, is anonymous', async () => {
  const payloads = [
    undefined,
    {},
    { authorization: null },
    { authorization: '' },
    { headers: {} },
    { headers: 'x' },
    { headers: null },
    { token: null },
    { authToken: '' },
    { token: false },
    { lang: 'ru', csrfToken: 'a', pushToken: 'b', tokens: 'c', author: 'd', headers: { 'x-request-id': 'e' } },
  ];
  for (const payload of payloads)
    assert.deepEqual(
      await whoIs(await new RawClient(network.origin).open(payload)),
      { data: { me: null } },
      JSON.stringify(payload),
    );
});

test('credentials in an unsupported form close with 4400, and the reason names the supported form', async () => {
  const payloads: object[] = [
    ...[
      'authToken',
      'token',
      'accessToken',
      'access_token',
      'jwt',
      'bearer',
      'Bearer',
      'idToken',
      'auth',
      'X-Auth-Token',
      'bearerToken',
    ].map((name) => ({ [name]: 'eyJ' })),
    { headers: { 'x-access-token': 'eyJ' } },
    { headers: { token: 'eyJ' }, lang: 'ru' },
    { auth: { token: 'eyJ' } },
    { authorization: { token: 'eyJ' } },
    { authorization: 7 },
    { [`t${'€'.repeat(500)}oken`]: 'eyJ' }, // The reason of a close frame has at most 123 bytes.
  ];
  for (const payload of payloads) {
    const { closed } = await new RawClient(network.origin).open(payload);
    assert.equal(closed?.code, 4400, JSON.stringify(payload));
    assert.match(
      closed?.reason ?? '',
      /^"[\w-]+" is not (?:supported|a string): give the token as \{"authorization": "Bearer TOKEN"\}$/,
    );
    assert.doesNotMatch(closed?.reason ?? '', /eyJ/);
  }
});

test('an invalid token closes with 4403, wherever it is', async () => {
  const forged = `Bearer ${await issuer.token({}, { forged: true })}`;
  for (const payload of [
    { authorization: forged },
    { headers: { Authorization: forged } },
    { authorization: 'eyJ' },
    { authorization: 'Bearer undefined' },
  ]) {
    assert.equal((await new RawClient(network.origin).open(payload)).closed?.code, 4403, JSON.stringify(payload));
  }
});

test('connection_ack contains the user and the lifetime of the token; graphql-ws passes it to the page', async () => {
  const acked = async (connectionParams: Record<string, unknown>): Promise<unknown> => {
    const client = createClient({
      url: `${network.origin.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      connectionParams,
    });
    const payload = await new Promise((resolve) => client.on('connected', (_, ack) => resolve(ack)));
    await client.dispose();
    return payload;
  };
  const { user, expiresIn } = (await acked({ headers: { Authorization: authorization } })) as {
    user: unknown;
    expiresIn: number;
  };
  assert.equal(user, 'anna');
  assert.ok(Number.isInteger(expiresIn) && expiresIn > 200 && expiresIn <= 305, String(expiresIn));
  assert.deepEqual(await acked({}), { user: null, expiresIn: null });
});

test('a new token under an unsupported name closes the socket too', async () => {
  const client = await new RawClient(network.origin).open({ authorization });
  client.send({ type: 'ping', payload: { accessToken: 'eyJ' } });
  assert.equal((await client.until(() => client.closed)).code, 4400);
});
