import type pg from 'pg';
import type { Config } from '../../platform/config/config.ts';
import { Announcements } from '../../platform/messaging/announcements/announcements.ts';
import { JobQueueError } from '../../platform/messaging/job-queue/envelope.ts';
import { ParkedInbox } from '../../platform/messaging/parked/parked-inbox.ts';
import { ParkedTimers } from '../../platform/messaging/parked/parked-timers.ts';
import { ParkedOutbox } from '../../platform/messaging/parked/parked-outbox.ts';
import { openStores } from '../../platform/platform.module.ts';
import { isMigrated } from '../../platform/postgres/migrate.ts';
import { openPool } from '../../platform/postgres/pool.ts';
import type { Stores } from '../../platform/stores.ts';
import { queues as QUEUES } from '../../schema/messages/index.ts';
import { subgraphs } from '../../subgraphs/registry.ts';

/**
 * The error when the command cannot work, for a reason that the operator can change. The message tells the reason in a
 * few lines.
 */
export class Refusal extends Error {}

/** The messages of one service. */
export interface ServiceMessages {
  readonly service: string;
  readonly outbox: ParkedOutbox;
  readonly inbox: ParkedInbox;
  readonly announcements: Announcements;
  /** Absent when the service has no timers. */
  readonly timers?: ParkedTimers;
}

/** The dead jobs of one queue. */
export type DeadQueue = Required<Stores>['jobQueue'] & { readonly name: string };

export interface MessageStores {
  readonly services: readonly ServiceMessages[];
  readonly queues: readonly DeadQueue[];
  readonly lag: Stores['lag'];
  /** Whether the product may be running. It is not running if this command had to start the database. */
  readonly mayRun: boolean;
  /** One line for each service or server that could not be read. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

export interface OpenOptions {
  /** Opens only this service, and no queues; by default every service. */
  readonly service?: string;
  readonly onProgress?: (step: string) => void;
}

/** Opens the stores of messages. @throws Refusal; DataDirectoryError; ConfigError; JobQueueError */
export async function openMessages(config: Config, { service, onProgress }: OpenOptions): Promise<MessageStores> {
  const stores = await openStores(config, { onProgress });
  const pools: pg.Pool[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(pools.map((pool) => pool.end()));
    await stores.close();
  };
  try {
    const notes: string[] = [];
    // Errors of idle connections are ignored: the queries report the same errors.
    const pool = openPool(stores.databaseUrl, 'messages', 4, () => undefined);
    pools.push(pool);
    const names = service === undefined ? Object.keys(subgraphs) : [service];
    const readable = await readableOf(pool, names);
    const services: ServiceMessages[] = [];
    for (const name of names) {
      const may = readable.get(name);
      if (may === undefined) notes.push(`${name} has no tables in this database`);
      else if (!may) notes.push(`the login of DATABASE_URL may not read ${name}`);
      else if (await hasItsTables(stores.databaseUrl, name)) services.push(await messagesOf(pool, name));
      else notes.push(`${name} has no tables in this database`);
    }
    if (services.length === 0) throw new Refusal(notes.join('\n'));
    const queues = service === undefined ? await queuesOf(stores, notes) : [];
    return { services, queues, lag: stores.lag, mayRun: stores.mayRun, notes, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function messagesOf(pool: pg.Pool, service: string): Promise<ServiceMessages> {
  const timers = new ParkedTimers(pool, service);
  return {
    service,
    outbox: new ParkedOutbox(pool, service),
    inbox: new ParkedInbox(pool, service),
    announcements: new Announcements(pool, service),
    ...((await timers.exist()) && { timers }),
  };
}

async function hasItsTables(url: string, service: string): Promise<boolean> {
  const migrated = await isMigrated({ url, service });
  if (migrated === false)
    throw new Refusal(
      `The tables of ${service} are of an older version: start the product once, or run \`main.ts migrate\`.`,
    );
  return migrated === true;
}

/** For each existing schema, whether the login may use it. A missing schema has no entry. */
async function readableOf(pool: pg.Pool, schemas: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
  const { rows } = await pool.query<{ name: string; may: boolean }>(
    `SELECT nspname AS name, has_schema_privilege(oid, 'USAGE') AS may FROM pg_namespace WHERE nspname = ANY ($1)`,
    [schemas],
  );
  return new Map(rows.map(({ name, may }) => [name, may]));
}

async function queuesOf({ jobQueue }: Stores, notes: string[]): Promise<DeadQueue[]> {
  if (!jobQueue) {
    notes.push('dead jobs are not shown: RABBITMQ_URL is missing');
    return [];
  }
  const queues: DeadQueue[] = [];
  for (const { name } of QUEUES) {
    try {
      await jobQueue.deadCount(name);
    } catch (error) {
      if (!(error instanceof JobQueueError) || error.code !== 'JOB_QUEUE_UNKNOWN') throw error;
      notes.push(`the queue ${name} was not made yet`);
      continue;
    }
    queues.push({
      name,
      dead: (queue, limit, id) => jobQueue.dead(queue, limit, id),
      deadCount: (queue) => jobQueue.deadCount(queue),
      redrive: (queue, limit, id) => jobQueue.redrive(queue, limit, id),
      drop: (queue, id) => jobQueue.drop(queue, id),
    });
  }
  return queues;
}
