import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

/** How many times in a row the server is started again before it is given up. */
const TRIES = 6;
/**
 * After a server has run for this time, in milliseconds, the count of starts begins again. So the product survives an
 * occasional crash, but not a crash soon after each start.
 */
const STEADY_MS = 10_000;
/**
 * The delay before the second try, in milliseconds. It doubles before each later one. There is no delay before the
 * first try. The rest of the old server may take some seconds to end.
 */
const FIRST_PAUSE_MS = 500;

/** Callbacks, each with one line of text, for a server that has ended unexpectedly. */
export interface Supervision {
  /**
   * Called before each attempt to start the server again: after it has ended, and after an attempt that failed. Also
   * called when the server runs again.
   */
  readonly onOutage: (line: string) => void;
  /** Called when the last try has failed. The server is not started again. */
  readonly onLost: (line: string) => void;
}

/** A server that may have had several processes. */
export interface KeptServer {
  /** The pid of the current process. */
  readonly pid: number;
  /** Ends the server, and a start that is running. */
  stop(): Promise<void>;
}

/** Launches a server, and with `supervision` launches it again whenever it ends unexpectedly. */
export async function keepRunning(
  launch: () => Promise<ServerProcess>,
  supervision?: Supervision,
): Promise<KeptServer> {
  let server = await launch();
  const stopping = new AbortController();
  const watching = supervision ? watch(supervision) : Promise.resolve();
  return {
    get pid() {
      return server.pid;
    },
    async stop() {
      stopping.abort();
      await server.end();
      await watching;
    },
  };

  async function watch({ onOutage, onLost }: Supervision): Promise<void> {
    for (let tries = 0; ;) {
      const since = performance.now();
      let reason = `process ${server.pid} ended by ${await server.ended}`;
      const began = performance.now();
      if (began - since > STEADY_MS) tries = 0;
      for (let isBack = false; !isBack;) {
        if (tries > 0 && tries < TRIES)
          await delay(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        if (tries === TRIES)
          return onLost(
            `The database server could not be restarted after ${TRIES} tries, so this process ends: ${reason}`,
          );
        tries++;
        onOutage(`The database server has stopped (${reason}); restarting it, attempt ${tries} of ${TRIES}`);
        try {
          server = await launch();
          if (stopping.signal.aborted) return await server.end();
          isBack = true;
        } catch (error) {
          reason = error instanceof Error ? error.message : String(error);
        }
      }
      onOutage(`The database server is back after ${Math.round(performance.now() - began)} ms`);
    }
  }
}
