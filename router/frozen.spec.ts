// A router that was frozen reads what arrived meanwhile before it decides who was late.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { awakeNow, awakeTimeout, wasBlocked } from './time/awake.ts';
import { composeFor, RawClient, startSubgraph, until } from './server.fixture.ts';
import { DeadlineQueue } from './time/deadline.ts';
import { afterTest } from '../test/after-test.ts';

const CLI = fileURLToPath(new URL('cli.mjs', import.meta.url));
const SUBGRAPH_MS = 2_000;
/** How long the test freezes the router's process: longer than all time limits of this router. Milliseconds. */
const FROZEN_MS = 5_000;

test('SIGSTOP: responses that arrived meanwhile count, the circuit stays closed, sockets stay open', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'router-frozen-'));
  const [users, rooms] = await Promise.all([startSubgraph('users'), startSubgraph('rooms')]);
  writeFileSync(join(folder, 'supergraph.graphql'), composeFor({ users: users.url, rooms: rooms.url }));
  const args = [
    '--supergraph',
    join(folder, 'supergraph.graphql'),
    '--port',
    '0',
    '--max-subgraph-ms',
    String(SUBGRAPH_MS),
    '--max-operation-ms',
    '3000',
    '--max-slow-client-ms',
    '1000',
  ];
  const router = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const out = { stdout: '', stderr: '' };
  router.stdout.on('data', (data) => (out.stdout += String(data)));
  router.stderr.on('data', (data) => (out.stderr += String(data)));
  afterTest(async () => {
    router.kill('SIGKILL');
    if (router.exitCode === null && router.signalCode === null) await once(router, 'exit');
    await Promise.all([users.close(), rooms.close()]);
    rmSync(folder, { recursive: true });
  });
  await until(() => out.stdout.includes('\n') || router.exitCode !== null);
  const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(out.stdout)?.[0];
  assert.ok(origin, out.stderr);
  const ask = async (query: string): Promise<unknown> =>
    (
      await fetch(`${origin}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
    ).json();
  assert.deepEqual(await ask('{ echo(text: "") }'), { data: { echo: '' } });

  const socket = await new RawClient(origin).open();
  afterTest(() => socket.end());
  socket.subscribe('query', '{ slow }');
  socket.subscribe('stream', 'subscription { messages(room: "a") { id author { name } } }');
  const asked = Array.from({ length: 40 }, () => ask('{ slow }'));
  await until(() => rooms.waiting.length === 41 && rooms.listeners.size === 1);
  router.kill('SIGSTOP');
  for (const answer of rooms.waiting.splice(0)) answer();
  for (const queue of rooms.listeners) queue.push({ id: '1', text: '', author: { id: 'u' } });
  await delay(FROZEN_MS);
  router.kill('SIGCONT');
  const answers = await Promise.all(asked);
  assert.deepEqual(
    answers,
    answers.map(() => ({ data: { slow: 1 } })),
  );
  await socket.until(() => socket.of('query').length === 2 && socket.of('stream').length === 1);
  assert.deepEqual(socket.of('query')[0]?.payload, { data: { slow: 1 } });
  assert.deepEqual(socket.of('stream')[0]?.payload, { data: { messages: { id: '1', author: { name: 'name of u' } } } });
  assert.deepEqual(await ask('{ echo(text: "after") }'), { data: { echo: 'after' } });
  assert.doesNotMatch(out.stderr, /circuit|did not answer|gave/);

  // A subgraph that really does not answer still times out.
  const late = (await ask('{ slow }')) as { errors: { extensions: { code: string } }[] };
  assert.equal(late.errors[0]?.extensions.code, 'UNAVAILABLE');
}, 60_000);

test('time during which the event loop was blocked counts for no deadline', async () => {
  const queue = new DeadlineQueue(700);
  const happened: string[] = [];
  let answered: (() => void) | undefined;
  queue.add({ expired: () => void happened.push('expired') });
  const cancel = awakeTimeout(() => happened.push('timed out'), 700);
  const ended = new Promise<void>((resolve) => (answered = resolve));
  const before = awakeNow();
  const until = performance.now() + 1_500;
  while (performance.now() < until); // Blocks the event loop.
  setTimeout(() => {
    happened.push(`read ${wasBlocked(1_000)}`);
    answered?.();
  }, 1);
  await ended;
  assert.deepEqual(happened, ['read true']);
  assert.ok(awakeNow() - before < 700, `${awakeNow() - before} ms`);
  cancel();
  await new Promise<void>((resolve) => queue.add({ expired: resolve }));
  assert.deepEqual(happened, ['read true', 'expired'], 'the first is late in its turn, before the second');
  queue.close();
});
