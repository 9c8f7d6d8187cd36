import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext } from '../observability/request-context.ts';
import { msLeft } from './asked.ts';

/**
 * How long a request waits until the copy of its own subgraph has the events that another subgraph's answer is based
 * on. Milliseconds.
 */
const OWN_COPY_MS = 2_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 100;

/**
 * Repeats `read` until `isCaughtUp` accepts the value, or until `forMs` milliseconds have passed, and returns the last
 * value. If the request itself answers a question, the time of that question also limits the wait. `read` must read the
 * table: the consumer of this process may not have the events, because another replica may handle them. Ask the owner
 * first whether the data exists. Otherwise strangers could keep connections busy with waits for data that does not
 * exist.
 */
export async function readOwnCopy<T>(
  read: () => Promise<T>,
  isCaughtUp: (value: T) => boolean,
  forMs = OWN_COPY_MS,
): Promise<T> {
  const until = performance.now() + msLeft(currentContext()?.question, forMs);
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const value = await read();
    if (isCaughtUp(value) || performance.now() + pause > until) return value;
    await sleep(pause);
  }
}
