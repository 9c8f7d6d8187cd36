import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raw, rawUpgrade } from '../test/network/raw.ts';
import { ConfigError, type RouterOptions } from './config.ts';
import { createRouter } from './router.ts';
import { composeFor, startNetwork } from './server.fixture.ts';

async function statuses(options: Partial<RouterOptions>, asked: readonly Record<string, string>[]): Promise<[number, unknown][]> {
  const network = await startNetwork(options);
  try {
    return await Promise.all(asked.map(async (headers) => {
      const { status, code } = await rawUpgrade(`${network.origin}/graphql`, headers);
      return [status, code] as [number, unknown];
    }));
  } finally {
    await network.close();
  }
}
const OPEN: [number, unknown] = [101, undefined];
const ORIGIN: [number, unknown] = [403, 'ORIGIN_NOT_ALLOWED'];
const HOST: [number, unknown] = [421, 'HOST_NOT_ALLOWED'];

test('sockets: pages of the same host and of this machine, and programs, unless something else is said', async () => {
  const asked: Record<string, string>[] = [{}, { origin: 'https://shop.test', host: 'shop.test' }, { origin: 'http://localhost:3000' }, { origin: 'https://evil.test' }, { origin: 'null' }, { origin: 'https://evil.test', host: 'shop.test' }];
  assert.deepEqual(await statuses({}, asked), [OPEN, OPEN, OPEN, ORIGIN, ORIGIN, ORIGIN]);
});

test('sockets: the origins that are given, and no others', async () => {
  const asked: Record<string, string>[] = [{}, { origin: 'https://app.test' }, { origin: 'https://app.test:8443' }, { origin: 'http://localhost:3000' }, { origin: 'https://shop.test', host: 'shop.test' }];
  assert.deepEqual(await statuses({ allowedOrigins: ['https://app.test'] }, asked), [OPEN, OPEN, ORIGIN, ORIGIN, ORIGIN]);
  assert.deepEqual(await statuses({ allowedOrigins: ['*'] }, [{ origin: 'https://evil.test' }, { origin: 'null' }]), [OPEN, OPEN]);
});

test('hosts: every path is for those that are given', async () => {
  const network = await startNetwork({ allowedHosts: ['loopback', 'shop.test'] });
  try {
    for (const at of ['/graphql', '/graphql?query={__typename}', '/', '/health/live', '/health/ready', '/nothing']) {
      for (const host of ['evil.test', 'evil.test:4000', '127.0.0.1@evil.test']) {
        const answer = await raw(network.origin + at, { headers: { host } });
        assert.deepEqual([answer.status, answer.code], HOST, `${at} ${host}`);
      }
      for (const host of ['shop.test', 'localhost:1']) assert.notEqual((await raw(network.origin + at, { headers: { host } })).status, 421, at);
    }
    assert.deepEqual((await rawUpgrade(`${network.origin}/graphql`, { host: 'evil.test' })).code, 'HOST_NOT_ALLOWED');
  } finally {
    await network.close();
  }
});

test('a list that cannot be meant is a mistake of the configuration', () => {
  const supergraph = composeFor({ users: 'http://127.0.0.1:1', rooms: 'http://127.0.0.1:1' });
  for (const options of [{ allowedOrigins: ['app.test'] }, { allowedOrigins: ['https://app.test/'] }, { allowedHosts: ['https://app.test'] }, { allowedHosts: ['app.test:80'] }]) {
    assert.throws(() => createRouter({ supergraph, ...options }), ConfigError);
  }
});
