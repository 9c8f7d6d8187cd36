import type { SigningKey } from '../../platform/signature/signature.ts';
import type { Limits, SubgraphFetchInfo, SubgraphUrls } from '../config.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type { SubgraphTransport } from '../execution/types.ts';
import { createSubgraphHttp } from './subgraph-http.ts';
import { createSubgraphSockets } from './subgraph-socket.ts';

export interface SubgraphClients extends SubgraphTransport {
  close(): Promise<void>;
}

/** Every subgraph's clients behind the executor's port. */
export function createSubgraphClients(
  urls: ReadonlyMap<string, SubgraphUrls>,
  options: { limits: Limits; signingKey: SigningKey | undefined; onFetch: ((info: SubgraphFetchInfo) => void) | undefined },
): SubgraphClients {
  const { limits, signingKey, onFetch } = options;
  const clients = new Map([...urls].map(([name, { http, socket }]) => [name, {
    http: createSubgraphHttp(name, http, limits, signingKey),
    sockets: createSubgraphSockets(name, socket, limits, signingKey),
  }]));
  const client = (subgraph: string) => {
    const found = clients.get(subgraph);
    if (!found) throw new SubgraphUnavailable(subgraph, `subgraph ${subgraph} is not configured`);
    return found;
  };
  return {
    async fetch(subgraph, request, context) {
      if (!onFetch) return client(subgraph).http.fetch(request, context);
      const started = performance.now();
      let ok = false;
      try {
        const result = await client(subgraph).http.fetch(request, context);
        ok = true;
        return result;
      } finally {
        onFetch({ subgraph, durationMs: performance.now() - started, ok, requestId: context.requestId });
      }
    },
    subscribe: (subgraph, request, context) => client(subgraph).sockets.subscribe(request, context),
    async close() {
      for (const { sockets } of clients.values()) sockets.close();
      await Promise.all([...clients.values()].map(({ http }) => http.close()));
    },
  };
}
