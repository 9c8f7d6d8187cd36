import type { SigningKey } from '../../platform/signature/signature.ts';
import type { LogPort, SubgraphFetchInfo, SubgraphSettings } from '../config.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type { SubgraphTransport } from '../execution/types.ts';
import { createSubgraphHttp } from './subgraph-http.ts';
import type { SubgraphState } from './subgraph-http.ts';
import { createSubgraphSockets } from './subgraph-socket.ts';

export interface SubgraphClients extends SubgraphTransport {
  /** Events that have arrived and wait for their subscriptions, over all subgraphs. */
  readonly queuedEvents: number;
  /** By subgraph name. */
  states(): ReadonlyMap<string, SubgraphState>;
  close(): Promise<void>;
}

/** Every subgraph's clients behind the executor's port. */
export function createSubgraphClients(
  subgraphs: ReadonlyMap<string, SubgraphSettings>,
  options: { signingKey: SigningKey | undefined; share: boolean; log: LogPort | undefined; onFetch: ((info: SubgraphFetchInfo) => void) | undefined },
): SubgraphClients {
  const { signingKey, share, log, onFetch } = options;
  const clients = new Map([...subgraphs].map(([name, { http, socket, limits }]) => [name, {
    http: createSubgraphHttp(name, http, { limits, signingKey, log, share }),
    sockets: createSubgraphSockets(name, socket, limits, signingKey),
  }]));
  const client = (subgraph: string) => {
    const found = clients.get(subgraph);
    if (!found) throw new SubgraphUnavailable(subgraph, `subgraph ${subgraph} is not configured`);
    return found;
  };
  const report = failureReporter(log);
  return {
    send(subgraph, body, repeatable, context, done) {
      const found = clients.get(subgraph);
      if (found === undefined) return done(new SubgraphUnavailable(subgraph, `subgraph ${subgraph} is not configured`), '');
      const started = performance.now();
      found.http.send(body, repeatable, context, (error, text) => {
        if (error !== undefined && context.signal?.aborted !== true) report(subgraph, error, context.requestId);
        onFetch?.({ subgraph, durationMs: performance.now() - started, ok: error === undefined, requestId: context.requestId });
        done(error, text);
      });
    },
    subscribe: (subgraph, request, context) => client(subgraph).sockets.subscribe(request, context),
    get queuedEvents() {
      let count = 0;
      for (const { sockets } of clients.values()) count += sockets.queuedEvents;
      return count;
    },
    states: () => new Map([...clients].map(([name, { http }]) => [name, http.state])),
    async close() {
      for (const { sockets } of clients.values()) sockets.close();
      await Promise.all([...clients.values()].map(({ http }) => http.close()));
    },
  };
}

const REPORT_EVERY_MS = 1_000;

/** Clients are told that a subgraph is unavailable; why is for the log, each reason at most once a second, however many requests fail. */
function failureReporter(log: LogPort | undefined): (subgraph: string, error: unknown, requestId: string) => void {
  const states = new Map<string, { at: number; silent: number }>();
  return (subgraph, error, requestId) => {
    const message = error instanceof Error ? error.message : String(error); // made here and in the clients: few different ones
    const state = states.get(message) ?? { at: -Infinity, silent: 0 };
    states.set(message, state);
    if (performance.now() - state.at < REPORT_EVERY_MS) return void state.silent++;
    const cause = error instanceof Error && error.cause !== undefined ? String(error.cause) : undefined;
    log?.warn(message, { subgraph, requestId, cause, notReported: state.silent });
    state.at = performance.now();
    state.silent = 0;
  };
}
