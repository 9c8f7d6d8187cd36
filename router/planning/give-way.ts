const nothing = new Int32Array(new SharedArrayBuffer(4));
const MS = 0.05;

/**
 * Blocks the thread for a moment, so that whoever waits for the processor gets it. The lowest priority is not enough
 * for that: Linux lets a process run to the end of its slice, 3 ms, before one that has just been woken takes its
 * place. At 1,000 known and 100 new operations a second, in alternating runs, the p95 of the known was 3.0 to 3.2 ms
 * with it and 3.7 to 4.2 without, their p99 rose 1.9 and 2.5 times (medians).
 */
export function giveWay(): void {
  Atomics.wait(nothing, 0, 0, MS);
}
