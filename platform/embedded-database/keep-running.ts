import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

/** Starts in a row after which the server is given up. */
const TRIES = 6;
/**
 * A server that ran for this time was healthy. So an occasional crash is survived, and a crash at each start is not.
 * Milliseconds.
 */
const STEADY_MS = 10_000;
/**
 * Delay before the second try; it doubles before each later one. The rest of the old server may take some seconds to
 * end. Milliseconds.
 */
const FIRST_PAUSE_MS = 500;

/** Called with one line when the server ended unexpectedly. */
export interface Supervision {
  /** It is being restarted, it did not start, or it is back. */
  readonly onOutage: (line: string) => void;
  /** It is given up. */
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
