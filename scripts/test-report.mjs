import path from 'node:path';
import { inspect } from 'node:util';

const MAX_OUTPUT = 20_000;

/** Turns the events of node:test into a line per file, the details of what failed, and the counts. Suites are not counted, tests are. */
export class TestReport {
  passed = 0;
  failed = 0;
  skipped = 0;
  #root;
  /** By file: the names of the tests that enclose what runs now, by nesting. */
  #names = new Map();
  #output = new Map();
  #failures = new Map();
  #summaries = new Map();

  constructor(root) {
    this.#root = root;
  }

  /** @param {{ type: string, data: object }} event of the TestsStream of this file's run */
  take(file, { type, data }) {
    if (type === 'test:start') this.#namesOf(file)[data.nesting] = data.name;
    else if (type === 'test:stdout' || type === 'test:stderr') this.#output.set(file, ((this.#output.get(file) ?? '') + data.message).slice(-MAX_OUTPUT));
    else if (type === 'test:pass' && data.details.type !== 'suite') this[data.skip === undefined || data.skip === false ? 'passed' : 'skipped']++;
    else if (type === 'test:fail') this.#takeFailure(file, data);
    else if (type === 'test:summary') this.#summaries.set(file, data);
  }

  /** A failure of the run itself. */
  fail(message) {
    this.failed++;
    console.log(`✗ ${message}`);
  }

  closingLine() {
    return `${this.passed} passed, ${this.failed} failed${this.skipped > 0 ? `, ${this.skipped} skipped` : ''}`;
  }

  #namesOf(file) {
    if (!this.#names.has(file)) this.#names.set(file, []);
    return this.#names.get(file);
  }

  #takeFailure(file, { name, nesting, details: { error } }) {
    // Its parts have been told already.
    if (error?.failureType === 'subtestsFailed') return;
    this.failed++;
    const place = [...this.#namesOf(file).slice(0, nesting), name].join(' › ').replaceAll(`${this.#root}${path.sep}`, '');
    const cause = error?.cause ?? error;
    const text = cause instanceof Error ? inspect(cause, { depth: 4 }) : String(cause);
    const known = this.#failures.get(file) ?? [];
    this.#failures.set(file, [...known, `    ✗ ${place}\n${text.split('\n').slice(0, 60).map((line) => `      ${line}`).join('\n')}`]);
  }

  /** Prints what became of a file, when its run is over. */
  close(file) {
    const { counts, duration_ms: duration = 0 } = this.#summaries.get(file) ?? {};
    const failures = this.#failures.get(file) ?? [];
    const skipped = counts?.skipped > 0 ? `, ${counts.skipped} skipped` : '';
    console.log(`${failures.length > 0 ? '✗' : '✓'} ${path.relative(this.#root, file)}  ${counts?.passed ?? 0} passed${skipped} (${(duration / 1000).toFixed(1)} s)`);
    for (const failure of failures) console.log(failure);
    if (failures.length > 0 && this.#output.get(file)) console.log(`      its output:\n${this.#output.get(file).trimEnd().replaceAll(/^/gm, '      | ')}`);
    this.#failures.delete(file);
    this.#output.delete(file);
  }
}
