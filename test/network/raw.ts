import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';

/** A server's answer, with parts that `fetch` hides or does not allow. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** `extensions.code` of the first GraphQL error, or `error` of OAuth. */
  readonly code: unknown;
}

export interface RawRequest {
  readonly method?: string;
  /** With a body, the default method is POST, otherwise GET. */
  readonly body?: string;
  /** Host, Origin and others that `fetch` sets itself are allowed too. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The client's own address: any of 127.0.0.0/8. */
  readonly localAddress?: string;
}

/** Sends one request over a connection of its own. */
export async function raw(
  url: string,
  { method, body, headers = {}, localAddress }: RawRequest = {},
): Promise<RawAnswer> {
  const req = request(url, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    localAddress,
    agent: false,
  });
  req.end(body);
  const [res] = (await once(req, 'response')) as [IncomingMessage];
  return answerOf(res);
}

/** Requests a WebSocket. Status 101 means success; then the socket is closed immediately. */
export async function rawUpgrade(url: string, headers: Readonly<Record<string, string>> = {}): Promise<RawAnswer> {
  const req = request(url.replace(/^ws/, 'http'), {
    agent: false,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'sec-websocket-protocol': 'graphql-transport-ws',
      ...headers,
    },
  });
  req.end();
  return new Promise((resolve, reject) => {
    req.on('error', reject);
    req.on('response', (res) => void answerOf(res).then(resolve, reject));
    req.on('upgrade', (res, socket) => {
      socket.destroy();
      resolve({ status: res.statusCode ?? 0, headers: res.headers, text: '', code: undefined });
    });
  });
}

async function answerOf(res: IncomingMessage): Promise<RawAnswer> {
  let text = '';
  for await (const chunk of res.setEncoding('utf8')) text += String(chunk);
  return { status: res.statusCode ?? 0, headers: res.headers, text, code: codeIn(text) };
}

function codeIn(text: string): unknown {
  if (!text.startsWith('{')) return undefined;
  const { errors, error } = JSON.parse(text) as { errors?: { extensions?: { code?: unknown } }[]; error?: unknown };
  return errors?.[0]?.extensions?.code ?? error;
}
