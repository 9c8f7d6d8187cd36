// Uses only Node's own modules and runs on Node 20, because a fresh clone needs it before anything is installed.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';

const hasProc = existsSync('/proc/self/stat');
/** A zombie has ended. Its pid stays reserved until its parent reads its exit code, which may never happen. */
const ENDED = new Set(['Z', 'X', 'x']);

/**
 * proc_pid_stat(5): field 2 may contain spaces and parentheses. After it, the state is field 1, the group field 3, and
 * the start time field 20.
 */
function statOf(pid) {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

function answersSignals(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

export function lookAtProcess(pid) {
  if (!Number.isSafeInteger(pid) || pid <= 0 || !answersSignals(pid)) return { running: false };
  if (hasProc) {
    const fields = statOf(pid);
    // Without an entry it has ended meanwhile, or /proc hides the processes of other users (hidepid).
    if (!fields) return { running: answersSignals(pid) };
    if (ENDED.has(fields[0])) return { running: false };
    return { running: true, began: `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${fields[19]}` };
  }
  try {
    const options = {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
      stdio: ['ignore', 'pipe', 'ignore'],
    };
    const [, state = '', began = ''] =
      /^(\S+)\s+(.*)$/.exec(execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], options).trim()) ?? [];
    return ENDED.has(state[0]) ? { running: false } : { running: true, began: began || undefined };
  } catch {
    return { running: answersSignals(pid) };
  }
}

export function isStillRunning(pid, began) {
  const now = lookAtProcess(pid);
  return now.running && (!began || now.began === undefined || now.began === began);
}

export function isGroupRunning(pgid) {
  if (!hasProc) return answersSignals(-pgid);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .some((pid) => {
      const fields = statOf(pid);
      return fields !== undefined && Number(fields[2]) === pgid && !ENDED.has(fields[0]);
    });
}
