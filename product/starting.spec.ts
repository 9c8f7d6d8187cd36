import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from '@jest/globals';
import WebSocket from 'ws';
import { createLiveClient } from '../examples/typed-client/resumable.ts';
import { readConfig } from '../platform/config/config.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { createTestDatabase } from '../test/database.ts';
import { freePorts } from '../test/network/process.ts';
import { startProduct } from './product.ts';

interface Seen {
  readonly status: number | undefined;
  readonly retryAfter: string | null | undefined;
  readonly body: unknown;
}

describe('a product that is starting', () => {
  it('answers UNAVAILABLE with a time to retry, as a GraphQL error, over HTTP and to sockets; clients wait for it', async () => {
    const [port = 0] = await freePorts(1);
    const origin = `http://127.0.0.1:${port}`;
    const database = await createTestDatabase();
    const data = await mkdtemp(join(tmpdir(), 'starting-'));
    const http = async (path: string, init?: RequestInit): Promise<Seen> => {
      const answer = await fetch(origin + path, init);
      return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: await answer.json() };
    };
    const socket = async (): Promise<Seen> => {
      const ws = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
      ws.on('error', () => undefined);
      const [, answer] = (await once(ws, 'unexpected-response')) as [unknown, IncomingMessage];
      return {
        status: answer.statusCode,
        retryAfter: answer.headers['retry-after'],
        body: JSON.parse(await text(answer)),
      };
    };
    const live = createLiveClient({ url: `${origin.replace('http', 'ws')}/graphql`, firstPauseMs: 20 });
    let early: Promise<[Seen[], unknown]> | undefined;
    const post = (type: string): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: type },
      body: '{"query":"{ me { id } }"}',
    });
    const ask = async (): Promise<[Seen[], unknown]> => {
      const asked = await Promise.all([
        http('/graphql', post('*/*')),
        http('/graphql', post('application/graphql-response+json')),
        http('/graphql?query={me{id}}'),
        http('/register', post('*/*')),
        socket(),
        http('/health/ready'),
        http('/health/live'),
      ]);
      return [asked, (await live.iterate({ query: '{ me { id } }' }).next()).value];
    };
    const config = readConfig({ env: { DATABASE_URL: database.url, PRODVOR_DATA: data, LOG_LEVEL: 'error' } });
    const product = await startProduct({
      config,
      subgraphs: Object.keys(subgraphs),
      router: true,
      port,
      onProgress: () => void (early ??= ask()),
    });
    const [asked, waited] = (await early) ?? [[], undefined];
    const live503 = asked.splice(-2);
    for (const { status, retryAfter, body } of asked) {
      const { errors } = body as { errors: { message: string; extensions: Record<string, unknown> }[] };
      assert.deepEqual(
        [status, retryAfter, errors.length, errors[0]?.extensions.code, errors[0]?.message],
        [503, '1', 1, 'UNAVAILABLE', 'the product is starting'],
      );
    }
    assert.equal(asked.length, 5);
    assert.deepEqual(
      live503.map(({ status, body }) => [status, body]),
      [
        [503, { status: 'starting' }],
        [200, { status: 'ok' }],
      ],
    );
    assert.deepEqual(waited, { data: { me: null } });
    await live.dispose();
    await product.shutdown.stop('test');
    await database.drop();
    await rm(data, { recursive: true, force: true });
  }, 120_000);
});
