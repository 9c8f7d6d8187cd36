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

/** Transactions on a pool of pg, in the form of Prisma's. For programs without a Prisma client. */
export function pgTransactions(pool: pg.Pool): Transactional<PgTransaction> {
  return {
    async $transaction(work) {
      const client = await pool.connect();
      const tx: PgTransaction = {
        client,
        $executeRawUnsafe: async (sql, ...values) => (await client.query(sql, values)).rowCount ?? 0,
        // The caller names the type of the rows, as with Prisma.
        $queryRawUnsafe: async <T>(sql: string, ...values: unknown[]) => (await client.query(sql, values)).rows as T,
      };
      let broken = false;
      try {
        await client.query('BEGIN');
        const result = await work(tx);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => (broken = true));
        throw error;
      } finally {
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
