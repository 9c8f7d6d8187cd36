import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';

const ROOT = path.join(import.meta.dirname, '..');

/** These tests install local packages with the real npm, so nothing is downloaded. */
describe('the packages of a fresh clone', () => {
  let project: string;
  const at = (name: string): string => path.join(project, name);
  const has = (name: string): boolean => existsSync(at(`node_modules/${name}/package.json`));
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_TEST)/.test(name)));

  function npm(cwd: string, ...args: string[]): void {
    const { status, stderr } = spawnSync('npm', [...args, '--silent', '--no-audit', '--no-fund'], {
      cwd,
      env,
      encoding: 'utf8',
      timeout: 120_000,
    });
    assert.equal(status, 0, stderr);
  }

  async function pack(name: string, version: string): Promise<string> {
    await mkdir(at(`packages/${name}`), { recursive: true });
    await writeFile(at(`packages/${name}/package.json`), JSON.stringify({ name, version }));
    npm(at('packages'), 'pack', `./${name}`);
    return `file:packages/${name}-${version}.tgz`;
  }

  async function write(dependencies: object, devDependencies: object): Promise<void> {
    await writeFile(
      at('package.json'),
      JSON.stringify({ name: 'project', version: '1.0.0', private: true, dependencies, devDependencies }),
    );
    npm(project, 'install', '--package-lock-only');
  }

  const running = [
    '-e',
    "import('./scripts/prepare.mjs').then(({ main, prepare }) => main(async () => { await prepare({ generate: false }); return 0; }))",
  ];
  const everything = ['scripts/with-tools.mjs', 'scripts/nothing.mjs'];
  /** Runs a command that must succeed. Returns the first line of its standard error. */
  function firstErrorLine(command: readonly string[]): string {
    const { status, stderr } = spawnSync(process.execPath, command, {
      cwd: project,
      env,
      encoding: 'utf8',
      timeout: 120_000,
    });
    assert.equal(status, 0, stderr);
    return stderr.split('\n')[0] ?? '';
  }

  beforeAll(async () => {
    project = await mkdtemp(path.join(tmpdir(), 'prodvor-packages-'));
    for (const file of [
      'scripts/prepare.mjs',
      'scripts/generated.mjs',
      'scripts/lock.mjs',
      'scripts/with-tools.mjs',
      'platform/lifecycle/process-start.mjs',
    ])
      await cp(path.join(ROOT, file), at(file));
    await writeFile(at('scripts/nothing.mjs'), '');
    await write({ runs: await pack('runs', '1.0.0') }, { tool: await pack('tool', '1.0.0') });
  });
  afterAll(() => rm(project, { recursive: true, force: true }));

  it('are first those that running needs; a command that needs tools adds the others, once, and the lock stays unchanged', () => {
    const lock = readFileSync(at('package-lock.json'), 'utf8');
    assert.match(firstErrorLine(running), /^First start: installing/);
    assert.deepEqual([has('runs'), has('tool')], [true, false]);
    assert.equal(firstErrorLine(running), '');
    assert.match(firstErrorLine(everything), /in addition/);
    assert.deepEqual([has('runs'), has('tool')], [true, true]);
    for (const command of [everything, running]) assert.equal(firstErrorLine(command), '');
    assert.equal(readFileSync(at('package-lock.json'), 'utf8'), lock);
  });

  it('are recognized when somebody else has installed them', () => {
    npm(project, 'ci', '--omit=dev');
    assert.equal(firstErrorLine(running), '');
    npm(project, 'ci');
    assert.equal(firstErrorLine(everything), '');
  });

  it('are installed again when adding to them was interrupted', async () => {
    npm(project, 'ci', '--omit=dev');
    assert.equal(firstErrorLine(running), '');
    const child = spawn(process.execPath, everything, { cwd: project, env, stdio: 'ignore', detached: true });
    const ended = once(child, 'exit');
    const deadline = Date.now() + 60_000;
    const note = at('node_modules/.cache/prodvor/installed');
    while (!existsSync(note) || readFileSync(note, 'utf8') !== 'unfinished') {
      assert.ok(Date.now() < deadline && child.exitCode === null, 'it did not begin to add packages');
      await new Promise((resolve) => {
        setTimeout(resolve, 5);
      });
    }
    process.kill(-child.pid!, 'SIGKILL');
    await ended;
    assert.match(firstErrorLine(running), /^An installation was interrupted/);
    assert.deepEqual([has('runs'), has('tool')], [true, false]);
  });

  it('stay when adding to them fails', async () => {
    npm(project, 'ci', '--omit=dev');
    assert.equal(firstErrorLine(running), '');
    const file = at('packages/tool-1.0.0.tgz');
    const good = readFileSync(file);
    await writeFile(file, 'no package');
    const { status, stderr } = spawnSync(process.execPath, everything, {
      cwd: project,
      env: { ...env, npm_config_cache: at('no-cache') },
      encoding: 'utf8',
      timeout: 120_000,
    });
    assert.equal(status, 1);
    assert.match(stderr, /npm install failed with code \d+ .*ProDvor runs/);
    assert.equal(firstErrorLine(running), '');
    assert.deepEqual([has('runs'), has('tool')], [true, false]);
    await writeFile(file, good);
    assert.match(firstErrorLine(everything), /in addition/);
  });

  it('are installed again when the lock has changed', async () => {
    await write({ runs: await pack('runs', '2.0.0') }, { tool: 'file:packages/tool-1.0.0.tgz' });
    assert.match(firstErrorLine(running), /^The list of packages has changed/);
    assert.equal(
      (JSON.parse(readFileSync(at('node_modules/runs/package.json'), 'utf8')) as { version: string }).version,
      '2.0.0',
    );
  });

  it('are installed by one command at a time', async () => {
    await rm(at('node_modules'), { recursive: true });
    const children = [running, everything].map((command) =>
      spawn(process.execPath, command, { cwd: project, env, stdio: ['ignore', 'ignore', 'inherit'] }),
    );
    assert.deepEqual(
      (await Promise.all(children.map((child) => once(child, 'exit')))).map(([code]) => code as number),
      [0, 0],
    );
    assert.deepEqual([has('runs'), has('tool')], [true, true]);
  });
});
