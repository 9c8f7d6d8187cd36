/** Milliseconds before a failed read is retried: the first delay, and the longest. */
export const READ_AGAIN_MS = 50;
export const READ_AGAIN_MOST_MS = 500;

/**
 * Milliseconds before try number `failures + 1`. The delay doubles from `first` up to `most`. A random part of up to a
 * fifth is subtracted, so that processes do not retry in step.
 */
export function backoff(failures: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(failures, 30)) * (1 - Math.random() / 5);
}

/** Resolves after `ms`, or as soon as `signal` aborts. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

export function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
