import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type INestApplication, Logger } from '@nestjs/common';
import { AUDIENCE, type Config, rateLimitsOf } from '../platform/config/config.ts';
import { migrate } from '../platform/postgres/migrate.ts';
import { HOST_REFUSED, hostRule } from '../platform/http/callers.ts';
import { type Cors, corsRule, NO_CORS } from '../platform/http/cors.ts';
import { refuseCaller } from '../platform/http/refuse.ts';
import { createEdge } from '../platform/edge/edge.ts';
import { callersOf, createPlatform, queryTextsOf, trustOf } from '../platform/platform.module.ts';
import type { Duties, Platform } from '../platform/platform.ts';
import { isDirectAndLocal, trustedProxies } from '../platform/http/client-address.ts';
import { faultOfClaims } from '../platform/identity/principal.ts';
import { originOf, type RunningSubgraph, startSubgraph } from '../platform/subgraph/host.ts';
import { asksOf, defaultUrlOf, nodeOwnersOf, routesOf } from '../platform/manifest/manifest.ts';
import { JsonLogger } from '../platform/observability/json-logger.ts';
import type { Health } from '../platform/lifecycle/health.ts';
import { renderMetrics } from '../platform/observability/metrics.ts';
import { closesUnusedOnStop, createShutdown, type Shutdown } from '../platform/lifecycle/shutdown.ts';
import {
  answerMetrics,
  createMetrics,
  createRouter,
  DEFAULT_LIMITS,
  type ExplorerOptions,
  listenForMetrics,
  type MetricsPage,
  refuseUpgrade,
  type Router,
  sendUnavailable,
  unavailable,
} from '../router/index.ts';
import { queues, topics } from '../schema/messages/index.ts';
import { subgraphs as registry } from '../subgraphs/registry.ts';

export interface ProductOptions {
  readonly config: Config;
  /** Subgraphs that this process hosts. */
  readonly subgraphs: readonly string[];
  /** The duties of this process. Default: all. */
  readonly duties?: Duties;
  /**
   * Whether the process hosts the router. Then `port` is the router's port. Otherwise it is the port of the subgraph.
   */
  readonly router: boolean;
  /** The port to listen on. 0: any free port. */
  readonly port: number;
  /** Options of the explorer page. */
  readonly explorer?: ExplorerOptions;
  /** Answers requests for pages other than the explorer. It returns false when it did not answer. */
  readonly pages?: Pages;
  /** Whether the users of the demo may sign in by their names. Default false. */
  readonly demo?: boolean;
  readonly reset?: boolean;
  readonly onProgress?: (step: string) => void;
  /** Called when the process cannot serve any more and has to end. The reason is already in the log. */
  readonly onFatal?: () => void;
}

type Pages = (req: IncomingMessage, res: ServerResponse) => boolean;

/** Everything that the process hosts, started and ready. */
export interface Product {
  /** The address of the process, such as `http://127.0.0.1:4000`. */
  readonly origin: string;
  /** The address of `/metrics`, if it has a port of its own. Otherwise absent. */
  readonly metricsOrigin?: string;
  readonly logger: JsonLogger;
  /** The platform of the subgraphs of this process. Absent in a process that hosts the router alone. */
  readonly platform?: Platform;
  readonly apps: ReadonlyMap<string, INestApplication>;
  /** Registers a function that runs before everything else is closed. */
  beforeStop(close: () => Promise<void>): void;
  /**
   * Lets in-flight requests finish, closes sockets with a code that makes clients reconnect, stops the consumers, then
   * ends what the product started.
   */
  readonly shutdown: Shutdown;
}

const SUPERGRAPH = join(import.meta.dirname, '../schema/supergraph.graphql');

/**
 * Starts the product. If it cannot start, it first stops what it has started.
 * @throws Error whose message is for the operator: one line, or one line for each fault of the configuration
 */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const { config, router: withRouter, port } = options;
  const logger = new JsonLogger({
    service: withRouter ? 'router' : (options.subgraphs[0] ?? 'prodvor'),
    level: config.LOG_LEVEL,
    format: config.LOG_FORMAT,
  });
  // Otherwise lines that are logged before a Nest application runs would have Nest's format, and would not be filtered
  // by their level.
  Logger.overrideLogger(logger);
  const health: Health[] = [];
  const servers: Server[] = [];
  const sockets: (() => Promise<void>)[] = [];
  // Functions that close each part of the process, in the order in which the parts started. They are called in the
  // reverse order.
  const closers: { name: string; close: () => Promise<void> }[] = [];
  const shutdown = createShutdown({ logger, health, servers, sockets, closers });
  const onFatal = (line: string): void => {
    logger.error(line, 'Main');
    options.onFatal?.();
  };
  try {
    const rateLimits = rateLimitsOf(config, ...Object.values(registry).map((subgraph) => subgraph.rateLimits));
    // The port is opened first. If another process has it, nothing else has to be stopped again.
    const callers = callersOf(config);
    const front = withRouter
      ? await listen(
          port,
          config.HOST,
          callers.hosts,
          config.CORS_HEADERS === 'router' ? corsRule(callers.origins) : NO_CORS,
        )
      : undefined;
    if (front) servers.push(front.server);
    const origin = front?.origin ?? config.PUBLIC_URL ?? '';
    const trust = trustOf(config, config.PUBLIC_URL ?? origin);
    const running: RunningSubgraph[] = [];
    let ofRouter = async (): Promise<string> => '';
    const page = metricsPage(callers.hosts, () => ofRouter());
    let platform: Platform | undefined;
    if (options.subgraphs.length > 0) {
      // Loading takes a second of CPU time without a pause. So it is done before the process has connections: on a busy
      // machine RabbitMQ would miss heartbeats, close the connection, and the start would fail.
      await Promise.all(options.subgraphs.map((name) => registry[name]?.module()));
      platform = await createPlatform(config, {
        logger,
        trust,
        callers,
        origin,
        services: options.subgraphs,
        duties: options.duties,
        rateLimits,
        nodeOwners: nodeOwnersOf(registry),
        asks: asksOf(registry),
        demo: options.demo,
        onProgress: options.onProgress,
        onFatal,
        reset: options.reset,
      });
      closers.unshift({ name: 'platform', close: platform.close });
      if (platform.identityHandler) front?.identity(platform.identityHandler);
      if (platform.storageHandler) front?.storage(platform.storageHandler);
      options.onProgress?.('tables');
      for (const name of options.subgraphs) await migrate({ url: platform.databaseUrlOf(name), services: [name] });
      await Promise.all([platform.eventLog.ensureTopics(topics), platform.jobQueue.ensureQueues(queues)]);
      options.onProgress?.(options.subgraphs.length > 1 ? 'subgraphs' : options.subgraphs.join());
      const started = await Promise.allSettled(
        options.subgraphs.map((name) => start(name, platform as Platform, withRouter ? 0 : port)),
      );
      for (const outcome of started) {
        if (outcome.status === 'rejected') continue;
        running.push(outcome.value);
        health.push(outcome.value.health);
        closers.unshift({ name: outcome.value.name, close: outcome.value.close });
      }
      const failed = started.find((outcome) => outcome.status === 'rejected');
      if (failed) throw failed.reason;
      for (const [name, url] of defaultUrls()) platform.calls.setLocalUrl(name, url);
    }
    if (front) {
      options.onProgress?.('router');
      const urls = new Map([
        ...defaultUrls(),
        ...running.map(({ name, origin: at }) => [name, `${at}/graphql`] as const),
        ...config.SUBGRAPH_URLS,
      ]);
      const [signingKey] = trust.keys;
      if (!signingKey) throw new Error('the router needs a key to sign its calls with');
      const metrics = createMetrics({ processMetrics: false });
      ofRouter = () => metrics.text();
      const texts = await queryTextsOf(config);
      if (texts) closers.unshift({ name: 'texts of persisted queries', close: texts.close });
      const router = createRouter({
        supergraph: readFileSync(SUPERGRAPH, 'utf8'),
        subgraphUrls: Object.fromEntries(urls),
        authentication: {
          issuer: trust.issuer.url,
          audience: AUDIENCE,
          jwksUrl: trust.issuer.jwksUrl,
          clients: trust.issuer.clients,
          tokenTypes: config.ACCEPTED_TOKEN_TYPES,
          checkClaims: faultOfClaims,
        },
        signingKey,
        limits: { subgraphConnections: connectionsFor(config.DATABASE_POOL) },
        trustedProxies: config.TRUSTED_PROXIES,
        explorer: options.explorer ?? {},
        ...(texts && { persistedQueries: texts }),
        corsOrigins: callers.origins,
        corsHeaders: false, // `listen` sets them, for all paths
        log: {
          warn: (message, fields) => logger.warn(message, fields ?? {}, 'Router'),
          error: (message, fields) => logger.error(message, fields ?? {}, 'Router'),
        },
        onOperation: (info) => {
          metrics.onOperation(info);
          const { requestId, kind, name, durationMs, code } = info;
          if (logger.isEnabled('info'))
            logger.log(
              `${kind} ${name ?? ''}`,
              { requestId, durationMs: Math.round(durationMs * 100) / 100, ...(code ? { code } : {}) },
              'Router',
            );
        },
        onSubgraphFetch: metrics.onSubgraphFetch,
      });
      metrics.watch(router);
      const services = new Map([...urls].map(([name, url]) => [name, new URL(url).origin]));
      front.serve({
        router,
        edge: createEdge({
          routes: routesOf(registry),
          services,
          loopbackFactor: config.LOOPBACK_RATE_FACTOR,
          allowedOrigins: callers.origins,
          signingKey,
          trustedProxies: trustedProxies(config.TRUSTED_PROXIES),
        }),
        pages: options.pages ?? (() => false),
        metrics: config.METRICS_PORT === undefined ? page : undefined,
        missing: () => readinessOf(running),
      });
      sockets.push(() => router.close());
    }
    const metricsOrigin = await listenForMetricsOf(config, page, servers);
    return {
      ...(metricsOrigin === undefined ? {} : { metricsOrigin }),
      origin: front?.origin ?? running[0]?.origin ?? '',
      logger,
      platform,
      apps: new Map(running.map(({ name, app }) => [name, app])),
      beforeStop: (close) => void closers.unshift({ name: 'guest', close }),
      shutdown,
    };
  } catch (error) {
    await shutdown.stop('the start failed');
    throw error;
  }
}

function metricsPage(hosts: readonly string[], ofRouter: () => Promise<string>): MetricsPage {
  const hostIsAllowed = hostRule(hosts);
  return {
    contentType: 'text/plain; version=0.0.4; charset=utf-8',
    text: async () => `${(await renderMetrics()).text}${await ofRouter()}`,
    admits(req, res) {
      if (hostIsAllowed(req.headers)) return true;
      refuseCaller(res, HOST_REFUSED);
      return false;
    },
  };
}

/** Serves `/metrics` on its own port. @returns its origin; undefined if the configuration has no such port */
async function listenForMetricsOf(
  { METRICS_PORT: port, METRICS_HOST, HOST }: Config,
  page: MetricsPage,
  servers: Server[],
): Promise<string | undefined> {
  if (port === undefined) return undefined;
  const server = await listenForMetrics(page, { port, host: METRICS_HOST ?? HOST }).catch((error: unknown) => {
    throw new Error(
      `METRICS_PORT ${port} cannot be listened on: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  });
  servers.push(server);
  return originOf(METRICS_HOST ?? HOST, (server.address() as AddressInfo).port);
}

async function start(name: string, platform: Platform, port: number): Promise<RunningSubgraph> {
  const subgraph = registry[name];
  if (!subgraph) throw new Error(`there is no subgraph ${name}; there are ${Object.keys(registry).join(', ')}`);
  return startSubgraph(subgraph, platform, { port, host: platform.config.HOST });
}

/** Default addresses of the subgraphs. Used for a subgraph that neither runs here nor is named by SUBGRAPH_URLS. */
const defaultUrls = (): [string, string][] =>
  Object.values(registry).map((subgraph) => [subgraph.name, defaultUrlOf(subgraph)]);

/** Failed readiness probes of this process, each with the subgraph's name: `chat: eventLog`. */
async function readinessOf(running: readonly RunningSubgraph[]): Promise<readonly string[]> {
  return (
    await Promise.all(
      running.map(async ({ name, health }) => (await health.readiness()).failed.map((probe) => `${name}: ${probe}`)),
    )
  ).flat();
}

/**
 * The number of connections with which the router sends requests to a service. Requests that are not known to be fast
 * may use only three quarters of them. These three quarters must be fewer than the database connections of the service.
 * Otherwise slow statements could hold all database connections, and the fast requests would wait for them too.
 */
function connectionsFor(databasePool: number): number {
  return Math.max(1, Math.min(DEFAULT_LIMITS.subgraphConnections, Math.floor((databasePool - 1) / 0.75)));
}

interface Front {
  readonly server: Server;
  readonly origin: string;
  /** From this call on, the handler of the local issuer answers its paths. */
  identity(handler: NonNullable<Platform['identityHandler']>): void;
  /** From this call on, the objects of the storage are served. */
  storage(handler: NonNullable<Platform['storageHandler']>): void;
  /** From this call on, all paths are answered. */
  serve(served: Served): void;
}

interface Served {
  readonly router: Router;
  readonly edge: ReturnType<typeof createEdge>;
  readonly pages: Pages;
  readonly metrics: MetricsPage | undefined;
  readonly missing: () => Promise<readonly string[]>;
}

const STARTING = 'the product is starting';

/**
 * Opens the port that clients connect to. Until everything has started, it answers requests and WebSocket upgrades with
 * 503 and a GraphQL error. Health checks and the local issuer are the exceptions.
 */
async function listen(port: number, host: string, hosts: readonly string[], cors: Cors): Promise<Front> {
  const hostIsAllowed = hostRule(hosts);
  let identity: Platform['identityHandler'];
  let storage: Platform['storageHandler'];
  let served: Served | undefined;
  const server: Server = createServer(
    { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 },
    (req, res) => {
      if (!hostIsAllowed(req.headers)) return refuseCaller(res, HOST_REFUSED);
      if (served?.metrics && req.url === '/metrics' && req.method === 'GET' && isDirectAndLocal(req))
        return answerMetrics(served.metrics, req, res);
      if (storage?.(req, res) || cors(req, res) || identity?.(req, res)) return;
      if (!served) {
        const live = req.url === '/health/live';
        // All paths get a GraphQL error: clients of `/register` expect errors in this form too.
        if (!live && !req.url?.startsWith('/health/')) return sendUnavailable(req, res, STARTING);
        res
          .writeHead(live ? 200 : 503, { 'content-type': 'application/json' })
          .end(JSON.stringify({ status: live ? 'ok' : 'starting' }));
      } else if (req.url?.split('?')[0] === '/health/ready') {
        void answerReadiness(served, req, res);
      } else if (!served.pages(req, res) && !served.edge(req, res)) served.router.handle(req, res);
    },
  );
  closesUnusedOnStop(server);
  server.on('upgrade', (req, socket, head) => {
    if (!hostIsAllowed(req.headers)) refuseUpgrade(socket, HOST_REFUSED);
    else if (served) served.router.upgrade(req, socket, head);
    else refuseUpgrade(socket, unavailable(STARTING));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`port ${port} is taken: stop what listens there, or choose another with --port`, { cause: error })
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
  return {
    server,
    origin: originOf(host, (server.address() as AddressInfo).port),
    identity: (handler) => void (identity = handler),
    storage: (handler) => void (storage = handler),
    serve: (parts) => void (served = parts),
  };
}

/** Answers /health/ready: the process is ready if all its subgraphs and the router are ready. */
async function answerReadiness({ router, missing }: Served, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const failed = await missing();
  if (failed.length === 0) return router.handle(req, res);
  res
    .writeHead(503, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify({ status: 'unavailable', failed }));
}
