// A runner for Jest without Jest's module system: each spec runs in a Node process of its own. So ES modules and the
// swc loader work as in the product, one spec cannot change another, and a spec that leaves something open fails.
// jest.config.mjs refers to this file.
import { fork } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../..');
const CHILD = path.join(import.meta.dirname, 'child.mjs');
const LOADER = path.join(ROOT, 'loader.mjs');
/** How many characters of a spec's output are kept, counted from its end. */
const MAX_OUTPUT = 20_000;
/** Jest prints how long a file took if it took longer than this. Milliseconds. */
const SLOW_MS = 5_000;

export default class Runner {
  #globalConfig;

  constructor(globalConfig) {
    this.#globalConfig = globalConfig;
  }

  /** Jest calls it once with all specs of a project, in the order of their last duration or of their size. */
  async runTests(tests, watcher, onStart, onResult, onFailure) {
    const { workers, slow = [] } = tests[0]?.context.config.testEnvironmentOptions ?? {};
    const isSlow = (test) => slow.some((name) => test.path.includes(name));
    // When a slow file begins last, all lanes but one are idle until it ends.
    const waiting = tests.toSorted((a, b) => isSlow(b) - isSlow(a));
    const run = async (_, lane) => {
      for (let test = waiting.shift(); test && !watcher.isInterrupted(); test = waiting.shift()) {
        await onStart(test);
        try {
          await onResult(test, await this.#runFile(test, lane));
        } catch (error) {
          await onFailure(test, { message: error.message, stack: error.stack ?? error.message });
        }
      }
    };
    const { maxWorkers } = this.#globalConfig;
    const lanes = workers ?? Math.max(2, Math.min(maxWorkers, os.availableParallelism()));
    await Promise.all(Array.from({ length: lanes }, run));
  }

  /** Runs a file beside the files of the other lanes. Resolves to Jest's TestResult. */
  #runFile(test, lane) {
    const { config } = test.context;
    const { fileTimeout, leakGrace } = config.testEnvironmentOptions;
    const started = Date.now();
    const { testNamePattern, testTimeout } = this.#globalConfig;
    const request = { file: test.path, testNamePattern, testTimeout, leakGrace };
    return new Promise((resolve) => {
      const child = fork(CHILD, [JSON.stringify(request)], {
        cwd: ROOT,
        env: { ...process.env, PRODVOR_TEST_LANE: String(lane) },
        execArgv: ['--import', LOADER],
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.setEncoding('utf8').on('data', (text) => {
          output = (output + text).slice(-MAX_OUTPUT);
        });
      let result;
      let problem;
      child.on('message', (message) => {
        if (message.result) result = message.result;
        if (message.open)
          problem = `The file did not end within ${leakGrace / 1000} s of its last test: ${message.open.join(', ') || 'something'} was left open.`;
      });
      const overdue = setTimeout(() => {
        problem = `The file did not end within ${fileTimeout / 1000} s.`;
        child.kill('SIGKILL');
      }, fileTimeout);
      child.on('close', (code, signal) => {
        clearTimeout(overdue);
        if (!result) problem ??= `The file ended before its tests had, with ${signal ?? `exit code ${code}`}.`;
        else if (code !== 0 || signal)
          problem ??= `The file ended with ${signal ?? `exit code ${code}`} after its tests.`;
        resolve(testResult(test.path, started, result ?? [], problem, output));
      });
    });
  }
}

function testResult(file, started, tests, problem, output) {
  const end = Date.now();
  const all =
    problem === undefined
      ? tests
      : [
          ...tests,
          {
            ancestorTitles: [],
            title: 'the file itself',
            fullName: 'the file itself',
            status: 'failed',
            failureMessages: [problem],
            failureDetails: [],
            numPassingAsserts: 0,
            duration: end - started,
          },
        ];
  const count = (...statuses) => all.filter(({ status }) => statuses.includes(status)).length;
  const failed = all.filter(({ status }) => status === 'failed');
  const details = failed
    .map(
      ({ ancestorTitles, title, failureMessages }) =>
        `  ● ${[...ancestorTitles, title].join(' › ')}\n\n${failureMessages.join('\n').replaceAll(/^/gm, '    ')}\n`,
    )
    .join('\n');
  return {
    testFilePath: file,
    testResults: all,
    leaks: false,
    openHandles: [],
    skipped: all.length > 0 && count('passed', 'failed') === 0,
    numPassingTests: count('passed'),
    numFailingTests: failed.length,
    numPendingTests: count('pending', 'skipped', 'disabled'),
    numTodoTests: count('todo'),
    failureMessage:
      failed.length === 0
        ? null
        : `${details}${output && `\n  its output:\n${output.trimEnd().replaceAll(/^/gm, '  | ')}\n`}`,
    perfStats: {
      start: started,
      end,
      runtime: end - started,
      slow: end - started > SLOW_MS,
      loadTestEnvironmentStart: 0,
      loadTestEnvironmentEnd: 0,
      setupFilesStart: 0,
      setupFilesEnd: 0,
      setupAfterEnvStart: 0,
      setupAfterEnvEnd: 0,
    },
    snapshot: { added: 0, fileDeleted: false, matched: 0, unchecked: 0, uncheckedKeys: [], unmatched: 0, updated: 0 },
  };
}
