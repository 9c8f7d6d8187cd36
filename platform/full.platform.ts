import type { FullConfig } from './config.ts';
import { KafkaEventLog } from './event-log/kafka.ts';
import { prefixed as prefixedTopics } from './event-log/prefixed.ts';
import { Keycloak } from './identity/keycloak.ts';
import { prefixed as prefixedQueues } from './job-queue/prefixed.ts';
import { RabbitMqJobQueue } from './job-queue/rabbitmq.ts';
import { openMail } from './mail/open.ts';
import type { Platform, PlatformOptions } from './platform.ts';
import { RateLimits } from './rate-limits.ts';
import { trustedProxies } from './callers/client-address.ts';
import { Questions } from './questions/questions.ts';
import { keyRing } from './signature/signature.ts';

/** The real servers, by their URLs. */
export async function openFull(config: FullConfig, { logger, trust, callers }: PlatformOptions): Promise<Platform> {
  const realmUrl = config.KEYCLOAK_INTERNAL_URL ?? config.KEYCLOAK_ISSUER;
  const mail = openMail(config, '.prodvor/mail');
  const kafka = new KafkaEventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: 'prodvor',
    onError: (error, doing) => logger.warn(`${doing}: ${error.message}`, 'EventLog'),
    onClientLog: (_level, message, details) => logger.debug(message, details, 'kafkajs'),
  });
  const eventLog = prefixedTopics(kafka, config.KAFKA_PREFIX);
  const rabbitMq = await RabbitMqJobQueue.open({ url: config.RABBITMQ_URL, exchange: `${config.RABBITMQ_PREFIX}jobs` }).catch(async (error: unknown) => {
    await Promise.allSettled([eventLog.close(), mail.close()]);
    throw error;
  });
  const questions = new Questions({ key: trust.keys[0], urls: config.SUBGRAPH_URLS });
  return {
    config,
    logger,
    callers,
    // This process' own login: of its service, or one for all where none was made.
    databaseUrlOf: () => config.DATABASE_URL,
    redisUrl: config.REDIS_URL,
    eventLog,
    jobQueue: prefixedQueues(rabbitMq, config.RABBITMQ_PREFIX),
    identity: new Keycloak({ realmUrl, clientId: config.KEYCLOAK_CLIENT_ID, clientSecret: config.KEYCLOAK_CLIENT_SECRET }),
    mail,
    probes: { eventLog: () => eventLog.ping(), jobQueue: () => rabbitMq.ping() },
    rateLimits: new RateLimits({ limits: config.RATE_LIMITS, loopbackFactor: config.LOOPBACK_RATE_FACTOR }),
    trustedProxies: trustedProxies(config.TRUSTED_PROXIES),
    keys: keyRing(...trust.keys),
    questions,
    async close() {
      for (const part of [rabbitMq, eventLog, mail, questions]) await part.close().catch((error: unknown) => logger.error(error, 'Platform'));
    },
  };
}
