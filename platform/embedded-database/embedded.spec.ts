import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { lookAtProcess } from '../lifecycle/process-start.mjs';
import { eventually } from '../messaging/event-log/contract.process.ts';
import { makeZombie } from '../lifecycle/process-start.testing.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { afterTest } from '../../test/after-test.ts';

const isRoot = process.geteuid?.() === 0;
let scratch = '';
beforeAll(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), 'prodvor-embedded-'));
  if (isRoot) await chmod(scratch, 0o711);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Starts without waiting for the disk. The tests of durability do not use it. */
const start = (directory: string, more: { reset?: boolean } = {}): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ directory, throwAway: true, ...more });
const isRefusal =
  (code: string, text: RegExp) =>
  (error: Error & { code?: string }): boolean => {
    assert.equal(error.code, code, error.stack);
    assert.match(error.message, text);
    assert.ok(!error.message.includes('\n'), 'one line');
    return true;
  };

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows as unknown[];
  } finally {
    await client.end();
  }
}

/** A process that starts a server and then lives until it is killed. */
async function startElsewhere(
  directory: string,
): Promise<{ kill(signal: NodeJS.Signals): Promise<void>; server: { pid: number; url: string } }> {
  const program = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    const { pid, url } = await startEmbeddedPostgres({ directory: ${JSON.stringify(directory)} });
    process.stdout.write(JSON.stringify({ pid, url }));`;
  const loader = path.join(import.meta.dirname, '../../loader.mjs');
  const child = spawn(process.execPath, ['--import', loader, '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    server: JSON.parse(said.toString()) as { pid: number; url: string },
    async kill(signal) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },
  };
}

async function waitUntilGone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; lookAtProcess(pid).running; await delay(20))
    assert.ok(Date.now() < deadline, `process ${pid} lives on`);
}

describe('embedded PostgreSQL', () => {
  it('starts, keeps its data over a restart, and listens on 127.0.0.1 with a password only', async () => {
    const directory = path.join(scratch, 'plain');
    const steps: string[] = [];
    const first = await startEmbeddedPostgres({ directory, onProgress: (step) => steps.push(step) });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    assert.deepEqual(steps, ['creating the database', 'starting the database']);
    const settings = await query(
      first.url,
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'listen_addresses', 'max_connections', 'unix_socket_directories') ORDER BY name`,
    );
    assert.deepEqual(
      settings.map((row) => Object.values(row as object)),
      [
        ['fsync', 'on'],
        ['listen_addresses', '127.0.0.1'],
        ['max_connections', '300'],
        ['unix_socket_directories', ''],
      ],
    );
    const url = new URL(first.url);
    url.password = 'wrong';
    await assert.rejects(query(url.toString(), 'SELECT 1'), { code: '28P01' });
    assert.equal((await stat(path.join(directory, 'postgres.json'))).mode & 0o777, 0o600);
    await Promise.all([first.stop(), first.stop()]);
    assert.ok(!lookAtProcess(first.pid).running);

    const second = await start(directory);
    assert.deepEqual(await query(second.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);
    await second.stop();

    const third = await start(directory, { reset: true });
    assert.deepEqual(await query(third.url, `SELECT to_regclass('kept') AS kept`), [{ kept: null }]);
    await third.stop();
  });

  it('refuses a second start on the same data with one line, and does not disturb the first', async () => {
    const directory = path.join(scratch, 'twice');
    const first = await start(directory);
    const before = (await readdir(directory)).sort();
    await assert.rejects(
      start(directory),
      isRefusal('DATA_DIRECTORY_IN_USE', new RegExp(`in use by process ${process.pid}`)),
    );
    assert.deepEqual((await readdir(directory)).sort(), before);
    assert.deepEqual(await query(first.url, 'SELECT 1 AS one'), [{ one: 1 }]);
    await first.stop();
  });

  it('takes over the lock of a dead process, also when its id belongs to another one by now', async () => {
    const directory = path.join(scratch, 'stale');
    await (await start(directory)).stop();
    for (const holder of [
      { pid: 2 ** 22 + 1, started: 'x', id: 'a' },
      { pid: process.pid, started: 'another boot:1', id: 'b' },
      'not JSON',
    ]) {
      await writeFile(path.join(directory, 'lock'), typeof holder === 'string' ? holder : JSON.stringify(holder));
      await (await start(directory)).stop();
      assert.ok(!(await readdir(directory)).some((name) => name.startsWith('lock')), 'no lock is left');
    }
    // PostgreSQL's own lock, left by a crash, with the id of another process.
    const data = path.join(directory, 'postgres/data');
    await writeFile(path.join(data, 'postmaster.pid'), `${process.pid}\n${data}\n`);
    if (isRoot) await chown(path.join(data, 'postmaster.pid'), (await stat(data)).uid, (await stat(data)).gid);
    await (await start(directory)).stop();
  });

  (process.platform !== 'linux' ? it.skip : it)(
    'takes a zombie for ended, and leaves alone who has a recorded id by now',
    async () => {
      const directory = path.join(scratch, 'zombie');
      await (await start(directory)).stop();
      const pid = await makeZombie();
      await writeFile(path.join(directory, 'lock'), JSON.stringify({ pid, started: '', id: 'zombie' }));
      await (await start(directory)).stop();
      // PostgreSQL would take both for a living server. The stranger's command line contains the data directory, but it
      // is not a server.
      const data = path.join(directory, 'postgres/data');
      const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)', '--', '-D', data], {
        stdio: 'ignore',
      });
      afterTest(() => void stranger.kill('SIGKILL'));
      for (const recorded of [pid, stranger.pid]) {
        await writeFile(path.join(data, 'postmaster.pid'), `${recorded}\n${data}\n`);
        if (isRoot) await chown(path.join(data, 'postmaster.pid'), (await stat(data)).uid, (await stat(data)).gid);
        await (await start(directory)).stop();
      }
      assert.ok(lookAtProcess(stranger.pid ?? 0).running, 'it lives');
    },
  );

  it('refuses foreign directories and does not change them', async () => {
    const directory = path.join(scratch, 'foreign');
    await mkdir(directory);
    await writeFile(path.join(directory, 'letter.txt'), 'dear');
    await assert.rejects(
      start(directory),
      isRefusal('DATA_DIRECTORY_FOREIGN', /not empty and was not made by ProDvor/),
    );
    await assert.rejects(start(directory, { reset: true }), isRefusal('DATA_DIRECTORY_FOREIGN', /not empty/));
    assert.deepEqual(await readdir(directory), ['letter.txt']);
    await assert.rejects(
      start(path.join(directory, 'letter.txt')),
      isRefusal('DATA_DIRECTORY_UNWRITABLE', /is a file|file/),
    );
    await assert.rejects(start('/proc/prodvor'), isRefusal('DATA_DIRECTORY_UNWRITABLE', /Cannot use \/proc\/prodvor/));
  });

  it('refuses the data of another major version', async () => {
    const directory = path.join(scratch, 'older');
    await (await start(directory)).stop();
    const file = path.join(directory, 'postgres.json');
    const record = JSON.parse(await readFile(file, 'utf8')) as { major: number };
    await writeFile(file, JSON.stringify({ ...record, major: 12 }));
    await assert.rejects(start(directory), isRefusal('DATA_DIRECTORY_VERSION', /holds a PostgreSQL 12 database/));
    assert.ok(!(await readdir(directory)).includes('lock'), 'the lock is released');
  });

  it('ends with its process, however that ends, and loses nothing', async () => {
    const directory = path.join(scratch, 'killed');
    for (const [rows, isWaiting] of [
      [1, false],
      [2, true],
    ] as const) {
      const elsewhere = await startElsewhere(directory);
      await query(
        elsewhere.server.url,
        'CREATE TABLE IF NOT EXISTS kept (at timestamptz); INSERT INTO kept VALUES (now())',
      );
      await assert.rejects(start(directory), isRefusal('DATA_DIRECTORY_IN_USE', /in use by process/));
      await elsewhere.kill('SIGKILL');
      // The server of the killed process ends by itself. If the next start is earlier, that start ends it.
      if (isWaiting) await waitUntilGone(elsewhere.server.pid);
      const next = await start(directory);
      await waitUntilGone(elsewhere.server.pid);
      assert.equal((await query(next.url, 'SELECT * FROM kept')).length, rows);
      await next.stop();
    }
  });

  it('restarts on its port when it is killed, with all committed data', async () => {
    const directory = path.join(scratch, 'outage');
    const lines: string[] = [];
    const server = await startEmbeddedPostgres({
      directory,
      supervision: { onOutage: (line) => lines.push(line), onLost: (line) => lines.push(line) },
    });
    const { pid } = server;
    await query(server.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    // One of its processes runs a long query, and would keep the shared memory.
    const busy = query(server.url, 'SELECT count(*) FROM generate_series(1, 1e9::bigint) a WHERE sqrt(a) > 5').catch(
      () => 'cut',
    );
    await eventually(
      'it is busy',
      async () =>
        (
          await query(
            server.url,
            `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series(1, 1e9%' AND pid <> pg_backend_pid()`,
          )
        ).length === 1,
    );
    process.kill(pid, 'SIGKILL');
    await eventually('it is back', () => lines.length >= 2);
    assert.equal(await busy, 'cut');
    assert.match(
      lines[0] ?? '',
      new RegExp(
        `^The database server has stopped \\(process ${pid} ended by signal SIGKILL\\); restarting it, attempt 1 of 6$`,
      ),
    );
    assert.match(lines[1] ?? '', /^The database server is back after \d+ ms$/);
    assert.deepEqual(await query(server.url, 'SELECT answer FROM kept'), [{ answer: 42 }]);
    assert.notEqual(server.pid, pid);
    // A stop while the killed server is being restarted leaves no process running.
    process.kill(server.pid, 'SIGKILL');
    await eventually('it is away', () => lines.length === 3);
    await server.stop();
    await waitUntilGone(server.pid);
    assert.ok(!(await readdir(directory)).includes('lock'));
    await (await start(directory)).stop();
  });

  it('is given up when it cannot be started again or keeps crashing', async () => {
    const directory = path.join(scratch, 'lost');
    let lost = '';
    const server = await startEmbeddedPostgres({
      directory,
      throwAway: true,
      supervision: {
        onOutage: (line) => void (line.includes('is back') && process.kill(server.pid, 'SIGKILL')),
        onLost: (line) => {
          lost = line;
        },
      },
    });
    process.kill(server.pid, 'SIGKILL');
    await eventually('it is lost', () => lost !== '', 60_000);
    assert.match(
      lost,
      /^The database server could not be restarted after 6 tries, so this process ends: process \d+ ended by signal SIGKILL$/,
    );
    await server.stop();
  });

  it('lets one of several simultaneous first starts win', async () => {
    const directory = path.join(scratch, 'race');
    const outcomes = await Promise.allSettled([start(directory), start(directory), start(directory)]);
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    assert.equal(won.length, 1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') isRefusal('DATA_DIRECTORY_IN_USE', /in use/)(outcome.reason as Error);
    await won[0]?.value.stop();
  });
});

(isRoot ? describe : describe.skip)('embedded PostgreSQL, started by root', () => {
  it('stores the data elsewhere when only root may enter the folder, and adds no user to the machine', async () => {
    const closed = await mkdtemp('/root/prodvor-embedded-');
    const accounts = await readFile('/etc/passwd', 'utf8');
    try {
      await chmod(closed, 0o700);
      const directory = path.join(closed, 'data');
      const first = await start(directory);
      await query(first.url, 'CREATE TABLE kept ()');
      await first.stop();
      const { place } = JSON.parse(await readFile(path.join(directory, 'postgres.json'), 'utf8')) as { place: string };
      assert.ok(path.isAbsolute(place));
      const found = await stat(place);
      assert.notEqual(found.uid, 0);
      assert.equal(found.mode & 0o777, 0o700);
      const second = await start(directory);
      assert.deepEqual(await query(second.url, `SELECT to_regclass('kept') IS NOT NULL AS kept`), [{ kept: true }]);
      await second.stop();
      // A reset leaves nothing at the other place.
      const third = await start(directory, { reset: true });
      assert.ok(!(await stat(place).catch(() => undefined)), 'the old place is gone');
      await third.stop();
      const last = JSON.parse(await readFile(path.join(directory, 'postgres.json'), 'utf8')) as { place: string };
      await rm(last.place, { recursive: true });
      await assert.rejects(start(directory), isRefusal('DATA_DIRECTORY_BROKEN', /is gone/));
    } finally {
      await rm(closed, { recursive: true, force: true });
    }
    assert.equal(await readFile('/etc/passwd', 'utf8'), accounts);
  });

  it('refuses a directory that an ordinary user may not write', async () => {
    const directory = path.join(scratch, 'readonly');
    await mkdir(directory, { mode: 0o755 });
    const program = `
      import { claimDataDirectory } from ${JSON.stringify(new URL('./data-directory.ts', import.meta.url).href)};
      process.setuid(65534);
      try { await claimDataDirectory(${JSON.stringify(directory)}); console.log('claimed'); } catch (error) { console.log(error.code + ' ' + error.message); }`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: '/',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    assert.match(said.toString(), /^DATA_DIRECTORY_UNWRITABLE Cannot use .*: permission denied\.\n$/);
    assert.deepEqual(await readdir(directory), []);
  });
});
