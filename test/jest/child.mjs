// Runs one spec in this process: jest-circus runs its tests and the results go to the runner. Then the process has to
// end by itself.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import * as circus from 'jest-circus';

const { file, testNamePattern, testTimeout, leakGrace } = JSON.parse(process.argv[2]);
const GLOBALS = new URL('globals.mjs', import.meta.url).href;
// The published `@jest/globals` only throws that it cannot be imported. Jest replaces it in its own process; this does
// the same here.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' ? { url: GLOBALS, shortCircuit: true } : next(specifier, context),
});

// Without the runner nothing would end this process, or processes that it started.
process.on('disconnect', () => process.exit(1));
process.channel.unref();

const state = circus.getState();
state.testTimeout = testTimeout;
if (testNamePattern) state.testNamePattern = new RegExp(testNamePattern, 'i');
const { expect, jest } = await import('@jest/globals');
expect.setState({ testPath: file });
circus.addEventHandler((event) => {
  if (event.name === 'test_start') expect.setState({ currentTestName: namesOf(event.test).join(' ') });
  if (event.name === 'test_done') jest.restoreAllMocks();
});

// An unhandled error belongs to the running test, or to the file between tests.
let lost;
for (const kind of ['uncaughtException', 'unhandledRejection']) {
  process.on(kind, (error) => {
    if (lost) return lost(error);
    const running = state.currentlyRunningTest;
    if (running) running.errors.push(error);
    else state.unhandledErrors.push(error);
  });
}

const { runAfterTest } = await import('../after-test.ts');
circus.afterEach(runAfterTest);
const collected = [];
circus.addEventHandler((event) => {
  if (event.name === 'test_done' || event.name === 'test_skip' || event.name === 'test_todo')
    collected.push(event.test);
});
try {
  await import(pathToFileURL(file).href);
  await circus.run();
} catch (error) {
  state.unhandledErrors.push(error);
}

const results = collected.map((test) => {
  const names = namesOf(test);
  const failureMessages = test.errors.map(textOf);
  return {
    ancestorTitles: names.slice(0, -1),
    title: names.at(-1),
    fullName: names.join(' '),
    duration: test.duration,
    startAt: test.startedAt,
    failureDetails: [],
    failureMessages,
    numPassingAsserts: 0,
    status:
      failureMessages.length > 0
        ? 'failed'
        : test.mode === 'todo'
          ? 'todo'
          : test.status === 'skip'
            ? 'pending'
            : 'passed',
  };
});
for (const error of state.unhandledErrors) {
  results.push({
    ancestorTitles: [],
    title: 'outside of tests',
    fullName: 'outside of tests',
    duration: 0,
    failureDetails: [],
    failureMessages: [textOf(error)],
    numPassingAsserts: 0,
    status: 'failed',
  });
}
// From here on an unhandled error ends the process, and the runner reports it.
lost = (error) => {
  console.error(error);
  process.exit(1);
};
process.send({ result: results });
// This timer fires only when something else keeps the process alive.
setTimeout(() => {
  process.send({ open: process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap') }, () => process.exit(1));
}, leakGrace).unref();

function namesOf(test) {
  const names = [];
  for (let at = test; at && at.name !== 'ROOT_DESCRIBE_BLOCK'; at = at.parent) names.unshift(at.name);
  return names;
}

/** jest-circus stores an error together with the place of its test. */
function textOf(error) {
  const [thrown, place] = Array.isArray(error) ? error : [error];
  if (thrown === undefined || thrown === null) return place?.stack ?? String(thrown);
  if (typeof thrown === 'string') return thrown;
  return thrown instanceof Error && 'matcherResult' in thrown
    ? (thrown.stack ?? thrown.message)
    : inspect(thrown, { depth: 4 }).split('\n').slice(0, 80).join('\n');
}
