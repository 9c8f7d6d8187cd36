import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Router } from './router.ts';
import { createServer } from './server/node-http.ts';

export interface RouterServer {
  /** The URL of the server with the port that it listens on, for example `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** Stops accepting connections, closes the router within `graceMs`, then closes the remaining connections. */
  close(options?: { graceMs?: number }): Promise<void>;
}

export interface ServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  /** Runs before the router, for each request. Returns true if it has answered. */
  readonly before?: (req: IncomingMessage, res: ServerResponse) => boolean;
}

/**
 * Starts an http server that serves only the router.
 * @throws Error with `code` EADDRINUSE, EACCES, … from node:net; SupergraphError
 */
export async function serve(
  router: Router,
  { port, host = '127.0.0.1', before }: ServerOptions,
): Promise<RouterServer> {
  const server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
    (req, res) => {
      if (!before?.(req, res)) router.handle(req, res);
    },
  );
  server.on('upgrade', (req, socket, head) => router.upgrade(req, socket, head));
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  try {
    await Promise.all([listening, router.started()]);
  } catch (error) {
    server.close();
    throw error;
  }
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    origin: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    async close(options) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await router.close(options);
      server.closeIdleConnections();
      // The router has ended the responses that were still running. Their last bytes get 100 ms to be sent.
      setTimeout(() => server.closeAllConnections(), 100).unref();
      await closed;
    },
  };
}
