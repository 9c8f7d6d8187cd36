import type { Emit, Outbox } from './outbox.ts';
import type { RawTransaction, Transactional } from '../../postgres/transactions.ts';

export interface EmittingTransaction<Tx> extends RawTransaction {
  /** The client of the service's own models. */
  readonly db: Tx;
  readonly emit: Emit;
}

/**
 * The client for `Inbox.once` when the effect also emits. The position, the effect and the emitted messages commit
 * together.
 * @param causes what a job may name as `because`: see `Outbox.transaction`
 */
export function emitting<Tx extends RawTransaction>(
  outbox: Outbox,
  prisma: Transactional<Tx>,
  causes: readonly string[] = [],
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
        causes,
      ),
  };
}
