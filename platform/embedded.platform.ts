import { join } from 'node:path';
import type { EmbeddedConfig } from './config/config.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-database/embedded.ts';
import { openPool } from './postgres/pool.ts';
import { openRoles } from './postgres/roles.ts';
import { PostgresEventLog } from './messaging/event-log/postgres/postgres.ts';
import { postgresHistory } from './messaging/event-log/postgres/postgres-history.ts';
import { createIdentityHandler } from './identity/local-issuer.http.ts';
import { LocalIssuer } from './identity/local-issuer.ts';
import { PostgresJobQueue } from './messaging/job-queue/postgres/postgres.ts';
import { deliveryFor } from './storage/open.ts';
import { FolderStorage } from './storage/folder.ts';
import { createStorageHandler } from './storage/folder.http.ts';
import { mailSettingsOf, openMail } from './mail/open.ts';
import { openPush } from './push/open.ts';
import { ALL_DUTIES, type Platform, type PlatformOptions } from './platform.ts';
import { RateLimits } from './http/rate-limits.ts';
import { trustedProxies } from './http/client-address.ts';
import { SubgraphCalls } from './questions/subgraph-calls.ts';
import { keyRing } from '../signature/signature.ts';

/** The PostgreSQL schemas of what Kafka, RabbitMQ and Keycloak do in full mode. */
const OWN_SCHEMAS = ['event_log', 'job_queue', 'identity'];

/**
 * Opens embedded mode, which needs only Node. Starts PostgreSQL, unless DATABASE_URL names a server. PostgreSQL is also
 * the event log and the job queue.
 */
export async function openEmbedded(
  config: EmbeddedConfig,
  {
    logger,
    trust,
    callers,
    origin,
    services,
    duties = ALL_DUTIES,
    rateLimits: limits,
    nodeOwners,
    asks,
    demo,
    onProgress,
    onFatal,
    reset,
  }: PlatformOptions,
): Promise<Platform> {
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse())
      await closer().catch((error: unknown) => logger.error(error, 'Platform'));
  };
  try {
    let started: EmbeddedPostgres | undefined;
    if (!config.DATABASE_URL) {
      const supervision = {
        onOutage: (line: string) => logger.warn(line, 'Platform'),
        onLost: (line: string) => onFatal?.(line),
      };
      started = await startEmbeddedPostgres({ directory: config.PRODVOR_DATA, reset, onProgress, supervision });
      closers.push(() => started?.stop() ?? Promise.resolve());
    }
    const { urlOf, provided } = await openRoles(
      config.DATABASE_URL ?? started?.url ?? '',
      [...services, ...OWN_SCHEMAS],
      (line) => logger.warn(line, 'Platform'),
    );
    const pool = openPool(urlOf('identity'), 'identity', 4, (error, doing) =>
      logger.warn(`${doing}: ${error.message}`, 'Platform'),
    );
    closers.push(() => pool.end());
    const eventLog = new PostgresEventLog({
      url: urlOf('event_log'),
      onError: (error, doing) => logger.warn(`${doing}: ${error.message}`, 'EventLog'),
    });
    closers.push(() => eventLog.close());
    const jobQueue = await PostgresJobQueue.open({ database: urlOf('job_queue'), createSchema: !provided });
    closers.push(() => jobQueue.close());
    const proxies = trustedProxies(config.TRUSTED_PROXIES);
    const rateLimits = new RateLimits({ limits, loopbackFactor: config.LOOPBACK_RATE_FACTOR });
    const calls = new SubgraphCalls({ key: trust.keys[0], urls: config.SUBGRAPH_URLS });
    closers.push(() => calls.close());
    const issuer = await LocalIssuer.start({ pool, issuer: trust.issuer.url, rateLimits });
    const mail = openMail(config, join(config.PRODVOR_DATA, 'mail'));
    closers.push(() => mail.close());
    const storage = new FolderStorage({
      folder: join(config.PRODVOR_DATA, 'storage'),
      origin: config.PUBLIC_URL ?? origin ?? '',
    });
    closers.push(() => storage.close());
    const push = openPush(config);
    closers.push(() => push.close());
    return {
      config,
      logger,
      callers,
      duties,
      databaseUrlOf: urlOf,
      nodeOwners,
      asks,
      eventLog,
      history: postgresHistory(urlOf('event_log')),
      jobQueue,
      identity: issuer,
      mail,
      mailSettings: mailSettingsOf(config, origin),
      storage,
      delivery: deliveryFor(config, storage, `${(config.PUBLIC_URL ?? origin ?? '').replace(/\/$/, '')}/storage`),
      storageHandler: createStorageHandler(storage, {
        origins: config.CORS_HEADERS === 'router' ? callers.origins : undefined,
        onError: (error) => logger.error(error, 'Storage'),
      }),
      push,
      identityHandler: createIdentityHandler(issuer, {
        origins: callers.origins,
        demo,
        trustedProxies: proxies,
        onError: (error) => logger.error(error, 'Identity'),
      }),
      seedDemoAccounts: (accounts) => issuer.seed(accounts.map((account) => ({ ...account, demo: true }))),
      probes: { eventLog: () => eventLog.ping(), jobQueue: () => jobQueue.ping() },
      rateLimits,
      trustedProxies: proxies,
      keys: keyRing(...trust.keys),
      calls,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
