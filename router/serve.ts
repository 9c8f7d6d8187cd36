import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Router } from './router.ts';
import { createServer } from './server/node-http.ts';

export interface RouterServer {
  /** `http://127.0.0.1:4000`, with the port that was given. */
  readonly origin: string;
  /** Stops accepting connections, closes the router within `graceMs`, then whatever connection is left. */
  close(options?: { graceMs?: number }): Promise<void>;
}

export interface ServerOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host?: string;
  /** Asked first; true when it has answered. */
  readonly before?: (req: IncomingMessage, res: ServerResponse) => boolean;
}

/**
 * An http server with nothing in it but the router. @throws Error with `code` EADDRINUSE, EACCES, … as node:net gives
 * them; SupergraphError.
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
      // what is still being answered has been ended by the router; its last bytes get a moment to leave
      setTimeout(() => server.closeAllConnections(), 100).unref();
      await closed;
    },
  };
}
