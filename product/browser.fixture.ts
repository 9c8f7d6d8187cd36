import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of an installed Chromium; undefined when none is installed. */
export const chromium: string | undefined = (process.env.PATH ?? '')
  .split(path.delimiter)
  .flatMap((folder) => NAMES.map((name) => path.join(folder, name)))
  .find((file) => existsSync(file));

export interface Page {
  /** Evaluates an expression in the page, and awaits the promise if it is one. @throws Error that the page threw */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until the expression is truthy. @throws Error with the last value of `shown` after a minute */
  until(expression: string, shown?: string): Promise<void>;
  open(url: string): Promise<void>;
  close(): Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly error?: { readonly message: string };
  readonly result?: {
    readonly result?: { readonly value?: unknown };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  };
}

/** Opens a page of a headless browser through the Chrome DevTools Protocol. */
export async function openBrowser(program: string): Promise<Page> {
  const profile = await mkdtemp(path.join(tmpdir(), 'browser-'));
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    'about:blank',
  ];
  const browser = spawn(program, flags, { stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  const port = await new Promise<string>((resolve, reject) => {
    let said = '';
    browser.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const [, found] = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(said) ?? [];
      if (found) resolve(found);
    });
    browser.once('error', reject).once('exit', () => reject(new Error(`the browser ended: ${said}`)));
  });
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === 'page')?.webSocketDebuggerUrl ?? '');
  await once(socket, 'open');
  const waiting = new Map<number, (reply: Reply) => void>();
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply;
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply);
  });
  let calls = 0;
  const call = async (method: string, params: object): Promise<Reply['result']> => {
    const id = ++calls;
    const { promise, resolve } = Promise.withResolvers<Reply>();
    waiting.set(id, resolve);
    socket.send(JSON.stringify({ id, method, params }));
    const { error, result } = await promise;
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  };
  const evaluate = async <T>(expression: string): Promise<T> => {
    const answer = await call('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (answer?.exceptionDetails) throw new Error(answer.exceptionDetails.exception?.description ?? 'the page threw');
    return answer?.result?.value as T;
  };
  return {
    evaluate,
    async until(expression, shown = 'document.body.innerText') {
      const end = Date.now() + 60_000;
      while (!(await evaluate<boolean>(`Boolean(${expression})`).catch(() => false))) {
        if (Date.now() > end) throw new Error(`never: ${expression}\n${String(await evaluate(shown).catch(String))}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async open(url) {
      await call('Page.navigate', { url });
    },
    async close() {
      const ended = once(browser, 'exit');
      socket.close();
      if (browser.pid) process.kill(-browser.pid, 'SIGKILL');
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
