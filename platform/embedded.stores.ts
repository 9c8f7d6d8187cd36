import type { EmbeddedConfig } from './config/config.ts';
import { openDataDirectory } from './embedded-database/visit.ts';
import { postgresHistory } from './messaging/event-log/postgres/postgres-history.ts';
import { postgresLag } from './messaging/event-log/postgres/postgres-lag.ts';
import { PostgresJobQueue } from './messaging/job-queue/postgres/postgres.ts';
import type { Stores, StoresOptions } from './stores.ts';

/** The database of the data directory, or that of DATABASE_URL. It stores everything. @throws DataDirectoryError */
export async function openEmbeddedStores(
  { DATABASE_URL, PRODVOR_DATA }: EmbeddedConfig,
  { onProgress }: StoresOptions,
): Promise<Stores> {
  const { url, isOwn, close } = DATABASE_URL
    ? { url: DATABASE_URL, isOwn: false, close: async () => undefined }
    : await openDataDirectory(PRODVOR_DATA, onProgress);
  try {
    const jobQueue = await PostgresJobQueue.open({ database: url, createSchema: false, maintains: false });
    return {
      databaseUrl: url,
      mayRun: !isOwn,
      jobQueue,
      lag: () => postgresLag(url),
      history: postgresHistory(url),
      async close() {
        await jobQueue.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
