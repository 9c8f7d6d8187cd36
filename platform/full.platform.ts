import { given, type PartialConfig } from './config/config.ts';
import { rolesOf, warnOfSuperuser } from './postgres/roles.ts';
import { KafkaEventLog } from './messaging/event-log/kafka/kafka.ts';
import { prefixed as prefixedTopics } from './messaging/event-log/prefixed.ts';
import { kafkaHistory } from './messaging/event-log/kafka/kafka-history.ts';
import { Keycloak } from './identity/keycloak.ts';
import { NoIdentityProvider } from './identity/none.ts';
import { NoJobQueue } from './messaging/job-queue/none.ts';
import { prefixed as prefixedQueues } from './messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from './messaging/job-queue/rabbitmq/rabbitmq.ts';
import { deliveryFor, openS3 } from './storage/open.ts';
import { mailSettingsOf, openMail } from './mail/open.ts';
import { openPush } from './push/open.ts';
import { ALL_DUTIES, type Platform, type PlatformOptions } from './platform.ts';
import { RateLimits } from './http/rate-limits.ts';
import { trustedProxies } from './http/client-address.ts';
import { SubgraphCalls } from './questions/subgraph-calls.ts';
import { keyRing } from '../signature/signature.ts';

/**
 * Connects to the real servers by their URLs. The process gets only the URLs that it needs, and connects only to those.
 */
export async function openFull(
  config: PartialConfig,
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
  }: PlatformOptions,
): Promise<Platform> {
  const { RABBITMQ_URL, KEYCLOAK_CLIENT_ID: clientId, KEYCLOAK_CLIENT_SECRET: clientSecret } = config;
  const url = given('DATABASE_URL', config.DATABASE_URL);
  const brokers = given('KAFKA_BROKERS', config.KAFKA_BROKERS);
  const warn = (line: string): void => logger.warn(line, 'Platform');
  // A process of one service logs in with that service's own role.
  const databaseUrlOf =
    services.length > 1
      ? await rolesOf({ url, services, passwords: config.DATABASE_PASSWORDS, onShared: warn })
      : () => url;
  if (services.length === 1) await warnOfSuperuser(url, warn);
  const realmUrl = config.KEYCLOAK_INTERNAL_URL ?? config.KEYCLOAK_ISSUER;
  const mail = openMail(config, '.prodvor/mail');
  const push = openPush(config);
  const kafka = new KafkaEventLog({
    brokers,
    clientId: 'prodvor',
    onError: (error, doing) => logger.warn(`${doing}: ${error.message}`, 'EventLog'),
    onClientLog: (_level, message, details) => logger.debug(message, details, 'kafkajs'),
  });
  const eventLog = prefixedTopics(kafka, config.KAFKA_PREFIX);
  const rabbitMq =
    RABBITMQ_URL === undefined
      ? undefined
      : await RabbitMqJobQueue.open({ url: RABBITMQ_URL, exchange: `${config.RABBITMQ_PREFIX}jobs` }).catch(
          async (error: unknown) => {
            await Promise.allSettled([eventLog.close(), mail.close(), push.close()]);
            throw error;
          },
        );
  const storage = openS3(config, callers.origins, (line) => logger.warn(line, 'Storage'));
  const calls = new SubgraphCalls({ key: trust.keys[0], urls: config.SUBGRAPH_URLS });
  const keycloak = clientId && clientSecret ? new Keycloak({ realmUrl, clientId, clientSecret }) : undefined;
  return {
    config,
    logger,
    callers,
    duties,
    databaseUrlOf,
    nodeOwners,
    asks,
    redisUrl: config.REDIS_URL,
    eventLog,
    history: kafkaHistory(brokers, config.KAFKA_PREFIX),
    jobQueue: rabbitMq ? prefixedQueues(rabbitMq, config.RABBITMQ_PREFIX) : new NoJobQueue(),
    identity: keycloak ?? new NoIdentityProvider(),
    mail,
    mailSettings: mailSettingsOf(config, origin),
    storage,
    push,
    delivery: deliveryFor(config, storage),
    probes: { eventLog: () => eventLog.ping(), ...(rabbitMq && { jobQueue: () => rabbitMq.ping() }) },
    rateLimits: new RateLimits({ limits, loopbackFactor: config.LOOPBACK_RATE_FACTOR }),
    trustedProxies: trustedProxies(config.TRUSTED_PROXIES),
    keys: keyRing(...trust.keys),
    calls,
    async close() {
      for (const part of [rabbitMq, eventLog, mail, push, storage, calls, keycloak])
        await part?.close().catch((error: unknown) => logger.error(error, 'Platform'));
    },
  };
}
