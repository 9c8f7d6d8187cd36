import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.join(import.meta.dirname, '../..');
/** The environment variables about servers. The caller's values are removed; the run sets its own. */
const SERVER_VARIABLES = [
  'DATABASE_URL',
  'REDIS_URL',
  'RABBITMQ_URL',
  'KAFKA_BROKERS',
  'KEYCLOAK_ISSUER',
  'KEYCLOAK_CLIENT_ID',
  'KEYCLOAK_CLIENT_SECRET',
  'KEYCLOAK_INTERNAL_URL',
  'S3_ENDPOINT',
  'S3_PUBLIC_ENDPOINT',
  'S3_BUCKET',
  'S3_REGION',
  'S3_ACCESS_KEY_ID',
  'S3_SECRET_ACCESS_KEY',
  'PRODVOR_MODE',
  'PRODVOR_DATA',
  'PRODVOR_TEST_MODE',
  'SMTP_URL',
  'SIGNING_KEYS',
  'SUBGRAPH_URLS',
  'PORT',
];
/**
 * The number that is added to the ports of the full run's servers, so that a developer's own servers can run at the
 * same time.
 */
const PORT_OFFSET = 300;

/** Stops the servers that were started. It is called after all specs. */
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
  // The command prints which servers cannot run here. The specs that need these servers are skipped.
  const { stdout } = await services('start', '--env', '--throw-away').catch((error) => error);
  const environment = Object.fromEntries(
    (stdout ?? '')
      .split('\n')
      .filter((line) => /^[A-Z0-9_]+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  if (!environment.DATABASE_URL) {
    await stop();
    throw new Error('The servers of full mode did not start.');
  }
  // If it fails, the specs will say why.
  await registerOnce(environment).catch(() => undefined);
  use({ ...environment, TEST_DATABASE_URL: environment.DATABASE_URL, PRODVOR_TEST_MODE: 'full' });
}

/**
 * Keycloak's first registration is slow, because Java has compiled nothing yet. On a busy machine it would take longer
 * than the product waits, and the first spec would fail.
 */
async function registerOnce({ KEYCLOAK_ISSUER, KEYCLOAK_CLIENT_ID, KEYCLOAK_CLIENT_SECRET }) {
  if (!KEYCLOAK_ISSUER) return;
  const { Keycloak } = await import('../../platform/identity/keycloak.ts');
  const [realmUrl, clientId, clientSecret] = [KEYCLOAK_ISSUER, KEYCLOAK_CLIENT_ID, KEYCLOAK_CLIENT_SECRET];
  const keycloak = new Keycloak({ realmUrl, clientId, clientSecret, timeoutMs: 60_000 });
  const username = `first-${randomUUID()}`;
  const account = { username, email: `${username}@example.test`, password: 'correct horse battery' };
  const { userId } = await keycloak.createIdentity(account);
  await keycloak.deleteIdentity(userId);
  await keycloak.close();
}

export const stopServers = () => stop();

function use(environment) {
  for (const name of SERVER_VARIABLES) delete process.env[name];
  Object.assign(process.env, environment, { APOLLO_TELEMETRY_DISABLED: '1' });
}
