/**
 * Prints the last line of a run, for people and for `.ci/run`: "N passed, N failed", with ", N skipped" when some were.
 */
export default class ClosingLine {
  onRunComplete(
    _contexts,
    { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites, wasInterrupted },
  ) {
    const failed = numFailedTests + numRuntimeErrorTestSuites + (wasInterrupted ? 1 : 0);
    process.stderr.write('', () =>
      process.stdout.write(
        `${numPassedTests} passed, ${failed} failed${numPendingTests > 0 ? `, ${numPendingTests} skipped` : ''}\n`,
      ),
    );
  }
}
