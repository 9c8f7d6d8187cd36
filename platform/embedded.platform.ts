import { join } from 'node:path';
import type { EmbeddedConfig } from './config/config.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-database/embedded.ts';
import { openPool } from './postgres/pool.ts';
import { openRoles } from './postgres/roles.ts';
import { PostgresEventLog } from './messaging/event-log/postgres/postgres.ts';
import { createIdentityHandler } from './identity/local-issuer.http.ts';
import { LocalIssuer } from './identity/local-issuer.ts';
import { PostgresJobQueue } from './messaging/job-queue/postgres/postgres.ts';
import { openMail } from './mail/open.ts';
import type { Platform, PlatformOptions } from './platform.ts';
import { RateLimits } from './http/rate-limits.ts';
import { trustedProxies } from './http/client-address.ts';
import { SubgraphCalls } from './questions/subgraph-calls.ts';
import { keyRing } from '../signature/signature.ts';

/** Schemas for what real servers do in full mode. */
const OWN_SCHEMAS = ['event_log', 'job_queue', 'identity'];

/** Needs only Node: starts PostgreSQL here, which is also the event log and the job queue. */
export async function openEmbedded(
  config: EmbeddedConfig,
  {
    logger,
    trust,
    callers,
    services,
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
    return {
      config,
      logger,
      callers,
      databaseUrlOf: urlOf,
      nodeOwners,
      asks,
      eventLog,
      jobQueue,
      identity: issuer,
      mail,
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
