import 'reflect-metadata';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Module, type DynamicModule, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { WebSocket } from 'ws';
import { HOST_REFUSED, hostRule } from '../http/callers.ts';
import { refuseCaller } from '../http/refuse.ts';
import { routeFinder } from '../edge/routes.ts';
import { signatureMiddleware } from '../identity/signature.middleware.ts';
import { OutboxRelay } from '../messaging/outbox/relay.ts';
import { PlatformModule } from '../platform.module.ts';
import type { Platform } from '../platform.ts';
import { createNonceCache } from '../../signature/nonces.ts';
import { HealthModule } from '../lifecycle/health.controller.ts';
import { Health, type Probe } from '../lifecycle/health.ts';
import { HttpExceptionFilter } from '../observability/http-exception.filter.ts';
import { HttpLoggingInterceptor } from '../observability/http-logging.interceptor.ts';
import { createErrorFormatter } from '../observability/format-error.ts';
import { logReporter } from '../observability/error-reporter.ts';
import { JsonLogger } from '../observability/json-logger.ts';
import { Metrics } from '../observability/metrics.ts';
import { MetricsModule } from '../observability/metrics.module.ts';
import { closeWebSockets, drainServer } from '../lifecycle/shutdown.ts';
import { askedOf } from '../questions/asked.ts';
import type { Subgraph } from '../manifest/manifest.ts';
import { graphQLModule } from './subgraph.module.ts';

/** A running subgraph. */
export interface RunningSubgraph {
  readonly name: string;
  /** For example `http://127.0.0.1:4001`. */
  readonly origin: string;
  readonly app: INestApplication;
  readonly health: Health;
  /**
   * Stops in this order: requests in flight finish, and sockets get a close frame; consumers and workers stop; the
   * relay publishes the remaining messages; Prisma disconnects. The caller closes the platform afterwards.
   */
  close(): Promise<void>;
}

/**
 * Health, metrics and public routes need no signature. So this check also protects them against pages with a foreign
 * host name.
 */
function refuseHosts(
  allowed: readonly string[],
): (req: IncomingMessage, res: ServerResponse, next: () => void) => void {
  const isAllowed = hostRule(allowed);
  return (req, res, next) => (isAllowed(req.headers) ? next() : refuseCaller(res, HOST_REFUSED));
}

/**
 * The URL by which this process reaches its own listener on `host`. An address that means all addresses can neither be
 * called nor be a Host.
 */
export function originOf(host: string, port: number): string {
  const reached = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/** Time for requests in flight before they are cut. Milliseconds. */
const GRACE_MS = 10_000;

@Module({})
class SubgraphRoot {}

/** The platform's probes that this subgraph needs. */
function probesOf({ name, health }: Subgraph, { probes }: Platform): Readonly<Record<string, Probe>> {
  return Object.fromEntries(
    ['eventLog', ...health].map((needed) => {
      const probe = probes[needed];
      if (!probe) throw new Error(`${name} needs ${needed}, which this process does not have`);
      return [needed, probe];
    }),
  );
}

/** Starts a subgraph on the platform. Port 0 takes any free one. */
export async function startSubgraph(
  subgraph: Subgraph,
  platform: Platform,
  { port, host = '127.0.0.1' }: { port: number; host?: string },
): Promise<RunningSubgraph> {
  const { name, routes } = subgraph;
  const module = await subgraph.module();
  const find = routeFinder(routes);
  const { LOG_LEVEL: level, LOG_FORMAT: format } = platform.config;
  const logger = new JsonLogger({ service: name, level, format });
  const metrics = new Metrics(name);
  const logging = new HttpLoggingInterceptor({ service: name, logger, metrics });
  const reporter = logReporter(logger);
  const health = new Health({
    probes: { database: () => app.get(OutboxRelay).ping(), ...probesOf(subgraph, platform) },
    onFailed: (probe, error) => logger.warn(`not ready: ${probe}`, { error: String(error) }, 'Health'),
  });
  const guard = {
    verifier: { target: name, keys: platform.keys, nonces: createNonceCache() },
    allowUnsigned: false,
    trustedProxies: platform.trustedProxies,
    metrics: platform.config.METRICS_PORT === undefined,
    publicRoute: (method: string, path: string) => find(path).find((route) => route.method === method),
    question: (body: unknown) => askedOf(body, name, (service) => platform.asks.get(service)?.includes(name) === true),
    onRefused: ({ reason, where }: { reason: string; where: string }) =>
      logger.warn(`call refused: ${reason}`, { where }, 'Signature'),
  };
  const sockets = new Set<WebSocket>();
  const root: DynamicModule = {
    module: SubgraphRoot,
    imports: [
      PlatformModule.forService(platform, name, metrics),
      MetricsModule.register(metrics),
      HealthModule.register(health),
      graphQLModule({ name, guard, logging, sockets, formatError: createErrorFormatter(reporter) }),
      module,
    ],
  };
  const app = await NestFactory.create(root, { logger, bodyParser: false, abortOnError: false });
  try {
    app.use(logging.middleware);
    app.use(refuseHosts(platform.callers.hosts));
    app.use(signatureMiddleware(guard));
    app.useGlobalFilters(new HttpExceptionFilter(reporter));
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw error;
  }
  const { port: bound } = app.getHttpServer().address() as AddressInfo;
  const origin = originOf(host, bound);
  platform.calls.setLocalUrl(name, `${origin}/graphql`);
  return {
    name,
    origin,
    app,
    health,
    close: async () => {
      // Requests and sockets are closed before Nest is, because Nest would stop consumers and GraphQL first. Its
      // federation driver leaves the WebSocket server open.
      await Promise.all([closeWebSockets({ clients: sockets }), drainServer(app.getHttpServer(), GRACE_MS)]);
      await app.close();
    },
  };
}
