import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { afterTest } from '../../after-test.ts';
import { startNetwork, until } from '../../network.ts';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
}

/** Starts a browser without a window. @returns a function that evaluates a script in a page of this address */
async function browse(page: string): Promise<(script: string) => Promise<unknown>> {
  const profile = await mkdtemp(join(tmpdir(), 'prodvor-browser-'));
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--remote-debugging-port=0'];
  const child = spawn(PROGRAM ?? '', [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: 'ignore',
    detached: true,
  });
  afterTest(async () => {
    const ended = once(child, 'exit');
    // The browser has processes of its own, all in one group.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    await ended;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });
  const port = await until(
    'the browser listens',
    async () => (await readFile(join(profile, 'DevToolsActivePort'), 'utf8').catch(() => '')).split('\n')[0],
  );
  const target = await until('there is a page', async () => {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as {
      type: string;
      webSocketDebuggerUrl: string;
    }[];
    return targets.find(({ type }) => type === 'page');
  });
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  afterTest(() => socket.terminate());
  await once(socket, 'open');
  let last = 0;
  const next = (fits: (reply: Reply) => boolean): Promise<Reply> =>
    new Promise((resolve) => {
      const look = (data: unknown): void => {
        const reply = JSON.parse(String(data)) as Reply;
        if (!fits(reply)) return;
        socket.off('message', look);
        resolve(reply);
      };
      socket.on('message', look);
    });
  const call = async (method: string, params: object = {}): Promise<Reply['result']> => {
    const id = ++last;
    const answered = next((reply) => reply.id === id);
    socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answered;
    assert.equal(error?.message ?? result?.exceptionDetails?.exception?.description, undefined);
    return result;
  };
  await call('Page.enable');
  const loaded = next(({ method }) => method === 'Page.loadEventFired');
  await call('Page.navigate', { url: page });
  await loaded;
  return async (expression) =>
    (await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true }))?.result?.value;
}

/** The recipe of docs/media.md, as a page runs it. */
const UPLOAD = (api: string, token: string): string => `(async () => {
  const ask = async (query, variables) => {
    const response = await fetch(${JSON.stringify(api)}, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer ${token}' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    if (errors) throw new Error(JSON.stringify(errors));
    return Object.values(data)[0];
  };
  const canvas = new OffscreenCanvas(600, 300);
  const context = canvas.getContext('2d');
  context.fillStyle = '#0a0';
  context.fillRect(0, 0, 600, 300);
  const file = await canvas.convertToBlob({ type: 'image/jpeg' });
  const checksum = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))));
  const input = { clientId: crypto.randomUUID(), kind: 'AVATAR', contentType: file.type, bytes: file.size, checksum };
  const { file: { id }, requests } = await ask(
    'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { file { id } requests { method url headers { name value } offset bytes } } }',
    { input },
  );
  for (const { method, url, headers, offset, bytes } of requests) {
    const sent = await fetch(url, {
      method,
      headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
      body: file.slice(offset, offset + bytes),
    });
    if (!sent.ok) throw new Error('the storage answered ' + sent.status);
  }
  await ask('mutation ($input: CompleteUploadInput!) { completeUpload(input: $input) { file { id } } }', { input: { fileId: id } });
  for (let n = 0; n < 300; n++) {
    const { state, url } = await ask('query ($id: ID!) { mediaFile(id: $id) { state url(size: SMALL) } }', { id });
    if (state === 'READY') {
      const picture = await createImageBitmap(await (await fetch(url)).blob());
      return [state, picture.width, picture.height];
    }
    if (state === 'REJECTED') return [state];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
})()`;

(PROGRAM === undefined ? describe.skip : describe)('a page of another origin in a browser', () => {
  it('uploads a file straight to the storage, and shows its picture', async () => {
    const network = await startNetwork();
    afterTest(() => network.stop());
    const site = createServer((_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>'));
    await new Promise<void>((resolve) => void site.listen(0, '127.0.0.1', resolve));
    afterTest(() => {
      site.closeAllConnections();
      return new Promise((resolve) => site.close(resolve));
    });
    const anna = await network.user('anna');
    const run = await browse(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    assert.deepEqual(await run(UPLOAD(network.routers[0]?.url ?? '', anna.token ?? '')), ['READY', 320, 160]);
  });
});
