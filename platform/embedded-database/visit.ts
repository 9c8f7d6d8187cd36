import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { DataDirectoryError, isDataDirectory, lock } from './data-directory.ts';
import { type ClusterRecord, readRecord, startEmbeddedPostgres, urlFor } from './embedded.ts';

/** Longest wait for a product that is starting, stopping, or restarting its server. Milliseconds. */
const PATIENCE_MS = 60_000;
/**
 * The lock of a visitor that has started the server. Another visitor must not use that server, because it may stop at
 * any time.
 */
const VISITOR = 'visitor';

export interface Visit {
  /** URL of the product's database, with all rights. */
  readonly url: string;
  /** Whether the server was started for this visit. */
  readonly isOwn: boolean;
  /** Stops the server, unless it is the product's. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens the database of a data directory, for a program next to the product. If the product runs, the program connects
 * to the port of the product's server and holds no lock. If not, this function starts the server and holds the lock.
 * The product cannot start meanwhile, and other visitors wait.
 * @throws DataDirectoryError with one line to show: a missing or foreign directory, one of another version, or one that
 * stays in use for a minute
 */
export async function openDataDirectory(directory: string, onProgress?: (step: string) => void): Promise<Visit> {
  const absolute = path.resolve(directory);
  // Checked first, because a start would create what is missing.
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

/** Resolves to the result of `work`, or to its error when the directory is in use. */
async function orInUseError<T>(work: () => Promise<T>): Promise<T | DataDirectoryError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataDirectoryError && error.code === 'DATA_DIRECTORY_IN_USE') return error;
    throw error;
  }
}

/** The URL of the server of the process that holds the directory; undefined while it does not answer. */
async function runningUrl(data: string, cluster: ClusterRecord): Promise<string | undefined> {
  // The server's own record has its port in the fourth line.
  const port = Number.parseInt(
    (await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[3] ?? '',
    10,
  );
  if (!(port > 0)) return undefined;
  const url = urlFor(cluster, port);
  // The port of a stale record may belong to another server by now, which does not know the password.
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
