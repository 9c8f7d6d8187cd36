import type { EmbeddedConfig } from './config/config.ts';
import { startEmbeddedPostgres } from './embedded-database/embedded.ts';
import { prepareAccounts, seedAccount } from './identity/local-accounts.ts';
import { hashPassword } from './identity/password-hash.ts';
import { PostgresEventLog } from './messaging/event-log/postgres/postgres.ts';
import { loadEvents } from './messaging/event-log/postgres/postgres-load.ts';
import { PostgresJobQueue } from './messaging/job-queue/postgres/postgres.ts';
import { openPool } from './postgres/pool.ts';
import { openRoles } from './postgres/roles.ts';
import type { Seeding } from './seeding.ts';
import type { StoresOptions } from './stores.ts';

/** The PostgreSQL schemas with the data that Kafka, RabbitMQ and Keycloak keep in full mode. */
const OWN_SCHEMAS = ['event_log', 'job_queue', 'identity'];

/**
 * The database of the data directory, or that of DATABASE_URL. It stores everything, so a seed is one transaction.
 * @throws DataDirectoryError
 */
export async function openEmbeddedSeeding(
  { DATABASE_URL, PRODVOR_DATA }: EmbeddedConfig,
  services: readonly string[],
  { onProgress }: StoresOptions,
): Promise<Seeding> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    let databaseUrl = DATABASE_URL;
    if (databaseUrl === undefined) {
      const server = await startEmbeddedPostgres({ directory: PRODVOR_DATA, onProgress });
      closers.push(() => server.stop());
      databaseUrl = server.url;
    }
    const url = databaseUrl;
    const { urlOf, provided } = await openRoles(url, [...services, ...OWN_SCHEMAS], () => undefined);
    const log = new PostgresEventLog({ url: urlOf('event_log') });
    closers.push(() => log.close());
    await log.ensureTopics([]);
    await (await PostgresJobQueue.open({ database: urlOf('job_queue'), createSchema: !provided })).close();
    const pool = openPool(urlOf('identity'), 'identity', 1, () => undefined);
    closers.push(() => pool.end());
    await prepareAccounts(pool);
    return {
      databaseUrl: url,
      tables: ['event_log.events', 'identity.accounts'],
      migrationUrlOf: urlOf,
      async createAccounts(client, accounts) {
        for (const { password, ...account } of accounts)
          await seedAccount(client, { ...account, passwordHash: await hashPassword(password) });
        return accounts.map(({ userId }) => userId);
      },
      // The rollback deletes them.
      dropAccounts: async () => undefined,
      async publish(client, events, topics, groups) {
        await log.ensureTopics(topics);
        await loadEvents(client, events, groups);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
