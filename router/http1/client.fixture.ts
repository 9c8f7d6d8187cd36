import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { HttpClient } from './client.ts';
import type { HttpClientOptions } from './client.ts';
import type { RequestController } from './connection.ts';
import { afterTest } from '../../test/after-test.ts';

/** A key for `localhost`, valid from 2020 to 2119. It protects nothing. */
const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgiW59mSEDXU3dKRNf
IK3TJXAyCPIzk2kNcXOv1qESKgWhRANCAAQR2hriuGNPxYNWs5mBXPKgby4qLZId
rpNTRsxZyVA/0HUXyqDInw1H54skSYmHrI/L40N6rk3XCTOGEv08Vgm7
-----END PRIVATE KEY-----
`;
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBXTCCAQSgAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABBHaGuK4Y0/Fg1az
mYFc8qBvLiotkh2uk1NGzFnJUD/QdRfKoMifDUfniyRJiYesj8vjQ3quTdcJM4YS
/TxWCbujRTBDMAwGA1UdEwQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0MB0G
A1UdDgQWBBSlZaz2cGL2d3XH13SJzM8SNVqaOzAKBggqhkjOPQQDAgNHADBEAiEA
x5FgbTPQCHVZYeVfyLSAA3lKsGYCyy3fyEgGbkEXhgACHwoShxwGORs+x4UQ+wxr
HB9xDF9+kcNBWJ46NscBUfo=
-----END CERTIFICATE-----
`;

export interface Received {
  readonly socket: Socket;
  /** The index of the connection, from 0. */
  readonly connection: number;
  /** The request line and header fields. */
  readonly head: string;
  readonly body: string;
}

export interface Exchanged {
  readonly status: number;
  readonly body: string;
}

export interface Asking {
  readonly headers?: readonly string[];
  readonly fresh?: boolean;
  onController?(controller: RequestController): void;
}

export const response = (body: string, ...headers: string[]): string =>
  ['HTTP/1.1 200 OK', ...headers, `content-length: ${body.length}`, '', body].join('\r\n');

/** Starts a server that calls `behave` for each complete request, and a client for it. */
export async function startOrigin(
  behave: (request: Received) => void,
  {
    host = '127.0.0.1',
    name = host,
    secure = false,
    ...options
  }: Partial<HttpClientOptions> & { host?: string; name?: string; secure?: boolean } = {},
) {
  const sockets = new Set<Socket>();
  const changes = new Set<() => void>();
  const changed = (): void => {
    for (const look of changes) look();
  };
  const requests: Received[] = [];
  let connections = 0;
  const onConnection = (socket: Socket): void => {
    const connection = connections++;
    sockets.add(socket);
    let text = '';
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      changed();
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (;;) {
        const end = text.indexOf('\r\n\r\n');
        const length = Number(/\r\ncontent-length: (\d+)/.exec(text)?.[1]);
        if (end < 0 || text.length < end + 4 + length) break;
        const request = { socket, connection, head: text.slice(0, end), body: text.slice(end + 4, end + 4 + length) };
        text = text.slice(end + 4 + length);
        requests.push(request);
        behave(request);
        changed();
      }
    });
    changed();
  };
  const server = secure
    ? createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE, ALPNProtocols: ['h2', 'http/1.1'] }, onConnection)
    : createServer(onConnection);
  server.listen(0, host);
  await once(server, 'listening');
  const url = new URL(
    `${secure ? 'https' : 'http'}://${name.includes(':') ? `[${name}]` : name}:${(server.address() as AddressInfo).port}/graphql?a=b`,
  );
  const client = new HttpClient(url, {
    connections: 4,
    waiting: 100,
    connectMs: 5_000,
    headers: { accept: 'application/json' },
    ...options,
  });

  async function until(condition: () => boolean): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        changes.delete(look);
        resolve();
      };
      changes.add(look);
    });
  }
  // This does not end if a connection leaks.
  afterTest(async () => {
    client.close();
    await until(() => sockets.size === 0);
    server.close();
    await once(server, 'close');
  });
  return {
    client,
    url,
    server,
    sockets,
    requests,
    until,
    connections: () => connections,
    ask: (body = '{}', { headers = [], fresh, onController }: Asking = {}) =>
      new Promise<Exchanged>((resolve, reject) => {
        let status = 0;
        let text = '';
        client.post(
          headers,
          body,
          {
            onRequestStart: (controller) => onController?.(controller),
            onResponseStart: (_, code) => {
              status = code;
            },
            onResponseData: (_, piece) => {
              text += piece;
            },
            onResponseEnd: () => resolve({ status, body: text }),
            onResponseError: (_, error) => reject(error),
          },
          fresh,
        );
      }),
  };
}
