import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The Node that the machine had before ours, when it is another one. */
function systemNode(): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter((folder) => !folder.includes('node_modules'));
  return folders.map((folder) => path.join(folder, 'node')).find((file) => {
    if (!existsSync(file)) return false;
    const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    return !stdout.startsWith(`v${process.versions.node.split('.')[0]}.`);
  });
}

/** Runs one of the scripts that must do without our Node and without packages. */
const script = (node: string, ...args: string[]) => spawnSync(node, args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });

describe('the start on another Node than ours', () => {
  const node = systemNode();

  it('goes on with ours', { skip: !node && 'this machine has no other Node' }, () => {
    const { status, stdout, stderr } = script(node!, 'scripts/start.mjs', '--help');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /--port/);
  });

  it('says so when that Node is too old', () => {
    const old = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.4' } });
      Object.defineProperty(process, 'version', { value: 'v18.20.4' });`;
    const { status, stdout, stderr } = script(process.execPath, '--import', `data:text/javascript,${encodeURIComponent(old)}`, 'scripts/start.mjs');
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.equal(stderr, 'ProDvor needs Node 20 or newer to start; this is v18.20.4.\n');
  });
});

describe('what must run on Node 20 and without packages', () => {
  it('imports nothing but Node and its like', async () => {
    const { readFile } = await import('node:fs/promises');
    const isSafe = (name: string): boolean => name.startsWith('node:') || ['./prepare.mjs', './generate.mjs'].includes(name);
    for (const file of ['start.mjs', 'test.mjs', 'check.mjs', 'prepare.mjs', 'generate.mjs']) {
      const text = await readFile(path.join(ROOT, 'scripts', file), 'utf8');
      const names = [...text.matchAll(/^import .* from '([^']+)'/gm)].map(([, name]) => name ?? '');
      assert.deepEqual(names.filter((name) => !isSafe(name)), [], file);
    }
  });
});
