import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { NEEDS, type Use } from '../../platform/config/config.ts';
import { roleOf } from '../../platform/postgres/roles.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { freePorts, ServiceProcess } from './process.ts';

type Environment = Readonly<Record<string, string>>;

/**
 * The environment of all processes of one full installation: this run's servers, and a prefix of its own in the
 * brokers.
 */
export function fullEnvironment({
  databaseUrl,
  prefix,
  env,
}: {
  databaseUrl: string;
  prefix: string;
  env?: Environment;
}): Record<string, string> {
  const names = [
    'KEYCLOAK_ISSUER',
    'KEYCLOAK_CLIENT_ID',
    'KEYCLOAK_CLIENT_SECRET',
    'REDIS_URL',
    'RABBITMQ_URL',
    'KAFKA_BROKERS',
    'S3_ENDPOINT',
    'S3_BUCKET',
    'S3_ACCESS_KEY_ID',
    'S3_SECRET_ACCESS_KEY',
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, process.env[name] ?? ''])),
    PRODVOR_MODE: 'full',
    DATABASE_URL: databaseUrl,
    KAFKA_PREFIX: prefix,
    RABBITMQ_PREFIX: prefix,
    SIGNING_KEYS: `tests:${randomBytes(32).toString('base64url')}`,
    // All requests of a test have the same client address, so it may send 100 times as many requests.
    LOOPBACK_RATE_FACTOR: '100',
    ...env,
  };
}

export interface FullProcesses {
  readonly environment: Environment;
  /** For the services that send mail. */
  readonly mailUrl: string;
  /** The number of processes of the chat subgraph. Router N uses process N modulo this. */
  readonly chats?: number;
  readonly routers?: number;
}

/**
 * Creates the tables and the services' logins. Resolves to the processes, one per service, not started yet. The second
 * process of a service is `chat#1`. Each process gets only what it uses, and its own database login.
 */
export async function fullProcesses({
  environment,
  mailUrl,
  chats = 1,
  routers = 1,
}: FullProcesses): Promise<Map<string, ServiceProcess>> {
  const passwords = newPasswords();
  await migrateAll(environment, passwords);
  const databaseUrlOf = (service: string): string => {
    const url = new URL(environment.DATABASE_URL ?? '');
    return Object.assign(url, {
      username: roleOf(url.pathname.slice(1), service),
      password: passwords.get(service),
    }).toString();
  };
  const secrets = new Set<string>(Object.values(NEEDS).flat());
  const environmentOf = (what: string): Record<string, string> => {
    const uses: readonly Use[] =
      what === 'router'
        ? ['signatures', 'cache']
        : ['database', 'eventLog', 'signatures', ...(subgraphs[what]?.uses ?? [])];
    const needed = new Set<string>(uses.flatMap((use) => NEEDS[use]));
    const own = Object.entries(environment).filter(([name]) => !secrets.has(name) || needed.has(name));
    return {
      ...Object.fromEntries(own),
      ...(needed.has('DATABASE_URL') && { DATABASE_URL: databaseUrlOf(what) }),
      ...(uses.includes('mail') && { SMTP_URL: mailUrl, PUBLIC_URL: 'http://127.0.0.1:4000' }),
    };
  };
  const chatOf = (router: number): string => (router % chats === 0 ? 'chat' : `chat#${router % chats}`);
  const keyOf = (what: string, index: number): string => (index === 0 ? what : `${what}#${index}`);
  const counts = Object.keys(subgraphs).map((name): [string, number] => [name, name === 'chat' ? chats : 1]);
  const wanted = [...counts, ['router', routers] as const].flatMap(([what, count]) =>
    Array.from({ length: count }, (_, index) => ({ what, index })),
  );
  const ports = await freePorts(wanted.length);
  const portOf = new Map(wanted.map(({ what, index }, at) => [keyOf(what, index), ports[at] ?? 0]));
  // Subgraphs ask each other, so each process has the addresses of all.
  return new Map(
    wanted.map(({ what, index }) => {
      const urls = Object.keys(subgraphs).map(
        (name) => `${name}=http://127.0.0.1:${portOf.get(name === 'chat' ? chatOf(index) : name)}/graphql`,
      );
      return [
        keyOf(what, index),
        new ServiceProcess(what, portOf.get(keyOf(what, index)) ?? 0, {
          ...environmentOf(what),
          SUBGRAPH_URLS: urls.join(','),
        }),
      ];
    }),
  );
}

/**
 * One process with the router and all services, not started yet. Each service has its own database login, and creates
 * its tables when the process starts.
 * @param migrated whether the tables have to exist before the process starts
 */
export async function wholeProcess({
  environment,
  mailUrl,
  migrated,
}: {
  environment: Environment;
  mailUrl: string;
  migrated: boolean;
}): Promise<ServiceProcess> {
  const passwords = newPasswords();
  if (migrated) await migrateAll(environment, passwords);
  const [port = 0] = await freePorts(1);
  return new ServiceProcess('all', port, { ...environment, DATABASE_PASSWORDS: listOf(passwords), SMTP_URL: mailUrl }, [
    '--no-demo',
  ]);
}

/** A password for the database login of each service. */
function newPasswords(): ReadonlyMap<string, string> {
  return new Map(Object.keys(subgraphs).map((name) => [name, randomBytes(12).toString('base64url')]));
}

const listOf = (passwords: ReadonlyMap<string, string>): string =>
  [...passwords].map((pair) => pair.join('=')).join(',');

/** Runs `main.ts migrate` with the administrator's login. It gives the services' logins these passwords. */
async function migrateAll(environment: Environment, passwords: ReadonlyMap<string, string>): Promise<void> {
  await promisify(execFile)(process.execPath, ['--import', './loader.mjs', 'main.ts', 'migrate'], {
    cwd: path.join(import.meta.dirname, '../..'),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment, DATABASE_PASSWORDS: listOf(passwords) },
  });
}
