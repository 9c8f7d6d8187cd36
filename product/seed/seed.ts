import { performance } from 'node:perf_hooks';
import pg from 'pg';
import type { Config } from '../../platform/config/config.ts';
import { openSeeding } from '../../platform/platform.module.ts';
import { migrate } from '../../platform/postgres/migrate.ts';
import { qualified } from '../../platform/postgres/transactions.ts';
import { topics as TOPICS } from '../../schema/messages/index.ts';
import { subgraphs } from '../../subgraphs/registry.ts';
import { ACCOUNTS, DAY } from './city.ts';
import { loadRows } from './load.ts';
import { Random } from './random.ts';
import { Refusal } from './refusal.ts';
import { simulate } from './simulate.ts';
import { SIZES } from './sizes.ts';
import { uuidAt } from './virtual-time.ts';

export interface SeedOptions {
  /** A name of {@link SIZES}. */
  readonly size: string;
  /** The seed of the random numbers. The same seed, size and `now` give the same rows. */
  readonly seed: string;
  /** The moment at which the simulation of the city ends. */
  readonly now: Date;
  /** The password of the accounts. */
  readonly password: string;
  readonly onProgress?: (step: string) => void;
}

export interface Seeded {
  readonly rows: number;
  readonly events: number;
  /** How long the seed took, in milliseconds. */
  readonly took: number;
  readonly accounts: readonly { readonly username: string; readonly roles: readonly string[] }[];
}

/**
 * For each service, tables that have rows as soon as somebody has used the service. If one of them has rows, there is
 * no seed.
 */
const USED: Readonly<Record<string, readonly string[]>> = {
  users: ['users'],
  teams: ['teams'],
  matches: ['matches'],
  tournaments: ['tournaments'],
  chat: ['rooms'],
  notifications: ['inboxes'],
};

/**
 * Fills an installation that nobody has used yet with a simulated city. One transaction writes all rows, so a failure
 * leaves none of them.
 * @throws Refusal; DataDirectoryError; ConfigError
 */
export async function seed(config: Config, options: SeedOptions): Promise<Seeded> {
  const { now, onProgress = () => undefined } = options;
  const size = SIZES[options.size];
  if (!size) throw new Refusal('SEED_SIZE', `there is no size ${options.size}`);
  const began = performance.now();
  const services = Object.keys(subgraphs);
  const stores = await openSeeding(config, services, { onProgress });
  const client = new pg.Client({ connectionString: stores.databaseUrl, application_name: 'seed' });
  client.on('error', () => undefined);
  try {
    for (const service of services) await migrate({ url: stores.migrationUrlOf(service), services: [service] });
    await client.connect();
    await requireEmpty(client, stores.tables);
    await client.query('BEGIN');
    onProgress('accounts');
    const ids = new Random(`${options.seed} accounts`);
    const accountIds = await stores.createAccounts(
      client,
      ACCOUNTS.map(({ username, roles }) => ({
        userId: uuidAt(now.getTime() - size.days * DAY, ids),
        username,
        email: `${username}@demo.prodvor.example`,
        password: options.password,
        roles,
      })),
    );
    try {
      const city = await simulate({ size, seed: options.seed, now, accountIds, onProgress });
      onProgress('rows');
      const rows = await loadRows(client, city, new Date(now.getTime() - size.days * DAY));
      onProgress(`${city.log.length} events`);
      const owners = new Map(
        Object.entries(subgraphs).flatMap(([name, { topics }]) => topics.map((topic) => [topic.name, name])),
      );
      await stores.publish(client, city.log, TOPICS, city.groups, (topic) => owners.get(topic) ?? '');
      await client.query('COMMIT');
      // After this statement, the planner of PostgreSQL has statistics for the first queries.
      onProgress('statistics for the planner');
      await client.query('ANALYZE');
      const took = Math.round(performance.now() - began);
      return { rows, events: city.log.length, took, accounts: ACCOUNTS };
    } catch (error) {
      await stores.dropAccounts(accountIds);
      throw error;
    }
  } finally {
    await client.end();
    await stores.close();
  }
}

/**
 * Checks that nobody has used the installation: the tables in {@link USED} must be empty.
 * @param more the names of further tables that must be empty
 * @throws Refusal SEED_NOT_EMPTY if a table has rows
 */
async function requireEmpty(client: pg.Client, more: readonly string[]): Promise<void> {
  const tables = [
    ...Object.entries(USED).flatMap(([schema, names]) => names.map((name) => qualified(schema, name))),
    ...more,
  ];
  for (const table of tables) {
    const { rows } = await client.query<{ used: boolean }>(`SELECT EXISTS (SELECT FROM ${table}) AS used`);
    if (rows[0]?.used)
      throw new Refusal(
        'SEED_NOT_EMPTY',
        `${table} has rows. A seed fills only an installation that nobody has used: choose another one with --data DIR or DATABASE_URL, or empty this one with npm start -- --reset.`,
      );
  }
}
