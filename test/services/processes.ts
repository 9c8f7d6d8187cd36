// Servers outlive the command that starts them. A file identifies each server by its pid and its start time, because
// the system reuses pids.
import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { host } from './ports.ts';
import { isGroupRunning, isStillRunning, lookAtProcess } from '../../platform/lifecycle/process-start.mjs';
import { Refusal } from './service.ts';

export interface Launch {
  /** The base name of the pid file and the log in the service's folder. */
  id: string;
  command: string;
  args: string[];
  /** Variables in addition to the few that the process inherits from the caller: see `inherited`. */
  env?: Record<string, string>;
  cwd?: string;
  user?: { uid: number; gid: number };
  /** The signal for an orderly stop. Default: SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** Ports that must be free at the start. */
  ports: number[];
}

interface Recorded {
  pid: number;
  began: string;
  stopSignal: NodeJS.Signals;
}

const stopPatience = 30_000;
const orphanPatience = 10_000;

/**
 * An identifier of the process's start. No other process with this pid has the same identifier. Undefined when no
 * process with this pid runs; a zombie does not run.
 */
export function startIdOf(pid: number): string | undefined {
  return lookAtProcess(pid).began;
}

const pidFile = (dir: string, id: string) => join(dir, `${id}.pid.json`);
export const logFile = (dir: string, id: string) => join(dir, `${id}.log`);

function recorded(dir: string, id: string): Recorded | undefined {
  try {
    const record = JSON.parse(readFileSync(pidFile(dir, id), 'utf8')) as Recorded;
    // Older versions wrote a space between the boot id and the start time.
    return { ...record, began: record.began.replace(/^([\w-]{36}) (\d+)$/, '$1:$2') };
  } catch {
    return undefined;
  }
}

function isAlive(record: Recorded): boolean {
  return isStillRunning(record.pid, record.began);
}

/** The pid of the process launched under this id in this folder; undefined when it does not run. */
export function runningPid(dir: string, id: string): number | undefined {
  const record = recorded(dir, id);
  return record && isAlive(record) ? record.pid : undefined;
}

async function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const answer = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket
      .once('connect', () => answer(true))
      .once('timeout', () => answer(true))
      .once('error', () => answer(false));
  });
}

/**
 * Starts a process in its own process group, with its output in a log.
 * @returns its pid
 * @throws Refusal when one of its ports is in use
 */
export async function launch(dir: string, what: Launch): Promise<number> {
  const previous = recorded(dir, what.id);
  if (previous) {
    // After a kill -9 of a server, its children may run for a moment. A new server must not start next to them: for
    // example, PostgreSQL's processes share memory. So this waits for at most `orphanPatience`.
    const deadline = Date.now() + orphanPatience;
    while (!isAlive(previous) && isGroupRunning(previous.pid) && Date.now() < deadline) await delay(50);
  }
  for (const port of what.ports) {
    if (await isPortTaken(port))
      throw new Refusal(`port ${port} is taken by another program (or by servers of another data directory)`);
  }
  const log = openSync(logFile(dir, what.id), 'w');
  try {
    const child = spawn(what.command, what.args, {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: what.cwd ?? dir,
      env: { ...inherited(), ...what.env },
      ...what.user,
    });
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    const pid = child.pid as number;
    child.unref();
    const record: Recorded = { pid, began: startIdOf(pid) ?? 'gone', stopSignal: what.stopSignal ?? 'SIGTERM' };
    writeFileSync(pidFile(dir, what.id), JSON.stringify(record));
    return pid;
  } finally {
    closeSync(log);
  }
}

/**
 * Ends the process launched under this id: with its stop signal, and after `patience` milliseconds with SIGKILL for the
 * whole group. Resolves to false when the process was not running.
 */
export async function stop(dir: string, id: string, patience = stopPatience): Promise<boolean> {
  const record = recorded(dir, id);
  const alive = record !== undefined && isAlive(record);
  if (alive) {
    process.kill(record.pid, record.stopSignal);
    const deadline = Date.now() + patience;
    while (isAlive(record) && Date.now() < deadline) await delay(30);
    if (isAlive(record)) {
      process.kill(-record.pid, 'SIGKILL');
      while (isAlive(record)) await delay(30);
    }
  }
  rmSync(pidFile(dir, id), { force: true });
  return alive;
}

/**
 * The caller's variables that every server needs. Other variables, such as KC_… or RABBITMQ_…, would change a server's
 * configuration.
 */
function inherited(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'JAVA_HOME', 'TMPDIR']) {
    const value = process.env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

/** Runs a program to its end. @throws Refusal with the last lines of its output when it fails */
export async function run(
  command: string,
  args: string[],
  options: {
    env?: Record<string, string>;
    cwd?: string;
    user?: { uid: number; gid: number };
    inheritAll?: boolean;
  } = {},
): Promise<string> {
  const { env, cwd, user, inheritAll } = options;
  return new Promise((resolve, reject) => {
    const settings = { cwd, encoding: 'utf8' as const, maxBuffer: 64 * 2 ** 20, ...user };
    const child = execFile(
      command,
      args,
      { ...settings, env: { ...(inheritAll ? process.env : inherited()), ...env } },
      (error, out, err) => {
        if (!error) return resolve(out);
        reject(new Refusal(`${[command, ...args.slice(0, 2)].join(' ')} failed:\n${lastLines(out + err, 15)}`));
      },
    );
    child.stdin?.end();
  });
}

export function lastLines(text: string, count: number): string {
  return text
    .trimEnd()
    .split('\n')
    .slice(-count)
    .map((line) => `    ${line}`)
    .join('\n');
}
