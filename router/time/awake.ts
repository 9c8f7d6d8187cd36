// A clock for deadlines. After a process was frozen (SIGSTOP, a suspended machine) or blocked, all its timers are due
// before it has read what arrived meanwhile. Ordinary deadlines would then fail subgraphs and clients that were
// healthy.

/** How often the clock checks that the event loop runs. Milliseconds. */
const BEAT_MS = 250;
/** If no check has run for longer than this, the event loop was blocked. Milliseconds. */
const BLOCKED_MS = 500;

let last = performance.now();
let blockedMs = 0;
let resumedAt = -Infinity;
let beat: NodeJS.Timeout | undefined;

/**
 * The time of a monotonic clock in milliseconds. The clock stops while the event loop is blocked for over half a
 * second.
 */
export function awakeNow(): number {
  const now = performance.now();
  if (beat === undefined) {
    beat = setInterval(awakeNow, BEAT_MS).unref();
  } else if (now - last > BLOCKED_MS) {
    blockedMs += now - last;
    resumedAt = now;
  }
  last = now;
  return now - blockedMs;
}

/** Whether the event loop was blocked and resumed less than `ms` ago. */
export function wasBlocked(ms: number): boolean {
  awakeNow();
  return performance.now() - resumedAt < ms;
}

/**
 * Calls `call` once after `ms` during which the event loop ran. The process first reads what arrived while it was
 * blocked.
 * @returns a function that cancels the timeout
 */
export function awakeTimeout(call: () => void, ms: number): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    awakeNow();
    const before = blockedMs;
    timer = setTimeout(() => {
      awakeNow();
      if (blockedMs > before) arm(blockedMs - before);
      else call();
    }, left);
  };
  arm(ms);
  return () => clearTimeout(timer);
}
