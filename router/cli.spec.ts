import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from '@jest/globals';
import { raw, rawUpgrade } from '../test/network/raw.ts';
import { keyRing, signingKey, verifyRequest } from '../signature/signature.ts';
import { createNonceCache } from '../signature/nonces.ts';
import { composeFor, RawClient, startSubgraph, TYPE_DEFS, until } from './server.fixture.ts';
import type { Subgraph } from './server.fixture.ts';
import { afterTest } from '../test/after-test.ts';

const CLI = fileURLToPath(new URL('cli.mjs', import.meta.url));
let folder: string;
let file: string;
let users: Subgraph;
let rooms: Subgraph;
const children: ChildProcess[] = [];

beforeAll(async () => {
  [users, rooms] = await Promise.all([startSubgraph('users'), startSubgraph('rooms')]);
  folder = mkdtempSync(join(tmpdir(), 'router-cli-'));
  file = join(folder, 'supergraph.graphql');
  writeFileSync(file, composeFor({ users: users.url, rooms: rooms.url }));
});
afterAll(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  await Promise.all([users.close(), rooms.close()]);
  rmSync(folder, { recursive: true });
});

/** Runs the command as users do: with Node's own type stripping and without a loader. */
function run(args: string[], command = process.execPath, before: string[] = [CLI], cwd = folder) {
  const child = spawn(command, [...before, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: command !== process.execPath,
  });
  children.push(child);
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => (out.stdout += String(data)));
  child.stderr.on('data', (data) => (out.stderr += String(data)));
  return {
    child,
    out,
    async ready(): Promise<string> {
      await until(() => out.stdout.includes('\n') || child.exitCode !== null);
      const origin = /^router ready on (http:\/\/127\.0\.0\.1:\d+)\/graphql\n$/.exec(out.stdout)?.[1];
      assert.ok(origin, `${out.stdout}${out.stderr}`);
      return origin;
    },
    async exit(): Promise<number | null> {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
      return child.exitCode;
    },
  };
}
const ask = async (origin: string, query: string) =>
  (
    await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
  ).json();

test('two instances run side by side; each prints when it is ready, serves metrics, and exits soon after SIGTERM', async () => {
  const [one, two] = [
    run(['--supergraph', file, '--port', '0']),
    run(['--supergraph', file, '--port', '0', '--no-explorer']),
  ];
  const [a, b] = await Promise.all([one.ready(), two.ready()]);
  for (const origin of [a, b]) {
    assert.equal((await fetch(`${origin}/health/ready`)).status, 200);
    assert.deepEqual(await ask(origin, '{ user(id: "1") { name } }'), { data: { user: { name: 'name of 1' } } });
  }
  assert.equal((await fetch(`${a}/`)).status, 200);
  assert.equal((await fetch(`${b}/`)).status, 404);
  const client = await new RawClient(a).open();
  client.subscribe('1', 'subscription { messages(room: "x") { id } }');
  await until(() => rooms.listeners.size === 1);
  const metrics = await (await fetch(`${a}/metrics`)).text();
  for (const line of [
    'router_operations_total{kind="query",transport="http",code=""} 1',
    'router_sockets 1',
    'router_subscriptions 1',
    'router_subgraph_fetch_seconds_count{subgraph="users",ok="true"} 1',
  ]) {
    assert.ok(metrics.includes(line), line);
  }
  const started = performance.now();
  one.child.kill('SIGTERM');
  one.child.kill('SIGTERM');
  assert.equal(await one.exit(), 0);
  assert.ok(performance.now() - started < 3_000);
  await client.until(() => client.closed);
  assert.equal(client.closed?.code, 1001);
  assert.deepEqual(await ask(b, '{ me }'), { data: { me: null } }, 'the other one goes on');
  two.child.kill('SIGINT');
  assert.equal(await two.exit(), 0);
});

test('a request that never ends does not keep the process running', async () => {
  const router = run(['--supergraph', file, '--port', '0']);
  const origin = await router.ready();
  const answer = ask(origin, '{ slow }').catch(() => undefined);
  await until(() => rooms.waiting.length === 1);
  const started = performance.now();
  router.child.kill('SIGTERM');
  assert.equal(await router.exit(), 0);
  assert.ok(performance.now() - started < 3_000);
  rooms.waiting.shift()?.();
  await answer;
});

test('started by npm: SIGTERM to npm ends the whole process group', async () => {
  // The script `router` begins with `exec`. Otherwise a signal would kill only the shell, and the router would
  // continue.
  const npm = run(
    ['--supergraph', file, '--port', '0'],
    'npm',
    ['run', '--silent', 'router', '--'],
    join(import.meta.dirname, '..'),
  );
  await npm.ready();
  npm.child.kill('SIGTERM');
  await npm.exit();
  await until(() => {
    // ESRCH: the process group is empty.
    try {
      return !process.kill(-(npm.child.pid ?? 0), 0);
    } catch {
      return true;
    }
  });
});

test('the command line sets subgraph URLs and the signing key', async () => {
  const other = join(folder, 'elsewhere.graphql');
  writeFileSync(other, composeFor({ users: 'http://127.0.0.1:9/graphql', rooms: 'http://127.0.0.1:9/graphql' }));
  writeFileSync(join(folder, 'key'), 'k1:a secret of enough bytes\n');
  const router = run([
    '--supergraph',
    other,
    '--port',
    '0',
    '--subgraph',
    `users=${users.url}`,
    '--subgraph',
    `rooms=${rooms.url}`,
    '--signing-key-file',
    'key',
    '--max-depth',
    '1',
    '--subgraph-timeout',
    'rooms=100',
    '--subgraph-retries',
    'rooms=0',
    '--subgraph-connections',
    'rooms=2',
    '--max-subgraph-retries',
    '0',
  ]);
  const origin = await router.ready();
  assert.deepEqual(await ask(origin, '{ me }'), { data: { me: null } });
  const request = users.requests.at(-1)!;
  const key = signingKey('k1', 'a secret of enough bytes');
  assert.equal(
    verifyRequest({ target: 'users', keys: keyRing(key), nonces: createNonceCache() }, { method: 'POST', ...request })
      .ok,
    true,
  );
  assert.match(JSON.stringify(await ask(origin, '{ user(id: "1") { name } }')), /OPERATION_TOO_DEEP/);
  assert.match(JSON.stringify(await ask(origin, '{ slow }')), /UNAVAILABLE/, 'within its own timeout');
  rooms.waiting.shift()?.();
  router.child.kill('SIGTERM');
  await router.exit();
});

test('reloads a changed file (--watch or SIGHUP); an invalid file changes nothing', async () => {
  const served = join(folder, 'served.graphql');
  const good = composeFor({ users: users.url, rooms: rooms.url });
  const smaller = good.replace(/^ *name: String @join__field[^\n]*\n/m, '');
  writeFileSync(served, good);
  const [watching, told] = [
    run(['--supergraph', served, '--port', '0', '--watch']),
    run(['--supergraph', served, '--port', '0']),
  ];
  const [a, b] = await Promise.all([watching.ready(), told.ready()]);
  const metric = async (origin: string, result: string) =>
    Number(
      new RegExp(`router_supergraph_reloads_total\\{result="${result}"\\} (\\d+)`).exec(
        await (await fetch(`${origin}/metrics`)).text(),
      )?.[1],
    );
  const reached = async (origin: string, result: string, count: number): Promise<void> => {
    while ((await metric(origin, result)) < count) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  writeFileSync(`${served}.new`, smaller);
  renameSync(`${served}.new`, served);
  await reached(a, 'loaded', 1);
  assert.match(JSON.stringify(await ask(a, '{ user(id: "1") { name } }')), /GRAPHQL_VALIDATION_FAILED/);
  assert.deepEqual(
    await ask(b, '{ user(id: "1") { name } }'),
    { data: { user: { name: 'name of 1' } } },
    'not told yet',
  );
  told.child.kill('SIGHUP');
  await reached(b, 'loaded', 1);
  told.child.kill('SIGHUP');
  await reached(b, 'unchanged', 1);
  writeFileSync(served, smaller.slice(0, -30));
  await reached(a, 'invalid', 1);
  assert.deepEqual(await ask(a, '{ me }'), { data: { me: null } });
  writeFileSync(served, good);
  await reached(a, 'loaded', 2);
  assert.deepEqual(await ask(a, '{ user(id: "1") { name } }'), { data: { user: { name: 'name of 1' } } });
  const lines = watching.out.stderr
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { message: string }).message);
  assert.deepEqual(lines, [
    'a new supergraph is in use',
    'the new supergraph cannot be used, the old one is kept',
    'a new supergraph is in use',
  ]);
  for (const { child } of [watching, told]) child.kill('SIGTERM');
  assert.deepEqual([await watching.exit(), await told.exit()], [0, 0]);
});

test('composes and serves a directory of SDL', async () => {
  const directory = mkdtempSync(join(folder, 'sdl-'));
  writeFileSync(join(directory, 'users.graphql'), `# url: ${users.url}\n${TYPE_DEFS.users}`);
  writeFileSync(join(directory, 'rooms.graphql'), TYPE_DEFS.rooms);
  const router = run(['--supergraph', directory, '--port', '0', '--subgraph', `rooms=${rooms.url}`]);
  const origin = await router.ready();
  assert.deepEqual(await ask(origin, '{ room(id: "r") { messages { author { name } } } }'), {
    data: { room: { messages: Array.from({ length: 3 }, () => ({ author: { name: 'name of u' } })) } },
  });
  router.child.kill('SIGTERM');
  await router.exit();
  const homeless = run(['--supergraph', directory, '--port', '0']);
  assert.equal(await homeless.exit(), 2);
  assert.match(
    homeless.out.stderr,
    /^router: subgraph rooms: "" is not a http or https URL; give one with --subgraph rooms=URL\n$/,
  );
});

test('wrong usage prints one line and exits with 2; a taken port prints one line and exits with 1', async () => {
  const broken = join(folder, 'broken.graphql');
  writeFileSync(broken, 'type Query { a: Int }');
  const [empty, unfit] = [mkdtempSync(join(folder, 'empty-')), mkdtempSync(join(folder, 'unfit-'))];
  writeFileSync(join(unfit, 'users.graphql'), 'type Query { a: }');
  const cases: [string[], RegExp][] = [
    [[], /--supergraph PATH is missing/],
    [['--supergraph', file], /--port N is missing/],
    [['--supergraph', file, '--port', 'x'], /--port x: a whole number/],
    [['--supergraph', file, '--port', '70000'], /65535/],
    [['--supergraph', join(folder, 'none'), '--port', '0'], /there is no such file/],
    [['--supergraph', empty, '--port', '0'], /there is no \.graphql file in this directory/],
    [['--supergraph', unfit, '--port', '0'], /users\.graphql:1/],
    [['--supergraph', broken, '--port', '0'], /broken\.graphql: Not a valid supergraph/],
    [['--supergraph', file, '--port', '0', '--nonsense'], /Unknown option '--nonsense'/],
    [
      ['--supergraph', file, '--port', '0', '--subgraph', 'x=http://127.0.0.1'],
      /no such subgraph; it has rooms, users/,
    ],
    [['--supergraph', file, '--port', '0', '--subgraph', 'users'], /NAME=URL/],
    [['--supergraph', file, '--port', '0', '--subgraph-ws', 'users=http://127.0.0.1'], /not a ws or wss URL/],
    [['--supergraph', file, '--port', '0', '--issuer', 'x'], /needed together/],
    [['--supergraph', file, '--port', '0', '--signing-key', 'k:short'], /shorter than 16 bytes/],
    [['--supergraph', file, '--port', '0', '--subgraph-timeout', 'x=100'], /no such subgraph; it has rooms, users/],
    [
      ['--supergraph', file, '--port', '0', '--subgraph-timeout', 'users=0'],
      /--subgraph-timeout users 0: a whole number from 1/,
    ],
    [['--supergraph', file, '--port', '0', '--subgraph-retries', 'users'], /NAME=N is needed/],
    [['--supergraph', file, '--port', '0', '--max-depth', '0'], /--max-depth 0: a whole number from 1/],
  ];
  await Promise.all(
    cases.map(async ([args, message]) => {
      const router = run(args);
      assert.equal(await router.exit(), 2, args.join(' '));
      assert.match(router.out.stderr, message);
      assert.match(router.out.stderr, /^router: [^\n]+\n$/, 'one line');
      assert.equal(router.out.stdout, '');
    }),
  );
  const taken = createServer().listen(0, '127.0.0.1');
  afterTest(() => taken.close());
  await once(taken, 'listening');
  const router = run(['--supergraph', file, '--port', String((taken.address() as AddressInfo).port)]);
  assert.equal(await router.exit(), 1);
  assert.match(router.out.stderr, /^router: the port is taken[^\n]*\n$/);
  const help = run(['--help']);
  assert.equal(await help.exit(), 0);
  assert.match(help.out.stdout, /--max-body-bytes +100000/);
});

test('--cors-origin and --allow-host', async () => {
  const { ready, child, exit } = run([
    '--supergraph',
    file,
    '--port',
    '0',
    '--cors-origin',
    'https://app.test',
    '--cors-origin',
    'self',
    '--allow-host',
    'loopback',
  ]);
  const origin = await ready();
  for (const [page, status] of [
    ['https://app.test', 101],
    [origin, 101],
    ['https://evil.test', 403],
    ['http://localhost:3000', 403],
  ] as const) {
    assert.equal((await rawUpgrade(`${origin}/graphql`, { origin: page })).status, status, page);
  }
  for (const at of ['/graphql', '/metrics', '/'])
    assert.equal((await raw(origin + at, { headers: { host: 'evil.test' } })).code, 'HOST_NOT_ALLOWED', at);
  child.kill('SIGTERM');
  assert.equal(await exit(), 0);
  const wrong = run(['--supergraph', file, '--port', '0', '--cors-origin', 'app.test']);
  assert.equal(await wrong.exit(), 2);
  assert.match(wrong.out.stderr, /^router: corsOrigins: "app\.test" is not an origin/);
});
