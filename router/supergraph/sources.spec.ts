import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from '@jest/globals';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { createNonceCache } from '../../signature/nonces.ts';
import { keyRing, signingKey, verifyRequest } from '../../signature/signature.ts';
import { createRouter } from '../router.ts';
import { serve } from '../serve.ts';
import { until } from '../server.fixture.ts';
import { afterTest } from '../../test/after-test.ts';

/** A subgraph that answers only signed requests, and whose SDL the test can change. */
async function startSigned(sdl: string) {
  const state = { sdl, headers: [] as string[] };
  const nonces = createNonceCache();
  const keys = keyRing(signingKey('k', 'a secret of enough bytes'));
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      if (
        !verifyRequest(
          { target: 'things', keys, nonces },
          { method: 'POST', path: req.url ?? '', headers: req.headers, body },
        ).ok
      )
        return res.writeHead(401).end();
      state.headers.push(String(req.headers['x-asked-by']));
      const { query } = JSON.parse(body) as { query: string };
      void graphql({
        schema: buildSubgraphSchema(parse(state.sdl)),
        source: query,
        rootValue: { one: 1, two: 2 },
      }).then((result) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

test('unmodified IntrospectAndCompose: fetches SDL with signed requests, and its updates are served', async () => {
  const { IntrospectAndCompose } = await import('@apollo/gateway');
  const { state, url } = await startSigned('type Query { one: Int }');
  const router = createRouter({
    supergraph: new IntrospectAndCompose({
      subgraphs: [{ name: 'things', url }],
      pollIntervalInMs: 20,
      subgraphHealthCheck: true,
      introspectionHeaders: { 'x-asked-by': 'the manager' },
    }),
    signingKey: signingKey('k', 'a secret of enough bytes'),
  });
  const server = await serve(router, { port: 0 });
  afterTest(() => server.close({ graceMs: 100 }));
  await router.started();
  assert.ok(state.headers.includes('the manager'));
  const ask = async (query: string): Promise<unknown> =>
    (
      await fetch(`${server.origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
    ).json();
  assert.deepEqual(await ask('{ one }'), { data: { one: 1 } });
  state.sdl = 'type Query { one: Int two: Int }';
  await until(() => router.stats().reloads.loaded === 1);
  assert.deepEqual(await ask('{ one two }'), { data: { one: 1, two: 2 } });
});

test('a manager that fails at first: started() rejects with the reason', async () => {
  const logged: unknown[] = [];
  const log = { warn: () => undefined, error: (message: string, fields: unknown) => void logged.push(message, fields) };
  const gone = createRouter({ log, supergraph: { initialize: () => Promise.reject(new Error('nobody is there')) } });
  await assert.rejects(gone.started(), /nobody is there/);
  assert.deepEqual(logged, ['the first supergraph could not be loaded', { error: 'nobody is there' }]);
  await gone.close();
  const wrong = createRouter({ supergraph: { initialize: async () => ({ supergraphSdl: 'type Query { a: Int }' }) } });
  await assert.rejects(wrong.started(), /Not a valid supergraph/);
  assert.equal(wrong.ready(), false);
  await wrong.close();
});

test('closed before the first supergraph arrives: still cleans up the manager', async () => {
  let give = (): void => undefined;
  let cleaned = 0;
  const router = createRouter({
    supergraph: {
      initialize: () =>
        new Promise((resolve) => (give = () => resolve({ supergraphSdl: '', cleanup: async () => void cleaned++ }))),
    },
  });
  await router.close();
  give();
  await router.started();
  assert.equal(cleaned, 1);
});
