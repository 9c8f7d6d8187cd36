import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { TLSSocket } from 'node:tls';
import { response, startOrigin, TEST_CERTIFICATE } from './client.fixture.ts';
import type { Received } from './client.fixture.ts';
import { HttpClient } from './client.ts';
import { ConnectionLost } from './connection.ts';
import type { RequestController, ResponseHandler } from './connection.ts';

const echo = ({ socket, body }: Received): void => void socket.write(response(body), 'latin1');
const code =
  (expected: string) =>
  (error: unknown): boolean =>
    error instanceof Error && 'code' in error && error.code === expected;
const lost =
  (stale: boolean) =>
  (error: unknown): boolean =>
    error instanceof ConnectionLost && error.stale === stale && error.code === 'ECONNRESET';

test('writes the request exactly; bytes pass unchanged both ways, over one connection', async () => {
  const all = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
  const origin = await startOrigin(echo);
  assert.deepEqual(await origin.ask(all, { headers: ['x-request-id', 'a', 'x-name', '\xe4'] }), {
    status: 200,
    body: all,
  });
  assert.deepEqual(await origin.ask(''), { status: 200, body: '' });
  assert.equal(origin.connections(), 1);
  assert.deepEqual(origin.requests[0]?.head.split('\r\n'), [
    'POST /graphql?a=b HTTP/1.1',
    `host: ${origin.url.host}`,
    'connection: keep-alive',
    'accept: application/json',
    'x-request-id: a',
    'x-name: \xe4',
    'content-length: 256',
  ]);
});

test('refuses a header value that would become several header fields', async () => {
  const origin = await startOrigin(echo);
  for (const header of [
    ['a', 'b\r\nc: d'],
    ['a', 'b\n'],
    ['a', '\r'],
    ['a', '\0'],
    ['a', 'b\u010ac: d'],
    ['a', '\u20ac'],
    ['a\r\nb', 'c'],
    ['a b', 'c'],
    ['a:', 'c'],
    ['', 'c'],
  ]) {
    await assert.rejects(origin.ask('{}', { headers: header }), code('HTTP_INVALID_HEADER'), JSON.stringify(header));
  }
  assert.equal(origin.requests.length, 0);
  assert.throws(
    () => new HttpClient(origin.url, { connections: 1, waiting: 1, connectMs: 1, headers: { a: 'b\nc' } }),
    code('HTTP_INVALID_HEADER'),
  );
});

test('reads a response byte by byte, in chunks, and until the connection ends', async () => {
  const answers = [
    'HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3;x=y\r\n{"a\r\n3\r\n":1\r\n1\r\n}\r\n0\r\nt: u\r\n\r\n',
    response('{"a":1}'),
    'HTTP/1.1 200 OK\r\n\r\n{"a":1}',
  ];
  const origin = await startOrigin(async ({ socket }) => {
    const text = answers.shift() ?? '';
    for (const byte of text) {
      socket.write(byte);
      await turn();
    }
    if (answers.length === 0) socket.end();
  });
  for (let i = 0; i < 3; i++) assert.deepEqual(await origin.ask(), { status: 200, body: '{"a":1}' });
  assert.equal(origin.client.state.connections, 0);
  assert.equal(origin.connections(), 1);
  await origin.until(() => origin.sockets.size === 0);
});

test('opens as many connections as allowed, then queues in order; reuses the most recently used one first', async () => {
  const open: Received[] = [];
  const origin = await startOrigin((request) => void open.push(request), { connections: 2, waiting: 3 });
  const asked = ['a', 'b', 'c', 'd', 'e'].map((body) => origin.ask(body));
  await assert.rejects(origin.ask('f'), code('HTTP_TOO_MANY_WAITING'));
  assert.deepEqual(origin.client.state, { connections: 2, idle: 0, waiting: 3 });
  for (let i = 0; i < 5; i++) {
    await origin.until(() => open.length > i);
    const request = open[i];
    assert.ok(request);
    if (i >= 2) assert.equal(request.body, ['a', 'b', 'c', 'd', 'e'][i]);
    echo(request);
  }
  assert.deepEqual(
    (await Promise.all(asked)).map(({ body }) => body),
    ['a', 'b', 'c', 'd', 'e'],
  );
  assert.deepEqual(origin.client.state, { connections: 2, idle: 2, waiting: 0 });
  const last = open[4]?.connection;
  const again = origin.ask('g');
  await origin.until(() => open.length === 6);
  assert.equal(open[5]?.connection, last);
  if (open[5]) echo(open[5]);
  await again;
  assert.equal(origin.connections(), 2);
});

test('cancelling: a waiting request leaves the queue, a running one closes its connection', async () => {
  const open: Received[] = [];
  const origin = await startOrigin((request) => void open.push(request), { connections: 1 });
  const controllers: RequestController[] = [];
  const onController = (controller: RequestController): void => void controllers.push(controller);
  const called: string[] = [];
  const note = (name: string): void => void called.push(name);
  void origin.ask('a', { onController }).then(
    () => note('a'),
    () => note('a'),
  );
  void origin.ask('b', { onController }).then(
    () => note('b'),
    () => note('b'),
  );
  const third = origin.ask('c', { onController });
  await origin.until(() => open.length === 1);
  controllers[1]?.abort();
  assert.equal(origin.client.state.waiting, 1);
  controllers[0]?.abort();
  controllers[0]?.abort();
  await origin.until(() => open.length === 2);
  assert.equal(open[1]?.body, 'c');
  assert.equal(open[1]?.connection, 1);
  if (open[1]) echo(open[1]);
  assert.equal((await third).body, 'c');
  controllers[2]?.abort(); // The response is complete, so its connection serves other requests.
  assert.deepEqual(origin.client.state, { connections: 1, idle: 1, waiting: 0 });
  void origin.ask('d', { onController: (controller) => controller.abort() }).then(
    () => note('d'),
    () => note('d'),
  );
  await origin.until(() => origin.sockets.size === 1);
  assert.deepEqual(called, []);
});

test('cancelling in the middle of a response', async () => {
  const origin = await startOrigin(
    ({ socket }) =>
      void socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n'),
  );
  const calls: string[] = [];
  origin.client.post([], '{}', {
    onRequestStart: () => undefined,
    onResponseStart: () => void calls.push('start'),
    onResponseData: (controller, text) => {
      calls.push(text);
      controller.abort();
    },
    onResponseEnd: () => void calls.push('end'),
    onResponseError: () => void calls.push('error'),
  });
  await origin.until(() => origin.requests.length === 1 && origin.sockets.size === 0);
  assert.deepEqual(calls, ['start', 'a']);
});

test('does not reuse a connection that is to close, sent surplus bytes, or answered too early', async () => {
  const large = 'x'.repeat(20_000_000);
  const answers = [
    response('a', 'connection: close'),
    response('a', 'keep-alive: timeout=1'),
    `${response('a')}HTTP/1.1 200 OK\r\n`,
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na',
  ];
  const origin = await startOrigin(({ socket }) => void socket.write(answers.shift() ?? response('last')));
  for (let left = answers.length; left > 0; left--) {
    assert.equal((await origin.ask()).body, 'a');
    assert.deepEqual(origin.client.state, { connections: 0, idle: 0, waiting: 0 });
    await origin.until(() => origin.sockets.size === 0);
  }
  assert.equal((await origin.ask()).body, 'last');
  assert.equal(origin.client.state.idle, 1);
  for (const socket of origin.sockets) socket.write(' '); // The server sends bytes without a request.
  await origin.until(() => origin.sockets.size === 0);
  origin.server.once(
    'connection',
    (socket: Socket) =>
      void socket.once('data', () => {
        socket.pause();
        socket.write(response('too early'));
      }),
  );
  assert.equal((await origin.ask(large)).body, 'too early');
  assert.equal(origin.client.state.connections, 0);
  for (const socket of origin.sockets) socket.destroy();
});

test("idle connections: one that the server closed is removed immediately; others before the server's timeout, or after 4 s", async () => {
  const answers = [response('a'), response('b', 'keep-alive: timeout=2'), response('c')];
  const origin = await startOrigin(({ socket }) => void socket.write(answers.shift() ?? ''), { connectMs: 500 });
  const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  await origin.ask();
  assert.equal(timers(), before, 'no timer keeps the process alive');
  for (const socket of origin.sockets) socket.end();
  await origin.until(() => origin.sockets.size === 0);
  assert.equal(origin.client.state.connections, 0);
  await origin.ask();
  let since = performance.now();
  await origin.until(() => origin.sockets.size === 0);
  assert.ok(performance.now() - since >= 990 && performance.now() - since < 3_900);
  await origin.ask();
  since = performance.now();
  await origin.until(() => origin.sockets.size === 0);
  assert.ok(performance.now() - since >= 3_990);
});

test('does not use a connection that has been idle for too long, even if no timer has run to close it', async () => {
  const origin = await startOrigin(({ socket }) => void socket.write(response('a', 'keep-alive: timeout=2')));
  await origin.ask();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_010);
  await origin.ask();
  assert.equal(origin.connections(), 2);
});

test('a connection that ends before the response: reports whether it was stale', async () => {
  const behaviours: ((request: Received) => void)[] = [
    ({ socket }) => void socket.destroy(), // The connection is new.
    echo,
    ({ socket }) => void socket.destroy(),
    echo,
    ({ socket }) => void socket.resetAndDestroy(),
    echo,
    ({ socket }) => void socket.end('HTTP/1.1 2'),
    echo,
    ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc'),
    ({ socket }) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n'),
  ];
  const origin = await startOrigin((request) => behaviours.shift()?.(request), { connections: 1 });
  await assert.rejects(origin.ask(), lost(false));
  for (const stale of [true, true, false, false]) {
    await origin.ask();
    await assert.rejects(origin.ask(), lost(stale));
  }
  await assert.rejects(origin.ask(), lost(false));
  assert.deepEqual(origin.client.state, { connections: 0, idle: 0, waiting: 0 });
  await origin.until(() => origin.sockets.size === 0);
});

test('fresh: opens a new connection although one is idle; replaces an idle one at the limit', async () => {
  const open: Received[] = [];
  const origin = await startOrigin(
    (request) => {
      open.push(request);
      echo(request);
    },
    { connections: 2 },
  );
  await origin.ask('a');
  await origin.ask('b', { fresh: true });
  await origin.ask('c', { fresh: true });
  assert.deepEqual(
    open.map(({ connection }) => connection),
    [0, 1, 2],
  );
  assert.equal(origin.client.state.connections, 2);
  await origin.until(() => origin.sockets.size === 2);
});

test('an invalid response: fails the request, closes the connection, and gives waiting requests another', async () => {
  const origin = await startOrigin(
    ({ socket, body }) =>
      void socket.write(
        body === 'bad' ? 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab' : response(body),
      ),
    { connections: 1 },
  );
  const [bad, good] = await Promise.allSettled([origin.ask('bad'), origin.ask('good')]);
  assert.ok(bad.status === 'rejected' && code('HTTP_INVALID_RESPONSE')(bad.reason));
  assert.deepEqual(good, { status: 'fulfilled', value: { status: 200, body: 'good' } });
  assert.equal(origin.connections(), 2);
});

test('an exception of a handler goes to that handler only', async () => {
  const origin = await startOrigin(echo, { connections: 1 });
  const defect = new Error('a defect');
  for (const method of ['onResponseStart', 'onResponseData', 'onResponseEnd'] as const) {
    const told = await new Promise((resolve) => {
      const handler: ResponseHandler = {
        onRequestStart: () => undefined,
        onResponseStart: () => undefined,
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
        onResponseError: (_, error) => resolve(error),
        [method]: () => {
          throw defect;
        },
      };
      origin.client.post([], '{}', handler);
      void origin.ask('next').then(({ body }) => assert.equal(body, 'next'));
    });
    assert.equal(told, defect);
  }
  assert.equal((await origin.ask('well')).body, 'well');
});

test('no connection: refused, timed out, or a certificate that is not trusted', async () => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as AddressInfo;
  const sockets: Socket[] = [];
  silent.on('connection', (socket) => void sockets.push(socket.on('error', () => undefined).resume()));
  const failure = (url: string, connectMs: number): Promise<unknown> =>
    new Promise((resolve) => {
      const client = new HttpClient(new URL(url), { connections: 1, waiting: 1, connectMs, headers: {} });
      client.post([], '{}', {
        onRequestStart: () => undefined,
        onResponseStart: () => resolve('answered'),
        onResponseData: () => undefined,
        onResponseEnd: () => undefined,
        onResponseError(_, error) {
          client.close();
          resolve(error);
        },
      });
    });
  // The server accepts the connection and does not answer the TLS handshake.
  assert.ok(code('ETIMEDOUT')(await failure(`https://127.0.0.1:${port}/`, 50)));
  await Promise.all(sockets.map((socket) => (socket.closed ? undefined : once(socket, 'close'))));
  silent.close();
  await once(silent, 'close');
  assert.ok(code('ECONNREFUSED')(await failure(`http://127.0.0.1:${port}/`, 5_000)));
  const origin = await startOrigin(echo, { secure: true });
  assert.ok(code('DEPTH_ZERO_SELF_SIGNED_CERT')(await failure(origin.url.href, 5_000)));
});

test('TLS: checks the name, HTTP/1.1 only, large bodies, until the connection ends', async () => {
  const large = 'y'.repeat(3_000_000);
  const origin = await startOrigin(
    (request) => (request.body === 'end' ? void request.socket.end('HTTP/1.1 200 OK\r\n\r\nthe end') : echo(request)),
    { secure: true, name: 'localhost', tls: { ca: TEST_CERTIFICATE } },
  );
  assert.equal((await origin.ask('a')).body, 'a');
  assert.equal((await origin.ask(large)).body, large);
  assert.equal((await origin.ask('end')).body, 'the end');
  assert.equal(origin.connections(), 1);
  const { servername, alpnProtocol } = origin.requests[0]?.socket as TLSSocket & { servername: string };
  assert.deepEqual([servername, alpnProtocol], ['localhost', 'http/1.1']);
});

(!Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === '::1')
  ? test.skip
  : test)('over IPv6', async () => {
  const origin = await startOrigin(echo, { host: '::1' });
  assert.equal((await origin.ask('a')).body, 'a');
  assert.match(origin.requests[0]?.head ?? '', /\r\nhost: \[::1\]:\d+\r\n/);
});

test('close() fails running and waiting requests, sends nothing more, and leaves nothing open', async () => {
  const origin = await startOrigin(() => undefined, { connections: 1 });
  const asked = [origin.ask('a'), origin.ask('b')].map((request) =>
    assert.rejects(request, code('HTTP_CLIENT_CLOSED')),
  );
  await origin.until(() => origin.requests.length === 1);
  origin.client.close();
  origin.client.close();
  await Promise.all(asked);
  await assert.rejects(origin.ask('c'), code('HTTP_CLIENT_CLOSED'));
  await origin.until(() => origin.sockets.size === 0);
  assert.deepEqual(origin.client.state, { connections: 0, idle: 0, waiting: 0 });
  assert.equal(origin.connections(), 1);
});

test('2,000 requests over 64 connections with split responses: each gets its own response', async () => {
  let seed = 1;
  const random = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  const origin = await startOrigin(
    async ({ socket, body }) => {
      const half = body.length >> 1;
      const text =
        random(2) === 0
          ? response(body)
          : `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${half.toString(16)}\r\n${body.slice(0, half)}\r\n${(body.length - half).toString(16)}\r\n${body.slice(half)}\r\n0\r\n\r\n`;
      for (let at = 0; at < text.length;) {
        const size = 1 + random(text.length);
        socket.write(text.slice(at, at + size));
        at += size;
        if (random(3) === 0) await turn();
      }
    },
    { connections: 64, waiting: 2_000 },
  );
  const bodies = Array.from({ length: 2_000 }, (_, i) => `${i} ${'z'.repeat(2 + random(1_000))}`);
  const answers = await Promise.all(bodies.map((body) => origin.ask(body)));
  assert.deepEqual(
    answers.map(({ body }) => body),
    bodies,
  );
  assert.equal(origin.connections(), 64);
  assert.deepEqual(origin.client.state, { connections: 64, idle: 64, waiting: 0 });
});
