import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { LoggerService } from '@nestjs/common';
import { within } from '../async/within.ts';
import type { Health } from './health.ts';

export interface ShutdownOptions {
  readonly logger: Pick<LoggerService, 'log' | 'warn' | 'error'>;
  readonly health?: readonly Health[];
  /**
   * Time in which the process is not ready but still accepts requests, so that load balancers notice. Milliseconds,
   * default 0.
   */
  readonly drainMs?: number;
  /** Listeners whose requests in flight must finish. */
  readonly servers?: readonly Server[];
  /**
   * The functions that close open sockets with "going away". They are called after the listeners have stopped
   * accepting. See {@link closeWebSockets}.
   */
  readonly sockets?: readonly (() => void | Promise<void>)[];
  /** Time for requests and sockets; open ones are cut afterwards. Milliseconds, default 10,000. */
  readonly graceMs?: number;
  /** The functions that are called after that, one after the other in this order: consumers, outbox relay, pools, … */
  readonly closers?: readonly { readonly name: string; readonly close: () => void | Promise<void> }[];
  /** Time for the whole stop, after which the process ends with code 1. Milliseconds, default 20,000. */
  readonly totalMs?: number;
  /** Ends the process. Default: `process.exit`. */
  readonly exit?: (code: number) => void;
}

/** A graceful stop. The first caller starts it, and every caller gets its result. */
export interface Shutdown {
  /**
   * Resolves with the exit code: 0, or 1 if something was cut, failed to close, or took longer than `totalMs`.
   * Idempotent. Does not exit.
   */
  stop(reason: string): Promise<number>;
  /**
   * Stops and exits on SIGTERM and SIGINT. A second signal exits immediately with code 1, unless it counts as the same
   * signal (SAME_SIGNAL_MS). Returns a function that removes the handlers.
   */
  onSignals(): () => void;
  /** Whether the stop has started. */
  readonly stopping: boolean;
}

/**
 * A terminal's Ctrl-C reaches a child of npm up to three times: from the terminal, and forwarded by each parent.
 * Signals within this time count as one. Milliseconds.
 */
const SAME_SIGNAL_MS = 1000;

export function createShutdown(options: ShutdownOptions): Shutdown {
  const { logger, exit = (code) => process.exit(code), totalMs = 20_000 } = options;
  let stopping: Promise<number> | undefined;
  const stop = (reason: string): Promise<number> =>
    (stopping ??= within(run(options, reason), totalMs, () => undefined).then((code) => {
      if (code === undefined) logger.error(`the stop took more than ${totalMs} ms`, 'Shutdown');
      return code ?? 1;
    }));
  return {
    stop,
    get stopping() {
      return stopping !== undefined;
    },
    onSignals() {
      let since = 0;
      const onSignal = (signal: NodeJS.Signals): void => {
        if (stopping) {
          if (performance.now() - since < SAME_SIGNAL_MS) return;
          logger.warn(`${signal} again: the process ends immediately`, 'Shutdown');
          exit(1);
        } else {
          since = performance.now();
          void stop(signal).then(exit);
        }
      };
      process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
      return () => void process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    },
  };
}

async function run(
  { logger, health = [], drainMs = 0, servers = [], sockets = [], graceMs = 10_000, closers = [] }: ShutdownOptions,
  reason: string,
): Promise<number> {
  logger.log(`stopping: ${reason}`, 'Shutdown');
  let code = 0;
  const failed = (name: string, error: unknown): void => {
    code = 1;
    logger.error(`${name} did not close`, error instanceof Error ? error : new Error(String(error)), 'Shutdown');
  };
  for (const one of health) one.drain();
  if (drainMs > 0) await new Promise((resolve) => setTimeout(resolve, drainMs));
  const closed = servers.map(closeServer);
  const told = sockets
    .map(async (close) => close())
    .map((closing) => closing.catch((error: unknown) => failed('a socket', error)));
  if ((await within(Promise.all([...closed, ...told]), graceMs, () => undefined)) === undefined) {
    code = 1;
    logger.warn(`requests or sockets still open after ${graceMs} ms are cut`, 'Shutdown');
    for (const server of servers) server.closeAllConnections();
  }
  for (const { name, close } of closers) {
    try {
      await close();
    } catch (error) {
      failed(name, error);
    }
  }
  logger.log('stopped', 'Shutdown');
  return code;
}

const connections = new WeakMap<Server, Set<Socket>>();

/**
 * Call it before the server listens. Browsers open connections in advance, and node:http counts a connection without
 * any data as busy. So a stop would wait for it until the end of the grace time. After a call of this function, the
 * stop closes such connections immediately.
 */
export function closesUnusedOnStop(server: Server): void {
  const open = new Set<Socket>();
  connections.set(server, open);
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
}

/** Stops accepting, lets requests in flight finish, and cuts open connections after `graceMs`. */
export async function drainServer(server: Server, graceMs: number): Promise<void> {
  const closed = closeServer(server).then(() => true);
  if (await within(closed, graceMs, () => undefined)) return;
  server.closeAllConnections();
  await closed;
}

/**
 * Closes the server and repeatedly its idle connections. A connection whose request was answered becomes idle and would
 * be kept alive, but node:http closes only connections that are idle at the call.
 */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve();
    const sweep = setInterval(() => server.closeIdleConnections(), 50).unref();
    server.close(() => {
      clearInterval(sweep);
      resolve();
    });
    // A request that arrives now was pipelined, or uses a connection that was just reused.
    server.prependListener('request', (_req, res) => res.setHeader('connection', 'close'));
    server.closeIdleConnections();
    for (const socket of connections.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
  });
}

/** The part of a `ws` server that this file uses. */
export interface WebSocketServerLike {
  readonly clients: Iterable<{
    close(code: number, reason: string): void;
    terminate(): void;
    once(event: 'close', listener: () => void): unknown;
  }>;
}

/**
 * Closes each socket with 1001 (going away, RFC 6455), so that clients reconnect elsewhere. A socket that does not
 * answer within `patienceMs` is terminated.
 */
export async function closeWebSockets({ clients }: WebSocketServerLike, patienceMs = 2_000): Promise<void> {
  await Promise.all(
    [...clients].map(
      (client) =>
        new Promise<void>((resolve) => {
          const timer = setTimeout(() => client.terminate(), patienceMs);
          client.once('close', () => {
            clearTimeout(timer);
            resolve();
          });
          client.close(1001, 'Going away');
        }),
    ),
  );
}
