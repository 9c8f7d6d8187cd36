import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(import.meta.dirname, '../..');
/** What the environment may say about servers: the run decides which it uses. */
const SERVER_VARIABLES = [
  'DATABASE_URL',
  'REDIS_URL',
  'RABBITMQ_URL',
  'KAFKA_BROKERS',
  'KEYCLOAK_ISSUER',
  'KEYCLOAK_CLIENT_ID',
  'KEYCLOAK_CLIENT_SECRET',
  'KEYCLOAK_INTERNAL_URL',
  'PRODVOR_MODE',
  'PRODVOR_DATA',
  'PRODVOR_TEST_MODE',
  'SMTP_URL',
  'SIGNING_KEYS',
  'SUBGRAPH_URLS',
  'PORT',
];
/** Ports of the full run's servers, beside those that a developer may have running. */
const PORT_OFFSET = 300;

/** For all specs of a run, and to be stopped after them. */
let stop = async () => {};

export async function useEmbeddedServer() {
  const { startThrowAwayPostgres } = await import('../../platform/embedded-database/embedded.ts');
  const server = await startThrowAwayPostgres();
  stop = server.stop;
  use({ TEST_DATABASE_URL: server.url });
}

export async function useRealServers() {
  const data = path.join(ROOT, '.prodvor/test-services');
  const services = (command, ...more) => {
    const args = [
      '--import',
      path.join(ROOT, 'loader.mjs'),
      'test/services/cli.ts',
      command,
      '--data',
      data,
      '--offset',
      String(PORT_OFFSET),
      ...more,
    ];
    const running = promisify(execFile)(process.execPath, args, { cwd: ROOT, timeout: 300_000, maxBuffer: 1e7 });
    running.child.stderr.pipe(process.stderr);
    return running;
  };
  stop = async () => {
    await services('stop');
    rmSync(data, { recursive: true, force: true });
  };
  // Those that cannot be had here are told, and their specs skip.
  const { stdout } = await services('start', '--env').catch((error) => error);
  const environment = Object.fromEntries(
    (stdout ?? '')
      .split('\n')
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  if (!environment.DATABASE_URL) {
    await stop();
    throw new Error('The servers of full mode did not start.');
  }
  use({ ...environment, TEST_DATABASE_URL: environment.DATABASE_URL, PRODVOR_TEST_MODE: 'full' });
}

export const stopServers = () => stop();

function use(environment) {
  for (const name of SERVER_VARIABLES) delete process.env[name];
  Object.assign(process.env, environment, { APOLLO_TELEMETRY_DISABLED: '1' });
}
