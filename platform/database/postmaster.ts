import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processExists } from './data-directory.ts';

/** Fast shutdown; after ten seconds the immediate one, which loses nothing either (the log is replayed at the next start). */
export async function endPostmaster(pid: number, ended: Promise<unknown>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    signalTo(pid, signal);
    const timer = new AbortController();
    const outcome = await Promise.race([ended.then(() => 'ended'), delay(10_000, 'late', { signal: timer.signal }).catch(() => 'late')]);
    timer.abort();
    if (outcome === 'ended') return;
  }
  throw new Error(`PostgreSQL (process ${pid}) does not end.`);
}

/**
 * Ends the server that an earlier, killed process may have left in the cluster `data`. The caller holds the data directory's lock, so no
 * living owner exists. A recorded id that belongs to some other process by now is left alone.
 */
export async function endPostmasterLeftIn(data: string, onProgress?: (step: string) => void): Promise<void> {
  const file = path.join(data, 'postmaster.pid');
  const pid = Number.parseInt((await readFile(file, 'utf8').catch(() => '')).split('\n')[0] ?? '', 10);
  if (!(pid > 0)) return;
  if (!(await commandOf(pid)).includes(data)) {
    // PostgreSQL itself cannot tell a reused id from a living server and would refuse to start.
    await rm(file, { force: true });
    return;
  }
  onProgress?.('ending a database server that was left running');
  await endPostmaster(pid, untilGone(pid));
}

async function untilGone(pid: number): Promise<void> {
  for (let waited = 0; processExists(pid) && waited < 60_000; waited += 20) await delay(20);
}

async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ');
  const listed = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { env: { PATH: '/bin:/usr/bin' } }).catch(() => undefined);
  return listed?.stdout ?? '';
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
