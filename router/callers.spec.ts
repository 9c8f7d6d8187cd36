import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from '@jest/globals';
import { raw, rawUpgrade } from '../test/network/raw.ts';
import { ConfigError } from './config/config-error.ts';
import { type RouterOptions } from './options.ts';
import { createRouter } from './router.ts';
import { composeFor, startNetwork } from './server.fixture.ts';

async function statuses(
  options: Partial<RouterOptions>,
  asked: readonly Record<string, string>[],
): Promise<[number, unknown][]> {
  const network = await startNetwork(options);
  try {
    return await Promise.all(
      asked.map(async (headers) => {
        const { status, code } = await rawUpgrade(`${network.origin}/graphql`, headers);
        return [status, code] as [number, unknown];
      }),
    );
  } finally {
    await network.close();
  }
}
const OPEN: [number, unknown] = [101, undefined];
const ORIGIN: [number, unknown] = [403, 'ORIGIN_NOT_ALLOWED'];
const HOST: [number, unknown] = [421, 'HOST_NOT_ALLOWED'];

test('WebSockets: by default pages of the same host, pages of this machine, and programs may connect', async () => {
  const asked: Record<string, string>[] = [
    {},
    { origin: 'https://shop.test', host: 'shop.test' },
    { origin: 'http://localhost:3000' },
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { origin: 'https://evil.test', host: 'shop.test' },
  ];
  assert.deepEqual(await statuses({}, asked), [OPEN, OPEN, OPEN, ORIGIN, ORIGIN, ORIGIN]);
});

test('WebSockets: only the configured origins may connect', async () => {
  const asked: Record<string, string>[] = [
    {},
    { origin: 'https://app.test' },
    { origin: 'https://app.test:8443' },
    { origin: 'http://localhost:3000' },
    { origin: 'https://shop.test', host: 'shop.test' },
  ];
  assert.deepEqual(await statuses({ corsOrigins: ['https://app.test'] }, asked), [OPEN, OPEN, ORIGIN, ORIGIN, ORIGIN]);
  assert.deepEqual(await statuses({ corsOrigins: ['*'] }, [{ origin: 'https://evil.test' }, { origin: 'null' }]), [
    OPEN,
    OPEN,
  ]);
});

const APP = 'https://app.test';
const PREFLIGHT = {
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization,content-type,x-of-a-library',
};
const cors = ({ headers }: { headers: IncomingHttpHeaders }): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));
const READ = {
  'access-control-allow-origin': APP,
  'access-control-allow-credentials': 'true',
  'access-control-expose-headers': 'Retry-After, X-Request-Id',
};

test('a page of an allowed origin may send any header and read every response; another page gets no CORS headers', async () => {
  const network = await startNetwork({ corsOrigins: [APP], limits: { bodyBytes: 1_000 } });
  const post = (origin: string, body: string, headers: Record<string, string> = {}) =>
    raw(`${network.origin}/graphql`, { body, headers: { 'content-type': 'application/json', origin, ...headers } });
  try {
    const asked = await raw(`${network.origin}/graphql`, { method: 'OPTIONS', headers: { origin: APP, ...PREFLIGHT } });
    assert.deepEqual(
      [asked.status, cors(asked), asked.headers.vary],
      [
        204,
        {
          'access-control-allow-origin': APP,
          'access-control-allow-credentials': 'true',
          'access-control-allow-methods': 'GET, POST, OPTIONS',
          'access-control-allow-headers': PREFLIGHT['access-control-request-headers'],
          'access-control-max-age': '3600',
        },
        'origin, access-control-request-headers',
      ],
    );
    const requests: [number, string, string, Record<string, string>?][] = [
      [200, '/graphql', '{"query":"{ me }"}'],
      [200, '/graphql', '{"query":"{ me"}'],
      [400, '/graphql', '{'],
      [413, '/graphql', ' '.repeat(2_000)],
      [415, '/graphql', '{}', { 'content-type': 'text/plain' }],
      [404, '/graphq', '{}'],
      [200, '/graphql', '{"query":"subscription { refused }"}', { accept: 'text/event-stream' }],
      [200, '/graphql', '{"query":"{ me }"}', { accept: 'text/event-stream' }],
    ];
    for (const [status, at, body, headers] of requests) {
      const of = async (origin: string) => {
        const answer = await raw(network.origin + at, {
          body,
          headers: { 'content-type': 'application/json', origin, ...headers },
        });
        assert.equal(answer.status, status, `${at} ${body}`);
        return answer;
      };
      assert.deepEqual(cors(await of(APP)), READ, `${at} ${body}`);
      assert.deepEqual(cors(await of('https://evil.test')), {}, `${at} ${body}`);
    }
    assert.match((await post(APP, '{"query":"{ me }"}')).headers.vary ?? '', /\borigin\b/);
    for (const origin of [
      'https://evil.test',
      'null',
      'https://app.test.evil.test',
      'http://app.test',
      'http://localhost:5173',
    ]) {
      assert.deepEqual(
        cors(await raw(`${network.origin}/graphql`, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } })),
        {},
        origin,
      );
    }
  } finally {
    await network.close();
  }
});

test('CORS headers: * without credentials; none where a proxy sets them; pages of this machine by default', async () => {
  const headersWith = async (options: Partial<RouterOptions>, origin: string) => {
    const network = await startNetwork(options);
    try {
      return [
        cors(await raw(`${network.origin}/graphql`, { method: 'OPTIONS', headers: { origin, ...PREFLIGHT } })),
        cors(await raw(`${network.origin}/graphql`, { headers: { origin } })),
      ];
    } finally {
      await network.close();
    }
  };
  for (const headers of await headersWith({ corsOrigins: ['*', APP] }, APP)) {
    assert.deepEqual(
      [headers['access-control-allow-origin'], headers['access-control-allow-credentials']],
      ['*', undefined],
    );
  }
  assert.deepEqual(await headersWith({ corsOrigins: [APP], corsHeaders: false }, APP), [{}, {}]);
  for (const headers of await headersWith({}, 'http://localhost:5173'))
    assert.equal(headers['access-control-allow-origin'], 'http://localhost:5173');
});

test('every path checks the allowed hosts', async () => {
  const network = await startNetwork({ allowedHosts: ['loopback', 'shop.test'] });
  try {
    for (const at of ['/graphql', '/graphql?query={__typename}', '/', '/health/live', '/health/ready', '/nothing']) {
      for (const host of ['evil.test', 'evil.test:4000', '127.0.0.1@evil.test']) {
        const answer = await raw(network.origin + at, { headers: { host } });
        assert.deepEqual([answer.status, answer.code], HOST, `${at} ${host}`);
      }
      for (const host of ['shop.test', 'localhost:1'])
        assert.notEqual((await raw(network.origin + at, { headers: { host } })).status, 421, at);
    }
    assert.deepEqual((await rawUpgrade(`${network.origin}/graphql`, { host: 'evil.test' })).code, 'HOST_NOT_ALLOWED');
  } finally {
    await network.close();
  }
});

test('an invalid list of origins or hosts is a configuration error', () => {
  const supergraph = composeFor({ users: 'http://127.0.0.1:1', rooms: 'http://127.0.0.1:1' });
  for (const options of [
    { corsOrigins: ['app.test'] },
    { corsOrigins: ['https://app.test/'] },
    { allowedHosts: ['https://app.test'] },
    { allowedHosts: ['app.test:80'] },
  ]) {
    assert.throws(() => createRouter({ supergraph, ...options }), ConfigError);
  }
});
