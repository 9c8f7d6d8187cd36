import { wasBlocked } from '../time/awake.ts';

/** A `net.Socket`, or a `ServerResponse` on one. */
interface TimeoutEmitter {
  setTimeout(ms: number): unknown;
  on(event: 'timeout', listener: () => void): unknown;
  off(event: 'timeout', listener: () => void): unknown;
}

/**
 * Calls `onStuck` when the other end reads nothing for `ms` although bytes wait for it. If the operating system takes a
 * part of a large write, that counts as reading too, although `writableLength` does not show it.
 * @returns a function that ends the watch
 */
export function watchForStall(out: TimeoutEmitter, ms: number, onStuck: () => void): () => void {
  const onTimeout = (): void => {
    // After the event loop was blocked, Node does not know yet what the other end has read meanwhile.
    if (wasBlocked(ms)) out.setTimeout(ms);
    else onStuck();
  };
  out.on('timeout', onTimeout);
  out.setTimeout(ms);
  return () => {
    out.off('timeout', onTimeout);
    out.setTimeout(0);
  };
}
