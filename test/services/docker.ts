// Runs the servers in containers, from docker-compose.yml, when a Docker engine answers.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { host, portsAt, serviceUrl } from './ports.ts';
import { probe } from './probes.ts';
import { run } from './processes.ts';
import { testRealm } from './realm.ts';
import { findProgram } from './service.ts';
import type { Options, Started } from './servers.ts';

const composeFile = fileURLToPath(new URL('../../docker-compose.yml', import.meta.url));
const developmentFile = fileURLToPath(new URL('../../.env.development', import.meta.url));
const patienceSeconds = 600;

export interface Compose {
  /** Resolves to undefined when the images are not available, so that installed programs must be used. */
  start(): Promise<Started[] | undefined>;
  /** Resolves to false when this data directory started no containers. */
  stop(): Promise<boolean>;
}

/**
 * Finds a way to run docker-compose.yml. Undefined when no engine answers, or neither `docker compose` nor
 * `docker-compose` is installed.
 */
export async function dockerCompose(options: Options): Promise<Compose | undefined> {
  if (!findProgram('docker') || !(await succeeds('docker', ['info']))) return undefined;
  const program = (await succeeds('docker', ['compose', 'version']))
    ? ['docker', 'compose']
    : findProgram('docker-compose')
      ? ['docker-compose']
      : [];
  const [command, ...first] = program;
  if (command === undefined) return undefined;
  const project = ['-p', `prodvor${options.offset || ''}`, '--env-file', developmentFile, '-f', composeFile];
  const ports = portsAt(options.offset);
  const env = {
    POSTGRES_PORT: String(ports.postgres),
    REDIS_PORT: String(ports.redis),
    RABBITMQ_PORT: String(ports.rabbitmq),
    KAFKA_PORT: String(ports.kafka),
    KEYCLOAK_PORT: String(ports.keycloak),
    S3_PORT: String(ports.s3),
    KEYCLOAK_REALM_FILE: resolve(options.data, 'realm-prodvor.json'),
    KEYCLOAK_URL: `http://${host}:${ports.keycloak}`,
  };
  const compose = (...args: string[]) => run(command, [...first, ...project, ...args], { env, inheritAll: true });
  const marker = join(options.data, 'docker');

  return {
    async start() {
      mkdirSync(options.data, { recursive: true });
      writeFileSync(env.KEYCLOAK_REALM_FILE, testRealm());
      for (const name of options.names) options.say(name, 'starting in a container');
      try {
        await compose('up', '--no-start', ...options.names);
      } catch (error) {
        for (const name of options.names) options.say(name, 'no container image; using installed binaries');
        console.error((error as Error).message);
        return undefined;
      }
      writeFileSync(marker, '');
      await compose('up', '-d', ...options.names);
      return Promise.all(options.names.map((name) => waitUntilReady(options, name)));
    },
    async stop() {
      if (!existsSync(marker)) return false;
      await compose('stop', ...options.names);
      rmSync(marker);
      for (const name of options.names) options.say(name, 'stopped');
      return true;
    },
  };
}

async function waitUntilReady({ offset, say, signal }: Options, name: Started['name']): Promise<Started> {
  const begin = performance.now();
  const ports = portsAt(offset);
  for (;;) {
    const seconds = (performance.now() - begin) / 1000;
    try {
      await probe(name, ports);
      say(name, `ready in ${seconds.toFixed(1)} s  ${serviceUrl(name, ports)}`);
      return { name, outcome: 'started', seconds };
    } catch (error) {
      if (seconds > patienceSeconds || signal?.aborted) {
        say(name, `not ready after ${Math.round(seconds)} s: ${String(error)}`);
        return { name, outcome: 'failed', seconds, error: String(error) };
      }
    }
    await delay(300);
  }
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  return run(command, args, { inheritAll: true }).then(
    () => true,
    () => false,
  );
}
