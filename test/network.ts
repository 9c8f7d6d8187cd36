import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type FullConfig, readConfig } from '../platform/config/config.ts';
import { fromGlobalId } from '../platform/graphql/global-id.ts';
import { subgraphs } from '../subgraphs/registry.ts';
import { createTestDatabase } from './database.ts';
import { Register } from './e2e/operations.ts';
import { type Accounts, keycloakAccounts, PASSWORD, passwordGrant, tokenOf, uniqueName } from './network/accounts.ts';
import { badKeycloakTokens, badLocalTokens, type BadTokens } from './network/bad-tokens.ts';
import { openBrokers } from './network/brokers.ts';
import { Client } from './network/client.ts';
import { type DatabaseLine, startDatabaseLine } from './network/database-line.ts';
import { fullEnvironment, fullProcesses, wholeProcess } from './network/full.ts';
import { folderMailbox, type Mailbox, smtpMailbox } from './network/mailbox.ts';
import { freePorts, ServiceProcess, startAll } from './network/process.ts';
import { until } from './network/until.ts';

export { Client, Refused } from './network/client.ts';
export { until } from './network/until.ts';

/** The mode in which the tests run the product: `full` in `npm run test:full`, otherwise `embedded`. */
export const MODE = process.env.PRODVOR_TEST_MODE === 'full' ? 'full' : 'embedded';
export const isFull = MODE === 'full';

const WITH_TIMERS = Object.keys(subgraphs).filter((name) =>
  existsSync(path.join(import.meta.dirname, '../prisma', name, 'timers.prisma')),
);

export interface NetworkOptions {
  /**
   * Full mode only: whether each service runs in a process of its own, so that it can be killed alone, and has a port
   * that the test can use. By default one process has the router and all services: ten processes take ten times as long
   * to start. The options `chats`, `routers`, `databaseLine` and `killable` imply it.
   */
  readonly separate?: boolean;
  /** Full mode only: the number of processes of the chat subgraph. Router N uses process N modulo this. */
  readonly chats?: number;
  /** Full mode only: the number of routers. */
  readonly routers?: number;
  /**
   * Whether also embedded mode runs in a process of its own, with its own database server, so that both can be killed.
   */
  readonly killable?: boolean;
  /** Variables that are added to the environment of every process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the services connect to their database through `network.databaseLine`. Not for a killable network. */
  readonly databaseLine?: boolean;
  /**
   * Fills the empty installation before its processes start. The argument is the environment for a command that fills
   * it. Not for a killable network.
   */
  readonly prepare?: (environment: Readonly<Record<string, string>>) => Promise<void>;
}

/** A registered person with a token of the first router's issuer. */
export interface Person extends Client {
  readonly name: string;
  readonly email: string;
  /** Global id. */
  readonly id: string;
}

/** The whole system, running, with a database, topics and queues of its own. */
export interface Network {
  readonly mode: typeof MODE;
  /** Each URL ends in `/graphql`. */
  readonly routers: readonly { readonly url: string }[];
  /** The origin of a subgraph's own port: `http://127.0.0.1:14001`. Full mode: only of a separate process. */
  originOf(subgraph: string): string;
  readonly guest: Client;
  /** Registers a person through the API, under a unique name. */
  user(name: string, options?: { roles?: readonly string[] }): Promise<Person>;
  /** Signs in with an account that `prepare` made. The account is deleted when the network stops. */
  signIn(username: string, password: string): Promise<Client>;
  /** Absent in a killable network. */
  readonly badTokens?: BadTokens;
  /** Present when it was requested. */
  readonly databaseLine?: DatabaseLine;
  mailsTo(address: string): ReturnType<Mailbox['to']>;
  /** Makes a service publish again every message that its outbox still has. */
  republish(service: string): Promise<void>;
  /**
   * Resolves when every event is published, except parked ones, every consumer has handled its events, and no timer is
   * due. Mails may still be in delivery. In a killable network it does not wait: the test has no connection to the
   * database.
   */
  settled(): Promise<void>;
  /**
   * Sends a signal to the process of a service: SIGKILL by default. Resolves when the process has ended. In embedded
   * mode the whole product ends.
   */
  kill(service: string, signal?: NodeJS.Signals): Promise<void>;
  /** Closes all connections to the database. In a killable network it kills embedded mode's server with SIGKILL. */
  cutDatabase(): Promise<void>;
  /**
   * Locks a table, so that readers and writers wait. Resolves to a function that unlocks it. Needs a connection to the
   * services' database.
   */
  lockTable(table: string): Promise<() => Promise<void>>;
  /** How many sessions wait for the lock of the table. */
  lockWaiters(table: string): Promise<number>;
  /** Starts a service again, on the same port. Resolves when the service is ready. */
  restart(service: string): Promise<void>;
  stop(): Promise<void>;
}

/** The parts of a running system that differ between its modes. */
interface Running {
  readonly origins: readonly string[];
  originOf(subgraph: string): string;
  readonly accounts: Accounts;
  readonly badTokens?: BadTokens;
  readonly databaseLine?: DatabaseLine;
  readonly mailbox: Mailbox;
  readonly database?: pg.Pool;
  isCaughtUp(): Promise<boolean>;
  /**
   * Cuts the services off from the database for a moment. By default all connections to the database are terminated.
   */
  cutDatabase?(): Promise<void>;
  processOf(service: string): ServiceProcess;
}

export async function startNetwork(options: NetworkOptions = {}): Promise<Network> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const closer of closers.splice(0).reverse()) await closer().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, 'the network did not stop well');
  };
  const defer = (closer: () => Promise<unknown>): void => void closers.push(closer);
  try {
    const running = await (isFull
      ? startFull(options, defer)
      : options.killable
        ? startKillable(options, defer)
        : startInProcess(options, defer));
    return networkOf(running, defer, close);
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

type Defer = (closer: () => Promise<unknown>) => void;

function networkOf(running: Running, defer: Defer, stop: () => Promise<void>): Network {
  const url = `${running.origins[0]}/graphql`;
  const client = (token?: string): Client => {
    const made = new Client(url, token);
    defer(() => made.close());
    return made;
  };
  const guest = client();
  const user = async (name: string, { roles = [] }: { roles?: readonly string[] } = {}): Promise<Person> => {
    const username = uniqueName(name);
    const email = `${username}@test.prodvor.example`;
    const { register } = await guest.request(Register, {
      input: { username, email, password: PASSWORD, displayName: name },
    });
    const id = register.user?.id;
    if (!id) throw new Error(`${name} cannot register: ${JSON.stringify(register.userErrors)}`);
    const userId = fromGlobalId('User', id) ?? '';
    defer(() => running.accounts.remove(userId));
    if (roles.length > 0) await running.accounts.grant(userId, roles);
    return Object.assign(client(await running.accounts.signIn(username, PASSWORD)), { name, email, id });
  };
  const query = async (sql: string): Promise<number> => (await running.database?.query(sql))?.rowCount ?? 0;
  const isOutboxEmpty = async (): Promise<boolean> => {
    for (const service of Object.keys(subgraphs)) {
      if (await query(`SELECT 1 FROM ${service}.outbox WHERE published_at IS NULL AND parked_at IS NULL LIMIT 1`))
        return false;
    }
    return true;
  };
  const isTimerDue = async (): Promise<boolean> => {
    for (const service of WITH_TIMERS)
      if (await query(`SELECT 1 FROM ${service}.timers WHERE due_at <= now() AND parked_at IS NULL LIMIT 1`))
        return true;
    return false;
  };
  return {
    mode: MODE,
    routers: running.origins.map((origin) => ({ url: `${origin}/graphql` })),
    originOf: running.originOf,
    guest,
    user,
    async signIn(username, password) {
      const token = await running.accounts.signIn(username, password);
      const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
      defer(() => running.accounts.remove(sub));
      return client(token);
    },
    badTokens: running.badTokens,
    databaseLine: running.databaseLine,
    mailsTo: (address) => running.mailbox.to(address),
    republish: async (service) => void (await query(`UPDATE ${service}.outbox SET published_at = NULL`)),
    async settled() {
      // A consumer or a timer may emit events itself. So everything is handled only when two checks in a row find the
      // system idle.
      let quiet = 0;
      await until(
        'everything is told and handled',
        async () =>
          (quiet = (await isOutboxEmpty()) && (await running.isCaughtUp()) && !(await isTimerDue()) ? quiet + 1 : 0) ===
          2,
        60_000,
      );
    },
    kill: async (service, signal = 'SIGKILL') => void (await running.processOf(service).end(signal)),
    async lockTable(table) {
      const connection = await (running.database ?? fail('the database is not at hand')).connect();
      await connection.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
      return async () => {
        await connection.query('ROLLBACK');
        connection.release();
      };
    },
    lockWaiters: (table) => query(`SELECT 1 FROM pg_locks WHERE relation = '${table}'::regclass AND NOT granted`),
    cutDatabase:
      running.cutDatabase ??
      (async () => {
        await query(
          'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
        );
      }),
    restart: (service) => running.processOf(service).start(),
    stop,
  };
}

/** Runs embedded mode in this process. */
async function startInProcess(
  { databaseLine: wantsLine = false, env, prepare }: NetworkOptions,
  defer: Defer,
): Promise<Running> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-e2e-'));
  defer(() => rm(data, { recursive: true, force: true }));
  const database = await createTestDatabase();
  defer(database.drop);
  const databaseLine = wantsLine ? await openLine(database.url, defer) : undefined;
  await prepare?.({ DATABASE_URL: database.url, PRODVOR_DATA: data });
  const config = readConfig({
    env: {
      DATABASE_URL: databaseLine?.url ?? database.url,
      PRODVOR_DATA: data,
      LOG_LEVEL: 'error',
      LOG_FORMAT: 'text',
      ...env,
    },
  });
  // Full mode starts processes instead, and does not need these modules in its own.
  const { startProduct } = await import('../product/product.ts');
  const product = await startProduct({ config, subgraphs: Object.keys(subgraphs), router: true, port: 0 });
  defer(async () => {
    const code = await product.shutdown.stop('the test is over');
    if (code !== 0) throw new Error('something did not close');
  });
  const pool = openPool(database.url, defer);
  const appOf = (subgraph: string) => product.apps.get(subgraph) ?? fail(`there is no ${subgraph}`);
  return {
    origins: [product.origin],
    originOf: (subgraph) => {
      const { port } = appOf(subgraph).getHttpServer().address() as AddressInfo;
      return `http://127.0.0.1:${port}`;
    },
    accounts: localAccounts(product.origin, async (userId, roles) => {
      await pool.query('UPDATE identity.accounts SET roles = $2 WHERE user_id = $1', [userId, roles]);
    }),
    badTokens: badLocalTokens(async () => {
      const {
        rows: [key],
      } = await pool.query<{ pem: string }>('SELECT private_pem AS pem FROM identity.signing_keys');
      return key?.pem ?? '';
    }),
    databaseLine,
    mailbox: folderMailbox(path.join(data, 'mail')),
    database: pool,
    async isCaughtUp() {
      await product.platform?.eventLog.settled();
      return true;
    },
    processOf: (service) => fail(`${service} is part of this process; ask for a killable network`),
  };
}

/**
 * Runs embedded mode in a process of its own, with the demo's people. A person who needs a role gets the token of the
 * demo's organizer instead of an own one.
 */
async function startKillable({ env }: NetworkOptions, defer: Defer): Promise<Running> {
  const data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-e2e-'));
  defer(() => rm(data, { recursive: true, force: true }));
  const [port = 0] = await freePorts(1);
  const all = new ServiceProcess('all', port, { PRODVOR_DATA: data, ...env }, ['--data', data]);
  defer(() => endCleanly(all));
  await all.start();
  const organizers = new Set<string>();
  const accounts = localAccounts(all.origin, async (userId) => void organizers.add(userId));
  return {
    origins: [all.origin],
    originOf: () => all.origin,
    accounts: {
      ...accounts,
      signIn: async (username, password) => {
        if (organizers.size === 0) return accounts.signIn(username, password);
        organizers.clear();
        return tokenOf(await fetch(`${all.origin}/identity/demo-token?user=olga`, { method: 'POST' }));
      },
    },
    mailbox: folderMailbox(path.join(data, 'mail')),
    isCaughtUp: async () => true,
    async cutDatabase() {
      const { place } = JSON.parse(await readFile(path.join(data, 'postgres.json'), 'utf8')) as { place: string };
      process.kill(
        Number.parseInt(await readFile(path.resolve(data, place, 'data/postmaster.pid'), 'utf8'), 10),
        'SIGKILL',
      );
    },
    processOf: () => all,
  };
}

/** Runs the product on the real servers: in one process, or in one per service. */
async function startFull(options: NetworkOptions, defer: Defer): Promise<Running> {
  const { chats = 1, routers = 1, databaseLine: wantsLine = false, killable = false, env, prepare } = options;
  const { separate = chats > 1 || routers > 1 || wantsLine || killable } = options;
  process.env.TEST_DATABASE_URL ??= process.env.DATABASE_URL;
  const database = await createTestDatabase();
  defer(database.drop);
  const databaseLine = wantsLine ? await openLine(database.url, defer) : undefined;
  const mailbox = await smtpMailbox();
  defer(mailbox.close);
  const prefix = `e2e-${randomUUID().slice(0, 8)}-`;
  const environment = fullEnvironment({ databaseUrl: databaseLine?.url ?? database.url, prefix, env });
  const config = readConfig({ env: environment }) as FullConfig;
  const mailUrl = mailbox.url ?? '';
  const services = separate
    ? await fullProcesses({ environment, mailUrl, chats, routers })
    : new Map([['all', await wholeProcess({ environment, mailUrl, migrated: prepare !== undefined })]]);
  const brokers = openBrokers(config);
  defer(brokers.clear);
  await prepare?.(environment);
  const at = (name: string): ServiceProcess =>
    services.get(name) ?? fail(`there is no process of ${name}; there are ${[...services.keys()].join(', ')}`);
  const pool = openPool(database.url, defer);
  defer(async () => {
    await Promise.all([...services.values()].map(endCleanly));
  });
  await startAll(services.values());
  return {
    origins: [...services.values()].filter(({ what }) => ['router', 'all'].includes(what)).map(({ origin }) => origin),
    originOf: (subgraph) => at(subgraph).origin,
    accounts: keycloakAccounts(config),
    badTokens: badKeycloakTokens(config, PASSWORD),
    databaseLine,
    mailbox,
    database: pool,
    isCaughtUp: brokers.isCaughtUp,
    processOf: at,
  };
}

async function openLine(url: string, defer: Defer): Promise<DatabaseLine> {
  const line = await startDatabaseLine(url);
  defer(line.close);
  return line;
}

function openPool(url: string, defer: Defer): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'test network' });
  pool.on('error', () => undefined);
  defer(() => pool.end());
  return pool;
}

function localAccounts(origin: string, grant: Accounts['grant']): Accounts {
  return {
    signIn: (username, password) => passwordGrant(`${origin}/identity/token`, username, password),
    grant,
    remove: async () => undefined,
  };
}

async function endCleanly(service: ServiceProcess): Promise<void> {
  const code = await service.end('SIGTERM');
  if (code !== 0) throw new Error(`${service.what} ended with ${code}:\n${service.output}`);
}

function fail(message: string): never {
  throw new Error(message);
}
