import type { SigningKey } from '../../signature/signature.ts';
import type { LogPort, SubgraphFetchInfo } from '../config/observers.ts';
import type { SubgraphSettings } from '../config/subgraphs.ts';
import { SubgraphUnavailable } from '../execution/types.ts';
import type { SubgraphTransport } from '../execution/types.ts';
import { createSubgraphHttp } from './http.ts';
import type { SubgraphHttp, SubgraphState } from './http.ts';
import { createSubgraphSockets } from './sockets.ts';
import type { SubgraphSockets } from './sockets.ts';

/** The subgraphs of one supergraph, as the executor reaches them. */
export interface SubgraphView extends SubgraphTransport {
  /** The state of each subgraph, by subgraph name. */
  states(): ReadonlyMap<string, SubgraphState>;
  /** The names of subgraphs whose settings differ between this view and `other`, or that only one of them has. */
  movedFrom(other: SubgraphView): ReadonlySet<string>;
  /** Closes the clients that no other view uses. The caller must have waited for requests that should finish. */
  close(): Promise<void>;
}

/**
 * The clients of all subgraphs. Views with the same settings for a subgraph share its client, including its
 * connections, circuit breaker and retry budget.
 */
export interface SubgraphClients {
  open(subgraphs: ReadonlyMap<string, SubgraphSettings>): SubgraphView;
  /** Events from all subgraphs that wait for their subscriptions to take them. */
  readonly queuedEvents: number;
  close(): Promise<void>;
}

interface Client {
  readonly http: SubgraphHttp;
  readonly sockets: SubgraphSockets;
  views: number;
}

export function createSubgraphClients(options: {
  signingKey: SigningKey | undefined;
  share: boolean;
  compression: boolean;
  log: LogPort | undefined;
  onFetch: ((info: SubgraphFetchInfo) => void) | undefined;
}): SubgraphClients {
  const { signingKey, share, compression, log, onFetch } = options;
  /** Clients by name and settings. */
  const all = new Map<string, Client>();
  const report = failureReporter(log);
  const clientsOf = new WeakMap<SubgraphView, ReadonlyMap<string, Client>>();

  const take = (name: string, { http, socket, limits }: SubgraphSettings): Client => {
    const key = JSON.stringify([name, http, socket, limits]);
    let client = all.get(key);
    if (!client) {
      client = {
        http: createSubgraphHttp(name, http, { limits, signingKey, log, share, compression }),
        sockets: createSubgraphSockets(name, socket, limits, signingKey),
        views: 0,
      };
      all.set(key, client);
    }
    client.views++;
    return client;
  };
  const end = ([key, client]: readonly [string, Client]): Promise<void> => {
    all.delete(key);
    client.sockets.close();
    return client.http.close();
  };

  return {
    open(subgraphs) {
      const clients = new Map([...subgraphs].map(([name, settings]) => [name, take(name, settings)]));
      const client = (subgraph: string): Client => {
        const found = clients.get(subgraph);
        if (!found) throw new SubgraphUnavailable(subgraph, `subgraph ${subgraph} is not configured`);
        return found;
      };
      let closed = false;
      const view: SubgraphView = {
        send(subgraph, body, kind, context, done) {
          const found = clients.get(subgraph);
          if (found === undefined)
            return done(new SubgraphUnavailable(subgraph, `subgraph ${subgraph} is not configured`), '');
          const started = performance.now();
          found.http.send(body, kind, context, (error, text) => {
            if (error !== undefined && context.signal?.aborted !== true) report(subgraph, error, context.requestId);
            onFetch?.({
              subgraph,
              durationMs: performance.now() - started,
              ok: error === undefined,
              requestId: context.requestId,
            });
            done(error, text);
          });
        },
        subscribe: (subgraph, request, context) => client(subgraph).sockets.subscribe(request, context),
        states: () => new Map([...clients].map(([name, { http }]) => [name, http.state])),
        movedFrom(other) {
          const others = clientsOf.get(other);
          return new Set(
            [...clients.keys(), ...(others?.keys() ?? [])].filter((name) => clients.get(name) !== others?.get(name)),
          );
        },
        async close() {
          if (closed) return;
          closed = true;
          for (const used of clients.values()) used.views--;
          await Promise.all([...all].filter(([, { views }]) => views === 0).map(end));
        },
      };
      clientsOf.set(view, clients);
      return view;
    },
    get queuedEvents() {
      let count = 0;
      for (const { sockets } of all.values()) count += sockets.queuedEvents;
      return count;
    },
    async close() {
      await Promise.all([...all].map(end));
    },
  };
}

const REPORT_EVERY_MS = 1_000;
/**
 * How many different messages the reporter remembers. More are not expected: the reporter then forgets all of them, so
 * that memory stays bounded.
 */
const MAX_REASONS = 1_000;

/**
 * Returns a function that logs why a subgraph is unavailable: each message at most once a second, however many requests
 * fail. Clients learn only that the subgraph is unavailable.
 */
function failureReporter(log: LogPort | undefined): (subgraph: string, error: unknown, requestId: string) => void {
  const states = new Map<string, { at: number; silent: number }>();
  return (subgraph, error, requestId) => {
    // The router itself writes these messages, so there are few different ones.
    const message = error instanceof Error ? error.message : String(error);
    const state = states.get(message) ?? { at: -Infinity, silent: 0 };
    if (states.size >= MAX_REASONS) states.clear();
    states.set(message, state);
    if (performance.now() - state.at < REPORT_EVERY_MS) return void state.silent++;
    const cause = error instanceof Error && error.cause !== undefined ? String(error.cause) : undefined;
    log?.warn(message, { subgraph, requestId, cause, notReported: state.silent });
    state.at = performance.now();
    state.silent = 0;
  };
}
