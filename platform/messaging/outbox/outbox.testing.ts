import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { z } from 'zod';
import { createTestDatabase } from '../../../test/database.ts';
import type { TestDatabase } from '../../../test/database.ts';
import { openPool } from '../../postgres/pool.ts';
import { defineEvent, defineJob, defineQueue, defineTopic } from '../definitions.ts';
import type { Outbox } from './outbox.ts';
import { pgTransactions } from '../../postgres/transactions.ts';
import type { PgTransaction, Transactional } from '../../postgres/transactions.ts';

export const SCHEMA = 'svc';
export const Things = defineTopic({ name: 'things.v1', partitions: 8, retentionHours: null, cleanup: 'delete' });
export const ThingChanged = defineEvent({
  topic: Things,
  type: 'ThingChanged',
  version: 1,
  key: 'id',
  payload: z.object({ id: z.string(), more: z.json().optional() }),
});
export const Chores = defineQueue({ name: 'chores', maxDeliveries: 8, retryDelayMs: 1000 });
export const Chore = defineJob({
  queue: Chores,
  kind: 'Chore',
  reachesPeople: false,
  version: 1,
  payload: z.object({ name: z.string() }),
});

export interface TestService {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly prisma: Transactional<PgTransaction>;
  drop(): Promise<void>;
}

/** Creates a database with the tables of a service and a table of aggregates. */
export async function createTestService(): Promise<TestService> {
  const database: TestDatabase = await createTestDatabase();
  const pool = openPool(database.url, 'test', 8, () => undefined);
  const tables = await readFile(new URL('./tables.sql', import.meta.url), 'utf8');
  await pool.query(`CREATE SCHEMA ${SCHEMA}; SET search_path = ${SCHEMA}; ${tables};
    CREATE TABLE things (id text PRIMARY KEY, last_seq integer NOT NULL); SET search_path = public`);
  return {
    url: database.url,
    pool,
    prisma: pgTransactions(pool),
    async drop() {
      await pool.end();
      await database.drop();
    },
  };
}

/** Changes a thing once, as a service does. Resolves to the new `seq` after the commit. */
export async function changeThing(outbox: Outbox, prisma: Transactional<PgTransaction>, id: string): Promise<number> {
  return outbox.transaction(prisma, async (tx, emit) => {
    const seq = await bump(tx, id);
    emit(ThingChanged, { seq, payload: { id } });
    return seq;
  });
}

export async function bump(tx: PgTransaction, id: string): Promise<number> {
  const [row] = await tx.$queryRawUnsafe<{ last_seq: number }[]>(
    `INSERT INTO ${SCHEMA}.things AS t VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET last_seq = t.last_seq + 1 RETURNING last_seq`,
    id,
  );
  if (row === undefined) throw new Error('no row');
  return row.last_seq;
}
