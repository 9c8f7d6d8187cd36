import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isStillRunning, lookAtProcess } from '../lifecycle/process-start.mjs';

const MARKER = 'prodvor.json';
const LOCK = 'lock';
const FORMAT = 1;

export type DataDirectoryErrorCode =
  | 'DATA_DIRECTORY_FOREIGN'
  | 'DATA_DIRECTORY_UNWRITABLE'
  | 'DATA_DIRECTORY_IN_USE'
  | 'DATA_DIRECTORY_VERSION'
  | 'DATA_DIRECTORY_BROKEN'
  | 'DATA_DIRECTORY_MISSING';

/**
 * The error for a data directory that cannot be used. The message is one line that can be shown to users. No file that
 * existed before was changed.
 */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
  readonly code: DataDirectoryErrorCode;
  constructor(code: DataDirectoryErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A data directory that only this process may use until it is released. */
export interface DataDirectory {
  /** The absolute path of the data directory. */
  readonly directory: string;
  release(): Promise<void>;
}

/**
 * Claims `directory` (created if missing) until it is released or this process ends. A marker file shows that the
 * product owns the content, and a lock file names the process that uses it. A directory with other content, without
 * write permission, or in use is refused without a change.
 */
export async function claimDataDirectory(directory: string): Promise<DataDirectory> {
  const absolute = path.resolve(directory);
  const entries = await listOrCreate(absolute);
  // A directory that has only a lock file is accepted too: a first start that was cut off may have left it.
  if (!entries.includes(MARKER) && entries.some((name) => name !== LOCK && !name.startsWith(`${LOCK}.`))) {
    throw new DataDirectoryError(
      'DATA_DIRECTORY_FOREIGN',
      `${absolute} is not empty and was not made by ProDvor; choose another data directory.`,
    );
  }
  if (entries.includes(MARKER)) await checkFormat(absolute);
  try {
    // The lock is taken before the marker is written, so that of two concurrent first starts only one writes it.
    const release = await lock(path.join(absolute, LOCK), absolute);
    if (!entries.includes(MARKER))
      await writeFile(path.join(absolute, MARKER), `${JSON.stringify({ product: 'prodvor', format: FORMAT })}\n`);
    return { directory: absolute, release };
  } catch (error) {
    throw asUnwritable(error, absolute);
  }
}

/** Whether the product created this directory (it has the marker). */
export async function isDataDirectory(directory: string): Promise<boolean> {
  return (await readdir(directory).catch((): string[] => [])).includes(MARKER);
}

/** Empties a claimed directory except for its marker and lock. */
export async function emptyDataDirectory(claimed: DataDirectory): Promise<void> {
  for (const name of await readdir(claimed.directory)) {
    if (name !== MARKER && name !== LOCK)
      await rm(path.join(claimed.directory, name), { recursive: true, force: true });
  }
}

async function listOrCreate(directory: string): Promise<string[]> {
  try {
    // If root starts the server, the server runs as another user, who must be able to enter the directory.
    await makeDirectory(directory, process.geteuid?.() === 0 ? 0o711 : 0o700);
    return await readdir(directory);
  } catch (error) {
    throw asUnwritable(error, directory);
  }
}

/** Node's own recursive mkdir never returns where a file system lets nobody create (`/proc/x`). */
async function makeDirectory(directory: string, mode: number): Promise<void> {
  const create = (): Promise<void> =>
    mkdir(directory, mode).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST' || !(await stat(directory)).isDirectory()) throw error;
    });
  await create().catch(async (error: NodeJS.ErrnoException) => {
    const parent = path.dirname(directory);
    if (error.code !== 'ENOENT' || parent === directory) throw error;
    await makeDirectory(parent, mode);
    await create();
  });
}

async function checkFormat(directory: string): Promise<void> {
  const marker = (await readFile(path.join(directory, MARKER), 'utf8')
    .then(JSON.parse)
    .catch(() => undefined)) as { format?: unknown } | undefined;
  if (marker?.format === FORMAT) return;
  throw new DataDirectoryError(
    'DATA_DIRECTORY_VERSION',
    `${directory} was made by another version of ProDvor (${MARKER} in it); choose another data directory.`,
  );
}

function asUnwritable(error: unknown, directory: string): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOTDIR: 'a part of the path is a file',
    EEXIST: 'it is a file',
    ENOSPC: 'no space left',
    ENOENT: 'it cannot be created',
    ENAMETOOLONG: 'the name is too long',
  };
  if (error instanceof DataDirectoryError || !(code in reasons)) return error;
  return new DataDirectoryError(
    'DATA_DIRECTORY_UNWRITABLE',
    `Cannot use ${directory} as data directory: ${reasons[code]}.`,
  );
}

interface Holder {
  pid: number;
  /** The start time of the process. It distinguishes the process from a later one with the same pid. */
  started: string;
  id: string;
}

/**
 * Creates `file` for this process, or takes it over from a dead holder. The file appears complete, because it is linked
 * into place, so no reader sees a partial holder. Only one contender can take over one dead holder, because the name of
 * the takeover file contains the holder's id. proper-lockfile is not used, because it depends on time: decision 0025.
 * @throws DataDirectoryError DATA_DIRECTORY_IN_USE when a living process has the lock, or another one is taking it over
 */
export async function lock(file: string, what: string): Promise<() => Promise<void>> {
  const own: Holder = { pid: process.pid, started: lookAtProcess(process.pid).began ?? '', id: randomUUID() };
  const draft = `${file}.${own.id}`;
  await writeFile(draft, `${JSON.stringify(own)}\n`);
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await linked(draft, file)) return release;
      const holder = await holderOf(file);
      if (!holder) continue;
      if (isStillRunning(holder.pid, holder.started)) {
        throw new DataDirectoryError(
          'DATA_DIRECTORY_IN_USE',
          `${what} is in use by process ${holder.pid}; stop it or choose another data directory.`,
        );
      }
      const takeover = `${file}.takeover-${holder.id}`;
      if (!(await linked(draft, takeover))) {
        // Another process is taking the lock over from a dead process. If that process died while doing so, its
        // takeover file is deleted after ten seconds.
        if (Date.now() - (await modified(takeover)) > 10_000) await rm(takeover, { force: true });
        continue;
      }
      try {
        if ((await holderOf(file))?.id !== holder.id) continue;
        await rename(takeover, file);
        return release;
      } finally {
        await rm(takeover, { force: true });
      }
    }
    throw new DataDirectoryError('DATA_DIRECTORY_IN_USE', `${what} is being started by another process; try again.`);
  } finally {
    await rm(draft, { force: true });
  }

  async function release(): Promise<void> {
    if ((await holderOf(file))?.id === own.id) await rm(file, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function modified(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => Date.now(),
  );
}

/** The holder of the lock. Undefined when there is no lock. An unreadable lock counts as left by a dead process. */
async function holderOf(file: string): Promise<Holder | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { pid, started, id } = JSON.parse(text) as Partial<Holder>;
    if (Number.isSafeInteger(pid) && typeof started === 'string' && typeof id === 'string' && /^[\w-]+$/.test(id))
      return { pid: pid!, started, id };
  } catch {
    /* falls through */
  }
  return { pid: 0, started: '', id: 'unreadable' };
}
