import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'graphql';
import pg from 'pg';
import { type FullConfig, readConfig } from '../../platform/config/config.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { createTestDatabase } from '../database.ts';
import { passwordGrant } from '../network/accounts.ts';
import { openBrokers } from '../network/brokers.ts';
import { Client } from '../network/client.ts';
import { fullEnvironment, fullProcesses } from '../network/full.ts';
import { freePorts, ServiceProcess, startAll } from '../network/process.ts';
import { until } from '../network/until.ts';
import { startIssuer } from './issuer.ts';
import type { Answer, Person, Position, Question } from './lines.ts';

export type Mode = 'embedded' | 'full';

/**
 * One installation: its stores, which outlive its processes, and its processes. Embedded mode has one process, full
 * mode one per service.
 */
export interface Installation {
  readonly mode: Mode;
  readonly databaseUrl: string;
  readonly database: pg.Pool;
  /** The prefix of names in the brokers; empty in embedded mode. */
  readonly prefix: string;
  /** The environment for other programs, with an administrator's login to the database. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Starts all processes. Resolves when they are ready. In full mode `main.ts migrate` changes the tables before; in
   * embedded mode the process does that while it starts.
   */
  start(): Promise<void>;
  /** Ends all processes. With SIGTERM they must end cleanly. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** The processes' log lines since their start: warnings and worse. */
  log(): string[];
  guest(): Client;
  /** Signs in as a person. In embedded mode this needs the person's password. */
  client(person: Person): Promise<Client>;
  /** The router's origin: `http://127.0.0.1:14000`. */
  origin(): string;
  /** Resolves when every message of the outboxes is published or parked, and every consumer has handled its events. */
  settled(): Promise<void>;
  /** Stops the processes and deletes the stores. */
  close(): Promise<void>;
}

/** Creates an empty installation. @param mailUrl the SMTP server for its e-mails */
export async function install(mode: Mode, mailUrl: string): Promise<Installation> {
  const database = await createTestDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 2, application_name: 'stored' });
  pool.on('error', () => undefined);
  const data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-stored-'));
  const stores = await (mode === 'full' ? full(database.url, mailUrl) : embedded(database.url, mailUrl, data, pool));
  let processes = new Map<string, ServiceProcess>();
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (person: Person): Promise<string> => {
    const token = tokens.get(person.name) ?? stores.token(person, origin());
    tokens.set(person.name, token);
    return token;
  };
  const origin = (): string => (processes.get('router') ?? processes.get('all'))?.origin ?? '';
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const codes = await Promise.all(
      [...processes.values()].map(async (each) => ({ each, code: await each.end(signal) })),
    );
    const failed = codes.find(({ code }) => signal === 'SIGTERM' && code !== 0);
    if (failed) throw new Error(`${failed.each.what} ended with ${failed.code}:\n${failed.each.output}`);
  };
  const isOutboxEmpty = async (): Promise<boolean> => {
    for (const service of Object.keys(subgraphs)) {
      const { rowCount } = await pool.query(
        `SELECT 1 FROM ${service}.outbox WHERE published_at IS NULL AND parked_at IS NULL LIMIT 1`,
      );
      if (rowCount) return false;
    }
    return true;
  };
  return {
    mode,
    databaseUrl: database.url,
    database: pool,
    prefix: stores.prefix,
    environment: stores.environment,
    async start() {
      tokens.clear(); // the issuer has another port after each start
      processes = await stores.processes();
      await startAll(processes.values());
    },
    stop,
    log: () =>
      [...processes.values()].flatMap(({ what, log }) =>
        log
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => `${what}: ${line}`),
      ),
    guest: () => new Client(`${origin()}/graphql`),
    client: async (person) => new Client(`${origin()}/graphql`, await tokenOf(person)),
    origin,
    async settled() {
      // A consumer may emit events itself. So everything is handled only when two checks in a row find the system idle.
      let quiet = 0;
      await until(
        'everything is told and handled',
        async () => (quiet = (await isOutboxEmpty()) && (await stores.isCaughtUp()) ? quiet + 1 : 0) === 2,
        60_000,
      );
    },
    async close() {
      const ended = await Promise.allSettled([stop('SIGTERM')]);
      await stores.clear();
      await pool.end();
      await database.drop();
      await rm(data, { recursive: true, force: true });
      for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason;
    },
  };
}

interface Stores {
  readonly prefix: string;
  readonly environment: Readonly<Record<string, string>>;
  processes(): Promise<Map<string, ServiceProcess>>;
  token(person: Person, origin: string): Promise<string>;
  isCaughtUp(): Promise<boolean>;
  clear(): Promise<void>;
}

async function embedded(databaseUrl: string, mailUrl: string, data: string, pool: pg.Pool): Promise<Stores> {
  const environment = { PRODVOR_MODE: 'embedded', DATABASE_URL: databaseUrl, SMTP_URL: mailUrl, LOG_FORMAT: 'json' };
  return {
    prefix: '',
    environment,
    async processes() {
      const [port = 0] = await freePorts(1);
      return new Map([['all', new ServiceProcess('all', port, environment, ['--no-demo', '--data', data])]]);
    },
    token: ({ name, password = '' }, origin) => passwordGrant(`${origin}/identity/token`, name, password),
    async isCaughtUp() {
      const { rowCount } = await pool.query(
        'SELECT 1 FROM event_log.group_partitions g JOIN event_log.partitions p ON p.id = g.partition_id WHERE g.next_offset < p.next_offset LIMIT 1',
      );
      return rowCount === 0;
    },
    clear: async () => undefined,
  };
}

async function full(databaseUrl: string, mailUrl: string): Promise<Stores> {
  const prefix = `stored-${randomUUID().slice(0, 8)}-`;
  const issuer = await startIssuer();
  const environment = fullEnvironment({
    databaseUrl,
    prefix,
    env: {
      KEYCLOAK_ISSUER: issuer.url,
      KEYCLOAK_CLIENT_ID: 'stored',
      KEYCLOAK_CLIENT_SECRET: 'stored',
      LOG_FORMAT: 'json',
    },
  });
  const brokers = openBrokers(readConfig({ env: environment }) as FullConfig);
  return {
    prefix,
    environment,
    processes: () => fullProcesses({ environment, mailUrl }),
    token: (person) => issuer.token(person),
    isCaughtUp: brokers.isCaughtUp,
    async clear() {
      await brokers.clear();
      await issuer.close();
    },
  };
}

/**
 * The API's answer: the result of a query or a mutation, or the first events of a subscription.
 * @throws Error with the errors of the answer
 */
export async function ask(
  installation: Installation,
  people: readonly Person[],
  { as, query, variables, events }: Question,
): Promise<Answer> {
  const person = people.find(({ name }) => name === as);
  const client = person ? await installation.client(person) : installation.guest();
  const data: unknown[] = [];
  try {
    if (events === undefined) {
      const answer = await client.execute(query, variables);
      if (answer.errors || !answer.data) throw new Error(`${as ?? 'a guest'} asks ${query}: ${JSON.stringify(answer)}`);
      data.push(answer.data);
    } else {
      for await (const event of client.subscribe(parse(query) as never, variables))
        if (data.push(event) === events) break;
    }
  } finally {
    await client.close();
  }
  return { as, query, variables, ...(events !== undefined && { events }), data };
}

/** The position of every consumer. */
export async function positionsOf({ database }: Installation): Promise<Position[]> {
  const positions: Position[] = [];
  for (const service of Object.keys(subgraphs)) {
    const { rows } = await database.query<Position>(
      `SELECT $1::text AS service, consumer, topic, key, last_seq AS "lastSeq", parked FROM ${service}.inbox ORDER BY consumer, topic, key`,
      [service],
    );
    positions.push(...rows);
  }
  return positions;
}
