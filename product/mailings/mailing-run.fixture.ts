import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { type FullConfig, readConfig } from '../../platform/config/config.ts';
import { toGlobalId } from '../../platform/graphql/global-id.ts';
import type { JobQueue } from '../../platform/messaging/job-queue/job-queue.ts';
import { PostgresJobQueue } from '../../platform/messaging/job-queue/postgres/postgres.ts';
import { prefixed } from '../../platform/messaging/job-queue/prefixed.ts';
import { RabbitMqJobQueue } from '../../platform/messaging/job-queue/rabbitmq/rabbitmq.ts';
import { signed, SubgraphCalls } from '../../platform/questions/subgraph-calls.ts';
import { signingKey } from '../../signature/signature.ts';
import { MassMailing } from '../../schema/messages/notifications.ts';
import { createTestDatabase } from '../../test/database.ts';
import { openBrokers } from '../../test/network/brokers.ts';
import { fullEnvironment, fullProcesses } from '../../test/network/full.ts';
import { type Mailbox, smtpMailbox } from '../../test/network/mailbox.ts';
import { freePorts, ServiceProcess } from '../../test/network/process.ts';

/** A mailing to many people, with a worker in a process of its own that can be killed. */
export interface MailingRun {
  /** The process of the API, with timers, and without workers. */
  readonly api: ServiceProcess;
  readonly worker: ServiceProcess;
  readonly mailbox: Mailbox;
  /** The public half of the key with which the worker signs e-mails. */
  readonly dkimKey: KeyObject;
  /** The environment for `npm run messages`. */
  readonly commands: Readonly<Record<string, string>>;
  /** Opens the job queue of this run with a connection of its own. */
  openQueue(): Promise<JobQueue>;
  readonly addresses: readonly string[];
  /** Writes and starts the mailing. Resolves before any e-mail is sent. */
  order(): Promise<void>;
  /** The mailing as its author sees it. */
  state(): Promise<{ state: string; counts: { total: number | null; sent: number; failed: number; skipped: number } }>;
  close(): Promise<void>;
}

interface Options {
  readonly people: number;
  /** Which queue, log and identity provider the processes use: those of PostgreSQL, or the real servers of this run. */
  readonly mode: 'embedded' | 'full';
}

const addressOf = (userId: string): string => `${userId}@test.prodvor.example`;

/** Starts the API's process. The test starts the worker. */
export async function openMailingRun({ people, mode }: Options): Promise<MailingRun> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    return await open({ people, mode }, closers, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  { people, mode }: Options,
  closers: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<MailingRun> {
  const users = Array.from({ length: people }, () => randomUUID());
  const organizer = randomUUID();
  const tournamentId = randomUUID();
  const database = await createTestDatabase();
  closers.push(database.drop);
  const mailbox = await smtpMailbox();
  closers.push(() => mailbox.close());
  const others = await startOthers();
  closers.push(others.close);
  const secret = randomBytes(32).toString('base64url');
  const dkim = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const more = {
    DKIM_SELECTOR: 'm1',
    DKIM_PRIVATE_KEY: dkim.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    SIGNING_KEYS: `tests:${secret}`,
    PUBLIC_URL: 'http://127.0.0.1:4000',
    MAILINGS_PER_SECOND: '1000',
    SMTP_URL: mailbox.url ?? '',
    SUBGRAPH_URLS: ['users', 'teams', 'tournaments'].map((name) => `${name}=${others.url}/graphql`).join(','),
  };
  let environment: Readonly<Record<string, string>>;
  let commands: Readonly<Record<string, string>>;
  let openQueue: () => Promise<JobQueue>;
  if (mode === 'full') {
    const prefix = `t${randomUUID().slice(0, 8)}-`;
    const whole = fullEnvironment({
      databaseUrl: database.url,
      prefix,
      env: {
        KEYCLOAK_ISSUER: `${others.url}/realms/prodvor`,
        KEYCLOAK_CLIENT_ID: 'none',
        KEYCLOAK_CLIENT_SECRET: 'none',
        REDIS_URL: 'redis://127.0.0.1:1',
      },
    });
    closers.push(() => openBrokers(readConfig({ env: whole }) as FullConfig).clear());
    const processes = await fullProcesses({ environment: whole, mailUrl: mailbox.url ?? '' });
    environment = { ...processes.get('notifications')?.environment, ...more };
    commands = whole;
    openQueue = async () =>
      prefixed(await RabbitMqJobQueue.open({ url: whole['RABBITMQ_URL'] ?? '', exchange: `${prefix}jobs` }), prefix);
  } else {
    const data = await mkdtemp(path.join(os.tmpdir(), 'prodvor-mailing-'));
    closers.push(() => rm(data, { recursive: true, force: true }));
    environment = { ...more, DATABASE_URL: database.url, PRODVOR_DATA: data };
    commands = { DATABASE_URL: database.url, PRODVOR_DATA: data };
    openQueue = () => PostgresJobQueue.open({ database: database.url, createSchema: false, maintains: false });
  }
  const [apiPort = 0, workerPort = 0] = await freePorts(2);
  const api = new ServiceProcess('notifications', apiPort, environment, ['--no-workers']);
  const worker = new ServiceProcess('worker', workerPort, environment, [MassMailing.name]);
  closers.push(() => Promise.all([api.end('SIGKILL'), worker.end('SIGKILL')]));
  await api.start();
  await fill(database.url, { users, tournamentId, withAccounts: mode === 'embedded' });

  const calls = new SubgraphCalls({
    key: signingKey('tests', secret),
    urls: [['notifications', `${api.origin}/graphql`]],
  });
  closers.push(() => calls.close());
  const ask = async <T>(query: string, variables: object): Promise<T> => {
    const { data, errors } = await calls.call('notifications', {
      body: { query, variables },
      principal: signed({ userId: organizer, roles: [] }),
      requestId: randomUUID(),
      ms: 30_000,
    });
    assert.equal(errors, undefined, JSON.stringify(errors));
    return data as T;
  };
  let id: string | undefined;
  return {
    api,
    worker,
    mailbox,
    dkimKey: dkim.publicKey,
    commands,
    openQueue,
    addresses: users.map(addressOf),
    close,
    async order() {
      const { createMailing } = await ask<{ createMailing: { mailing: { id: string } | null; userErrors: unknown } }>(
        'mutation ($input: CreateMailingInput!) { createMailing(input: $input) { mailing { id } userErrors { message } } }',
        {
          input: {
            clientId: randomUUID(),
            about: toGlobalId('Tournament', tournamentId),
            subject: 'Bring both shirts',
            text: 'We begin at ten. '.repeat(60),
          },
        },
      );
      id = createMailing.mailing?.id ?? assert.fail(JSON.stringify(createMailing.userErrors));
      await ask('mutation ($input: StartMailingInput!) { startMailing(input: $input) { userErrors { message } } }', {
        input: { mailingId: id },
      });
    },
    async state() {
      const { mailing } = await ask<{ mailing: Awaited<ReturnType<MailingRun['state']>> }>(
        'query ($id: ID!) { mailing(id: $id) { state counts { total sent failed skipped } } }',
        { id },
      );
      return mailing;
    },
  };
}

/** Writes the rows that `notifications` would have copied from events of other services, and the accounts. */
async function fill(
  url: string,
  { users, tournamentId, withAccounts }: { users: readonly string[]; tournamentId: string; withAccounts: boolean },
): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    await pool.query(
      `INSERT INTO notifications.known_tournaments (id, name, sport, state, starts_at, organizer_ids)
       VALUES ($1, 'Yard Cup', 'FOOTBALL', 'REGISTRATION', now(), '{}')`,
      [tournamentId],
    );
    await pool.query(
      `WITH teams AS (
         INSERT INTO notifications.known_entries (id, tournament_id, team_id, state)
         SELECT gen_random_uuid(), $1, gen_random_uuid(), 'ACCEPTED' FROM generate_series(1, greatest(1, $2::int / 20))
         RETURNING team_id
       ), numbered AS (SELECT team_id, row_number() OVER () - 1 AS n, count(*) OVER () AS teams FROM teams)
       INSERT INTO notifications.known_members (team_id, user_id, role)
       SELECT numbered.team_id, u.id, 'PLAYER'
       FROM unnest($3::uuid[]) WITH ORDINALITY AS u (id, at) JOIN numbered ON numbered.n = u.at % numbered.teams`,
      [tournamentId, users.length, users],
    );
    if (withAccounts)
      await pool.query(
        `INSERT INTO identity.accounts (user_id, username, email, email_verified, roles, demo, seeded)
         SELECT id, id::text, id::text || '@test.prodvor.example', true, '{}', false, false FROM unnest($1::uuid[]) AS id`,
        [users],
      );
    await pool.query('ANALYZE notifications.known_members; ANALYZE notifications.known_entries');
  } finally {
    await pool.end();
  }
}

/**
 * Starts a server that answers for the other subgraphs and for Keycloak. By its answers, everybody organizes every
 * tournament, and every account exists.
 */
async function startOthers(): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer((req, res) => {
    const answer = (body: unknown): void =>
      void res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const { pathname } = new URL(req.url ?? '/', 'http://localhost');
    if (pathname === '/graphql') {
      void text(req).then((body) => {
        const { variables } = JSON.parse(body) as { variables: { of: string[] } };
        answer({ data: { tournamentsOfOrganizer: variables.of } });
      });
      return;
    }
    req.resume();
    const [, userId] = /\/admin\/realms\/prodvor\/users\/([0-9a-f-]+)$/.exec(pathname) ?? [];
    if (userId !== undefined)
      answer({ id: userId, username: userId, email: addressOf(userId), emailVerified: true, enabled: true });
    else if (pathname.endsWith('/token')) answer({ access_token: 'token', expires_in: 3600 });
    else answer({ keys: [] });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
