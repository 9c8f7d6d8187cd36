import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { afterTest } from '../after-test.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const HEAD = "import { afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';\n";

/** Specs by name. Each shows one way to pass or to fail. */
const SPECS: Readonly<Record<string, string>> = {
  passes: "describe('a', () => { it('b', async () => { expect(1).toBe(1); }); it.skip('c', () => undefined); });",
  fails: "it('compares', () => { expect({ a: 1 }).toEqual({ a: 2 }); }); it('goes on', () => undefined);",
  hangs:
    "it('waits for ever', () => new Promise((resolve) => { setTimeout(resolve, 1_000_000).unref(); }), 300); it('goes on', () => undefined);",
  spins: "it('never gives way', () => { for (;;); });",
  leaks:
    "it('opens', async () => { const { createServer } = await import('node:net'); createServer().listen(0, '127.0.0.1'); });",
  exits: "it('ends the process', () => { process.exit(0); });",
  prepares:
    "describe('a', () => { beforeAll(() => { throw new Error('not prepared'); }); it('b', () => undefined); it('c', () => undefined); });",
  imports: "throw new Error('cannot be imported');",
  rejects:
    "it('forgets a promise', async () => { void Promise.reject(new Error('nobody waits')); await new Promise((resolve) => { setTimeout(resolve, 20); }); }); it('goes on', () => undefined);",
  late: "it('is over', () => { setTimeout(() => { throw new Error('afterwards'); }, 200); });",
  cleans: [
    `import { afterTest } from ${JSON.stringify(path.join(ROOT, 'test/after-test.ts'))};`,
    'const order: string[] = [];',
    "describe('a', () => {",
    "  afterEach(() => { order.push('afterEach'); });",
    "  it('is cleaned up when it fails', () => { afterTest(() => { order.push('first'); }); afterTest(() => { order.push('second'); }); throw new Error('on purpose'); });",
    "  it('has been', () => { expect(order).toEqual(['afterEach', 'first', 'second']); });",
    "  it('fails with what its cleaning up throws', () => { afterTest(() => Promise.reject(new Error('not cleaned'))); });",
    '});',
  ].join('\n'),
  mocks:
    "it('spies', () => { jest.spyOn(Math, 'random').mockReturnValue(7); expect(Math.random()).toBe(7); }); it('and stops', () => { expect(Math.random()).toBeLessThan(1); });",
};

interface Report {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Writes the specs and Jest's configuration into a new folder, and returns it. */
function folderOf(specs: Readonly<Record<string, string>>, options: object = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'prodvor-runner-'));
  for (const [name, text] of Object.entries(specs))
    writeFileSync(path.join(folder, `${name}.spec.ts`), `${HEAD}${text}\n`);
  writeFileSync(
    path.join(folder, 'jest.config.json'),
    JSON.stringify({
      rootDir: folder,
      testMatch: ['<rootDir>/*.spec.ts'],
      runner: path.join(ROOT, 'test/jest/runner.mjs'),
      transform: {},
      moduleFileExtensions: ['ts', 'mjs', 'js', 'json'],
      testEnvironmentOptions: { fileTimeout: 20_000, leakGrace: 3_000, ...options },
      testTimeout: 60_000,
      reporters: ['default', path.join(ROOT, 'test/jest/closing-line.mjs')],
    }),
  );
  return folder;
}

/** Runs Jest on the specs of the folder. Resolves to its report, its output and its exit code. */
async function run(folder: string, ...args: string[]): Promise<{ report: Report; text: string; code: number | null }> {
  const out = path.join(folder, 'report.json');
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [
        path.join(ROOT, 'node_modules/jest/bin/jest.js'),
        '--config',
        path.join(folder, 'jest.config.json'),
        '--json',
        '--outputFile',
        out,
        ...args,
      ],
      { maxBuffer: 1e7 },
      (_error, stdout, stderr) => {
        resolve({
          report: JSON.parse(readFileSync(out, 'utf8')) as Report,
          text: stdout + stderr,
          code: child.exitCode,
        });
      },
    );
  });
}

describe('the runner', () => {
  const folder = folderOf(SPECS);
  let result: Awaited<ReturnType<typeof run>>;
  /** The status of each test of a spec, and the failure message. */
  const of = (spec: string): { tests: Record<string, string>; message: string } => {
    const found = result.report.testResults.find(({ name }) => path.basename(name) === `${spec}.spec.ts`);
    return {
      tests: Object.fromEntries(found?.assertionResults.map(({ fullName, status }) => [fullName, status]) ?? []),
      message: found?.message ?? '',
    };
  };

  beforeAll(async () => {
    result = await run(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('counts passed, failed and skipped tests', () => {
    expect(of('passes').tests).toEqual({ 'a b': 'passed', 'a c': 'pending' });
    expect(of('fails').tests).toEqual({ compares: 'failed', 'goes on': 'passed' });
    expect(of('fails').message).toContain('a": 2');
    expect(result.code).toBe(1);
    const failed = result.report.testResults
      .flatMap(({ assertionResults }) => assertionResults)
      .filter(({ status }) => status === 'failed').length;
    expect(result.text).toMatch(
      new RegExp(`^${result.report.numPassedTests} passed, ${failed} failed, 1 skipped$`, 'm'),
    );
  });

  it('stops a test that hangs, and continues', () => {
    expect(of('hangs').tests).toEqual({ 'waits for ever': 'failed', 'goes on': 'passed' });
    expect(of('hangs').message).toContain('300 ms');
  });

  it('stops a file that never yields', () => {
    expect(of('spins')).toMatchObject({
      tests: { 'the file itself': 'failed' },
      message: expect.stringContaining('did not end within 20 s'),
    });
  });

  it('fails a file that leaves something open, and names it', () => {
    expect(of('leaks')).toMatchObject({
      tests: { opens: 'passed', 'the file itself': 'failed' },
      message: expect.stringContaining('TCPServerWrap was left open'),
    });
  });

  it('fails a file that exits early, and names the cause', () => {
    expect(of('exits')).toMatchObject({
      tests: { 'the file itself': 'failed' },
      message: expect.stringContaining('exit code 0'),
    });
  });

  it('fails every test whose beforeAll failed', () => {
    expect(of('prepares').tests).toEqual({ 'a b': 'failed', 'a c': 'failed' });
    expect(of('prepares').message).toContain('not prepared');
  });

  it('fails a file that cannot be imported', () => {
    expect(of('imports')).toMatchObject({
      tests: { 'outside of tests': 'failed' },
      message: expect.stringContaining('cannot be imported'),
    });
  });

  it('fails the test that forgets a rejected promise, and the file for an error after its tests', () => {
    expect(of('rejects').tests).toEqual({ 'forgets a promise': 'failed', 'goes on': 'passed' });
    expect(of('late')).toMatchObject({
      tests: { 'is over': 'passed', 'the file itself': 'failed' },
      message: expect.stringContaining('afterwards'),
    });
  });

  it('runs afterTest callbacks in order, even after a failure, and fails the test with an error that they throw', () => {
    expect(of('cleans').tests).toEqual({
      'a is cleaned up when it fails': 'failed',
      'a has been': 'passed',
      'a fails with what its cleaning up throws': 'failed',
    });
  });

  it('restores after each test what jest.spyOn replaced', () => {
    expect(of('mocks').tests).toEqual({ spies: 'passed', 'and stops': 'passed' });
  });

  it('runs one test by its name, and finds specs by a part of their path', async () => {
    const { report, code } = await run(folder, '-t', 'goes on', 'fails', 'hangs');
    expect([report.numPassedTests, report.testResults.length, code]).toEqual([2, 2, 0]);
  });

  it('begins with the slow files', async () => {
    const journal = path.join(mkdtempSync(path.join(tmpdir(), 'prodvor-lanes-')), 'journal');
    afterTest(() => rmSync(path.dirname(journal), { recursive: true }));
    const spec = (name: string): string =>
      [
        "import { appendFileSync, readFileSync } from 'node:fs';",
        "import { setTimeout as sleep } from 'node:timers/promises';",
        `const write = (what: string) => appendFileSync(${JSON.stringify(journal)}, what + ' ${name} ' + process.env.PRODVOR_TEST_LANE + '\\n');`,
        // The first file waits for the second one, which runs beside it.
        `const begun = () => readFileSync(${JSON.stringify(journal)}, 'utf8').split('begin').length - 1;`,
        "it('works', async () => { write('begin'); while (begun() < 2) await sleep(10); write('end'); });",
        // Jest's order on a fresh clone: the largest file first.
        `// ${'x'.repeat({ large: 2000, middle: 1000 }[name] ?? 0)}`,
      ].join('\n');
    const names = ['large', 'middle', 'slow'];
    const lanes = folderOf(Object.fromEntries(names.map((name) => [name, spec(name)])), { workers: 2, slow: ['slow'] });
    afterTest(() => rmSync(lanes, { recursive: true }));
    const { report, code } = await run(lanes);
    expect([report.numPassedTests, code]).toEqual([3, 0]);
    const lines = readFileSync(journal, 'utf8').trim().split('\n');
    expect(lines.slice(0, 2).sort()).toEqual(['begin large 1', 'begin slow 0']);
  });
});
