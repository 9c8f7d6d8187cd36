import assert from 'node:assert/strict';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { readConfig } from '../platform/config/config.ts';
import { type EmbeddedPostgres, startThrowAwayPostgres } from '../platform/embedded-database/embedded.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { freePorts, ServiceProcess } from '../test/network/process.ts';
import { until } from '../test/network/until.ts';
import { type Product, startProduct } from './product.ts';

describe('/health/ready of a process that hosts everything', () => {
  const names = Object.keys(subgraphs);
  let server: EmbeddedPostgres;
  let data = '';
  let product: Product;
  beforeAll(async () => {
    server = await startThrowAwayPostgres();
    data = await mkdtemp(join(tmpdir(), 'product-'));
    const config = readConfig({
      env: { DATABASE_URL: server.url, PRODVOR_DATA: data, LOG_LEVEL: 'error', LOG_FORMAT: 'text' },
    });
    product = await startProduct({ config, subgraphs: names, router: true, port: 0 });
  });
  afterAll(async () => {
    await product?.shutdown.stop('test');
    await server?.stop();
    await rm(data, { recursive: true, force: true });
  });
  const ready = async (): Promise<{ status: number; body: { status: string; failed?: string[] } }> => {
    const response = await fetch(`${product.origin}/health/ready`);
    return { status: response.status, body: (await response.json()) as { status: string; failed?: string[] } };
  };

  it('names the database, the event log and the queue of each subgraph that cannot reach them', async () => {
    await until('it is ready', async () => (await ready()).status === 200);
    await server.stop();
    const all = Object.values(subgraphs).flatMap(({ name, health }) =>
      ['database', 'eventLog', ...health].map((probe) => `${name}: ${probe}`),
    );
    // The health check caches an answer for half a second, so the failures appear later.
    await until('all of it is missed', async () => {
      const { status, body } = await ready();
      assert.deepEqual([status, body], [503, { status: 'unavailable', failed: all }]);
      return true;
    });
    assert.equal((await fetch(`${product.origin}/health/live`)).status, 200);
  });
});

describe('a database that cannot be started again', () => {
  it('ends the process with one clear line and code 1', async () => {
    const data = await mkdtemp(join(tmpdir(), 'product-'));
    const [port = 0] = await freePorts(1);
    const all = new ServiceProcess('all', port, {}, ['--data', data, '--no-demo']);
    try {
      await all.start();
      const { place } = JSON.parse(await readFile(join(data, 'postgres.json'), 'utf8')) as { place: string };
      const cluster = resolve(data, place, 'data');
      await rename(join(cluster, 'global'), join(cluster, 'gone'));
      process.kill(Number.parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8'), 10), 'SIGKILL');
      await until('it ends', () => all.hasEnded, 60_000);
      assert.equal(await all.end('SIGKILL'), 1);
      const lines = all.output.trim().split('\n');
      assert.match(
        lines.at(-1) ?? '',
        /The database server could not be restarted after 6 tries, so this process ends: PostgreSQL did not start: .*global/,
        all.output,
      );
    } finally {
      await all.end('SIGKILL');
      await rm(data, { recursive: true, force: true });
    }
  });
});
