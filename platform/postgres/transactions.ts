import type pg from 'pg';

/** The part of a Prisma transaction that the platform uses. The transactions of generated clients have it. */
export interface RawTransaction {
  $executeRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<number>;
  $queryRawUnsafe<T>(sql: string, ...values: unknown[]): PromiseLike<T>;
}

export interface TransactionOptions {
  /** The longest wait for a connection, in milliseconds. */
  readonly maxWait?: number;
  /** Milliseconds that the transaction may take. After that it is rolled back. */
  readonly timeout?: number;
}

/** The part of a Prisma client that the platform uses. `Tx` is inferred, so an effect sees the service's own models. */
export interface Transactional<Tx extends RawTransaction> {
  $transaction<R>(work: (tx: Tx) => Promise<R>, options?: TransactionOptions): Promise<R>;
}

export interface PgTransaction extends RawTransaction {
  readonly client: pg.PoolClient;
}

/** The error of a transaction that took longer than its `timeout`. It has Prisma's code for that. */
class TransactionTooLong extends Error {
  readonly code = 'P2028';
}

/**
 * Transactions on a pool of pg, in the form of Prisma's. For programs without a Prisma client. Without `timeout` a
 * transaction has no limit. The pool limits the wait for a connection; `maxWait` has no effect.
 */
export function pgTransactions(pool: pg.Pool): Transactional<PgTransaction> {
  return {
    async $transaction(work, { timeout } = {}) {
      const client = await pool.connect();
      const tx: PgTransaction = {
        client,
        $executeRawUnsafe: async (sql, ...values) => (await client.query(sql, values)).rowCount ?? 0,
        // The caller names the type of the rows, as with Prisma.
        $queryRawUnsafe: async <T>(sql: string, ...values: unknown[]) => (await client.query(sql, values)).rows as T,
      };
      let timer: NodeJS.Timeout | undefined;
      const run = async () => {
        // The server ends a statement that still runs when the connection is closed.
        await client.query(
          timeout === undefined ? 'BEGIN' : `BEGIN; SET LOCAL statement_timeout = ${Math.ceil(timeout)}`,
        );
        const result = await work(tx);
        // A transaction whose commit has begun is not closed any more: nobody would know whether it is committed.
        clearTimeout(timer);
        await client.query('COMMIT');
        return result;
      };
      let broken = false;
      try {
        if (timeout === undefined) return await run();
        const tooLong = Promise.withResolvers<never>();
        timer = setTimeout(() => tooLong.reject(new TransactionTooLong(`took longer than ${timeout} ms`)), timeout);
        return await Promise.race([run(), tooLong.promise]);
      } catch (error) {
        // Closing the connection rolls back, and makes the later statements of `work` fail.
        if (error instanceof TransactionTooLong) broken = true;
        else await client.query('ROLLBACK').catch(() => (broken = true));
        throw error;
      } finally {
        clearTimeout(timer);
        client.release(broken);
      }
    },
  };
}

/** A quoted, qualified table name. @throws Error unless the schema is a plain lower-case name */
export function qualified(schema: string, table: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) throw new Error(`not a schema name: ${schema}`);
  return `"${schema}"."${table}"`;
}
