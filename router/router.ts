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

/** Answers clients, by way of any http server. */
export interface Router extends Routes {
  /** Whether it can serve: there is a supergraph, and it is not closing. */
  ready(): boolean;
  /**
   * Resolves when operations of a first supergraph can be planned; before, they wait. @throws SupergraphError,
   * ConfigError (as rejections) when it cannot be used, or what the manager threw
   */
  started(): Promise<void>;
  /**
   * Serves another supergraph from when it is ready. Operations under way finish with the old one; subscriptions go on
   * when the new one asks the same subgraph for the same, the others end with SUBSCRIPTION_RELOADED, spread over
   * `reloadSpreadMs`. One that cannot be used changes nothing.
   */
  reload(sdl: SupergraphInput): Promise<ReloadResult>;
  /** Resolves when no query or mutation over HTTP is in flight. */
  settled(): Promise<void>;
  /**
   * Refuses what is new, lets queries and mutations finish, tells sockets to go away (1001); after `graceMs` (default
   * 2,500) ends the rest.
   */
  close(options?: { graceMs?: number }): Promise<void>;
  stats(): RouterStats;
}

export interface RouterStats {
  readonly sockets: number;
  readonly subscriptions: number;
  /** Subscriptions at subgraphs: what all those of clients take. */
  readonly upstreams: number;
  /** Bytes of finished events that are kept for clients that are behind or come back. */
  readonly keptBytes: number;
  /** Events that have come from subgraphs and wait for their subscriptions. */
  readonly queuedEvents: number;
  /** Bytes that clients have not taken yet, over all sockets and event streams. */
  readonly bufferedBytes: number;
  /** Times that a client had to be waited for, because it had not taken what was sent. */
  readonly pauses: number;
  /** Queries and mutations in flight over HTTP. */
  readonly requests: number;
  /** By subgraph name. */
  readonly subgraphs: ReadonlyMap<string, SubgraphState>;
  /** `id` of the one that is served. */
  readonly supergraph: string | undefined;
  /** The supergraph that is served and older ones that operations still use. */
  readonly generations: number;
  /** Supergraphs that came after the first, by what became of them; first ones that could not be used too. */
  readonly reloads: Readonly<Record<ReloadOutcome, number>>;
}

/**
 * A router for one supergraph at a time, to be put behind any http server.
 * @throws SupergraphError when the supergraph cannot be used; ConfigError when the options cannot. With a manager,
 *   `started()` does.
 */
export function createRouter(options: RouterOptions): Router {
  const { log, onOperation, signingKey } = options;
  const settings = readSettings(options);
  const { limits, proxies, incrementalFormat } = settings;

  // A document comes from a client, or its hash does.
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

  // It is read as an operation, planned and executed by the engine of the supergraph that is served.
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

  // The response goes back as one document, in parts, as events, or over a WebSocket.
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

  // Where the supergraph comes from, at the start and later.
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
  ); // whoever calls started() is told

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
