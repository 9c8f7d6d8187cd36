import { wasAway } from '../time/awake.ts';

/** A `net.Socket`, or a `ServerResponse` on one. */
interface Timed {
  setTimeout(ms: number): unknown;
  on(event: 'timeout', listener: () => void): unknown;
  off(event: 'timeout', listener: () => void): unknown;
}

/**
 * Calls `onStuck` when the other end takes nothing for `ms`, of what there is for it to take. A part of a large write
 * that the operating system takes counts, which `writableLength` does not tell. Gives what ends the watch.
 */
export function watchTaking(out: Timed, ms: number, onStuck: () => void): () => void {
  const onTimeout = (): void => {
    // What was taken while the event loop was away is not known yet.
    if (wasAway(ms)) out.setTimeout(ms);
    else onStuck();
  };
  out.on('timeout', onTimeout);
  out.setTimeout(ms);
  return () => {
    out.off('timeout', onTimeout);
    out.setTimeout(0);
  };
}
