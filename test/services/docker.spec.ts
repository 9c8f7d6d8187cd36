// These tests use no container engine. A fake program with the name docker records how it was called.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from '@jest/globals';
import { dockerCompose } from './docker.ts';
import { portsAt } from './ports.ts';
import type { Options } from './servers.ts';

const offset = 7000;
const path = process.env.PATH ?? '';
let folder = '';
let said: string[] = [];
const options = (): Options => ({
  data: join(folder, 'data'),
  offset,
  names: ['redis'],
  say: (name, text) => said.push(`${name}: ${text}`),
});

function fakeDocker(script: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'bin', 'docker'), `#!/bin/sh\necho "$@" "$REDIS_PORT" >> ${folder}/calls\n${script}\n`, {
    mode: 0o755,
  });
  process.env.PATH = `${join(folder, 'bin')}:${path}`;
}
const calls = () =>
  readFileSync(join(folder, 'calls'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/--env-file \S+\.env\.development -f \S+ /, ''));

// Answers PING as Redis does, so that the fake container becomes ready.
const server = createServer((socket) =>
  socket.on('data', () => socket.write('+PONG\r\n')).on('error', () => undefined),
);

describe('servers in containers', () => {
  beforeAll(async () => new Promise<void>((resolve) => server.listen(portsAt(offset).redis, '127.0.0.1', resolve)));
  afterAll(async () => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'prodvor-docker-'));
    said = [];
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true, force: true });
  });

  it('are not used when no engine answers', async () => {
    fakeDocker('exit 1');
    assert.equal(await dockerCompose(options()), undefined);
  });

  it('start, are ready when they answer, and stop by the same command', async () => {
    fakeDocker('');
    const started = await (await dockerCompose(options()))?.start();
    assert.deepEqual(
      started?.map(({ name, outcome }) => [name, outcome]),
      [['redis', 'started']],
    );
    const port = portsAt(offset).redis;
    assert.deepEqual(calls().slice(-2), [
      `compose -p prodvor7000 up --no-start redis ${port}`,
      `compose -p prodvor7000 up -d redis ${port}`,
    ]);
    assert.equal(await (await dockerCompose(options()))?.stop(), true);
    assert.equal(calls().at(-1), `compose -p prodvor7000 stop redis ${port}`);
    assert.equal(await (await dockerCompose(options()))?.stop(), false, 'a second stop finds nothing of its own');
  });

  it('are replaced by installed binaries when an image is not available', async () => {
    fakeDocker('case "$*" in *--no-start*) echo "pull access denied" >&2; exit 1;; esac');
    const compose = await dockerCompose(options());
    assert.ok(compose);
    assert.equal(await compose.start(), undefined);
    assert.match(said.join('\n'), /redis: no container image/);
    assert.equal(existsSync(join(folder, 'data', 'docker')), false);
  });
});
