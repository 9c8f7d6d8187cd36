import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** An unreliable connection between a client and a router. */
export interface Proxy {
  /** The target's URL through this proxy. */
  readonly url: string;
  /** Resets every connection, requests in progress included. */
  cut(): void;
  /** Keeps connections open, but passes no more data. */
  freeze(): void;
  /** How many connections were opened so far. */
  connections(): number;
  close(): Promise<void>;
}

export async function startProxy(target: string): Promise<Proxy> {
  const url = new URL(target);
  const open = new Set<Socket>();
  let count = 0;
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
  };
  const server = createServer((client) => {
    count++;
    const upstream = connect(Number(url.port), url.hostname);
    keep(client);
    keep(upstream);
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${url.pathname}`,
    cut,
    freeze: () => {
      for (const socket of open) socket.unpipe().pause();
    },
    connections: () => count,
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
