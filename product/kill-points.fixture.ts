import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { Job, JobQueue } from '../platform/messaging/job-queue/job-queue.ts';
import { Emails, NotificationsPush, Pushes, WelcomeEmail } from '../schema/messages/notifications.ts';
import { type Mailbox, smtpMailbox } from '../test/network/mailbox.ts';
import type { ServiceProcess } from '../test/network/process.ts';
import { type Browser, CERTIFICATE, type PushService, startPushService } from '../test/network/push-service.ts';
import { until } from '../test/network/until.ts';

/** The moments of a delivery at which the worker is killed, in their order. */
const POINTS = [
  /** The server knows the recipient of the message, but does not have the message. */
  'before it is sent',
  /** The server has the message, and has not answered. */
  'before the answer',
  /** The server has answered, but the database does not say yet that the message is sent. */
  'before the mark',
  /** The database says that the message is sent, but the queue still has the job. */
  'before the acknowledgement',
] as const;
type Point = (typeof POINTS)[number];

/** The number of messages that wait in the queue when the worker is killed. */
const WAITING = 20;
/**
 * How many of the waiting messages the worker may take in its last milliseconds: as many as it sends at the same time,
 * without the messages that the gates hold.
 */
const UNDER_WAY = 6;

/** The servers that the worker sends to, and its environment. */
export interface Servers {
  readonly environment: Readonly<Record<string, string>>;
  readonly mailbox: Mailbox;
  readonly service: PushService;
  close(): Promise<void>;
}

/** How often each message of a channel arrived. */
export interface Outcome {
  readonly points: Readonly<Record<Point, number>>;
  readonly waiting: readonly number[];
  /** How many different Message-IDs or topics the copies of one message have. */
  readonly identities: number;
}

export interface Installation {
  /** The URL of the database, which has the tables of notifications when the worker is ready. */
  readonly databaseUrl: string;
  /** A queue with a connection of its own, with which the test adds jobs. */
  readonly queue: JobQueue;
  /** From now on no acknowledgement of these jobs reaches the queue. Resolves to a function that ends that. */
  holdAcknowledgements(jobIds: readonly string[]): Promise<() => Promise<void>>;
}

/** Starts a mail server and a push service, with gates that can hold the deliveries at each point. */
export async function startServers(): Promise<
  Servers & { gates: Gates; browsers: Map<string, Browser>; addressOf(name: string): string }
> {
  const gates = new Gates();
  const folder = await mkdtemp(path.join(tmpdir(), 'kill-points-'));
  const certificate = path.join(folder, 'ca.pem');
  await writeFile(certificate, CERTIFICATE);
  const nameOf = (address: string): string => address.split('@', 1)[0] ?? '';
  const addressOf = (name: string): string => `${name}@test.prodvor.example`;
  const mailbox = await smtpMailbox(
    (address) => (nameOf(address) === 'p0' ? gates.at('mail p0').then(() => undefined) : undefined),
    (address) => (/^p[123]$/.test(nameOf(address)) ? gates.at(`mail ${nameOf(address)}`) : undefined),
  );
  const service = await startPushService();
  return {
    gates,
    mailbox,
    service,
    addressOf,
    browsers: new Map(),
    environment: { SMTP_URL: mailbox.url ?? '', PUSH_HOSTS: service.host, NODE_EXTRA_CA_CERTS: certificate },
    async close() {
      gates.openAll();
      await Promise.all([mailbox.close(), service.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

class Gates {
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();
  readonly reached = new Set<string>();
  at(name: string): Promise<void> {
    this.reached.add(name);
    return this.#gate(name).promise;
  }
  open(name: string): void {
    this.#gate(name).resolve();
  }
  openAll(): void {
    for (const gate of this.#gates.values()) gate.resolve();
  }
  #gate(name: string): PromiseWithResolvers<void> {
    const gate = this.#gates.get(name) ?? Promise.withResolvers<void>();
    this.#gates.set(name, gate);
    return gate;
  }
}

/**
 * Kills the worker with SIGKILL while one e-mail and one push message is at each point and others wait. Starts it
 * again, and counts what arrived.
 */
export async function killAtEachPoint(
  { databaseUrl, queue, holdAcknowledgements }: Installation,
  { gates, mailbox, service, addressOf, browsers }: Awaited<ReturnType<typeof startServers>>,
  worker: ServiceProcess,
  restart: () => Promise<ServiceProcess>,
): Promise<Readonly<Record<'email' | 'push', Outcome>>> {
  const database = new pg.Client({ connectionString: databaseUrl });
  const locker = new pg.Client({ connectionString: databaseUrl });
  await Promise.all([database.connect(), locker.connect()]);
  try {
    const names = [...POINTS.keys()].map((at) => `p${at}`);
    const all = [...names, ...Array.from({ length: WAITING }, (_, n) => `w${n}`)];
    const mails = new Map(all.map((name): [string, Job] => [name, mailJob(addressOf(name))]));
    const pushes = new Map<string, Job>();
    for (const name of all) {
      const browser = service.browser();
      if (name === 'p0') browser.answer = 'silent';
      else if (names.includes(name)) browser.answer = { status: 201, after: gates.at(`push ${name}`) };
      browsers.set(name, browser);
      pushes.set(name, await pushJob(database, browser));
    }
    const idsAt = (at: number): string[] => [mails, pushes].map((jobs) => jobs.get(`p${at}`)?.id ?? '');
    const browserOf = (name: string): Browser => browsers.get(name) ?? assert.fail(name);
    // The worker opens at most three connections to the mail server. So the mail of "before the mark" waits until
    // another mail is done.
    const last = mails.get('p2') ?? assert.fail();
    const first = names.flatMap((_, at) => idsAt(at)).filter((id) => id !== last.id);
    const jobs = [...mails.values(), ...pushes.values()];
    await queue.enqueue(jobs.filter(({ id }) => first.includes(id)));
    await until(
      'the servers hold the messages',
      async () =>
        ['mail p0', 'mail p1', 'mail p3'].every((name) => gates.reached.has(name)) &&
        names.every((name) => browserOf(name).attempts > 0),
    ).catch((error: unknown) => {
      throw new Error(`held: ${[...gates.reached].join(', ')}\n${worker.output}`, { cause: error });
    });
    await queue.enqueue([last]);
    await until('the worker has the last mail', async () =>
      /^jobs_running\{[^}]*queue="email-sender"[^}]*\} 4$/m.test(
        await (await fetch(`${worker.origin}/metrics`)).text(),
      ),
    );

    const release = await holdAcknowledgements(idsAt(3));
    for (const channel of ['mail', 'push']) gates.open(`${channel} p3`);
    const isMarked = async (): Promise<boolean> =>
      (
        await database.query(
          'SELECT FROM notifications.sent_emails WHERE job_id = ANY ($1) UNION ALL SELECT FROM notifications.sent_pushes WHERE job_id = ANY ($1)',
          [idsAt(3)],
        )
      ).rowCount === 2;
    await until('both are marked as sent', isMarked);
    await locker.query('BEGIN; LOCK TABLE notifications.sent_emails, notifications.sent_pushes IN EXCLUSIVE MODE');
    await until('the mail server holds the last mail', async () => gates.reached.has('mail p2'));
    for (const channel of ['mail', 'push']) gates.open(`${channel} p2`);
    const waiting = `SELECT pid FROM pg_locks WHERE NOT granted AND relation IN ('notifications.sent_emails'::regclass, 'notifications.sent_pushes'::regclass)`;
    await until('both marks wait', async () => ((await database.query(waiting)).rowCount ?? 0) >= 2);
    await queue.enqueue(jobs.filter((job) => job !== last && !first.includes(job.id)));
    await worker.end('SIGKILL');

    // PostgreSQL must not execute the waiting statements of the killed process, because a process that is killed at
    // this point would not have sent them.
    await database.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS waiting`);
    await until('they are gone', async () => ((await database.query(waiting)).rowCount ?? 0) === 0);
    await locker.query('ROLLBACK');
    await release();
    gates.openAll();
    browserOf('p0').answer = { status: 201 };
    const next = await restart();
    await until('nothing waits', () => queue.settled([Emails.name, Pushes.name]).then(() => true), 120_000).catch(
      (error: unknown) => {
        throw new Error(next.output, { cause: error });
      },
    );
    const arrivedMails = await Promise.all(all.map((name) => mailbox.to(addressOf(name))));
    const email = outcome(arrivedMails.map((copies) => copies.map(({ messageId }) => messageId)));
    const push = outcome(all.map((name) => browserOf(name).messages.map(({ topic }) => topic ?? '')));
    return { email, push };
  } finally {
    await Promise.all([database.end(), locker.end()]);
  }
}

/**
 * Counts the copies of each message.
 * @param copies the identities of the copies of each message: first the messages at the points, then the waiting ones
 */
function outcome(copies: readonly (readonly string[])[]): Outcome {
  return {
    points: Object.fromEntries(POINTS.map((point, at) => [point, copies[at]?.length ?? 0])) as Record<Point, number>,
    waiting: copies.slice(POINTS.length).map(({ length }) => length),
    identities: Math.max(...copies.map((ids) => new Set(ids).size)),
  };
}

const mailJob = (to: string): Job => ({
  id: randomUUID(),
  queue: Emails.name,
  kind: WelcomeEmail.kind,
  version: WelcomeEmail.version,
  payload: { userId: randomUUID(), to },
});

/** Stores a person with a browser and a notification. @returns the job that sends it */
async function pushJob(database: pg.Client, { web }: Browser): Promise<Job> {
  const [userId, notificationId] = [randomUUID(), randomUUID()];
  await database.query(
    `INSERT INTO notifications.devices (id, user_id, client_id, kind, address, address_hash, p256dh, auth)
      VALUES ($1, $2, 'browser', 'WEB', $3, $3, $4, $5)`,
    [randomUUID(), userId, web.endpoint, web.p256dh, web.auth],
  );
  await database.query(
    `INSERT INTO notifications.notifications (id, user_id, seq, kind, cause, subject_type, subject_id, facts, occurred_at, is_shown)
      VALUES ($1, $2, 1, 'CUP_WON', $3, 'Tournament', $3, $4, now(), true)`,
    [notificationId, userId, randomUUID(), JSON.stringify({ tournament: 'Yard Cup', team: 'Foxes' })],
  );
  return {
    id: randomUUID(),
    queue: Pushes.name,
    kind: NotificationsPush.kind,
    version: NotificationsPush.version,
    payload: { userId, notificationIds: [notificationId] },
  };
}

/** Asserts what must be true of both channels, e-mail and push, in both modes. */
export function assertOutcome(channel: string, { points, waiting, identities }: Outcome): void {
  assert.deepEqual(
    points,
    { 'before it is sent': 1, 'before the answer': 2, 'before the mark': 2, 'before the acknowledgement': 1 },
    `${channel}: none is lost; at most the messages between "sent" and "marked" arrive twice`,
  );
  assert.ok(Math.min(...waiting) >= 1, `${channel}: no waiting message is lost`);
  const repeated = waiting.reduce((sum, copies) => sum + copies - 1, 0);
  assert.ok(repeated <= UNDER_WAY, `${channel}: ${repeated} waiting messages were sent twice`);
  assert.equal(identities, 1, `${channel}: a repeat has the same identity`);
}
