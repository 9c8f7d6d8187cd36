import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';
import {
  findPostgresBinaries,
  isReachable,
  sharedRoot,
  unprivilegedUser,
} from '../../platform/embedded-database/postgres-binaries.ts';
import type { ServerUser } from '../../platform/embedded-database/postgres-binaries.ts';
import { findPostmaster } from '../../platform/embedded-database/postmaster.ts';
import { database, host } from './ports.ts';
import { run } from './processes.ts';
import { Refusal } from './service.ts';
import type { Context, Service } from './service.ts';

const debian = '/usr/lib/postgresql';

/** PostgreSQL: Debian's, or the one that npm installed for embedded mode. */
export const postgres: Service = {
  name: 'postgres',
  patience: 60,
  missing: () => undefined,

  async prepare({ dir, ports, throwAway, say }: Context) {
    const unprivileged = await unprivilegedUser();
    const data = await dataFolder(dir, unprivileged, say);
    const made = existsSync(join(data, 'PG_VERSION'))
      ? Number(readFileSync(join(data, 'PG_VERSION'), 'utf8'))
      : undefined;
    // PostgreSQL runs only as the owner of its data, so existing data decide the user.
    const user = unprivileged && made !== undefined ? statSync(data) : unprivileged;
    const bin = await binaries(user, made);
    if (!bin)
      throw new Refusal(
        `${data} was made by PostgreSQL ${made}, which is not installed: apt-get install postgresql-${made}`,
      );
    if (made === undefined) await initialise(bin, data, user);
    // This removes the pid file of a killed server. Its pid may now belong to a zombie or to another process, and then
    // PostgreSQL would refuse to start.
    else await findPostmaster(data);
    const settings = {
      listen_addresses: host,
      port: ports.postgres,
      unix_socket_directories: '',
      max_connections: 300,
      ...(throwAway && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    };
    const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    // SIGINT is the fast shutdown: it ends the sessions and does not wait for them.
    return [
      {
        id: 'server',
        command: join(bin, 'postgres'),
        args,
        cwd: data,
        user: user && { uid: user.uid, gid: user.gid },
        stopSignal: 'SIGINT',
        ports: [ports.postgres],
      },
    ];
  },

  async setUp({ ports }: Context) {
    const { user, password, name } = database;
    const client = new pg.Client({
      host,
      port: ports.postgres,
      user,
      password,
      database: 'postgres',
      connectionTimeoutMillis: 2000,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
      if (rowCount === 0) await client.query(`create database ${pg.escapeIdentifier(name)}`);
    } finally {
      await client.end().catch(() => undefined);
    }
  },
};

/**
 * The folder with initdb and postgres: Debian's newest, otherwise npm's. For existing data it is the version that
 * created them, or undefined when that version is not installed.
 */
async function binaries(user: ServerUser | undefined, made: number | undefined): Promise<string | undefined> {
  const installed = debianVersions();
  const major = made === undefined ? installed[0] : installed.find((one) => one === made);
  if (major !== undefined) return join(debian, String(major), 'bin');
  const packaged = await findPostgresBinaries(user);
  return made === undefined || made === packaged.major ? dirname(packaged.postgres) : undefined;
}

/** Major versions of Debian's servers on this machine that full mode can use, newest first. */
export function debianVersions(): number[] {
  const majors = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  return majors
    .filter((major) => major >= 15 && existsSync(join(debian, String(major), 'bin', 'initdb')))
    .sort((a, b) => b - a);
}

/**
 * The data folder. It is next to the other servers' data. When the server's user cannot enter that place (for example
 * in a checkout in /root), it is in a shared folder of the machine.
 */
async function dataFolder(dir: string, user: ServerUser | undefined, say: Context['say']): Promise<string> {
  let data = join(dir, 'data');
  if (!isReachable(dir, user)) {
    data = join(await sharedRoot(user), `services-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`);
    writeFileSync(join(dir, 'moved-to'), `${data}\n`);
    say(`its data is in ${data}, because PostgreSQL does not run as root and only root can enter ${dir}`);
  }
  return data;
}

/**
 * Creates the cluster in a draft folder and renames it. So an interrupted initdb leaves nothing that looks like data.
 */
async function initialise(bin: string, data: string, user: ServerUser | undefined): Promise<void> {
  const secret = mkdtempSync(join(tmpdir(), 'prodvor-password-'));
  const draft = `${data}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  try {
    const file = join(secret, 'password');
    writeFileSync(file, `${database.password}\n`, { mode: 0o600 });
    if (user) for (const path of [secret, file, draft]) chownSync(path, user.uid, user.gid);
    // With the plain C locale, lower() and ILIKE would not change Cyrillic letters.
    const locale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8';
    const access = ['--username', database.user, '--pwfile', file, '--auth', 'scram-sha-256'];
    await run(join(bin, 'initdb'), ['-D', draft, ...access, '--encoding', 'UTF8', '--locale', locale, '--no-sync'], {
      user,
      cwd: '/',
    });
    renameSync(draft, data);
  } finally {
    for (const folder of [secret, draft]) rmSync(folder, { recursive: true, force: true });
  }
}
