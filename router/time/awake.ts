// A clock for deadlines. A process that was frozen (SIGSTOP, a paused machine) or blocked finds all its timers due
// before it has read what arrived meanwhile, and would blame subgraphs and clients that were well.

/** How often the clock looks whether the event loop is there. */
const BEAT_MS = 250;
/** Without a look for so long, it was away. */
const AWAY_MS = 500;

let last = performance.now();
let away = 0;
let backAt = -Infinity;
let beat: NodeJS.Timeout | undefined;

/** Milliseconds of a monotonic clock that stands still while the event loop is away for half a second and longer. */
export function awakeNow(): number {
  const now = performance.now();
  if (beat === undefined) {
    beat = setInterval(awakeNow, BEAT_MS).unref();
  } else if (now - last > AWAY_MS) {
    away += now - last;
    backAt = now;
  }
  last = now;
  return now - away;
}

/** Whether the event loop came back from being away less than `ms` ago. */
export function wasAway(ms: number): boolean {
  awakeNow();
  return performance.now() - backAt < ms;
}

/**
 * Calls once after `ms` in which the event loop was there. What arrived while it was away is read first. Gives what
 * cancels it.
 */
export function awakeTimeout(call: () => void, ms: number): () => void {
  let timer: NodeJS.Timeout;
  const arm = (left: number): void => {
    awakeNow();
    const before = away;
    timer = setTimeout(() => {
      awakeNow();
      if (away > before) arm(away - before);
      else call();
    }, left);
  };
  arm(ms);
  return () => clearTimeout(timer);
}
