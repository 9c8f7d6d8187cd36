import { createEngines, startEngines, subgraphsOf } from './engine/create-engines.ts';
import type { EngineFactory } from './engine/create-engines.ts';
import { DocumentUsage } from './engine/document-usage.ts';
import type { ReloadOutcome, ReloadResult, SupergraphInput } from './engine/engines.ts';
import { errorPolicy } from './execution/error-policy.ts';
import { createExplorer } from './explorer/explorer.ts';
import type { RouterOptions } from './options.ts';
import { createAdmission } from './policies/admission.ts';
import { createAuthenticator } from './policies/authentication.ts';
import { createPersistedQueries, NO_PERSISTED_QUERIES } from './policies/persisted-queries.ts';
import { createRoutes } from './routes.ts';
import type { Routes } from './routes.ts';
import { createHttpOperations } from './server/http/operations.ts';
import { createHttpStreams } from './server/http/streams.ts';
import { createClientSockets } from './server/websocket/sockets.ts';
import { readSettings } from './settings.ts';
import { createSubgraphClients } from './subgraphs/clients.ts';
import type { SubgraphState } from './subgraphs/http.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';
import { startSource } from './supergraph/sources.ts';
import type { Source } from './supergraph/sources.ts';

/** Answers clients behind any http server. */
export interface Router extends Routes {
  /** Whether the router can serve: it has a supergraph and is not closing. */
  ready(): boolean;
  /**
   * Resolves when the router can plan operations of a first supergraph. Operations that arrive earlier wait.
   * @throws SupergraphError, ConfigError (as rejections) when the router cannot use the supergraph; or what the manager
   *   threw
   */
  started(): Promise<void>;
  /**
   * Serves another supergraph as soon as it is ready. Operations in flight finish with the old one. A subscription
   * continues if the new supergraph would send the same request to the same subgraph (`Subscriptions.migrate` has the
   * exact rule). The router ends the others with SUBSCRIPTION_RELOADED, spread over `reloadSpreadMs`. A supergraph that
   * cannot be used changes nothing.
   */
  reload(sdl: SupergraphInput): Promise<ReloadResult>;
  /** Resolves when no query or mutation is in flight over HTTP. */
  settled(): Promise<void>;
  /**
   * Closes the router: refuses new requests, lets queries and mutations finish, and closes WebSockets with 1001 (going
   * away). After `graceMs` (default 2,500) it ends the rest.
   */
  close(options?: { graceMs?: number }): Promise<void>;
  stats(): RouterStats;
}

export interface RouterStats {
  readonly sockets: number;
  readonly subscriptions: number;
  /** Subscriptions that are open at subgraphs. Clients' subscriptions share them. */
  readonly upstreams: number;
  /** Bytes of finished events that the router keeps for clients that lag or reconnect. */
  readonly keptBytes: number;
  /** Events from subgraphs that wait for their subscriptions to take them. */
  readonly queuedEvents: number;
  /** Bytes that clients have not read yet, over all WebSockets and event streams. */
  readonly bufferedBytes: number;
  /** How often the router had to wait for a client that had not read what was sent. */
  readonly pauses: number;
  /** Queries and mutations in flight over HTTP. */
  readonly requests: number;
  /** The state of each subgraph, by subgraph name. */
  readonly subgraphs: ReadonlyMap<string, SubgraphState>;
  /** The `id` of the supergraph in use. */
  readonly supergraph: string | undefined;
  /** Supergraphs in memory: the one in use and older ones that operations still use. */
  readonly generations: number;
  /**
   * How many supergraphs were loaded after the first, by outcome. A first supergraph that could not be used counts too.
   */
  readonly reloads: Readonly<Record<ReloadOutcome, number>>;
}

/**
 * Creates a router. It serves one supergraph at a time and runs behind any http server.
 * @throws SupergraphError when the supergraph cannot be used; ConfigError when the options cannot. With a manager,
 *   `started()` rejects with them instead.
 */
export function createRouter(options: RouterOptions): Router {
  const { log, onOperation, signingKey } = options;
  const settings = readSettings(options);
  const { limits, proxies, incrementalFormat } = settings;

  // The parts that turn a client's request (a document or its hash) into an operation.
  const authenticator = createAuthenticator(options.authentication, log);
  const admission = createAdmission(limits);
  const persistedQueries =
    options.persistedQueries === false
      ? NO_PERSISTED_QUERIES
      : createPersistedQueries({
          store: options.persistedQueries,
          entries: limits.persistedQueries,
          bytes: limits.persistedBytes,
          log,
        });
  const usage = new DocumentUsage();

  // Execution: the engine of the current supergraph parses, plans and executes the operation.
  const subgraphs = createSubgraphClients({
    signingKey,
    share: options.shareRequests ?? false,
    compression: options.subgraphCompression ?? true,
    log,
    onFetch: options.onSubgraphFetch,
  });
  const making: EngineFactory = {
    options,
    limits,
    subgraphs,
    usage,
    migrate: (...next) => subscriptions.migrate(...next),
  };
  const engines = createEngines(making);
  const subscriptions = createSubscriptions({
    transport: subgraphsOf(engines),
    limits,
    log,
    errorPolicy: errorPolicy(options),
  });

  // Output: the response goes back as one document, in parts, as events, or over a WebSocket.
  let pauses = 0;
  const toClients = {
    subscriptions,
    admission,
    proxies,
    limits,
    log,
    onOperation,
    onFull: () => void pauses++,
    incrementalFormat,
  };
  const streams = createHttpStreams(toClients);
  const operations = createHttpOperations({
    ...settings,
    authenticator,
    engines,
    persistedQueries,
    usage,
    streams,
    log,
    onOperation,
  });
  const sockets = createClientSockets({ ...toClients, authenticator, engines, persistedQueries, usage });
  const explorer = options.explorer === false ? undefined : createExplorer(options.explorer ?? {});
  const ready = (): boolean => warm && closing === undefined;
  const schema = () => engines.current?.serving.engine.supergraph.apiSchema;
  const routes = createRoutes({
    settings,
    operations,
    sockets,
    explorer,
    ready,
    schema,
    showsSchema: options.introspection !== false,
  });

  // The source of the supergraph, at the start and later: the options, or a manager.
  const source: Source =
    typeof options.supergraph === 'string'
      ? { started: startEngines(engines, options.supergraph, making), close: () => Promise.resolve() }
      : startSource(options.supergraph, {
          load: (sdl) => engines.reload(sdl),
          subgraphUrls: options.subgraphUrls ?? {},
          signingKey,
          timeoutMs: limits.subgraphMs,
          log,
        });
  let warm = false;
  source.started.then(
    () => (warm = true),
    () => undefined,
  ); // `started()` reports the error to its callers.

  let closing: Promise<void> | undefined;
  const shutDown = async (graceMs: number): Promise<void> => {
    await Promise.all([operations.close(graceMs), sockets.close(graceMs), streams.close(graceMs), source.close()]);
    subscriptions.close();
    await engines.close();
    await subgraphs.close();
  };

  return {
    ...routes,
    ready,
    started: () => source.started,
    reload: (sdl) => engines.reload(sdl),
    settled: () => operations.settled(),
    close: ({ graceMs = 2_500 } = {}) => (closing ??= shutDown(graceMs)),
    stats() {
      const { upstreams, keptBytes } = subscriptions.stats();
      return {
        sockets: sockets.size,
        subscriptions: sockets.subscriptions + streams.subscriptions,
        upstreams,
        keptBytes,
        queuedEvents: subgraphs.queuedEvents,
        bufferedBytes: sockets.bufferedBytes + streams.bufferedBytes,
        pauses,
        requests: operations.size,
        subgraphs: engines.current?.serving.subgraphs.states() ?? new Map(),
        supergraph: engines.id,
        generations: engines.generations,
        reloads: engines.reloads,
      };
    },
  };
}
