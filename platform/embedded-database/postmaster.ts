import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isStillRunning, lookAtProcess } from '../lifecycle/process-start.mjs';

/**
 * Shuts the server down fast, after ten seconds immediately, and after twenty seconds kills it. No committed data is
 * lost, because the log is replayed at the next start.
 * @throws Error if the server still runs after thirty seconds
 */
export async function endPostmaster(pid: number, ended: Promise<unknown>): Promise<void> {
  const { began } = lookAtProcess(pid);
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    // Sends the signal only if the server still runs: after ten seconds its pid may belong to another process.
    if (isStillRunning(pid, began)) signalTo(pid, signal);
    const timer = new AbortController();
    const outcome = await Promise.race([
      ended.then(() => 'ended'),
      delay(10_000, 'late', { signal: timer.signal }).catch(() => 'late'),
    ]);
    timer.abort();
    if (outcome === 'ended') return;
  }
  throw new Error(`PostgreSQL (process ${pid}) does not end.`);
}

/**
 * Ends the server that an earlier, killed process may have left in the cluster `data`, or the processes that a killed
 * server left. The caller holds the data directory's lock, so no living owner exists.
 */
export async function endLeftoverPostmaster(data: string, onProgress?: (step: string) => void): Promise<void> {
  const pid = await findPostmaster(data);
  if (pid === undefined) return endOrphansOf(data);
  onProgress?.('ending a database server that was left running');
  const { began } = lookAtProcess(pid);
  await endPostmaster(pid, waitUntilGone(pid, began));
}

/**
 * The pid of the server that runs in the cluster `data`. If the recorded id belongs to no server of this cluster (the
 * process is gone, a zombie, or another program), the process is left alone and the record is deleted. PostgreSQL
 * itself would take any process with that id, even a zombie, for a living server, and refuse to start.
 */
export async function findPostmaster(data: string): Promise<number | undefined> {
  const file = path.join(data, 'postmaster.pid');
  const pid = Number.parseInt((await readFile(file, 'utf8').catch(() => '')).split('\n')[0] ?? '', 10);
  if (!(pid > 0)) return undefined;
  // The command line is a safer sign than the start time: only the cluster's server runs as `postgres -D data`.
  if (lookAtProcess(pid).running && isServerOf(await commandOf(pid), data)) return pid;
  await rm(file, { force: true });
  return undefined;
}

function isServerOf(command: readonly string[], data: string): boolean {
  return (
    path.basename(command[0] ?? '') === 'postgres' && command[1] === '-D' && command.slice(2).join(' ').startsWith(data)
  );
}

/**
 * Ends the processes of a killed server, on Linux only. They end by themselves when they notice its death, but a
 * process in a long query notices only afterwards. Until then it holds the shared memory, so no server can start.
 * Nothing is lost: the log is replayed, as after the death of the server itself.
 */
async function endOrphansOf(data: string): Promise<void> {
  const home = await realpath(data).catch(() => undefined);
  if (home === undefined || process.platform !== 'linux') return;
  for (const pid of (await readdir('/proc')).map(Number).filter(Number.isSafeInteger)) {
    if (
      (await readlink(`/proc/${pid}/cwd`).catch(() => undefined)) !== home ||
      !(await commandOf(pid))[0]?.startsWith('postgres: ')
    )
      continue;
    const { began } = lookAtProcess(pid);
    signalTo(pid, 'SIGKILL');
    await waitUntilGone(pid, began);
  }
}

async function waitUntilGone(pid: number, began: string | undefined): Promise<void> {
  for (let waited = 0; isStillRunning(pid, began) && waited < 60_000; waited += 20) await delay(20);
}

async function commandOf(pid: number): Promise<readonly string[]> {
  if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  const listed = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
    env: { PATH: '/bin:/usr/bin' },
  }).catch(() => undefined);
  return (listed?.stdout ?? '').trim().split(' ');
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
