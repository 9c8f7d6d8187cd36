// What a client may ask of the router, and what it costs the others.
//
// Deep documents and variables  Safe: 400 with a code before anything is parsed; never 500, no matter which bracket, by POST, by GET and over a socket; at a
//                               subgraph's own port not even looked at without a signature; the next request is answered.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { type Network, startNetwork } from '../network.ts';
import type { Answer } from '../network/client.ts';

describe('attack: load on the router', () => {
  let network: Network;
  before(async () => { network = await startNetwork(); });
  after(() => network?.stop());

  const codes = ({ errors }: Pick<Answer<unknown>, 'errors'>): unknown[] => (errors ?? []).map(({ extensions }) => extensions?.['code']);
  const around = (opening: string, inner: string, closing: string, levels: number): string => opening.repeat(levels) + inner + closing.repeat(levels);
  const lives = async (): Promise<void> => assert.equal((await network.guest.execute('{ teams(first: 1) { pageInfo { hasNextPage } } }')).errors, undefined);

  const DEEP: readonly string[] = [
    `{ team(id: ${'{a:'.repeat(20_000)}`,
    `{ team(id: ${around('[', '"x"', ']', 2_000)}) { name } }`,
    `{ team(id: "x") ${around('{ ... ', '{ name }', '}', 5_000)} }`,
    '{a'.repeat(40_000),
    `query ($x: ${around('[', 'Int', ']', 2_000)}) { team(id: "x") { name } }`,
    `{ teams @include(if: ${'['.repeat(40_000)}`,
  ];

  it('documents nested thousands of levels deep are refused with 400', async () => {
    for (const query of DEEP) {
      const answer = await network.guest.execute(query);
      assert.deepEqual([answer.status, codes(answer)], [400, ['NESTED_TOO_DEEP']], query.slice(0, 60));
    }
    const url = `${network.guest.url}?query=${encodeURIComponent(`{ team(id: ${'['.repeat(2_000)}`)}`;
    const byGet = await fetch(url, { headers: { 'apollo-require-preflight': '1' } });
    assert.deepEqual([byGet.status, codes((await byGet.json()) as Answer<unknown>)], [400, ['NESTED_TOO_DEEP']]);
    await lives();
  });

  it('so are variables', async () => {
    const query = 'query ($id: ID!) { team(id: $id) { name } }';
    for (const value of [around('[', '1', ']', 40_000), around('{"a":', '1', '}', 15_000)]) {
      const answer = await network.guest.post(`{"query":${JSON.stringify(query)},"variables":{"id":${value}}}`);
      assert.deepEqual([answer.status, codes(answer)], [400, ['NESTED_TOO_DEEP']]);
    }
    await lives();
  });

  it('over a socket that goes on', async () => {
    const socket = new WebSocket(network.guest.url.replace(/^http/, 'ws'), 'graphql-transport-ws');
    try {
      const received: { type: string; id?: string; payload?: NonNullable<Answer<unknown>['errors']> }[] = [];
      const all = new Promise<void>((resolve, reject) => {
        socket.on('error', reject).on('close', () => reject(new Error('the socket was closed')));
        socket.on('message', (data) => {
          received.push(JSON.parse(String(data)));
          if (received.at(-1)?.type === 'connection_ack') DEEP.forEach((deep, id) => socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query: deep } })));
          if (received.length > DEEP.length) resolve();
        });
      });
      socket.on('open', () => socket.send('{"type":"connection_init"}'));
      await all;
      const errors = received.filter(({ type }) => type === 'error');
      assert.deepEqual(errors.map(({ payload }) => codes({ errors: payload ?? [] })), DEEP.map(() => ['NESTED_TOO_DEEP']));
    } finally {
      socket.terminate();
    }
    await lives();
  });

  it('at a subgraph\'s own port, and at its public routes, nothing of it is a fault either', async () => {
    const send = async (url: string, body: string): Promise<number> =>
      (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status;
    for (const query of DEEP) assert.equal(await send(`${network.originOf('teams')}/graphql`, JSON.stringify({ query })), 401, 'unsigned');
    for (const value of [around('[', '1', ']', 40_000), around('{"a":', '1', '}', 15_000)]) {
      assert.equal(Math.floor(await send(`${network.originOf('users')}/register`, `{"username":${value}}`) / 100), 4);
    }
    await lives();
  });
});
