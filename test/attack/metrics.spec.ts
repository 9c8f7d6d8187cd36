// Threat: a stranger reads how many people play, what they call and where the product is slow. Safe means: only the
// operator reads /metrics.
// - Without METRICS_PORT, clients on this machine read it on the ports of clients and of the router. Others get 404 or
//   401 there, even through a proxy on this machine.
// - With METRICS_PORT it is on that port only, which other machines may scrape and which serves nothing else.
// - /health stays public.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { readConfig } from '../../platform/config/config.ts';
import { type Product, startProduct } from '../../product/product.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';
import { raw } from '../network/raw.ts';

let database: TestDatabase;
let data: string;
beforeAll(async () => {
  database = await createTestDatabase();
  data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-attack-'));
});
afterAll(async () => {
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

async function withProduct(
  env: Record<string, string>,
  test: (product: Product, subgraph: string) => Promise<void>,
): Promise<void> {
  const config = readConfig({
    env: { DATABASE_URL: database.url, PRODVOR_DATA: data, LOG_LEVEL: 'error', LOG_FORMAT: 'text', ...env },
  });
  const product = await startProduct({ config, subgraphs: ['users'], router: true, port: 0 });
  try {
    const { port } = product.apps.get('users')?.getHttpServer().address() as AddressInfo;
    await test(product, `http://127.0.0.1:${port}`);
  } finally {
    await product.shutdown.stop('the test is over');
  }
}
const get = async (url: string, headers: Record<string, string> = {}): Promise<[status: number, code: unknown]> => {
  const { status, code } = await raw(url, { headers });
  return [status, code];
};

describe('/metrics', () => {
  it('is for clients on this machine, not for requests that a proxy forwards', () =>
    withProduct({}, async ({ origin, metricsOrigin }, subgraph) => {
      assert.equal(metricsOrigin, undefined);
      const proxied: Record<string, string>[] = [
        { 'x-forwarded-for': '192.0.2.1' },
        { 'x-forwarded-for': '' },
        { forwarded: 'for=192.0.2.1' },
        { via: '1.1 proxy' },
        { 'x-real-ip': '192.0.2.1' },
        { 'x-forwarded-host': 'yard.example' },
        { 'cf-connecting-ip': '192.0.2.1' },
      ];
      for (const [at, refusal] of [
        [origin, [404, 'NOT_FOUND']],
        [subgraph, [401, 'UNSIGNED_REQUEST']],
      ] as const) {
        assert.deepEqual(await get(`${at}/metrics`), [200, undefined]);
        for (const header of proxied) {
          assert.deepEqual(await get(`${at}/metrics`, header), refusal, JSON.stringify(header));
          assert.deepEqual(await get(`${at}/health/live`, header), [200, undefined]);
        }
      }
      const { text } = await raw(`${origin}/metrics`);
      for (const metric of ['process_cpu_user_seconds_total', 'router_', 'outbox_lag_seconds'])
        assert.ok(text.includes(metric), metric);
    }));

  it('is not for other machines', () =>
    withProduct({ HOST: '0.0.0.0' }, async ({ origin }, subgraph) => {
      const outside = Object.values(os.networkInterfaces())
        .flat()
        .find((one) => one?.family === 'IPv4' && !one.internal)?.address;
      for (const [at, refusal] of [
        [origin, [404, 'NOT_FOUND']],
        [subgraph, [401, 'UNSIGNED_REQUEST']],
      ] as const) {
        assert.deepEqual(await get(`${at}/metrics`), [200, undefined]);
        const { port } = new URL(at);
        // A machine without a network has no other address.
        if (outside !== undefined)
          assert.deepEqual(await get(`http://${outside}:${port}/metrics`, { host: `127.0.0.1:${port}` }), refusal);
      }
      const asked = await raw(`${origin}/graphql`, {
        body: '{"query":"{ me { id } }"}',
        headers: { 'content-type': 'application/json' },
      });
      assert.deepEqual(JSON.parse(asked.text), { data: { me: null } });
    }));

  it('has its own port where one is configured, which serves nothing else', () =>
    withProduct({ METRICS_PORT: '0' }, async ({ origin, metricsOrigin = '' }, subgraph) => {
      assert.deepEqual(await get(`${metricsOrigin}/metrics`), [200, undefined]);
      const { text } = await raw(`${metricsOrigin}/metrics`);
      for (const metric of ['process_cpu_user_seconds_total', 'router_', 'outbox_lag_seconds'])
        assert.ok(text.includes(metric), metric);
      assert.deepEqual(await get(`${metricsOrigin}/metrics`, { host: 'evil.example' }), [421, 'HOST_NOT_ALLOWED']);
      for (const at of ['/', '/graphql', '/health/ready', '/register', '/identity/jwks', '/metrics/'])
        assert.deepEqual(await get(metricsOrigin + at), [404, 'NOT_FOUND'], at);
      assert.equal((await raw(`${metricsOrigin}/metrics`, { body: '{}' })).status, 404);
      assert.deepEqual(await get(`${origin}/metrics`), [404, 'NOT_FOUND']);
      assert.deepEqual(await get(`${subgraph}/metrics`), [401, 'UNSIGNED_REQUEST']);
      assert.deepEqual(await get(`${origin}/health/live`), [200, undefined]);
    }));
});
