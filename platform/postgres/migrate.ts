import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { createSchema, LOCK_KEY } from './schema.ts';

const LOCK_TIMEOUT_MS = 60_000;
const DIRECTORY = path.join(import.meta.dirname, '../../prisma');

/**
 * The error when a migration fails. The message is one line that names the service and, if it is known, the migration.
 * That migration has not changed the database.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  readonly service: string;
  readonly migration: string | undefined;
  constructor(service: string, migration: string | undefined, message: string, cause?: unknown) {
    super(message, { cause });
    this.service = service;
    this.migration = migration;
  }
}

export interface MigrateOptions {
  /** The URL `postgresql://…/<database>`. Each service has a PostgreSQL schema with its name in this database. */
  readonly url: string;
  /** Names of folders in `prisma/`. */
  readonly services: readonly string[];
  /** A folder with `<service>/migrations/<name>/migration.sql`. Default: the project's `prisma/`. */
  readonly directory?: string;
  /** Called when a migration starts. */
  readonly onProgress?: (step: string) => void;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file, hexadecimal, as Prisma stores it. */
  readonly checksum: string;
}

/**
 * Applies the pending migrations of each service's schema, as `prisma migrate deploy` does. It uses the same table
 * `_prisma_migrations`, so either can continue where the other stopped. It needs one connection and does not start
 * Prisma's engine, which costs two seconds per service (decision 0025). Each migration is one transaction together with
 * its row. Concurrent starts wait for each other.
 * @returns how many migrations were applied
 * @throws MigrationError
 */
export async function migrate({ url, services, directory = DIRECTORY, onProgress }: MigrateOptions): Promise<number> {
  const wanted = await Promise.all(
    services.map(async (service) => ({ service, migrations: await readMigrations(directory, service) })),
  );
  const client = new pg.Client({ connectionString: withoutSchema(url), application_name: 'prodvor migrate' });
  // A cut connection fails the running statement. Without a listener the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await takeLock(client);
    let applied = 0;
    for (const { service, migrations } of wanted) {
      for (const migration of pending(service, migrations, await readHistory(client, service))) {
        onProgress?.(`${service}: ${migration.name}`);
        await apply(client, service, migration);
        applied++;
      }
    }
    return applied;
  } finally {
    await client.end();
  }
}

/**
 * Whether the schema of a service has all migrations of this version; undefined when there is no schema yet. For
 * programs that change nothing.
 * @throws MigrationError when the schema is newer than this version, or was changed
 */
export async function isMigrated({
  url,
  service,
  directory = DIRECTORY,
}: {
  url: string;
  service: string;
  directory?: string;
}): Promise<boolean | undefined> {
  const migrations = await readMigrations(directory, service);
  const client = new pg.Client({ connectionString: withoutSchema(url), application_name: 'prodvor migrate' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const history = await readHistory(client, service);
    return history.length === 0 ? undefined : pending(service, migrations, history).length === 0;
  } finally {
    await client.end();
  }
}

async function readMigrations(directory: string, service: string): Promise<Migration[]> {
  const folder = path.join(directory, service, 'migrations');
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => {
    throw new MigrationError(service, undefined, `Service ${service} has no migrations (${folder}).`);
  });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const file = await readFile(path.join(folder, name, 'migration.sql')).catch(() => {
        throw new MigrationError(service, name, `Migration ${name} of service ${service} has no migration.sql.`);
      });
      return { name, sql: file.toString('utf8'), checksum: createHash('sha256').update(file).digest('hex') };
    }),
  );
}

async function takeLock(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]).catch((error: unknown) => {
    throw new MigrationError(
      '',
      undefined,
      `Another process has been migrating this database for ${LOCK_TIMEOUT_MS / 1000} s.`,
      error,
    );
  });
}

interface HistoryRow {
  migration_name: string;
  checksum: string;
  finished: boolean;
}

async function readHistory(client: pg.Client, service: string): Promise<HistoryRow[]> {
  const table = historyTable(service);
  const {
    rows: [found],
  } = await client.query<{ exists: boolean }>('SELECT to_regclass($1) IS NOT NULL AS exists', [table]);
  if (!found?.exists) return [];
  const { rows } = await client.query<HistoryRow>(
    `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished FROM ${table} WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return rows;
}

const historyTable = (service: string): string => `${pg.escapeIdentifier(service)}._prisma_migrations`;

function pending(service: string, migrations: readonly Migration[], history: readonly HistoryRow[]): Migration[] {
  const byName = new Map(migrations.map((migration) => [migration.name, migration]));
  const applied = new Set<string>();
  for (const { migration_name: name, checksum, finished } of history) {
    const migration = byName.get(name);
    if (!finished) {
      throw new MigrationError(
        service,
        name,
        `Migration ${name} of service ${service} failed earlier; see npm run prisma -- ${service} migrate resolve.`,
      );
    }
    if (!migration) {
      throw new MigrationError(
        service,
        name,
        `The database is newer than this version: it has migration ${name} of service ${service}.`,
      );
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        service,
        name,
        `Migration ${name} of service ${service} was changed after the database had it.`,
      );
    }
    applied.add(name);
  }
  return migrations.filter(({ name }) => !applied.has(name));
}

async function apply(client: pg.Client, service: string, { name, sql, checksum }: Migration): Promise<void> {
  const schema = pg.escapeIdentifier(service);
  try {
    await client.query('BEGIN');
    await client.query(createSchema(service));
    await client.query(`SET LOCAL search_path = ${schema}`);
    // The table is the same as the one that Prisma creates.
    await client.query(`CREATE TABLE IF NOT EXISTS ${historyTable(service)} (
      id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL, logs TEXT,
      rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
    await client.query(sql);
    // clock_timestamp() differs for each migration of one start, unlike now(), so their order is kept.
    await client.query(
      `INSERT INTO ${historyTable(service)} (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    const { message, position } = error as pg.DatabaseError;
    const line = position ? ` (line ${sql.slice(0, Number(position)).split('\n').length})` : '';
    throw new MigrationError(
      service,
      name,
      `Migration ${name} of service ${service} failed: ${message.split('\n')[0]}${line}.`,
      error,
    );
  }
}

function withoutSchema(text: string): string {
  const url = new URL(text);
  url.searchParams.delete('schema');
  return url.toString();
}
