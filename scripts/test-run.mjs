// Runs the specs, each file in a process of its own, on servers that are started once for all of them:
//   without --full: everything that needs no server from outside, on one embedded PostgreSQL (TEST_DATABASE_URL);
//   with --full: the contracts of the adapters, the scenarios of test/e2e, the example and the specs of the services, on the real servers.
// The last line of stdout is "N passed, N failed", with ", N skipped" when some were.
import { execFile } from 'node:child_process';
import { existsSync, globSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from 'node:test';
import { parseArgs, promisify } from 'node:util';
import { TestReport } from './test-report.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const FOLDERS = ['platform', 'signature', 'router', 'subgraphs', 'product', 'test', 'schema', 'examples', 'scripts'];
/** With libraries of their own: scripts/test-clients.mjs installs them. */
const CLIENTS = 'examples/clients';
const FULL_ONLY = ['test/services/**/*.spec.ts', '**/*.full.spec.ts'];
const FULL = [
  ...FULL_ONLY, 'test/e2e/**/*.spec.ts', 'examples/**/*.spec.ts', 'platform/full.platform.spec.ts', 'platform/cache/*.spec.ts',
  'platform/**/*contract.spec.ts', 'platform/**/{kafka,rabbitmq,redis,keycloak}*.spec.ts',
];
/** What the environment may say about servers: the run decides which it uses. */
const SERVER_VARIABLES = [
  'DATABASE_URL', 'REDIS_URL', 'RABBITMQ_URL', 'KAFKA_BROKERS', 'KEYCLOAK_ISSUER', 'KEYCLOAK_CLIENT_ID', 'KEYCLOAK_CLIENT_SECRET', 'KEYCLOAK_INTERNAL_URL',
  'PRODVOR_MODE', 'PRODVOR_DATA', 'PRODVOR_TEST_MODE', 'SMTP_URL', 'SIGNING_KEYS', 'SUBGRAPH_URLS', 'PORT',
];
const MINUTE = 60_000;
const BOUNDS = { embedded: { file: 4 * MINUTE, whole: 12 * MINUTE }, full: { file: 5 * MINUTE, whole: 20 * MINUTE } };
/** Ports of the full run's servers, beside those that a developer may have running. */
const PORT_OFFSET = 300;

function specs(full, patterns) {
  const find = (globs) => globSync(globs, { cwd: ROOT, exclude: (name) => name === 'node_modules' || name === 'generated' });
  if (patterns.length > 0) {
    return find(patterns.map((given) => path.relative(ROOT, path.resolve(given)).replaceAll('\\', '/')).flatMap((name) => [name, `${name}/**/*.spec.ts`]))
      .filter((file) => file.endsWith('.spec.ts'));
  }
  const left = new Set(find(full ? [`${CLIENTS}/**/*.spec.ts`] : [...FULL_ONLY, `${CLIENTS}/**/*.spec.ts`]));
  if (full) return find(FULL).filter((file) => !left.has(file));
  return find(FOLDERS.map((folder) => `${folder}/**/*.spec.ts`)).filter((file) => !left.has(file));
}

async function embeddedServer() {
  const { startThrowAwayPostgres } = await import('../platform/embedded-database/embedded.ts');
  const server = await startThrowAwayPostgres();
  return { environment: { TEST_DATABASE_URL: server.url }, stop: server.stop };
}

async function realServers() {
  const data = path.join(ROOT, '.prodvor/test-services');
  const services = (command, ...more) => {
    const args = ['--import', path.join(ROOT, 'loader.mjs'), 'test/services/cli.ts', command, '--data', data, '--offset', String(PORT_OFFSET), ...more];
    const running = promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 5 * MINUTE, maxBuffer: 1e7 });
    running.child.stderr.pipe(process.stderr);
    return running;
  };
  // Those that cannot be had here are told, and their specs skip.
  const { stdout } = await services('start', '--env').catch((error) => error);
  const environment = Object.fromEntries((stdout ?? '').split('\n').filter((line) => /^[A-Z_]+=/.test(line)).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
  const stop = async () => {
    await services('stop');
    rmSync(data, { recursive: true, force: true });
  };
  if (!environment.DATABASE_URL) {
    await stop();
    throw new Error('The servers of full mode did not start.');
  }
  return { environment: { ...environment, TEST_DATABASE_URL: environment.DATABASE_URL, PRODVOR_TEST_MODE: 'full' }, stop };
}

/** node:test bounds each test, but not a file that does not end after them (a server or timer was left open): that fails here. */
async function runFile(file, bound, signal, report) {
  const aborter = new AbortController();
  const absolute = path.join(ROOT, file);
  const overdue = setTimeout(() => {
    aborter.abort(new Error(`did not end within ${bound / 1000} s; something was left open`));
  }, bound);
  try {
    const events = run({
      files: [absolute], cwd: ROOT, timeout: bound, signal: AbortSignal.any([signal, aborter.signal]), execArgv: ['--import', path.join(ROOT, 'loader.mjs')],
    });
    for await (const event of events) report.take(absolute, event);
  } finally {
    clearTimeout(overdue);
    report.close(absolute);
  }
}

function argumentsOf(args) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { full: { type: 'boolean', default: false } } });
  } catch (error) {
    console.error(error.message);
    return undefined;
  }
}

async function main() {
  const given = argumentsOf(process.argv.slice(2));
  if (!given) return 2;
  const { values: { full }, positionals } = given;
  const files = specs(full, positionals).sort();
  const report = new TestReport(ROOT);
  if (files.length === 0) {
    console.error('There is no such spec.');
    return 1;
  }
  if (!existsSync(path.join(ROOT, CLIENTS, 'node_modules')) && files.some((file) => file.replaceAll('\\', '/').startsWith(`${CLIENTS}/`))) {
    console.error('The client libraries are not installed: `npm run test:clients` does it, and tests them.');
    return 1;
  }
  for (const name of SERVER_VARIABLES) delete process.env[name];
  const bounds = full ? BOUNDS.full : BOUNDS.embedded;
  const aborter = new AbortController();
  const overdue = setTimeout(() => {
    report.fail(`The whole run took longer than ${bounds.whole / MINUTE} minutes.`);
    aborter.abort();
  }, bounds.whole);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      report.fail(`Ended by ${signal}.`);
      aborter.abort();
    });
  }
  const servers = await (full ? realServers() : embeddedServer());
  try {
    Object.assign(process.env, servers.environment, { APOLLO_TELEMETRY_DISABLED: '1' });
    // Real servers are shared, and some specs stop them: one file at a time there.
    const concurrency = full ? 1 : Math.max(2, os.availableParallelism());
    const waiting = [...files];
    await Promise.all(Array.from({ length: concurrency }, async () => {
      for (let file = waiting.shift(); file && !aborter.signal.aborted; file = waiting.shift()) await runFile(file, bounds.file, aborter.signal, report);
    }));
  } finally {
    clearTimeout(overdue);
    await servers.stop();
  }
  console.log(report.closingLine());
  return report.failed > 0 || report.passed === 0 ? 1 : 0;
}

process.exitCode = await main();
