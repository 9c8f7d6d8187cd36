// Threat: somebody uses a token that the issuer signed but that is not meant for this API. Safe means 401
// UNAUTHENTICATED over HTTP and close 4403 over a WebSocket, before a subgraph is asked, with a text that repeats no
// part of the token, for
// - tokens of another kind: ID tokens, refresh tokens, logout tokens, proofs, and tokens bound to a proof that this API
//   does not check;
// - tokens for another client;
// - tokens with claims in a form that no service can use.
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { decodeJwt } from 'jose';
import WebSocket from 'ws';
import { readConfig } from '../../platform/config/config.ts';
import { trustOf } from '../../platform/platform.module.ts';
import { Client, type Network, type Person, startNetwork } from '../network.ts';
import { PASSWORD } from '../network/accounts.ts';

const PLANTED = 'planted-7c1d';

let network: Network;
let anna: Person;
let url: string;
beforeAll(async () => {
  network = await startNetwork();
  anna = await network.user('anna');
  url = network.routers[0]?.url ?? '';
});
afterAll(() => network?.stop());

function closeCode(token: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } })),
    );
    socket.on('message', (data) => {
      if (String(data).includes('connection_ack')) resolve(0);
      socket.close();
    });
    socket.on('close', resolve).on('error', reject);
  });
}

async function refuses(token: string, reason: RegExp): Promise<void> {
  for (const query of [
    '{ me { id } }',
    '{ __typename }',
    'mutation { leaveTeam(input: { teamId: "x" }) { userErrors { code } } }',
  ]) {
    const answer = await new Client(url, token).execute(query);
    assert.deepEqual(
      [answer.status, answer.data, answer.errors?.[0]?.extensions?.code],
      [401, undefined, 'UNAUTHENTICATED'],
      JSON.stringify(answer),
    );
    assert.match(answer.errors?.[0]?.message ?? '', reason);
    assert.doesNotMatch(JSON.stringify(answer), new RegExp(PLANTED));
  }
  assert.equal(await closeCode(token), 4403);
}
const accepts = async (token: string): Promise<void> => {
  const answer = await new Client(url, token).execute('{ me { id } }');
  assert.deepEqual([answer.status, answer.errors], [200, undefined]);
  assert.equal(await closeCode(token), 0);
};

describe('a token of the issuer', () => {
  it('is accepted as an access token', () => accepts(anna.token ?? ''));

  it('of another kind is refused: the tokens that the issuer returns with an access token', async () => {
    const issuer = String(decodeJwt(anna.token ?? '').iss);
    const tokenUrl = network.mode === 'full' ? `${issuer}/protocol/openid-connect/token` : `${issuer}/token`;
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'prodvor-test',
      username: anna.email,
      password: PASSWORD,
      scope: 'openid',
    });
    const {
      access_token: access = '',
      id_token: id,
      refresh_token: refresh,
    } = (await (await fetch(tokenUrl, { method: 'POST', body: form })).json()) as Record<string, string>;
    await accepts(access);
    if (network.mode === 'full') assert.ok(id && refresh);
    for (const other of [id, refresh])
      if (other) await refuses(other, /audience|signed with|malformed|"aud"|not an access token/);
  });
});

it('test tokens are refused on a public address', () => {
  const full = {
    PRODVOR_MODE: 'full',
    DATABASE_URL: 'postgresql://db/prodvor',
    REDIS_URL: 'redis://cache',
    RABBITMQ_URL: 'amqp://broker',
    S3_BUCKET: 'prodvor',
    KAFKA_BROKERS: 'kafka:9092',
    KEYCLOAK_CLIENT_ID: 'prodvor-backend',
    KEYCLOAK_CLIENT_SECRET: randomBytes(32).toString('base64url'),
    SIGNING_KEYS: `a:${randomBytes(32).toString('base64url')}`,
  };
  const clients = (env: Record<string, string>): readonly string[] =>
    trustOf(readConfig({ env: { ...full, ...env } }), '').issuer.clients;
  const [here, there] = ['http://127.0.0.1:28080/realms/prodvor', 'https://id.example.org/realms/prodvor'];
  assert.deepEqual(clients({ KEYCLOAK_ISSUER: here }), ['prodvor-web', 'prodvor-test']);
  assert.deepEqual(clients({ KEYCLOAK_ISSUER: there }), ['prodvor-web']);
  assert.deepEqual(clients({ KEYCLOAK_ISSUER: here, PUBLIC_URL: 'https://api.example.org' }), ['prodvor-web']);
  assert.deepEqual(clients({ KEYCLOAK_ISSUER: there, ACCEPTED_CLIENTS: 'prodvor-web, prodvor-app' }), [
    'prodvor-web',
    'prodvor-app',
  ]);
});

describe("a token with the issuer's signature", () => {
  const token = (changed: Record<string, unknown>, header?: Record<string, unknown>): Promise<string> | undefined =>
    network.badTokens?.signed?.(anna.token ?? '', changed, header);
  /**
   * Checks that tokens with these changes are refused. Only in embedded mode, where the test has the issuer's key. The
   * router's code is the same in both modes.
   */
  const all = async (
    reason: RegExp,
    changes: readonly (readonly [claims: Record<string, unknown>, header?: Record<string, unknown>])[],
  ): Promise<void> => {
    for (const [claims, header] of changes) {
      const made = await token(claims, header);
      if (made !== undefined) await refuses(made, reason);
    }
  };

  it('of another kind is refused, even for this API', () =>
    all(/not an access token/, [
      ...['ID', 'Refresh', 'Offline', 'Logout', 'DPoP', 'bearer', '', 5, null, ['Bearer'], PLANTED].map(
        (typ) => [{ typ }] as const,
      ),
      [{ typ: undefined }],
      ...['logout+jwt', 'dpop+jwt', 'secevent+jwt', PLANTED].map((typ) => [{}, { typ }] as const),
    ]));

  it('for another client is refused', () =>
    all(
      /another client/,
      [undefined, '', PLANTED, 'prodvor-backend', 'prodvor-web ', ['prodvor-web'], 5, null].map(
        (azp) => [{ azp }] as const,
      ),
    ));

  it('with claims that no service can use is refused', async () => {
    const sub = String(decodeJwt(anna.token ?? '').sub);
    await all(
      /"sub"|subject/,
      [
        undefined,
        null,
        '',
        PLANTED,
        5,
        {},
        [sub],
        `${sub} `,
        sub.toUpperCase(),
        sub.replaceAll('-', ''),
        `${sub}\r\nx-audience: chat:1`,
        `urn:uuid:${sub}`,
      ].map((value) => [{ sub: value }] as const),
    );
    await all(
      /"roles"/,
      [
        'admin',
        { admin: true },
        [5],
        [null],
        [['admin']],
        [`${PLANTED}${'x'.repeat(100)}`],
        Array<string>(101).fill('player'),
        null,
      ].map((roles) => [{ roles }] as const),
    );
    await all(
      /"preferred_username"/,
      [5, {}, null, 'x'.repeat(256)].map((value) => [{ preferred_username: value }] as const),
    );
    await all(
      /"email"/,
      [5, {}, null, 'x'.repeat(321)].map((email) => [{ email }] as const),
    );
    await all(
      /"exp"|malformed|expired/,
      [undefined, null, '9999999999', -1, {}].map((exp) => [{ exp }] as const),
    );
    await all(
      /"aud"|audience/,
      [undefined, null, '', 5, [], ['another'], { 'prodvor-api': true }].map((aud) => [{ aud }] as const),
    );
  });

  it('is accepted in all variants that real issuers use', async () => {
    for (const [claims, header] of [
      [{ aud: ['account', 'prodvor-api'] }],
      [{ roles: undefined }],
      [{ email: undefined, preferred_username: undefined }],
      [{ azp: 'prodvor-web' }],
      [{}, { typ: 'at+jwt' }],
    ] as const) {
      const made = await token(claims, header);
      if (made !== undefined) await accepts(made);
    }
  });

  it('without a signature, or with the public key as a secret, is refused', async () => {
    const [header = '', payload = ''] = (anna.token ?? '').split('.');
    const write = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const issuer = String(decodeJwt(anna.token ?? '').iss);
    const jwks = await (
      await fetch(network.mode === 'full' ? `${issuer}/protocol/openid-connect/certs` : `${issuer}/jwks`)
    ).text();
    await refuses(`${write({ alg: 'none', kid })}.${payload}.`, /signed with RS256|malformed|"Bearer <token>"/);
    const confused = `${write({ alg: 'HS256', kid, typ: 'JWT' })}.${payload}`;
    await refuses(
      `${confused}.${createHmac('sha256', jwks).update(confused).digest('base64url')}`,
      /signed with RS256/,
    );
  });
});
