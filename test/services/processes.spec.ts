import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { spawnSync } from 'node:child_process';
import { makeZombie } from '../../platform/lifecycle/process-start.testing.ts';
import { startIdOf, launch, run, runningPid, stop } from './processes.ts';
import { Refusal } from './service.ts';

describe('processes that outlive the command', () => {
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'prodvor-processes-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const sleeper = { id: 'sleeper', command: 'sleep', args: ['600'], ports: [] };

  it('are identified by their file, and stopped once', async () => {
    const pid = await launch(dir, sleeper);
    assert.equal(runningPid(dir, 'sleeper'), pid);
    assert.equal(await stop(dir, 'sleeper'), true);
    assert.equal(startIdOf(pid), undefined);
    assert.equal(await stop(dir, 'sleeper'), false);
  });

  it('are killed with their children when the signal is not enough', async () => {
    const script = 'trap "" TERM; sleep 600 & echo $! > child; touch trapped; while :; do wait; done';
    const pid = await launch(dir, { id: 'stubborn', command: 'sh', args: ['-c', script], ports: [] });
    while (!existsSync(join(dir, 'trapped'))) await delay(10);
    assert.equal(await stop(dir, 'stubborn', 100), true);
    assert.equal(startIdOf(pid), undefined);
    const child = Number(readFileSync(join(dir, 'child'), 'utf8'));
    while (startIdOf(child)) await delay(10);
  }, 10_000);

  it('are not confused with a later process of the same pid', async () => {
    const pid = await launch(dir, sleeper);
    const file = join(dir, 'sleeper.pid.json');
    const record = JSON.parse(readFileSync(file, 'utf8')) as { began: string };
    writeFileSync(file, JSON.stringify({ ...record, began: `${record.began}0` }));
    assert.equal(runningPid(dir, 'sleeper'), undefined);
    assert.equal(await stop(dir, 'sleeper'), false);
    assert.ok(startIdOf(pid), 'it lives');
    process.kill(pid);
  });

  (process.platform !== 'linux' ? it.skip : it)(
    'a zombie does not run, nor does its group',
    async () => {
      const pid = await makeZombie();
      const record = (dead: number) =>
        writeFileSync(join(dir, 'sleeper.pid.json'), JSON.stringify({ pid: dead, began: '', stopSignal: 'SIGTERM' }));
      record(pid);
      assert.equal(startIdOf(pid), undefined);
      assert.equal(runningPid(dir, 'sleeper'), undefined);
      assert.equal(await stop(dir, 'sleeper'), false);
      // `launch` waits for the group of a killed server while it has running members, but not for zombies that init has
      // not reaped.
      record(await makeZombie('exec setsid sleep 600'));
      const started = performance.now();
      await launch(dir, sleeper);
      assert.ok(performance.now() - started < 5000, 'nobody waits for it');
      await stop(dir, 'sleeper');
    },
    8_000,
  );

  it('are not started on a used port', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    await assert.rejects(
      launch(dir, { ...sleeper, id: 'late', ports: [port] }),
      new Refusal(`port ${port} is taken by another program (or by servers of another data directory)`),
    );
    squatter.close();
    assert.equal(runningPid(dir, 'late'), undefined);
  });

  it('a missing or failing program is an error with its output', async () => {
    await assert.rejects(launch(dir, { ...sleeper, id: 'absent', command: '/no/such/program' }), /ENOENT/);
    await assert.rejects(run('sh', ['-c', 'echo what went wrong >&2; exit 3']), /what went wrong/);
  });
});

describe('npm run services', () => {
  const cli = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const program = [
      '--import',
      fileURLToPath(new URL('../../loader.mjs', import.meta.url)),
      fileURLToPath(new URL('./cli.ts', import.meta.url)),
    ];
    return spawnSync(process.execPath, [...program, ...args], { encoding: 'utf8', env: { ...process.env, ...env } });
  };

  it('refuses unknown arguments with one line', () => {
    for (const args of [['bogus'], ['start', 'mongodb'], ['start', '--offset', 'x']]) {
      const { status, stderr } = cli(args);
      assert.equal(status, 1);
      assert.doesNotMatch(stderr, /\n {4}at /);
    }
    assert.match(cli(['start', 'mongodb']).stderr, /no service "mongodb"; there are postgres, redis/);
  });

  it('names the packages to install', () => {
    const data = mkdtempSync(join(tmpdir(), 'prodvor-missing-'));
    try {
      const { status, stderr, stdout } = cli(['start', 'redis', '--data', data, '--offset', '8000', '--env'], {
        PATH: '/nowhere',
      });
      assert.equal(status, 1);
      assert.match(stderr, /^redis {5}is not installed: apt-get install redis-server$/m);
      assert.equal(stdout, '');
    } finally {
      rmSync(data, { recursive: true });
    }
  });
});
