import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { ServerUser } from './postgres-binaries.ts';
import { endPostmaster } from './postmaster.ts';

export interface ServerOptions {
  /** Absolute path of `postgres`. */
  readonly program: string;
  /** The folder of the cluster. */
  readonly data: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** The server appends its log to this file. */
  readonly logFile: string;
  readonly user: ServerUser | undefined;
  readonly throwAway?: boolean;
  /** URL of the database `postgres`. */
  readonly adminUrl: string;
  /** The name of the database. It is created if it is missing. */
  readonly database: string;
}

/** One run of the server. */
export interface ServerProcess {
  readonly pid: number;
  /** Resolves when the server has ended for any reason, to the cause: `signal SIGKILL`, `code 1`. */
  readonly ended: Promise<string>;
  /** Fast shutdown. Does nothing when the server has ended. */
  end(): Promise<void>;
}

/**
 * Starts PostgreSQL and resolves when it accepts connections.
 * @throws Error with the server's last error
 */
export async function launchServer(options: ServerOptions): Promise<ServerProcess> {
  const { program, data, port, logFile, user, throwAway, adminUrl, database } = options;
  const log = await open(logFile, 'a', 0o600);
  const { size: before } = await log.stat();
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    log_checkpoints: 'off',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    timezone: 'UTC',
    ...(throwAway ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const server = spawn(
    program,
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      // The server has its own process group, so that Ctrl-C in the terminal reaches only this process. This process
      // closes its connections first and then ends the server.
      ...user,
      cwd: '/',
      env: { LC_ALL: 'C', TZ: 'UTC' },
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    },
  );
  let gone = false;
  const ended = ending(server).finally(() => {
    gone = true;
  });
  await log.close();
  if (server.pid === undefined) throw new Error(`PostgreSQL cannot be started: ${await ended}`);
  const pid = server.pid;
  const guard = guardOf(pid, user);
  void ended.then(() => guard.kill('SIGKILL'));
  // After the server has ended, its pid may belong to another process.
  const end = async (): Promise<void> => (gone ? undefined : endPostmaster(pid, ended));
  try {
    await waitUntilReady(adminUrl, database, () => gone);
  } catch (error) {
    await end();
    const said = (await readFile(logFile).catch(() => Buffer.alloc(0))).subarray(before).toString().split('\n');
    const complaints = said.filter((line) => line !== '' && !/the database system is /.test(line));
    const last = complaints.findLast((line) => /FATAL|PANIC|ERROR/.test(line)) ?? complaints.at(-1);
    throw new Error(`PostgreSQL did not start: ${last ?? (error as Error).message} (see ${logFile})`, { cause: error });
  }
  return { pid, ended, end };
}

async function ending(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(error.message);
    });
    child.once('exit', (code, signal) => {
      resolve(signal ? `signal ${signal}` : `code ${code}`);
    });
  });
}

/**
 * A shell that shuts the server down when this process has ended. The end of this process, even by SIGKILL, closes the
 * shell's input, and the shell waits for that.
 */
function guardOf(pid: number, user: ServerUser | undefined): ChildProcess {
  return spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'sh', String(pid)], {
    ...user,
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

async function waitUntilReady(adminUrl: string, database: string, isGone: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await delay(15)) {
    const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
    // Listens for errors, because an error without a listener would end this process when the server ends right now.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
      if (!rowCount) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(database)}`);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      // SQLSTATE 57P03: the server is starting up, or recovering after a crash. Then the connection is tried again.
      if (isGone() || Date.now() > deadline || (code !== 'ECONNREFUSED' && code !== '57P03' && code !== 'ECONNRESET'))
        throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/**
 * A free port below the range for outgoing connections. The port must be free again when the server restarts. A client
 * that connects to an unused port of the range for outgoing connections can end up connected to itself.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const probe = createServer().listen(port, '127.0.0.1');
    if (
      !(await once(probe, 'listening').then(
        () => true,
        () => false,
      ))
    )
      continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
  throw new Error('There is no free port on 127.0.0.1 between 15000 and 32000 for the database.');
}
