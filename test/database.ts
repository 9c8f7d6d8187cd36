import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedPostgres, startThrowAwayPostgres } from '../platform/embedded-database/embedded.ts';

export interface TestDatabase {
  /** The URL `postgresql://…/<unique name>`. Append `?schema=<name>` for a service's own schema. */
  readonly url: string;
  /**
   * Closes remaining connections and drops the database. Stops the server if it was started for this process.
   * Idempotent.
   */
  drop(): Promise<void>;
}

/**
 * A new empty database, or one with the migrations of the services in `migrate`. It is on the server at
 * TEST_DATABASE_URL (an administrator's URL; `npm test` starts one). Without that variable it is on a throw-away
 * server, which stops when this process drops its last database.
 */
export async function createTestDatabase({ migrate = [] }: { migrate?: string[] } = {}): Promise<TestDatabase> {
  const server = await acquireServer();
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  try {
    const template = migrate.length > 0 ? await migratedTemplate(server, [...migrate].sort()) : undefined;
    await administer(server.adminUrl, (client) =>
      client.query(`CREATE DATABASE "${name}"${template ? ` TEMPLATE "${template}"` : ''}`),
    );
  } catch (error) {
    await server.release();
    throw error;
  }
  let dropped: Promise<void> | undefined;
  const drop = async (): Promise<void> => {
    await administer(server.adminUrl, async (client) => {
      await untilUnused(client, name);
      await client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
      // Roles belong to the server and not to a database. DROP DATABASE leaves them, so they are dropped here.
      const { rows } = await client.query<{ role: string }>(
        'SELECT rolname AS role FROM pg_roles WHERE starts_with(rolname, $1)',
        [`${name}_`],
      );
      for (const { role } of rows) await client.query(`DROP ROLE ${pg.escapeIdentifier(role)}`);
    });
    await server.release();
  };
  return { url: withDatabase(server.adminUrl, name), drop: () => (dropped ??= drop()) };
}

/**
 * Waits until nobody is connected to the database, for half a second at most. `pool.end()` resolves before the server
 * has closed the connections. A client that DROP DATABASE disconnects in that moment would fail the spec.
 */
async function untilUnused(client: pg.Client, name: string): Promise<void> {
  for (let tries = 20; tries > 0; tries--) {
    const { rowCount } = await client.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1 LIMIT 1', [name]);
    if (!rowCount) return;
    await sleep(25);
  }
}

interface Server {
  readonly adminUrl: string;
  release(): Promise<void>;
}

let own: { server: Promise<EmbeddedPostgres>; users: number } | undefined;

async function acquireServer(): Promise<Server> {
  const given = process.env.TEST_DATABASE_URL;
  if (given) return { adminUrl: given, release: async () => undefined };
  const mine = (own ??= { server: startThrowAwayPostgres(), users: 0 });
  mine.users++;
  const { url, stop } = await mine.server;
  return {
    adminUrl: url,
    async release() {
      if (--mine.users > 0) return;
      if (own === mine) own = undefined;
      await stop();
    },
  };
}

/**
 * The name of a database with the services' migrations. It is created once per server and content of the migrations.
 */
async function migratedTemplate({ adminUrl }: Server, services: string[]): Promise<string> {
  const name = `template_${await migrationsDigest(services)}`;
  await administer(adminUrl, async (client) => {
    // Only the connection that holds the lock creates the template. The template gets its name when it is complete, so
    // that no other process uses an incomplete one.
    await client.query('SELECT pg_advisory_lock(hashtext($1))', [name]);
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount) return;
    const draft = `${name}_draft`;
    await client.query(`DROP DATABASE IF EXISTS "${draft}" WITH (FORCE)`);
    await client.query(`CREATE DATABASE "${draft}"`);
    const { migrate } = await import('../platform/postgres/migrate.ts');
    await migrate({ url: withDatabase(adminUrl, draft), services });
    await client.query(`ALTER DATABASE "${draft}" RENAME TO "${name}"`);
  });
  return name;
}

async function migrationsDigest(services: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const service of services) {
    const directory = path.join(import.meta.dirname, '../prisma', service, 'migrations');
    const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith('.sql')).sort();
    for (const file of files) hash.update(`${service}/${file}\0`).update(await readFile(path.join(directory, file)));
  }
  return `${services.join('_').slice(0, 30)}_${hash.digest('hex').slice(0, 12)}`;
}

async function administer(adminUrl: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function withDatabase(adminUrl: string, name: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.toString();
}
