import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Calls `condition` every 25 ms. Resolves to its first truthy result. The default limit is long, because a busy machine
 * may be ten times slower. A test that promises a time passes its own limit.
 * @throws Error when there was none in time. Its cause is the error of the last call, if that call threw
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  ms = 30_000,
): Promise<NonNullable<Exclude<T, false | 0 | ''>>> {
  const deadline = performance.now() + ms;
  let failure: unknown;
  do {
    try {
      const answer = await condition();
      if (answer) return answer as NonNullable<Exclude<T, false | 0 | ''>>;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    await sleep(25);
  } while (performance.now() < deadline);
  throw new Error(`${what}: not within ${ms} ms`, { cause: failure });
}
