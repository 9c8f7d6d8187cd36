import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import { clientAddressOf } from '../../../platform/http/client-address.ts';
import { STATUS_CODES } from '../node-http.ts';
import type { SocketServices } from './services.ts';
import { ClientSocket } from './socket.ts';

export interface ClientSockets {
  /** Accepts a connection whose request asked for a WebSocket at the GraphQL path. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly size: number;
  readonly subscriptions: number;
  /** Bytes written but not yet taken by the operating system, over all sockets. */
  readonly bufferedBytes: number;
  /** Resolves when every socket is closed, at most after `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const HEARTBEAT_MS = 12_000;

export function createClientSockets(services: SocketServices): ClientSockets {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Compression costs memory per socket. With it, SocketWriter could not bypass `ws` to write frames.
    perMessageDeflate: false,
    maxPayload: services.limits.bodyBytes,
    // With an unsupported subprotocol the router accepts the connection and then closes it with a code that the client
    // can show.
    handleProtocols: (offered) => (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false),
  });
  const sockets = new Set<ClientSocket>();
  const beat = setInterval(() => {
    for (const socket of sockets) socket.checkAlive();
  }, HEARTBEAT_MS);
  beat.unref();
  let closing = false;

  return {
    upgrade(request, raw, head) {
      if (closing) return refuseUpgrade(raw, unavailable('the server is shutting down'));
      const address = clientAddressOf(request, services.proxies);
      const release = services.admission.admitAddress(address);
      if (typeof release === 'string') return refuseUpgrade(raw, unavailable(release));
      raw.once('close', release);
      server.handleUpgrade(request, raw, head, (ws) => {
        if (ws.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
          ws.on('error', () => ws.terminate());
          return ws.close(4406, 'Subprotocol not acceptable');
        }
        // node:http types it as a Duplex, but it is the connection's own socket: the router serves no TLS.
        const client = new ClientSocket(services, ws, raw as Socket, request, address);
        sockets.add(client);
        ws.once('close', () => sockets.delete(client));
      });
    },
    get size() {
      return sockets.size;
    },
    get subscriptions() {
      let count = 0;
      for (const socket of sockets) count += socket.subscriptions;
      return count;
    },
    get bufferedBytes() {
      let bytes = 0;
      for (const socket of sockets) bytes += socket.bufferedBytes;
      return bytes;
    },
    async close(graceMs) {
      closing = true;
      clearInterval(beat);
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.terminate();
      }, graceMs);
      await Promise.all([...sockets].map((socket) => socket.drain()));
      clearTimeout(cut);
      server.close();
    },
  };
}

export interface UpgradeRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export const unavailable = (message: string): UpgradeRefusal => ({ status: 503, code: 'UNAVAILABLE', message });

/** Answers an upgrade request in plain HTTP and ends the connection. */
export function refuseUpgrade(socket: Duplex, { status, code, message }: UpgradeRefusal): void {
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  socket.on('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(status === 503 ? ['retry-after: 1'] : []),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
