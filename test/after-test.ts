let waiting: (() => unknown)[] = [];

/**
 * Runs `work` after the current test, whether it passed or failed, and after all `afterEach` hooks. Several calls run
 * in their order. An error that `work` throws fails the test.
 */
export function afterTest(work: () => unknown): void {
  waiting.push(work);
}

/**
 * Runs the works that were passed to {@link afterTest}, even after one has failed. test/jest/child.mjs calls this
 * function after each test.
 * @throws the first error
 */
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
