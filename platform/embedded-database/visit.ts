import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DataDirectoryError, isDataDirectory, lock } from './data-directory.ts';
import { type ClusterRecord, readRecord, startEmbeddedPostgres, urlFor } from './embedded.ts';

/** How long a product that starts, stops or has just lost its server is waited for. Milliseconds. */
const PATIENCE_MS = 60_000;
/** Held by who has started the server here: the next visitor must not use that one, which ends under its hands. */
const VISITOR = 'visitor';

export interface Visit {
  /** Of the product's database, with the right to do everything. */
  readonly url: string;
  /** Whether the server was started for this visit. */
  readonly isOwn: boolean;
  /** Stops the server, unless it is the product's. Idempotent. */
  close(): Promise<void>;
}

/**
 * The database of a data directory, for a program beside the product. While the product runs it is reached by its port,
 * and the lock of the directory is left alone. Otherwise the server is started here, under the lock, so that no product
 * can start meanwhile; visitors wait for each other then.
 * @throws DataDirectoryError with one line to show: no such directory, nobody's, another version's
 */
export async function openDataDirectory(directory: string, onProgress?: (step: string) => void): Promise<Visit> {
  const absolute = path.resolve(directory);
  // Before anything else: a start would make what is missing.
  const cluster = (await isDataDirectory(absolute)) ? await readRecord(absolute) : undefined;
  if (!cluster)
    throw new DataDirectoryError(
      'DATA_DIRECTORY_MISSING',
      `${absolute} holds no database of ProDvor: nothing has been started there yet.`,
    );
  for (const deadline = Date.now() + PATIENCE_MS; ; await delay(100)) {
    const turn = await orInUseError(() => lock(path.join(absolute, VISITOR), absolute));
    if (typeof turn === 'function') {
      const own = await orInUseError(() =>
        startEmbeddedPostgres({ directory: absolute, keepLog: true, onProgress }),
      ).catch(async (error: unknown) => {
        await turn();
        throw error;
      });
      if ('url' in own) return { url: own.url, isOwn: true, close: () => own.stop().then(turn) };
      await turn();
      const url = await runningUrl(path.resolve(absolute, cluster.place, 'data'), cluster);
      if (url !== undefined) return { url, isOwn: false, close: async () => undefined };
      if (Date.now() > deadline) throw own;
    } else if (Date.now() > deadline) {
      throw turn;
    }
  }
}

/** What `work` gives, or its error when somebody else has what it needs. */
async function orInUseError<T>(work: () => Promise<T>): Promise<T | DataDirectoryError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataDirectoryError && error.code === 'DATA_DIRECTORY_IN_USE') return error;
    throw error;
  }
}

/** Where the server of the process that holds the directory answers; undefined while it does not. */
async function runningUrl(data: string, cluster: ClusterRecord): Promise<string | undefined> {
  // The server's own record: its port is in the fourth line.
  const port = Number.parseInt(
    (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[3] ?? '',
    10,
  );
  if (!(port > 0)) return undefined;
  const url = urlFor(cluster, port);
  // A port that a stale record names may be somebody else's by now: that one does not know the password.
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return url;
  } catch {
    return undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}
