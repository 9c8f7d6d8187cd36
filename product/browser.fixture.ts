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

/** A page or a service worker, by the Chrome DevTools Protocol. */
export interface Target {
  /**
   * Evaluates an expression in the page. If the result is a promise, awaits it.
   * @throws Error with the message of an error in the page
   */
  evaluate<T>(expression: string): Promise<T>;
  /**
   * Waits until the expression, or the value of its promise, is truthy.
   * @throws Error with the last value of `shown` after a minute
   */
  until(expression: string, shown?: string): Promise<void>;
  /** Calls a method of the protocol. */
  call(method: string, params?: object): Promise<unknown>;
  /** The parameters of the events that this method has sent so far. */
  eventsOf<T>(method: string): readonly T[];
}

export interface Page extends Target {
  open(url: string): Promise<void>;
  /** The service worker whose script is at this URL. It must run already. */
  serviceWorker(url: string): Promise<Target>;
  close(): Promise<void>;
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
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
  const sockets: WebSocket[] = [];
  /** Connects to the target of this type, and of this URL if there is one. */
  const attach = async (type: string, url?: string): Promise<Target> => {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      type: string;
      url: string;
      webSocketDebuggerUrl: string;
    }[];
    const found = targets.find((target) => target.type === type && (url === undefined || target.url === url));
    if (!found) throw new Error(`the browser has no ${type} ${url ?? ''}`);
    const socket = new WebSocket(found.webSocketDebuggerUrl);
    sockets.push(socket);
    await once(socket, 'open');
    return targetOf(socket);
  };
  const page = await attach('page');
  return {
    ...page,
    async open(url) {
      await page.call('Page.navigate', { url });
    },
    serviceWorker: (url) => attach('service_worker', url),
    async close() {
      const ended = once(browser, 'exit');
      for (const socket of sockets) socket.close();
      if (browser.pid) process.kill(-browser.pid, 'SIGKILL');
      await ended;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function targetOf(socket: WebSocket): Target {
  const waiting = new Map<number, (reply: Reply) => void>();
  const events: Reply[] = [];
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply;
    if (reply.id === undefined) events.push(reply);
    else waiting.get(reply.id)?.(reply);
  });
  let calls = 0;
  const call = async (method: string, params: object = {}): Promise<Reply['result']> => {
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
      while (!(await evaluate<boolean>(`(async () => Boolean(await (${expression})))()`).catch(() => false))) {
        if (Date.now() > end) throw new Error(`never: ${expression}\n${String(await evaluate(shown).catch(String))}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    call,
    eventsOf: <T>(method: string) => events.filter((event) => event.method === method).map(({ params }) => params as T),
  };
}
