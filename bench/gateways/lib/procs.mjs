// Starts, measures and ends processes. Each process gets its own session (setsid). So its CPU time can be summed over
// all of its children, and signals reach only that session.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, openSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TICK_US = 1e6 / Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout.trim() || 100);
const has = (bin) => spawnSync('sh', ['-c', `command -v ${bin}`]).status === 0;
export const tools = { taskset: has('taskset'), wrk: has('wrk') };
/** Whether the gateway can have its own CPU, separate from the other processes. */
export const canPin = availableParallelism() > 1 && tools.taskset;
// Gateways in Node run on the same Node version as this harness, not on the first one on the PATH.
const PATH = `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`;
const running = new Set();

export function start(name, command, { env = {}, cpus, cwd, log } = {}) {
  mkdirSync(log, { recursive: true });
  const out = openSync(`${log}/${name.replace(/[^\w.-]/g, '_')}.log`, 'w');
  const [bin, ...args] = [...(cpus && tools.taskset ? ['taskset', '-c', cpus] : []), 'sh', '-c', command];
  const child = spawn(bin, args, {
    cwd,
    detached: true,
    stdio: ['ignore', out, out],
    env: { ...process.env, PATH, NODE_ENV: 'production', ...env },
  });
  const proc = { name, child, sid: child.pid, exited: false };
  child.on('exit', () => {
    proc.exited = true;
    running.delete(proc);
  });
  running.add(proc);
  return proc;
}
export async function stop(proc) {
  if (proc.exited) return;
  for (const [signal, tenths] of [
    ['SIGTERM', 50],
    ['SIGKILL', 20],
  ]) {
    try {
      process.kill(-proc.sid, signal);
    } catch {
      /* already gone */
    }
    for (let i = 0; i < tenths && members(proc.sid).length; i++) await sleep(100);
    if (!members(proc.sid).length) return;
  }
}
process.on('exit', () => {
  for (const p of running)
    try {
      process.kill(-p.sid, 'SIGKILL');
    } catch {
      /* already gone */
    }
});
for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => process.exit(1));

function stat(pid) {
  try {
    const s = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const f = s.slice(s.lastIndexOf(')') + 2).split(' '); // f[0] is the state, field 3 of the file.
    return {
      sid: Number(f[3]),
      state: f[0],
      ticks: Number(f[11]) + Number(f[12]),
      reaped: Number(f[13]) + Number(f[14]),
    };
  } catch {
    return undefined;
  }
}
function members(sid) {
  const out = [];
  for (const e of readdirSync('/proc')) {
    if (!/^\d+$/.test(e)) continue;
    const s = stat(e);
    if (s && s.sid === sid && s.state !== 'Z') out.push({ pid: e, ...s });
  }
  return out;
}
/** The ids of all processes in its session. */
export const pids = (proc) => members(proc.sid).map(({ pid }) => Number(pid));
/**
 * The CPU time of the whole session in microseconds, and its resident memory in MiB: now, and the sum of the peaks of
 * its processes.
 */
export function usage(proc) {
  let ticks = 0,
    rss = 0,
    peak = 0;
  for (const m of members(proc.sid)) {
    ticks += m.ticks;
    try {
      const s = readFileSync(`/proc/${m.pid}/status`, 'utf8');
      rss += (shareOf(m.pid) ?? Number(/VmRSS:\s+(\d+)/.exec(s)?.[1] ?? 0)) / 1024;
      peak += Number(/VmHWM:\s+(\d+)/.exec(s)?.[1] ?? 0) / 1024;
    } catch {
      /* already gone */
    }
  }
  return { cpuUs: ticks * TICK_US, rss, peak };
}
/**
 * Resident memory of a process in KiB. Pages that it shares with other processes (mostly the node binary) count in
 * proportion. Otherwise each process would count them in full.
 */
function shareOf(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]);
  } catch {
    return undefined; // Not all systems have this file.
  }
}
/**
 * Waits until the process is idle (it may still work on requests that were in flight when the load ended), for at most
 * 5 s.
 */
export async function settled(proc) {
  for (let i = 0, before = usage(proc).cpuUs; i < 50; i++) {
    await sleep(100);
    const now = usage(proc).cpuUs;
    if (now - before <= TICK_US) return;
    before = now;
  }
}
/** How long one CPU was busy with anything, in microseconds. Includes stolen time. */
export function busy(cpu) {
  const f = readFileSync('/proc/stat', 'utf8')
    .split('\n')
    .find((l) => l.startsWith(`cpu${cpu} `))
    ?.trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return f ? (f[0] + f[1] + f[2] + f[5] + f[6] + f[7]) * TICK_US : undefined;
}
export async function ready(proc, probe, { ms = 60_000, every = 150 } = {}) {
  const until = Date.now() + ms;
  for (;;) {
    if (proc.exited) throw new Error(`${proc.name} ended before it was ready`);
    try {
      if (await probe()) return;
    } catch {
      /* not ready yet */
    }
    if (Date.now() > until) throw new Error(`${proc.name} was not ready in ${ms} ms`);
    await sleep(every);
  }
}
/** A free port of 127.0.0.1. */
export async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
export { sleep };
