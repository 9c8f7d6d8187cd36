import assert from 'node:assert/strict';
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../test/database.ts';
import { until } from '../../test/network/until.ts';
import { isNotNow } from '../observability/not-now.ts';
import { openPool } from './pool.ts';
import { type PgTransaction, pgTransactions, type Transactional } from './transactions.ts';

describe('transactions of pg', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let transactions: Transactional<PgTransaction>;
  beforeAll(async () => {
    database = await createTestDatabase();
    // One connection: a transaction that kept it would block the next one.
    pool = openPool(database.url, 'test', 1, () => undefined);
    transactions = pgTransactions(pool);
    await pool.query('CREATE TABLE things (id integer PRIMARY KEY)');
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  beforeEach(() => pool.query('TRUNCATE things'));

  const things = async (): Promise<number> => (await pool.query('SELECT FROM things')).rowCount ?? 0;
  const add = async (tx: PgTransaction, id: number): Promise<number> =>
    tx.$executeRawUnsafe('INSERT INTO things VALUES ($1)', id);

  it('commit within their time, and roll back what throws', async () => {
    assert.equal(await transactions.$transaction((tx) => add(tx, 1)), 1);
    assert.equal(await transactions.$transaction((tx) => add(tx, 2), { timeout: 30_000 }), 1);
    const failing = async (tx: PgTransaction): Promise<never> => {
      await add(tx, 3);
      throw new Error('no');
    };
    for (const options of [undefined, { timeout: 30_000 }])
      await assert.rejects(transactions.$transaction(failing, options), { message: 'no' });
    assert.equal(await things(), 2);
    const { rows } = await pool.query<{ statement_timeout: string }>('SHOW statement_timeout');
    assert.deepEqual(rows, [{ statement_timeout: '0' }], 'the limit ends with the transaction');
  });

  it('are rolled back when their time is over, and their later statements fail', async () => {
    const waiting = Promise.withResolvers<void>();
    const late = Promise.withResolvers<unknown>();
    const work = async (tx: PgTransaction): Promise<void> => {
      await add(tx, 1);
      await waiting.promise;
      late.resolve(add(tx, 2).catch((error: unknown) => error));
    };
    const error: unknown = await transactions.$transaction(work, { timeout: 200 }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof Error && isNotNow(error), String(error));
    assert.equal((error as { code?: string }).code, 'P2028');
    assert.equal(await things(), 0);
    waiting.resolve();
    assert.ok((await late.promise) instanceof Error);
    assert.equal(await things(), 0);
  });

  it('end a statement that runs longer, also at the server', async () => {
    await assert.rejects(
      transactions.$transaction(async (tx) => tx.$queryRawUnsafe('SELECT pg_sleep(20)'), { timeout: 200 }),
      isNotNow,
    );
    await until('no statement sleeps', async () => {
      const { rowCount } = await pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(20)' AND pid <> pg_backend_pid()`,
      );
      return rowCount === 0;
    });
  });
});
