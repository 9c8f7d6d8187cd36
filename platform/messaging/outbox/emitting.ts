import type { Emit, Outbox } from './outbox.ts';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';

export interface EmittingTransaction<Tx> extends RawTransaction {
  /** The service's own models. */
  readonly db: Tx;
  readonly emit: Emit;
}

/**
 * The client to give to `Inbox.once` when the effect has something to tell: the position, the effect and what it emits
 * commit together.
 */
export function emitting<Tx extends RawTransaction>(
  outbox: Outbox,
  prisma: Transactional<Tx>,
): Transactional<EmittingTransaction<Tx>> {
  return {
    $transaction: (work, options) =>
      outbox.transaction(
        prisma,
        (db, emit) =>
          work({
            db,
            emit,
            $executeRawUnsafe: (sql, ...values) => db.$executeRawUnsafe(sql, ...values),
            $queryRawUnsafe: (sql, ...values) => db.$queryRawUnsafe(sql, ...values),
          }),
        options,
      ),
  };
}
