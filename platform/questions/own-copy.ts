import { setTimeout as sleep } from 'node:timers/promises';
import { currentContext } from '../observability/request-context.ts';
import { msLeft } from './asked.ts';

/**
 * How long a request waits for the events that bring its own subgraph's copy up to what another subgraph has said.
 * Milliseconds.
 */
const OWN_COPY_MS = 2_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 100;

/**
 * What `read` gives, read again until `isHere` or until {@link OWN_COPY_MS} have passed, or the time that a question
 * leaves which is answered with it. The events may be handled by another replica, so the table is asked and not the
 * consumer. Ask the owner first: only what is known to exist is worth a wait, and no stranger's request holds a
 * connection.
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
