import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, createServer, get } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, describe, it } from '@jest/globals';
import { WebSocket, WebSocketServer } from 'ws';
import { Health } from './health.ts';
import { closesUnusedOnStop, closeWebSockets, createShutdown } from './shutdown.ts';

const quiet = { log: () => undefined, warn: () => undefined, error: () => undefined };
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close().closeAllConnections();
});

async function listen(
  handler: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer(handler);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('graceful stop', () => {
  it('does not wait for connections without any data', async () => {
    const server = createServer((_req, res) => res.end('ok'));
    servers.push(server);
    closesUnusedOnStop(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection');
    const unused = connect(port, '127.0.0.1');
    await accepted;
    const cut = once(unused, 'close');
    const { stop } = createShutdown({ logger: quiet, servers: [server], graceMs: 60_000, totalMs: 120_000 });
    assert.equal(await stop('test'), 0);
    await cut;
  });

  it('lets requests in flight finish, accepts no new ones, and then closes the rest in order', async () => {
    let inFlight: ServerResponse | undefined;
    const { server, port } = await listen((_req, res) => {
      if (_req.url === '/slow') {
        inFlight = res;
        server.emit('slow');
      } else res.end('fast');
    });
    server.keepAliveTimeout = 60_000; // as behind a load balancer; the stop must not wait for it
    const agent = new Agent({ keepAlive: true });
    const url = `http://127.0.0.1:${port}`;
    const idle = new Promise<string>((resolve) => get(`${url}/`, { agent }, (res) => void text(res).then(resolve)));
    assert.equal(await idle, 'fast'); // leaves an idle connection
    const slow = new Promise<string>((resolve) => get(`${url}/slow`, { agent }, (res) => void text(res).then(resolve)));
    await once(server, 'slow');
    const order: string[] = [];
    const health = new Health();
    const { stop } = createShutdown({
      logger: quiet,
      health: [health],
      servers: [server],
      closers: [
        { name: 'consumers', close: async () => void order.push('consumers') },
        { name: 'pool', close: () => void order.push('pool') },
      ],
    });
    const stopped = stop('test');
    assert.equal(stop('again'), stopped);
    assert.deepEqual(await health.readiness(), { ready: false, failed: ['draining'] });
    await assert.rejects(fetch(url));
    assert.deepEqual(order, []);
    inFlight?.end('whole');
    assert.equal(await slow, 'whole');
    assert.equal(await stopped, 0);
    assert.deepEqual(order, ['consumers', 'pool']);
    agent.destroy();
  });

  it('closes sockets with "going away", and terminates those that do not answer', async () => {
    const { server, port } = await listen(() => undefined);
    const sockets = new WebSocketServer({ server });
    const polite = new WebSocket(`ws://127.0.0.1:${port}`);
    const deaf = new WebSocket(`ws://127.0.0.1:${port}`);
    await Promise.all([once(polite, 'open'), once(deaf, 'open')]);
    deaf.pause();
    const closed = once(polite, 'close');
    const { stop } = createShutdown({
      logger: quiet,
      servers: [server],
      sockets: [() => closeWebSockets(sockets, 50)],
    });
    assert.equal(await stop('test'), 0);
    const [code, reason] = (await closed) as [number, Buffer];
    assert.deepEqual([code, reason.toString()], [1001, 'Going away']);
    deaf.terminate();
  });

  it('cuts what does not finish in time, and reports it', async () => {
    const { server, port } = await listen(() => server.emit('stuck'));
    const hanging = assert.rejects(fetch(`http://127.0.0.1:${port}`));
    await once(server, 'stuck');
    const { stop } = createShutdown({ logger: quiet, servers: [server], graceMs: 30 });
    assert.equal(await stop('test'), 1);
    await hanging;
  });

  it('continues when a closer fails, and ends in time when one hangs', async () => {
    const order: string[] = [];
    const failing = createShutdown({
      logger: quiet,
      closers: [
        { name: 'a', close: () => Promise.reject(new Error('no')) },
        { name: 'b', close: () => void order.push('b') },
      ],
    });
    assert.equal(await failing.stop('test'), 1);
    assert.deepEqual(order, ['b']);
    const hanging = createShutdown({
      logger: quiet,
      totalMs: 30,
      closers: [{ name: 'a', close: () => new Promise(() => undefined) }],
    });
    assert.equal(await hanging.stop('test'), 1);
  });

  const program = `
    import { createServer } from 'node:http';
    import { createShutdown } from ${JSON.stringify(new URL('./shutdown.ts', import.meta.url).href)};
    const server = createServer();
    const hang = process.argv[1] === 'hang';
    createShutdown({ logger: { log: (line) => process.send(line), warn() {}, error() {} }, servers: [server], closers: hang ? [{ name: 'x', close: () => new Promise(() => {}) }] : [] }).onSignals();
    server.listen(0, '127.0.0.1', () => process.send('ready'));`;
  const start = async (...args: string[]) => {
    const child = spawn(
      process.execPath,
      ['--import', new URL('../../loader.mjs', import.meta.url).href, '--input-type=module', '-e', program, ...args],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    await once(child, 'message');
    return child;
  };

  it('ends the process on SIGTERM and SIGINT with 0', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const child = await start();
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), [0, null]);
    }
  });

  it('counts a repeated signal within a second as one, and ends with 1 on a later one', async () => {
    const child = await start('hang');
    const said: unknown[] = [];
    child.on('message', (line) => said.push(line));
    const exited = once(child, 'exit');
    const started = performance.now();
    // Repeats until the process is gone, because the clock decides which signal is late enough.
    const impatient = setInterval(() => child.kill('SIGINT'), 50);
    assert.deepEqual(await exited, [1, null]);
    clearInterval(impatient);
    const took = performance.now() - started;
    assert.ok(took > 900 && took < 15_000, `after ${took} ms`);
    assert.equal(said.length, 1, 'one stop was begun');
  });
});
