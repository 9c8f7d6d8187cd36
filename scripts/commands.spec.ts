import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { parse } from 'graphql';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { Api, UsageError } from '../examples/competition/api.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** Runs a program of this repository. Returns its exit code and output. */
async function run(file: string, ...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--import', path.join(ROOT, 'loader.mjs'), file, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

const NOWHERE = 'http://127.0.0.1:9';

describe('the commands of a fresh clone', () => {
  it('print what they do and take, and do nothing else, with --help', async () => {
    const { scripts } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const kong = await readFile(path.join(ROOT, 'kong.yml'), 'utf8');
    for (const name of [
      'test',
      'check',
      'generate',
      'new',
      'test:clients',
      'kong:render',
      'import',
      'replay',
      'example',
      'router',
      'services',
      'messages',
      'release',
      'emails',
      'ai:eval',
    ]) {
      const file = /(\S+\.(?:mjs|ts))$/.exec((scripts[name] ?? '').replace(' --full', ''))?.[1] ?? name;
      const { status, out, err } = await run(file, '--help');
      assert.deepEqual([status, err], [0, ''], name);
      assert.match(out, new RegExp(`npm (run (--silent )?)?${name}\\b`), name);
    }
    assert.equal(await readFile(path.join(ROOT, 'kong.yml'), 'utf8'), kong);
  });

  it('refuse unknown arguments in one line', async () => {
    for (const [file, ...args] of [
      ['scripts/check-run.mjs', 'wrong'],
      ['main.ts', 'worker'],
      ['main.ts', 'worker', 'no-such-queue'],
      ['main.ts', 'worker', 'email-sender', 'computations'],
      ['examples/competition/import.ts', '--wrong'],
      ['examples/competition/replay.ts', '--wrong'],
      ['examples/competition/compare.ts', 'test/e2e/replay/none.json'],
      ['examples/typed-client/index.ts', '--wrong'],
      ['examples/typed-client/index.ts', '--url', 'localhost:4000'],
    ] as const) {
      const { status, err } = await run(file, ...args);
      assert.deepEqual([status, err.trim().split('\n').length], [2, 1], `${file} ${args.join(' ')}: ${err}`);
    }
  });

  it('say when no product runs at the address', async () => {
    for (const [file, ...args] of [
      ['examples/typed-client/index.ts', '--url', NOWHERE],
      ['examples/competition/import.ts', '--url', NOWHERE, 'test/e2e/replay/none.json'],
      ['examples/clients/cache.mjs', '--schema', `${NOWHERE}/schema.graphql`, '--out', '/dev/null'],
    ] as const) {
      const { status, err } = await run(file, ...args);
      assert.ok(status !== 0 && err.trim().split('\n').length === 1, `${file}: ${err}`);
    }
  });

  it('write the module for caches when the command is called through a link too', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'prodvor-link-'));
    try {
      await symlink(path.join(ROOT, 'examples/clients'), path.join(folder, 'clients'));
      const { status, err } = await run(
        path.join(folder, 'clients/cache.mjs'),
        '--schema',
        'schema/api.graphql',
        '--out',
        path.join(folder, 'cache.ts'),
      );
      assert.deepEqual([status, err], [0, '']);
      assert.match(await readFile(path.join(folder, 'cache.ts'), 'utf8'), /possibleTypes/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('--url of the commands', () => {
  it("is the API's address, with or without its path", async () => {
    const asked: string[] = [];
    const server = createServer((req, res) => {
      asked.push(req.url ?? '');
      res
        .writeHead(req.url === '/graphql' ? 200 : 405)
        .end(req.url === '/graphql' ? '{"data":{"__typename":"Query"}}' : '');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const document = parse('{ __typename }') as TypedDocumentNode<{ __typename: string }, object>;
    try {
      for (const url of [origin, `${origin}/`, `${origin}/graphql`]) {
        const api = new Api({ url, token: 'x' });
        assert.equal((await api.request(document, {})).__typename, 'Query');
        await api.close();
      }
      const other = new Api({ url: `${origin}/api`, token: 'x' });
      await assert.rejects(other.request(document, {}), { message: `HTTP 405 at ${origin}/api: is that the API?` });
      await other.close();
      assert.deepEqual(asked, ['/graphql', '/graphql', '/graphql', '/api']);
    } finally {
      server.close();
    }
  });

  it('is refused without its scheme', () => {
    for (const url of ['localhost:4000', '127.0.0.1:4000', 'ws://127.0.0.1:4000/graphql', ''])
      assert.throws(() => new Api({ url }), UsageError, url);
  });
});
