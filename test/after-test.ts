let waiting: (() => unknown)[] = [];

/**
 * Runs `work` when the test that runs now has ended, whether it passed or failed: in the order of the calls, after all
 * `afterEach` hooks. What it throws fails the test.
 */
export function afterTest(work: () => unknown): void {
  waiting.push(work);
}

/** For test/jest/child.mjs: runs all of them, also when one fails. @throws the first error */
export async function runAfterTest(): Promise<void> {
  const works = waiting;
  waiting = [];
  const errors: unknown[] = [];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
