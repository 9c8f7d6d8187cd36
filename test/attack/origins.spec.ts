// Threat: a page in somebody's browser, or a stranger on their network, calls a product that runs on their machine.
// Safe means:
// - a foreign page gets no WebSocket, not even as a guest: 403 ORIGIN_NOT_ALLOWED at the upgrade. So it reads no data
//   and creates no account;
// - a foreign page gets no answer from the issuer or from /register: 403, and no CORS header on any path;
// - a page whose host name points at this machine (DNS rebinding) gets nothing on any path: 421 HOST_NOT_ALLOWED;
// - programs, which send no Origin, and pages of this machine are answered as before;
// - only clients on this machine that use a host name of this machine get a demo token; nobody does after --no-demo.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { readConfig } from '../../platform/config/config.ts';
import { callersOf } from '../../platform/platform.module.ts';
import { type Product, type ProductOptions, startProduct } from '../../product/product.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { freePorts } from '../network/process.ts';
import { raw, type RawAnswer, rawUpgrade } from '../network/raw.ts';

const DEMO = { username: 'olga', email: 'olga@demo.prodvor.example', roles: ['player', 'organizer'] };
const EVIL = 'https://evil.example';
const JSON_TYPE = { 'content-type': 'application/json' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type',
};
const DEMO_TOKEN = '/identity/demo-token?user=olga';

let database: TestDatabase;
let data: string;
let product: Product;
beforeAll(async () => {
  database = await createTestDatabase();
  data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-attack-'));
  product = await start(true);
  await product.platform?.seedDemoAccounts?.([DEMO]);
});
afterAll(async () => {
  await product.shutdown.stop('the test is over');
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

function start(
  demo: boolean,
  env: Record<string, string> = {},
  options: Partial<ProductOptions> = {},
): Promise<Product> {
  const config = readConfig({
    env: { DATABASE_URL: database.url, PRODVOR_DATA: data, LOG_LEVEL: 'error', LOG_FORMAT: 'text', ...env },
  });
  return startProduct({ config, subgraphs: Object.keys(subgraphs), router: true, port: 0, demo, ...options });
}

const refusedWith = ({ status, code }: RawAnswer): [number, unknown] => [status, code];
const graphql = (query: string, headers: Record<string, string> = {}) =>
  raw(`${product.origin}/graphql`, { body: JSON.stringify({ query }), headers: { ...JSON_TYPE, ...headers } });

describe('a foreign page', () => {
  it('gets no WebSocket', async () => {
    for (const origin of [
      EVIL,
      'null',
      'http://localhost.evil.example',
      'https://127.0.0.1.evil.example',
      'file://',
      'http://0.0.0.0:4000',
      '',
    ]) {
      assert.deepEqual(
        refusedWith(await rawUpgrade(`${product.origin}/graphql`, { origin })),
        [403, 'ORIGIN_NOT_ALLOWED'],
        origin,
      );
    }
  });

  it('gets nothing from the issuer, not even by a form that needs no preflight', async () => {
    for (const [method, at] of [
      ['POST', '/identity/token'],
      ['POST', DEMO_TOKEN],
      ['GET', '/identity/jwks'],
      ['GET', '/identity/.well-known/openid-configuration'],
    ] as const) {
      const answer = await raw(product.origin + at, {
        method,
        headers: { ...FORM, origin: EVIL },
        body: method === 'POST' ? 'grant_type=password&client_id=prodvor-web&username=olga&password=x' : undefined,
      });
      assert.deepEqual(refusedWith(answer), [403, 'access_denied'], at);
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
    }
  });

  it('may read no answer, and its browser gets no permission to send', async () => {
    const answers = [
      await raw(`${product.origin}/graphql`, { method: 'OPTIONS', headers: { origin: EVIL, ...PREFLIGHT } }),
      await raw(`${product.origin}/register`, { method: 'OPTIONS', headers: { origin: EVIL, ...PREFLIGHT } }),
      await raw(`${product.origin}/identity/token`, { method: 'OPTIONS', headers: { origin: EVIL, ...PREFLIGHT } }),
      await graphql('{ __typename }', { origin: EVIL }),
    ];
    for (const { headers } of answers)
      assert.deepEqual(
        Object.keys(headers).filter((name) => name.startsWith('access-control-')),
        [],
      );
  });

  it('cannot register anybody', async () => {
    const account = { username: 'planted', email: 'planted@evil.example', password: 'correct horse battery' };
    assert.deepEqual(
      refusedWith(
        await raw(`${product.origin}/register`, {
          body: JSON.stringify(account),
          headers: { ...JSON_TYPE, origin: EVIL },
        }),
      ),
      [403, 'ORIGIN_NOT_ALLOWED'],
    );
    // The content types that a page may send without a preflight are not accepted as JSON.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded']) {
      assert.equal(
        (await raw(`${product.origin}/register`, { body: JSON.stringify(account), headers: { 'content-type': type } }))
          .status,
        422,
        type,
      );
    }
    const form = new URLSearchParams(account).toString();
    assert.equal((await raw(`${product.origin}/register`, { body: form, headers: FORM })).status, 422);
  });
});

describe('programs and pages of this machine', () => {
  it('get a WebSocket and the issuer', async () => {
    assert.equal((await rawUpgrade(`${product.origin}/graphql`)).status, 101, 'no Origin: not a browser');
    for (const origin of [product.origin, 'http://localhost:3000', 'https://127.0.0.1:5173', 'http://[::1]:8080']) {
      assert.equal((await rawUpgrade(`${product.origin}/graphql`, { origin })).status, 101, origin);
      const jwks = await raw(`${product.origin}/identity/jwks`, { headers: { origin } });
      assert.deepEqual([jwks.status, jwks.headers['access-control-allow-origin']], [200, origin]);
    }
  });

  it('may read answers on every path, errors included, and send any header', async () => {
    const origin = 'http://localhost:5173';
    // Node joins a repeated header with a comma, so a repeated header would differ from the expected value.
    const once = ({ headers }: RawAnswer): unknown => headers['access-control-allow-origin'];
    for (const at of ['/graphql', '/register', '/identity/token', DEMO_TOKEN]) {
      const preflight = await raw(product.origin + at, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } });
      assert.deepEqual(
        [preflight.status, once(preflight), preflight.headers['access-control-allow-headers']],
        [204, origin, PREFLIGHT['access-control-request-headers']],
        at,
      );
      const refused = await raw(product.origin + at, { body: '{', headers: { origin, ...JSON_TYPE } });
      assert.deepEqual(
        [once(refused), refused.headers['access-control-expose-headers']],
        [origin, 'Retry-After, X-Request-Id'],
        at,
      );
    }
    assert.equal(
      (await raw(`${product.origin}/metrics`, { headers: { origin } })).headers['access-control-allow-origin'],
      undefined,
      'what is for operators',
    );
  });

  it('are answered under every host name of the machine', async () => {
    const { port } = new URL(product.origin);
    for (const host of [
      `localhost:${port}`,
      `127.0.0.1:${port}`,
      `[::1]:${port}`,
      'LOCALHOST',
      `app.localhost:${port}`,
    ]) {
      assert.equal((await graphql('{ __typename }', { host })).status, 200, host);
    }
  });
});

describe('a page whose host name points at this machine', () => {
  const rebound: Record<string, string>[] = [
    { host: 'evil.example' },
    { host: 'evil.example:4000', origin: 'http://evil.example:4000' },
    { host: '127.0.0.1.evil.example' },
    { host: '0.0.0.0' },
    { host: '192.168.0.7:4000' },
  ];
  const PATHS: [string, string, string?][] = [
    ['GET', '/'],
    ['GET', '/explorer/page.js'],
    ['GET', '/health/live'],
    ['GET', '/health/ready'],
    ['GET', '/metrics'],
    ['GET', '/nothing'],
    ['OPTIONS', '/graphql'],
    ['GET', '/graphql?query={__typename}'],
    ['POST', '/graphql', '{"query":"{ __typename }"}'],
    ['POST', '/register', '{}'],
    ['GET', '/identity/jwks'],
    ['GET', '/identity/.well-known/openid-configuration'],
    ['POST', '/identity/token', 'grant_type=password'],
    ['POST', DEMO_TOKEN],
  ];

  it('gets nothing on any path', async () => {
    for (const headers of rebound) {
      for (const [method, at, body] of PATHS) {
        const answer = await raw(product.origin + at, {
          method,
          body,
          headers: { ...JSON_TYPE, ...headers, 'sec-fetch-site': 'same-origin' },
        });
        assert.deepEqual(refusedWith(answer), [421, 'HOST_NOT_ALLOWED'], `${method} ${at} ${headers.host}`);
      }
      assert.deepEqual(
        refusedWith(await rawUpgrade(`${product.origin}/graphql`, headers)),
        [421, 'HOST_NOT_ALLOWED'],
        headers.host,
      );
    }
  });

  it('gets nothing on the ports of the subgraphs', async () => {
    for (const [name, app] of product.apps) {
      const origin = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
      for (const at of ['/health/ready', '/metrics', '/graphql', '/register']) {
        assert.deepEqual(
          refusedWith(await raw(origin + at, { headers: { host: 'evil.example' } })),
          [421, 'HOST_NOT_ALLOWED'],
          `${name} ${at}`,
        );
      }
    }
  });

  it('gets nothing during the start either', async () => {
    const [port = 0] = await freePorts(1);
    const asked: Promise<RawAnswer>[] = [];
    const onProgress = (): void => {
      for (const at of ['/health/live', '/graphql', '/identity/jwks'])
        asked.push(raw(`http://127.0.0.1:${port}${at}`, { headers: { host: 'evil.example' } }));
      asked.push(rawUpgrade(`http://127.0.0.1:${port}/graphql`, { host: 'evil.example' }));
    };
    const other = await start(false, {}, { port, onProgress });
    const answers = (await Promise.all(asked)).map(refusedWith);
    await other.shutdown.stop('the test is over');
    assert.ok(answers.length >= 8);
    for (const answer of answers) assert.deepEqual(answer, [421, 'HOST_NOT_ALLOWED']);
  });
});

describe('a demo token', () => {
  const ask = (of: Product, headers: Record<string, string> = {}, localAddress?: string) =>
    raw(of.origin + DEMO_TOKEN, { method: 'POST', headers, localAddress });

  it('is issued on this machine', async () => {
    assert.equal((await ask(product)).status, 200);
    assert.equal((await ask(product, { host: 'localhost', origin: 'http://localhost:3000' })).status, 200);
  });

  it('is not issued only because a request has no Origin', async () => {
    assert.equal((await ask(product, { host: 'evil.example' })).status, 421);
  });

  it("is not issued through a proxy on this machine, which sends the machine's name as Host", async () => {
    const foreign: Record<string, string>[] = [
      { 'x-forwarded-for': '203.0.113.9' },
      { 'x-forwarded-for': '127.0.0.1, 203.0.113.9' },
      { 'x-real-ip': '203.0.113.9' },
      { 'x-forwarded-host': 'yard.example' },
      { forwarded: 'for=203.0.113.9' },
      { via: '1.1 proxy' },
      { 'cf-connecting-ip': '203.0.113.9' },
      { 'true-client-ip': '203.0.113.9' },
      { 'x-client-ip': '::ffff:203.0.113.9' },
      { 'x-original-host': 'yard.example' },
      { 'x-forwarded-server': 'yard.example' },
    ];
    for (const headers of foreign) {
      assert.deepEqual(refusedWith(await ask(product, headers)), [403, 'access_denied'], JSON.stringify(headers));
    }
    assert.equal(
      (await ask(product, { 'x-forwarded-for': '127.0.0.1', 'x-forwarded-host': 'localhost:3000' })).status,
      200,
      'a development server that forwards',
    );
  });

  it('is not issued under the public host name, which gets other answers', async () => {
    const named = await start(true, { PUBLIC_URL: 'https://yard.example', CORS_ORIGINS: 'https://app.yard.example' });
    try {
      assert.deepEqual(refusedWith(await ask(named, { host: 'yard.example' })), [403, 'access_denied']);
      assert.equal((await raw(`${named.origin}/identity/jwks`, { headers: { host: 'yard.example' } })).status, 200);
      assert.equal((await ask(named)).status, 200);
      for (const origin of ['https://yard.example', 'https://app.yard.example']) {
        assert.equal(
          (await rawUpgrade(`${named.origin}/graphql`, { host: 'yard.example', origin })).status,
          101,
          origin,
        );
      }
      for (const origin of ['http://yard.example', 'https://other.yard.example', EVIL]) {
        assert.equal(
          (await rawUpgrade(`${named.origin}/graphql`, { host: 'yard.example', origin })).status,
          403,
          origin,
        );
      }
    } finally {
      await named.shutdown.stop('the test is over');
    }
  });

  (otherAddress() ? it : it.skip)('is not for other machines', async () => {
    const open = await start(true, { HOST: '0.0.0.0' });
    try {
      const { port } = new URL(open.origin);
      const answer = await raw(`http://${otherAddress()}:${port}${DEMO_TOKEN}`, {
        method: 'POST',
        headers: { host: `127.0.0.1:${port}` },
      });
      assert.deepEqual(refusedWith(answer), [403, 'access_denied']);
      assert.equal((await ask(open)).status, 200);
    } finally {
      await open.shutdown.stop('the test is over');
    }
  });

  it("is not issued after --no-demo, even on a demo's data", async () => {
    const without = await start(false);
    try {
      assert.deepEqual(refusedWith(await ask(without)), [404, 'not_found']);
      assert.deepEqual(refusedWith(await ask(without, { host: 'localhost', origin: without.origin })), [
        404,
        'not_found',
      ]);
    } finally {
      await without.shutdown.stop('the test is over');
    }
  });
});

it('full mode: pages of CORS_ORIGINS and of the public URL; pages of this machine in development only', () => {
  const servers = {
    PRODVOR_MODE: 'full',
    DATABASE_URL: 'postgresql://prodvor:4fE0yZ3qk1@db/prodvor',
    REDIS_URL: 'redis://cache',
    RABBITMQ_URL: 'amqp://prodvor:9vTz1Lq0xA@broker',
    S3_BUCKET: 'prodvor',
    KAFKA_BROKERS: 'kafka:9092',
    KEYCLOAK_ISSUER: 'http://127.0.0.1:28080/realms/prodvor',
    KEYCLOAK_CLIENT_ID: 'prodvor-backend',
    KEYCLOAK_CLIENT_SECRET: 'dW5ndWVzc2FibGUtYXQtYWxs',
    SIGNING_KEYS: 'k1:b3RoZXItYnl0ZXMtb2Yta2V5',
  };
  const full = (PUBLIC_URL: string | undefined, CORS_ORIGINS: string) =>
    callersOf(readConfig({ env: { ...servers, PUBLIC_URL, CORS_ORIGINS } })).origins;
  assert.deepEqual(full('https://api.example.org', 'https://app.example.org, https://admin.example.org:8443'), [
    'https://api.example.org',
    'https://app.example.org',
    'https://admin.example.org:8443',
  ]);
  assert.deepEqual(full('http://127.0.0.1:8000', ''), ['loopback', 'http://127.0.0.1:8000']);
  assert.deepEqual(full(undefined, ''), ['loopback']);
});

function otherAddress(): string | undefined {
  return Object.values(os.networkInterfaces())
    .flat()
    .find((each) => each?.family === 'IPv4' && !each.internal)?.address;
}
