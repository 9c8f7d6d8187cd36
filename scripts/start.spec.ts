import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A Node of this machine with another major version than the project's; undefined when there is none. */
function systemNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders
    .map((folder) => path.join(folder, 'node'))
    .find((file) => {
      if (!existsSync(file)) return false;
      const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
      return !stdout.startsWith(`v${process.versions.node.split('.')[0]}.`);
    });
}

/** Runs a script that must work without the project's Node and without packages. */
const script = (node: string, ...args: string[]) =>
  spawnSync(node, args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });

describe("the start on another Node than the project's", () => {
  const node = systemNode();

  (node ? it : it.skip)('goes on with ours', () => {
    const { status, stdout, stderr } = script(node!, 'scripts/start.mjs', '--help');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /--port/);
  });

  it('says so when that Node is too old', () => {
    const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });
      Object.defineProperty(process, 'version', { value: 'v18.20.4' });`;
    const { status, stdout, stderr } = script(
      process.execPath,
      '--import',
      `data:text/javascript,${encodeURIComponent(old)}`,
      'scripts/start.mjs',
    );
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.equal(
      stderr,
      'ProDvor needs Node 20 or newer to start; this is v18.20.4. Install Node 24: https://nodejs.org, or nvm install.\n',
    );
  });
});

describe('a signal to npm alone', () => {
  it('reaches what every script runs: the shell in between replaces itself with it', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    assert.deepEqual(
      Object.entries(scripts).filter(([, command]) => !command.startsWith('exec ')),
      [],
    );
  });

  for (const command of [['start'], ['run', 'dev']]) {
    it(`ends the product and its database: npm ${command.join(' ')}`, async () => {
      const data = await mkdtemp(path.join(tmpdir(), 'prodvor-start-'));
      // When root runs this, the server runs as another user, who must be able to enter the folder.
      await chmod(data, 0o711);
      // The environment that npm set for this test must not reach the npm that is tested.
      const env = Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !/^(npm_|TEST_|PRODVOR_|NODE_TEST)/.test(name)),
      );
      const npm = spawn('npm', [...command, '--', '--port', '0', '--data', data, '--no-demo'], {
        cwd: ROOT,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      try {
        const output = await waitForOutput(npm, /explorer +(http:\S+)[^]*Ctrl-C/);
        const [, origin = ''] = /explorer +(http:\S+)\//.exec(output) ?? [];
        assert.equal((await fetch(`${origin}/health/live`)).status, 200);
        const database = Number(readFileSync(path.join(data, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
        const ended = once(npm, 'exit');
        npm.kill('SIGTERM');
        await ended;
        await assert.rejects(fetch(`${origin}/health/live`), 'the product runs on');
        assert.throws(() => process.kill(database, 0), { code: 'ESRCH' });
      } finally {
        // The whole process group gets the signal, because some of its processes may still run when the test fails.
        if (npm.pid)
          try {
            process.kill(-npm.pid, 'SIGKILL');
          } catch {
            /* as it should be */
          }
        await rm(data, { recursive: true, force: true });
      }
    });
  }
});

/** Resolves to the program's output when the output matches. */
async function waitForOutput(child: ReturnType<typeof spawn>, wanted: RegExp): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (wanted.test(output)) resolve(output);
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${output}`)));
  });
}

describe('scripts that must run on Node 20 and without packages', () => {
  it("import nothing but Node's modules and each other", async () => {
    const { readFile } = await import('node:fs/promises');
    const isSafe = (name: string): boolean =>
      name.startsWith('node:') ||
      [
        './prepare.mjs',
        './jest.mjs',
        './generated.mjs',
        './lock.mjs',
        '../platform/lifecycle/process-start.mjs',
      ].includes(name);
    for (const file of [
      'start.mjs',
      'test.mjs',
      'jest.mjs',
      'test-clients.mjs',
      'check.mjs',
      'with-tools.mjs',
      'prepare.mjs',
      'generated.mjs',
      'lock.mjs',
      '../platform/lifecycle/process-start.mjs',
    ]) {
      const text = await readFile(path.join(ROOT, 'scripts', file), 'utf8');
      const names = [...text.matchAll(/^import .* from '([^']+)'/gm)].map(([, name]) => name ?? '');
      assert.deepEqual(
        names.filter((name) => !isSafe(name)),
        [],
        file,
      );
    }
  });
});
