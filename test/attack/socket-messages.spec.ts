// Threat: a guest sends messages over a WebSocket that no client sends. Safe means: the worst effect of any message is
// that its own socket closes with a code. The process survives, and the next client is served.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { readConfig } from '../../platform/config/config.ts';
import { type Product, startProduct } from '../../product/product.ts';
import { createTestDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let data: string;
let product: Product;
beforeAll(async () => {
  database = await createTestDatabase();
  data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-attack-'));
  const config = readConfig({
    env: { DATABASE_URL: database.url, PRODVOR_DATA: data, LOG_LEVEL: 'error', LOG_FORMAT: 'text' },
  });
  product = await startProduct({ config, subgraphs: ['users'], router: true, port: 0 });
});
afterAll(async () => {
  await product.shutdown.stop('the test is over');
  await database.drop();
  await rm(data, { recursive: true, force: true });
});

/**
 * Sends these texts, then a ping.
 * @returns the types of the messages that arrived before the answer to the ping. When the socket was closed first, the
 * last element is the close code
 */
async function send(...texts: string[]): Promise<(string | number)[]> {
  const socket = new WebSocket(`${product.origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const heard: (string | number)[] = [];
  const over = new Promise<void>((resolve) => {
    socket.on('message', (message) => {
      const { type, payload } = JSON.parse(String(message)) as { type: string; payload?: { last?: boolean } };
      if (payload?.last) resolve();
      else heard.push(type);
    });
    socket.on('close', (code) => {
      heard.push(code);
      resolve();
    });
  });
  await once(socket, 'open');
  for (const text of [...texts, '{"type":"ping","payload":{"last":true}}']) {
    socket.send(text);
    // The server refuses messages that arrive before it has acknowledged the first one, so this waits for the
    // acknowledgement.
    if (text === INIT) await Promise.race([once(socket, 'message'), over]);
  }
  await over;
  socket.terminate();
  return heard;
}

const INIT = '{"type":"connection_init"}';
const ODD = [
  'null',
  '0',
  '"x"',
  'true',
  '[]',
  '[null]',
  '[{}]',
  '{}',
  '{"headers":null}',
  '{"headers":[null]}',
  '{"headers":"x"}',
  '{"__proto__":null}',
  '{"authorization":{}}',
  '{"token":{}}',
];

describe('messages that no client sends', () => {
  it('a null payload is treated like a missing one', async () => {
    assert.deepEqual(await send('{"type":"connection_init","payload":null}'), ['connection_ack']);
    assert.deepEqual(await send('{"type":"ping","payload":null}'), ['pong']);
    assert.deepEqual(await send(INIT, '{"type":"pong","payload":null}'), ['connection_ack']);
  });

  it('close at most their own socket', async () => {
    const messages = [
      ...ODD,
      '',
      '{',
      '\u0000',
      ...[
        'connection_init',
        'connection_ack',
        'ping',
        'pong',
        'subscribe',
        'next',
        'error',
        'complete',
        'toString',
        '__proto__',
      ].flatMap((type) => [
        `{"type":"${type}"}`,
        ...ODD.flatMap((odd) => [
          `{"type":"${type}","payload":${odd}}`,
          `{"type":"${type}","id":"1","payload":${odd}}`,
          `{"type":"${type}","id":${odd},"payload":{}}`,
        ]),
      ]),
      ...['query', 'variables', 'operationName', 'extensions', 'documentId'].flatMap((name) =>
        ODD.map((odd) => `{"id":"1","type":"subscribe","payload":{"query":"{ __typename }","${name}":${odd}}}`),
      ),
      ...ODD.map((odd) => `{"id":"1","type":"subscribe","payload":{"extensions":{"persistedQuery":${odd}}}}`),
    ];
    for (const message of messages) {
      for (const texts of [[message], [INIT, message]]) {
        const closed = (await send(...texts)).filter((heard) => typeof heard === 'number');
        // 4500 is a server error, 1006 a connection that was not closed properly.
        assert.ok(
          closed.every((code) => code >= 4400 && code < 4500),
          `${closed.join()} after ${texts.join(' ')}`,
        );
      }
    }
    const answer = await fetch(`${product.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ me { id } }"}',
    });
    assert.equal(await answer.text(), '{"data":{"me":null}}');
  });
});
