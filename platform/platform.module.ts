import { randomBytes } from 'node:crypto';
import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CacheModule } from './cache/cache.module.ts';
import { ANY, isLoopbackUrl, LOOPBACK } from './http/callers.ts';
import type { QueryTexts } from './cache/query-texts.ts';
import { type Config, delaysOf, given, isPublic } from './config/config.ts';
import type { Database } from './postgres/prisma.ts';
import { Consumers, type ConsumersOptions } from './messaging/consumers/consumers.ts';
import { CLIENTS } from './identity/identity-provider.ts';
import { Inbox } from './messaging/inbox/inbox.ts';
import { isPermanent } from './messaging/job-queue/envelope.ts';
import { LiveEvents } from './live/live-events.ts';
import { Outbox } from './messaging/outbox/outbox.ts';
import { OutboxRelay } from './messaging/outbox/relay.ts';
import type { Callers, Platform, PlatformOptions, Trust } from './platform.ts';
import { Announcer } from './messaging/announcements/announcer.ts';
import { groupStarts } from './messaging/inbox/groups.ts';
import { Parked } from './messaging/parked/parked.ts';
import type { Seeding } from './seeding.ts';
import type { Stores, StoresOptions } from './stores.ts';
import { Rebuilds } from './messaging/rebuilds/rebuilds.ts';
import { Timers } from './messaging/timers/timers.ts';
import { modelSettingsOf } from './model/settings.ts';
import { Questions } from './questions/questions.ts';
import { signingKey } from '../signature/signature.ts';
import type { Metrics } from './observability/metrics.ts';
import { currentContext } from './observability/request-context.ts';
import {
  DATABASE,
  DELAYS,
  DELIVERY,
  IDENTITY_PROVIDER,
  LIVE_EVENTS,
  MAIL_SENDER,
  MAIL_SETTINGS,
  MODEL_SETTINGS,
  NODE_OWNERS,
  OUTBOX,
  PUSH_SENDER,
  QUESTIONS,
  RATE_LIMITS,
  STORAGE,
  TIMERS,
} from './injection/tokens.ts';

/** Opens the platform. Only this file reads the mode, and loads only the clients of that mode. */
export async function createPlatform(config: Config, options: PlatformOptions): Promise<Platform> {
  if (config.PRODVOR_MODE === 'full') return (await import('./full.platform.ts')).openFull(config, options);
  return (await import('./embedded.platform.ts')).openEmbedded(config, options);
}

/**
 * Opens the stores of messages, for a program that reads them next to the product. @throws DataDirectoryError,
 * ConfigError, JobQueueError
 */
export async function openStores(config: Config, options: StoresOptions = {}): Promise<Stores> {
  if (config.PRODVOR_MODE === 'full') return (await import('./full.stores.ts')).openFullStores(config);
  return (await import('./embedded.stores.ts')).openEmbeddedStores(config, options);
}

/** The stores for a program that fills them before the first start. @throws DataDirectoryError, ConfigError */
export async function openSeeding(
  config: Config,
  services: readonly string[],
  options: StoresOptions = {},
): Promise<Seeding> {
  if (config.PRODVOR_MODE === 'full') return (await import('./full.seeding.ts')).openFullSeeding(config, services);
  return (await import('./embedded.seeding.ts')).openEmbeddedSeeding(config, services, options);
}

/** The accepted tokens and the keys that sign calls. `origin` is the URL of this process for clients. */
export function trustOf(config: Config, origin: string): Trust {
  const keys = (config.SIGNING_KEYS ?? [processKey()]).map(([id, secret]) => signingKey(id, secret));
  if (config.PRODVOR_MODE === 'embedded') {
    return {
      issuer: {
        url: `${origin}/identity`,
        jwksUrl: `${origin}/identity/jwks`,
        clients: config.ACCEPTED_CLIENTS ?? Object.values(CLIENTS),
      },
      keys,
    };
  }
  // The test client has the password grant. A product that others can reach does not accept its tokens, even if the
  // realm still has that client.
  const clients = config.ACCEPTED_CLIENTS ?? [CLIENTS.web, ...(isPublic(config) ? [] : [CLIENTS.test])];
  const realmUrl = config.KEYCLOAK_INTERNAL_URL ?? config.KEYCLOAK_ISSUER;
  return {
    issuer: { url: config.KEYCLOAK_ISSUER, jwksUrl: `${realmUrl}/protocol/openid-connect/certs`, clients },
    keys,
  };
}

/**
 * The accepted hosts and origins. Embedded mode has no Kong in front and relies on loopback, so it accepts only
 * loopback names and its configured name. Full mode is reached by the names of containers, which no list here knows, so
 * it accepts all hosts. Accepted origins are those of PUBLIC_URL and CORS_ORIGINS, and pages of this machine unless
 * full mode has a PUBLIC_URL elsewhere.
 */
export function callersOf({
  PRODVOR_MODE,
  PUBLIC_URL,
  CORS_ORIGINS,
}: Pick<Config, 'PRODVOR_MODE' | 'PUBLIC_URL' | 'CORS_ORIGINS'>): Callers {
  const local = PRODVOR_MODE === 'embedded' || PUBLIC_URL === undefined || isLoopbackUrl(PUBLIC_URL);
  const given = PUBLIC_URL === undefined ? undefined : new URL(PUBLIC_URL);
  return {
    origins: [...(local ? [LOOPBACK] : []), ...(given ? [given.origin] : []), ...CORS_ORIGINS],
    hosts: PRODVOR_MODE === 'embedded' ? [LOOPBACK, ...(given ? [given.hostname] : [])] : [ANY],
  };
}

/**
 * The shared store of persisted query texts for all routers of a product. Undefined in embedded mode, where the only
 * router has its own memory.
 */
export async function queryTextsOf(config: Config): Promise<QueryTexts | undefined> {
  if (config.PRODVOR_MODE === 'embedded') return undefined;
  const [{ queryTexts }, { redisStore }] = await Promise.all([
    import('./cache/query-texts.ts'),
    import('./cache/redis-store.ts'),
  ]);
  return queryTexts(redisStore(given('REDIS_URL', config.REDIS_URL)));
}

/** A random signing key. A process that makes and receives all calls itself needs no configured key. */
const processKey = (): [string, string] => ['process', randomBytes(32).toString('base64url')];

/**
 * The platform for one service: its outbox with the relay, its consumers, live streams, the cache, and the shared
 * ports.
 */
@Module({})
export class PlatformModule implements OnModuleDestroy, BeforeApplicationShutdown {
  static forService(platform: Platform, service: string, metrics: Metrics): DynamicModule {
    const { config, eventLog, logger } = platform;
    const database: Database = { url: platform.databaseUrlOf(service), poolSize: config.DATABASE_POOL, logger };
    const outbox = new Outbox({ schema: service, requestId: () => currentContext()?.requestId });
    const parked = new Parked({
      url: database.url,
      service,
      metrics,
      jobs: platform.jobQueue,
      onError: (error, doing) => logger.warn(`${doing}: ${error.message}`, 'Parked'),
      onKnown: (consumer, keys) =>
        logger.log(`${consumer} resumes ${keys} keys that waited for this version`, 'Parked'),
    });
    const provided = [
      { provide: Parked, useValue: parked },
      { provide: DATABASE, useValue: database },
      { provide: DELAYS, useValue: delaysOf(config) },
      { provide: IDENTITY_PROVIDER, useValue: platform.identity },
      { provide: MAIL_SENDER, useValue: platform.mail },
      { provide: MAIL_SETTINGS, useValue: platform.mailSettings },
      { provide: DELIVERY, useValue: platform.delivery },
      { provide: STORAGE, useValue: platform.storage },
      { provide: PUSH_SENDER, useValue: platform.push },
      { provide: MODEL_SETTINGS, useValue: modelSettingsOf(config) },
      { provide: RATE_LIMITS, useValue: platform.rateLimits },
      {
        provide: QUESTIONS,
        useValue: new Questions({ service, asks: platform.asks.get(service) ?? [], calls: platform.calls }),
      },
      { provide: NODE_OWNERS, useValue: platform.nodeOwners },
      { provide: OUTBOX, useValue: outbox },
      { provide: TIMERS, useValue: timersOf(platform, service, outbox, metrics) },
      { provide: Consumers, useFactory: () => consumersOf(platform, service, outbox, parked, metrics) },
      {
        provide: Announcer,
        useFactory: () =>
          new Announcer({
            pool: parked.pool,
            service,
            outbox,
            idle: !platform.duties.events,
            onError: (error, doing) => logger.warn(`${doing}: ${error.message}`, 'Announcer'),
          }),
      },
      {
        provide: Rebuilds,
        useFactory: () => new Rebuilds({ pool: parked.pool, url: database.url, service, history: platform.history }),
      },
      {
        provide: LIVE_EVENTS,
        useFactory: () =>
          new LiveEvents(eventLog, {
            onError: (error, doing) => logger.warn(`${service}: ${doing}: ${error.message}`, 'LiveEvents'),
          }),
      },
    ];
    const relay = { provide: OutboxRelay, useFactory: () => startRelay(platform, service, outbox, metrics) };
    return {
      module: PlatformModule,
      global: true,
      imports: [CacheModule.register({ redisUrl: platform.redisUrl, metrics })],
      providers: [...provided, relay],
      exports: [...provided.map(({ provide }) => provide), OutboxRelay],
    };
  }

  constructor(
    private readonly relay: OutboxRelay,
    private readonly parked: Parked,
    @Inject(TIMERS) private readonly timers: Timers,
  ) {}

  /**
   * The first step of a shutdown, while the database is still available. Consumers, workers and announcements stop at
   * the same time.
   */
  async onModuleDestroy(): Promise<void> {
    await Promise.all([this.parked.redriver.close(), this.timers.close()]);
  }

  /**
   * The second step: nothing writes to the outbox any more. If this process holds the lease, its relay tries once to
   * publish the committed messages. If that fails, the next process publishes them. Prisma's clients
   * disconnect in the third step, onApplicationShutdown.
   */
  async beforeApplicationShutdown(): Promise<void> {
    await this.relay.close();
    await this.parked.close();
  }
}

function consumersOf(
  { eventLog, jobQueue, logger, duties: { events, queues } }: Platform,
  service: string,
  outbox: Outbox,
  { redriver, gauges, pool }: Parked,
  metrics: Metrics,
): Consumers {
  const inbox = new Inbox({
    schema: service,
    onHole: (consumer, { topic, key, seq }, lastSeq) =>
      logger.warn(`${consumer} missed events of ${topic} ${key}: ${lastSeq} to ${seq}`, 'Inbox'),
    onParked: (consumer, { topic, key, seq }, error) =>
      logger.error(`${consumer} parked ${topic} ${key} ${seq}`, error, 'Inbox'),
    onHeldBack: (consumer, _event, { message }) => logger.warn(`${consumer} holds back ${message}`, 'Inbox'),
  });
  return new Consumers({
    service,
    log: eventLog,
    jobs: jobQueue,
    inbox,
    outbox,
    redriver,
    startOf: groupStarts(pool, service),
    events,
    works: (queue) => queues === 'all' || queues.includes(queue),
    onQueue: (queue) => gauges.queue(queue),
    onJob: jobMetrics(metrics),
    onUnknown: (group, { topic, type }) =>
      logger.warn(`${group} skips ${type} of ${topic}, which only a newer program knows`, 'Consumers'),
  });
}

/** Buckets in seconds: from 5 ms, the time of a small job, to 5 minutes. */
const JOB_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/**
 * Measures deliveries of jobs. All kinds without a handler have one common name, so the label `kind` has few values.
 */
function jobMetrics(metrics: Metrics): NonNullable<ConsumersOptions['onJob']> {
  const running = metrics.gauge('jobs_running', 'Deliveries of jobs that this process handles now', ['queue']);
  const deliveries = metrics.counter('jobs_deliveries_total', 'Deliveries of jobs that ended', [
    'queue',
    'kind',
    'outcome',
  ]);
  const seconds = metrics.histogram(
    'jobs_duration_seconds',
    'Time that handling a delivery of a job took',
    ['queue', 'kind'],
    JOB_BUCKETS,
  );
  return (queue, kind) => {
    running.inc({ queue });
    const began = performance.now();
    return (error) => {
      running.dec({ queue });
      seconds.observe({ queue, kind }, (performance.now() - began) / 1000);
      const outcome = error === undefined ? 'done' : isPermanent(error) ? 'refused' : 'failed';
      deliveries.inc({ queue, kind, outcome });
    };
  };
}

function startRelay(
  { databaseUrlOf, eventLog, jobQueue, logger }: Platform,
  service: string,
  outbox: Outbox,
  metrics: Metrics,
): OutboxRelay {
  const published = metrics.counter('outbox_published_total', 'Events and jobs that left the outbox', ['type']);
  const parked = metrics.counter('outbox_parked_total', 'Events and jobs that could not be published');
  const lag = metrics.gauge('outbox_lag_seconds', 'Age of the oldest row that waits');
  const relay = new OutboxRelay({
    url: databaseUrlOf(service),
    schema: service,
    eventLog,
    jobQueue,
    onPublished: (types) => {
      for (const type of types) published.inc({ type });
    },
    onParked: (count) => parked.inc(count),
    onLag: (seconds) => lag.set(seconds),
    onError: (error, doing) => logger.warn(`${service}: ${doing}: ${error.message}`, 'Outbox'),
  });
  outbox.onCommitted(() => relay.wake());
  return relay;
}

function timersOf(
  { databaseUrlOf, logger, duties }: Platform,
  service: string,
  outbox: Outbox,
  metrics: Metrics,
): Timers {
  return new Timers({
    idle: !duties.events,
    url: databaseUrlOf(service),
    outbox,
    requestId: () => currentContext()?.requestId,
    onFired: (name) =>
      metrics.counter('timers_fired_total', 'Timers whose handler is committed', ['timer']).inc({ timer: name }),
    onFailed: ({ name, key }, error, parked) => {
      metrics
        .counter('timers_failed_total', 'Times that the handler of a timer failed', ['timer'])
        .inc({ timer: name });
      if (parked) logger.error(`timer ${name} ${key} is parked`, error, 'Timers');
      else logger.warn(`timer ${name} ${key} is tried again: ${error.message}`, 'Timers');
    },
    onLook: ({ lagSeconds, parked, parkedSeconds }) => {
      metrics.gauge('timers_lag_seconds', 'How late the oldest timer is that is due and not parked').set(lagSeconds);
      metrics.gauge('timers_parked', 'Timers whose handler failed too often').set(parked);
      metrics
        .gauge('timers_parked_oldest_seconds', 'Seconds since the oldest parked timer was parked')
        .set(parkedSeconds);
    },
    onError: (error, doing) => logger.warn(`${service}: ${doing}: ${error.message}`, 'Timers'),
  });
}
