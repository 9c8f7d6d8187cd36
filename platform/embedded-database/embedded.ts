import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DataDirectoryError, claimDataDirectory, emptyDataDirectory, lock } from './data-directory.ts';
import { type Supervision, keepRunning } from './keep-running.ts';
import {
  type PostgresBinaries,
  type ServerUser,
  findPostgresBinaries,
  isReachable,
  sharedRoot,
  unprivilegedUser,
} from './postgres-binaries.ts';
import { endLeftoverPostmaster } from './postmaster.ts';
import { type ServerProcess, freePort, launchServer } from './server-process.ts';

const OWNER = 'prodvor';

export interface EmbeddedPostgresOptions {
  /**
   * The product's data directory, created if missing. It is claimed for this process ({@link claimDataDirectory}) until
   * `stop`.
   */
  readonly directory: string;
  /** The name of the database. It is created if it is missing. Default `prodvor`. */
  readonly database?: string;
  /** Whether nothing is forced to disk, for tests. Then a crash of the machine loses the data. Default false. */
  readonly throwAway?: boolean;
  /** Whether the content of the directory is deleted before the start. Default false. */
  readonly reset?: boolean;
  /** Called with a short text when a slow step begins. */
  readonly onProgress?: (step: string) => void;
  /** Restarts the server when it ends unexpectedly. Absent: it is not restarted. */
  readonly supervision?: Supervision;
  /** Whether a start appends to the server's log. Otherwise each start empties the log. */
  readonly keepLog?: boolean;
}

export interface EmbeddedPostgres {
  /** The URL of the product's database, with the password: `postgresql://…@127.0.0.1:PORT/<database>`. */
  readonly url: string;
  readonly port: number;
  /** The pid of the current server process. */
  readonly pid: number;
  /** Absolute path of the claimed data directory. */
  readonly directory: string;
  /** The URL of another database on the same server. */
  urlOf(database: string): string;
  /**
   * Stops the server with a fast shutdown, and then releases the data directory. The shutdown cuts open connections, so
   * end your pools before. Idempotent.
   */
  stop(): Promise<void>;
}

/** The stored description of the directory's cluster. */
export interface ClusterRecord {
  readonly major: number;
  /** The folder that contains `data`: relative to the data directory, or absolute if it had to be elsewhere. */
  readonly place: string;
  readonly password: string;
}

/**
 * Starts the PostgreSQL of the npm package on 127.0.0.1 and a free port, without Unix sockets, with its own password.
 * The server ends when this process ends, even if this process is killed. With `supervision` it is restarted on the
 * same port when it ends unexpectedly. Root starts it as an unprivileged user (see docs/embedded-postgres.md).
 * @throws DataDirectoryError with a message of one line when the directory cannot be used; Error when the server does
 * not start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const claimed = await claimDataDirectory(options.directory);
  const releases = [claimed.release];
  const release = async (): Promise<void> => {
    for (const one of releases.splice(0).reverse()) await one();
  };
  try {
    if (options.reset) await removeCluster(claimed.directory).then(() => emptyDataDirectory(claimed));
    const known = await readRecord(claimed.directory);
    const user = known ? await ownerOf(known, claimed.directory) : await unprivilegedUser();
    const binaries = await findPostgresBinaries(user);
    if (known && known.major !== binaries.major) {
      throw new DataDirectoryError(
        'DATA_DIRECTORY_VERSION',
        `${claimed.directory} holds a PostgreSQL ${known.major} database, this version runs PostgreSQL ${binaries.major}; choose another data directory.`,
      );
    }
    const cluster = known ?? (await createCluster(claimed.directory, binaries, user, options));
    const place = path.resolve(claimed.directory, cluster.place);
    // Two copies of one data directory may point to the same place outside. So that place needs a lock of its own.
    if (path.isAbsolute(cluster.place)) releases.push(await lock(path.join(place, 'lock'), claimed.directory));
    return await serve({ claimed: claimed.directory, place, cluster, binaries, user, options, release });
  } catch (error) {
    await release();
    throw error;
  }
}

/** A server for tests and tools, in a new directory that is deleted when it stops. Nothing is forced to disk. */
export async function startThrowAwayPostgres(): Promise<EmbeddedPostgres> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'prodvor-throw-away-'));
  // If root starts the server, the server runs as another user, who must be able to enter the directory.
  if (process.geteuid?.() === 0) await chmod(directory, 0o711);
  const server = await startEmbeddedPostgres({ directory, throwAway: true });
  const stop = (): Promise<void> => server.stop().then(() => rm(directory, { recursive: true, force: true }));
  return { ...server, pid: server.pid, stop };
}

const recordFile = (directory: string): string => path.join(directory, 'postgres.json');

/** Reads the description of the directory's cluster. Undefined while the directory has no database. */
export async function readRecord(directory: string): Promise<ClusterRecord | undefined> {
  const text = await readFile(recordFile(directory), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new DataDirectoryError(
      'DATA_DIRECTORY_UNWRITABLE',
      `Cannot read ${recordFile(directory)}: permission denied.`,
    );
  });
  return text === undefined ? undefined : (JSON.parse(text) as ClusterRecord);
}

/** The user that owns the files, so that root can start a cluster of another user. */
async function ownerOf(cluster: ClusterRecord, directory: string): Promise<ServerUser | undefined> {
  const data = path.resolve(directory, cluster.place, 'data');
  const found = await stat(data).catch(() => undefined);
  if (!found) {
    throw new DataDirectoryError(
      'DATA_DIRECTORY_BROKEN',
      `The database of ${directory} is gone: there is no ${data}. Starting with --reset makes a new one.`,
    );
  }
  const own = process.geteuid?.();
  if (own !== 0) {
    if (own === undefined || own === found.uid) return undefined;
    throw new DataDirectoryError(
      'DATA_DIRECTORY_UNWRITABLE',
      `The database in ${directory} belongs to user ${found.uid}; start as that user or choose another data directory.`,
    );
  }
  const owner = { uid: found.uid, gid: found.gid };
  if (isReachable(data, owner)) return owner;
  throw new DataDirectoryError(
    'DATA_DIRECTORY_BROKEN',
    `User ${owner.uid}, who owns the database of ${directory}, cannot enter ${data}.`,
  );
}

async function createCluster(
  directory: string,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
  { throwAway, onProgress }: EmbeddedPostgresOptions,
): Promise<ClusterRecord> {
  onProgress?.('creating the database');
  const inside = path.join(directory, 'postgres');
  const place = isReachable(directory, user) ? inside : await mkdtemp(path.join(await sharedRoot(user), 'data-'));
  if (place === inside) await mkdir(inside, { recursive: true });
  await chmod(place, 0o700);
  if (user) await chown(place, user.uid, user.gid);
  const password = randomBytes(24).toString('base64url');
  const passwordFile = path.join(place, 'password');
  await rm(path.join(place, 'data'), { recursive: true, force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  try {
    await run(
      binaries.initdb,
      [
        `--pgdata=${path.join(place, 'data')}`,
        `--username=${OWNER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // The locale C sorts by code points, which is the same on every machine and after every upgrade of its C
        // library.
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        ...(throwAway ? ['--no-sync'] : []),
      ],
      user,
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
  const cluster = {
    major: binaries.major,
    place: path.relative(directory, place) === 'postgres' ? 'postgres' : place,
    password,
  };
  // The record is written last, and as a whole. Without it, the next start creates the cluster again.
  await writeFile(`${recordFile(directory)}.new`, `${JSON.stringify(cluster)}\n`, { mode: 0o600 });
  await rename(`${recordFile(directory)}.new`, recordFile(directory));
  return cluster;
}

async function removeCluster(directory: string): Promise<void> {
  const known = await readRecord(directory);
  if (!known) return;
  const place = path.resolve(directory, known.place);
  await endLeftoverPostmaster(path.join(place, 'data'));
  await rm(place, { recursive: true, force: true });
}

/** @param database default: the product's */
export function urlFor({ password }: ClusterRecord, port: number, database = OWNER): string {
  return `postgresql://${OWNER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
}

interface Serving {
  readonly claimed: string;
  readonly place: string;
  readonly cluster: ClusterRecord;
  readonly binaries: PostgresBinaries;
  readonly user: ServerUser | undefined;
  readonly options: EmbeddedPostgresOptions;
  release(): Promise<void>;
}

async function serve({
  claimed,
  place,
  cluster,
  binaries,
  user,
  options,
  release,
}: Serving): Promise<EmbeddedPostgres> {
  const data = path.join(place, 'data');
  const logFile = path.join(claimed, 'postgres.log');
  await endLeftoverPostmaster(data, options.onProgress);
  options.onProgress?.('starting the database');
  if (!options.keepLog) await rm(logFile, { force: true });
  const port = await freePort();
  const urlOf = (database: string): string => urlFor(cluster, port, database);
  const database = options.database ?? OWNER;
  const launch = async (): Promise<ServerProcess> => {
    // A crash leaves the pid of the server, which may belong to another process by now.
    await endLeftoverPostmaster(data);
    return launchServer({
      program: binaries.postgres,
      data,
      port,
      logFile,
      user,
      throwAway: options.throwAway,
      adminUrl: urlOf('postgres'),
      database,
    });
  };
  const server = await keepRunning(launch, options.supervision);
  let stopping: Promise<void> | undefined;
  return {
    url: urlOf(database),
    port,
    get pid() {
      return server.pid;
    },
    directory: claimed,
    urlOf,
    stop: () => (stopping ??= server.stop().then(release)),
  };
}

async function run(program: string, args: readonly string[], user: ServerUser | undefined): Promise<void> {
  const child = spawn(program, args, {
    ...user,
    cwd: '/',
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0)
    throw new Error(
      `${path.basename(program)} failed: ${
        said
          .trim()
          .split('\n')
          .filter((line) => /error|fatal/i.test(line))
          .at(-1) ?? said.trim()
      }`,
    );
}
